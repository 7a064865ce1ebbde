"""Forms in which members post needs and offers."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin.forms import LineField, LinesField
from core.languages import names
from network.members.forms import CategoriesField, CodeChoicesField, OfferingForm
from network.models import Member, Opportunity
from network.opportunities.models import (
    CATEGORIES,
    OPEN_AT_MOST,
    MatchOutcome,
    OpportunityKind,
    OpportunitySubject,
)
from network.vocabulary.details import DetailAudience

UNTIL_ERRORS = {"invalid": _("Please write the day like 2027-03-31.")}


class UntilField(forms.DateField):
    """The last day of an opportunity: tomorrow at the earliest, and at most a year from now."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Open until"),
            help_text=_("A year from now at most. We ask you before it ends."),
            input_formats=["%Y-%m-%d"],
            error_messages=UNTIL_ERRORS,
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            **kwargs,
        )

    def clean(self, value: Any) -> dt.date:
        day: dt.date = super().clean(value)
        today = timezone.localdate()
        if not today < day <= today + OPEN_AT_MOST:
            raise forms.ValidationError(_("Please choose a day within a year from now."))
        return day


class OpportunityForm(OfferingForm):
    """A need or an offer.

    Its categories are from the same lists as those of a profile, so that it can be matched.
    """

    kind = forms.ChoiceField(label=_("Need or offer"), choices=OpportunityKind, widget=forms.RadioSelect)
    subject = forms.ChoiceField(
        label=_("What do you look for, or offer?"),
        choices=[("", _("Please choose")), *OpportunitySubject.choices],
    )
    title = LineField(label=_("Title"), max_length=120)
    text = LinesField(
        label=_("What it is about"),
        max_length=1500,
        help_text=_("Please do not write about the people you help, and give no address: members write to you here."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    language = forms.ChoiceField(label=_("Written in"))
    languages = CodeChoicesField(
        label=_("Languages in which you can work on it"),
        required=True,
        help_text=_("Only members who share one of them are matched."),
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    expertise = CategoriesField(label=_("Fields of work"))
    populations = CategoriesField(label=_("Groups of people"))
    methods = CategoriesField(label=_("Methods"))
    work_settings = CategoriesField(label=_("Where"))
    until = UntilField()
    audience = forms.ChoiceField(
        label=_("Who sees it"),
        choices=[
            (DetailAudience.MEMBERS, _("Members who have signed in")),
            (DetailAudience.EVERYBODY, _("Everybody, once a person of the team has read it")),
        ],
        initial=DetailAudience.MEMBERS,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, member: Member, opportunity: Opportunity | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = _initial(member, opportunity)
        super().__init__(*args, **kwargs)
        if opportunity is not None:
            del self.fields["kind"]
        self.offer("language", settings.LANGUAGES)
        self.offer_languages()
        anywhere = pgettext_lazy("country of a need or an offer", "Any, or several")
        self.offer("country", [("", anywhere), *names.countries()])
        self.offer_categories(CATEGORIES.items())

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if not any(cleaned.get(column) for column in CATEGORIES):
            raise forms.ValidationError(
                _(
                    "Please choose at least one group of people, method, field of work or place: "
                    "others are found by these."
                )
            )
        return cleaned

    @property
    def facts(self) -> dict[str, Any]:
        """Return the cleaned data for `services.post`, without the kind, and for `services.change_opportunity`."""
        facts = {name: value for name, value in self.cleaned_data.items() if name not in {"kind", "audience"}}
        facts["is_for_everybody"] = self.cleaned_data["audience"] == DetailAudience.EVERYBODY
        return facts


def _initial(member: Member, opportunity: Opportunity | None) -> dict[str, Any]:
    if opportunity is None:
        return {"language": member.language, "languages": member.languages, "country": member.country}
    audience = DetailAudience.EVERYBODY if opportunity.is_for_everybody else DetailAudience.MEMBERS
    kept = (name for name in OpportunityForm.base_fields if name != "audience")
    return {name: getattr(opportunity, name) for name in kept} | {"audience": audience}


class RenewForm(forms.Form):
    """New last day of an opportunity."""

    until = UntilField()


class OutcomeForm(forms.Form):
    """Outcome of a contact or an opportunity."""

    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=MatchOutcome,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose one of the answers.")),
    )
