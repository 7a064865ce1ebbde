"""Fields of a listing's form that are more than a box: they help, and what is stored stays a code or a text.

Each is wrapped in an element that `listing-form.js` fills with life, contact points that are added later included. Without that script the
plain field is there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from babel.dates import get_day_names
from django import forms
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import get_language, to_locale

from core.languages import names
from helpline.vocabulary.codes import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
# The fields of a contact point that only some channels have. All others are for every channel.
DIALLED = ("number", "number_country", "number_written", "number_from_abroad", "from_abroad", "on_bill")
OF_CHANNEL: dict[str, tuple[str, ...]] = {
    Channel.PHONE: (*DIALLED, "answerphone", "interpreter"),
    Channel.SMS: DIALLED,
    Channel.CHAT: ("url",),
    Channel.EMAIL: ("email", "url"),
    Channel.VIDEO: ("url", "interpreter"),
    Channel.FACE_TO_FACE: ("address", "url", "interpreter"),
    Channel.ONLINE_SELF_HELP: ("url",),
    Channel.APP: ("url",),
    Channel.POST: ("address",),
}


class Media:
    js = ("helpline/listing-form.js",)
    css = {"all": ("helpline/listing-form.css",)}


class CodePicker(forms.SelectMultiple):
    """Several of many: one types the beginning of a name, and what was chosen stays until it is taken out."""

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
    """The channel of a contact point, which decides what else is asked. A field that is filled in is never hidden."""

    Media = Media

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Iterable[Any] = ()) -> None:
        super().__init__({"data-fields": json.dumps(OF_CHANNEL), **(attrs or {})}, choices)


class CountrySelect(forms.Select):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, CallableChoiceIterator(lambda: [("", "---------"), *names.countries()]))


class ZoneInput(forms.TextInput):
    """A time zone, with those that the browser knows offered while one types."""

    Media = Media

    def __init__(self) -> None:
        super().__init__({"dir": "ltr", "data-zones": "", "autocomplete": "off"})
