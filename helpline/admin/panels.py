"""The panels of a listing's form, built from its facts: one section per group, in the order of the table."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import CharField, Model
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, Panel

from core.languages.lazy import StrOrPromise
from helpline.admin.forms import ChannelSelect, CodePicker, CountrySelect, HoursInput, ZoneInput
from helpline.records import facts
from helpline.records.facts import SECTIONS, ListingFact
from helpline.records.fields import CountriesField, LanguagesField, RegionsField


def panel(fact: ListingFact) -> FieldPanel:
    """Return the panel of one fact."""
    chosen = widget(fact)
    options: dict[str, Any] = {"widget": chosen} if chosen else {}
    if fact.name == "number_country":
        options["help_text"] = _("A short number works in one country only.")
    return FieldPanel(fact.name, **options)


def widget(fact: ListingFact) -> forms.Widget | None:
    """Return the widget of one fact, or None for Django's own.

    Numbers, addresses and hours run from left to right in every language of the admin.
    Names follow the direction of their own letters.
    """
    match fact.name:
        case "opening_hours":
            return HoursInput(attrs={"dir": "ltr"})
        case "timezone":
            return ZoneInput()
        case "number_country":
            return CountrySelect()
        case "channel":
            return ChannelSelect()
    if isinstance(fact.field, CountriesField | LanguagesField | RegionsField):
        return CodePicker()
    if fact.latin:
        return forms.TextInput(attrs={"dir": "ltr"})
    # Names are in the language of their country, which may differ from that of the admin.
    if isinstance(fact.field, CharField) and not fact.field.choices:
        return forms.TextInput(attrs={"dir": "auto"})
    return None


def in_rows(of_section: Iterable[ListingFact]) -> Iterator[Panel]:
    """Yield panels, with the facts of one row side by side."""
    for row, found in groupby(of_section, key=lambda fact: fact.row or fact.name):
        fields = [panel(fact) for fact in found]
        yield FieldRowPanel(fields) if len(fields) > 1 or row != fields[0].field_name else fields[0]


def panels(model: type[Model], *, tab: StrOrPromise) -> list[Panel]:
    """Return the panels of one tab of a model's form."""
    found: list[Panel] = []
    for section in SECTIONS.values():
        if section.tab is not tab:
            continue
        fields = [*in_rows(fact for fact in facts.for_model(model) if fact.section == section.name)]
        if fields:
            found += [MultiFieldPanel(fields, heading=section.heading)] if section.heading else fields
    return found
