from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.desk.forms import LinesField
from network.models import ReviewTemplate

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TeamTextForm(forms.Form):
    """What somebody of the team writes in a review."""

    text = LinesField(label=_("Your words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))


class TextToMemberForm(TeamTextForm):
    """A question or a reason, which the member reads: from a template, from one's own words, or both."""

    template = forms.ModelChoiceField(
        label=_("Template"),
        queryset=ReviewTemplate.objects.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("In the language of the member, as far as it has been translated."),
    )
    field_order = ("template", "text")

    def __init__(self, *args: Any, templates: QuerySet[ReviewTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.templates = templates
        field = self.fields["template"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  (for the type checker)
        field.queryset = templates

    def with_template(self) -> TextToMemberForm:
        """Return the form with the chosen template below what was typed. Nothing typed is lost."""
        self.full_clean()
        chosen = self.cleaned_data.get("template")
        typed = str(self.data.get(self.add_prefix("text"), "")).strip()
        text = "\n\n".join(filter(None, [typed, chosen.text if chosen else ""]))
        initial = {"template": chosen, "text": text}
        return TextToMemberForm(prefix=self.prefix, templates=self.templates, initial=initial)
