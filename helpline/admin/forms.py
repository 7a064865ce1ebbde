"""Forms of a listing and of immediate actions, with custom widgets.

The widgets store plain codes and texts.
`listing-form.js` enhances each of them, including those in contact points that are added later.
Without the script, the plain field is shown.
"""

import json
from collections.abc import Iterable
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from core.languages import names
from core.languages.bidi import left_to_right
from helpline.governance import services
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import hours
from helpline.vocabulary.codes import Alert, Channel, country_name

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
# The fields of a contact point that only some channels have.
# All others are for every channel.
DIALLED = ("number", "number_country", "number_written", "number_from_abroad", "from_abroad", "on_bill")
INTERPRETED = ("interpreter", "interpreter_languages", "interpreter_count")
OF_CHANNEL: dict[str, tuple[str, ...]] = {
    Channel.PHONE: (*DIALLED, "answerphone", *INTERPRETED),
    Channel.SMS: DIALLED,
    Channel.CHAT: ("url",),
    Channel.EMAIL: ("email", "url"),
    Channel.VIDEO: ("url", *INTERPRETED),
    Channel.FACE_TO_FACE: ("address", "url", *INTERPRETED),
    Channel.ONLINE_SELF_HELP: ("url",),
    Channel.APP: ("url",),
    Channel.POST: ("address",),
}


class Media:
    js = ("helpline/listing-form.js",)
    css = {"all": ("helpline/listing-form.css",)}


class CodePicker(forms.SelectMultiple):
    """Choice of several from many: one types the beginning of a name, and chosen options stay until removed."""

    template_name = "helpline/admin/widgets/code_picker.html"
    Media = Media


class HoursInput(forms.TextInput):
    """Opening hours: the text, and a table of the week that writes it."""

    template_name = "helpline/admin/widgets/hours.html"
    Media = Media

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, object]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        labels = get_day_names("wide", locale=to_locale(get_language() or "en"))
        context["days"] = [(code, labels[number]) for number, code in enumerate(DAYS)]
        return context


class ChannelSelect(forms.Select):
    """Select for the channel of a contact point, which decides which other fields are shown.

    A field with a value is never hidden.
    """

    Media = Media

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Iterable[Any] = ()) -> None:
        super().__init__({"data-fields": json.dumps(OF_CHANNEL), **(attrs or {})}, choices)


class CountrySelect(forms.Select):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, CallableChoiceIterator(lambda: [("", "---------"), *names.countries()]))


class ZoneInput(forms.TextInput):
    """Input for a time zone that suggests those known to the browser."""

    Media = Media

    def __init__(self) -> None:
        super().__init__({"dir": "ltr", "data-zones": "", "autocomplete": "off"})


class ReasonedForm(WagtailAdminModelForm):
    """Draft form that requires a reason from the author."""

    why = forms.CharField(
        label=_("Reason for the change, or its source"),
        max_length=500,
        help_text=_("For the history, and for the second person: “new number, see their page”."),
    )


class ReasonForm(forms.Form):
    """The reason for an immediate action."""

    reason = forms.CharField(
        label=_("Reason or source"),
        max_length=500,
        help_text=_("It is kept in the history of the listing: the page that you read, who you asked, what happened."),
    )


class ListingForm(ReasonedForm):
    """Form of a listing for staff.

    A user who changes the date of the check is recorded as having made it.
    """

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("checked_on") and cleaned["checked_on"] > timezone.localdate():
            self.add_error("checked_on", gettext("This date is in the future."))
        if "checked_on" in self.changed_data:
            self.instance.checked_by = self.for_user
        return cleaned

    def warnings(self) -> list[str]:
        """Return warnings about the opening hours just saved, for the editor."""
        forms_with_hours = [
            self,
            *(self.formsets["contact_points"].forms if "contact_points" in getattr(self, "formsets", {}) else []),
        ]
        found = []
        for form in forms_with_hours:
            text = getattr(form, "cleaned_data", {}).get("opening_hours")
            if text:
                found += hours.check(text)
        return list(dict.fromkeys(found))


class AtOnce(models.TextChoices):
    """Actions on a listing that one person may take alone."""

    RECHECK = "recheck", _("I checked it today and everything is still correct")
    ALERT = "alert", _("Set an alert")
    CLOSE_UNTIL = "close_until", _("Mark it as temporarily closed")
    CLOSE = "close", _("Mark it as closed")
    DELIST = "delist", _("Take it off the list")
    HIDE = "hide", _("Hide it from the public")
    WRONG_NUMBER = "wrong_number", _("Its number is wrong: remove the number everywhere")


def what_to_do(*offered: AtOnce) -> forms.ChoiceField:
    choices = [(each.value, each.label) for each in offered]
    return forms.ChoiceField(label=_("What to do"), widget=forms.RadioSelect, choices=choices)


class ActionForm(ReasonForm):
    """One of the actions, and its reason."""

    action = what_to_do(*AtOnce)
    alert = forms.ChoiceField(
        label=_("Alert"),
        required=False,
        choices=Alert.choices,
        help_text=_("A note in words takes two people: write it in the form of the listing."),
    )
    until = forms.DateField(label=_("Closed until"), required=False, widget=AdminDateInput)
    number = forms.ChoiceField(label=_("Wrong number"), required=False, widget=forms.RadioSelect)
    country = forms.ChoiceField(
        label=_("Where it is wrong"),
        required=False,
        help_text=_("In the other countries it stays."),
    )
    field_order = ("action", "number", "country", "reason")

    def __init__(self, *args: Any, listing: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "number" in self.fields:
            self.offer_numbers(listing)

    def offer_numbers(self, listing: Any) -> None:
        """Offer the numbers of the listing and, for a line of several countries, the countries.

        If the listing has no number, remove the fields and the choice.
        """
        fields: dict[str, Any] = self.fields
        numbers = services.numbers_of(listing)
        fields["number"].choices = [(number, left_to_right(number)) for number in numbers]
        self.initial["number"] = next(iter(numbers), None)
        if not numbers:
            del fields["number"]
            fields["action"].choices = [
                choice for choice in fields["action"].choices if choice[0] != AtOnce.WRONG_NUMBER
            ]
        countries = listing.countries if isinstance(listing, SupportLine) else []
        fields["country"].choices = [
            ("", _("In every country")),
            *((code, country_name(code)) for code in countries),
        ]
        if not numbers or len(countries) < 2:
            del fields["country"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("action") == AtOnce.ALERT and not cleaned.get("alert"):
            raise ValidationError({"alert": gettext("Choose an alert.")})
        if cleaned.get("action") == AtOnce.WRONG_NUMBER and not cleaned.get("number"):
            raise ValidationError({"number": gettext("Choose the number that is wrong.")})
        return cleaned


class LawActionForm(ActionForm):
    """Form for actions on a law, without closing and alerts."""

    action = what_to_do(AtOnce.RECHECK, AtOnce.DELIST, AtOnce.HIDE)
    alert = until = number = country = None  # type: ignore[assignment]
