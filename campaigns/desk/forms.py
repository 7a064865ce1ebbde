"""Forms for editors."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from campaigns.models import CampaignPage, MaterialText


def campaign_choices() -> list[tuple[str, str]]:
    """Return each campaign once, as (key, title of the original page)."""
    pages = CampaignPage.objects.originals().order_by("title").values_list("translation_key", "title")
    return [("", gettext("None: it belongs to no campaign")), *((str(key), title) for key, title in pages)]


class MaterialForm(WagtailAdminModelForm):
    """A material with its texts and files."""

    campaign_key = forms.TypedChoiceField(
        label=_("Campaign"),
        choices=campaign_choices,
        coerce=lambda key: uuid.UUID(str(key)),
        empty_value=None,
        required=False,
        help_text=_("The campaign's pages list this material in every language."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self.note_sources()
        files = self.formsets.get("files")
        if files is None:
            return cleaned
        seen = set()
        for form in files.forms:
            if form in files.deleted_forms or not form.is_valid() or not form.cleaned_data.get("document"):
                continue
            if hasattr(form.cleaned_data["document"], "sheet"):  # of the studio, which draws many
                continue
            cleaned_file = form.cleaned_data
            one = (
                cleaned_file["language"],
                cleaned_file.get("country", ""),
                cleaned_file["document"].file_extension.lower(),
            )
            if one in seen:
                form.add_error(
                    "document", gettext("There is already a file in this format, language and country.")
                )
                self.add_error(None, gettext("Two files have the same format, language and country."))
            seen.add(one)
        return cleaned

    def note_sources(self) -> None:
        """Have each text that was changed here remember the source words beside it. The others go stale if those changed."""
        forms_ = self.formsets["texts"].forms if "texts" in self.formsets else []
        by_language = {form.cleaned_data.get("language"): form for form in forms_ if form.is_valid()}
        source = by_language.pop(settings.LANGUAGE_CODE, None)
        if source is None:
            return
        words = {name: source.cleaned_data.get(name, "") for name in MaterialText.WORDS}
        for form in by_language.values():
            if {*MaterialText.WORDS, "language"}.intersection(form.changed_data):
                form.instance.made_from = words
