"""The differences between two versions of a listing, in the reader's language instead of codes.

Also the public facts of a listing, as a short table for comparison with its website.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import Field, Model
from django.utils import formats
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modelcluster.models import get_all_child_relations
from wagtail.admin.compare import diff_text

from core.languages import names
from core.languages.bidi import left_to_right
from core.languages.names import joined, labelled
from helpline.approval.authorship import Value
from helpline.approval.versions import BOOKKEEPING, PARENT
from helpline.records import facts
from helpline.records.laws import CountryLaw
from helpline.records.listings import Listing
from helpline.records.phone_numbers import PhoneNumberMixin
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import codes, hours
from helpline.vocabulary.codes import Channel, LineKind, language_names

SENTENCE = 5  # words


@dataclass(frozen=True, slots=True)
class Difference:
    """Fact that changed: its label, and its value before and after."""

    label: str
    before: str
    after: str

    @property
    def now(self) -> SafeString | str:
        """The value after, in HTML with its changed words marked if it is a sentence."""
        is_marked = self.before and len(self.after.split()) >= SENTENCE
        return diff_text(self.before, self.after).to_html() if is_marked else self.after


class Fate(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ChangedContact:
    """Contact point that was added, removed or changed.

    It is identified by its UUID, independent of its position.
    """

    name: str
    fate: Fate
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    differences: tuple[Difference, ...]
    parts: tuple[ChangedContact, ...]

    def __bool__(self) -> bool:
        return bool(self.differences or self.parts)

    def __len__(self) -> int:
        return len(self.differences) + len(self.parts)


def compare(before: Model | None, after: Model) -> Comparison:
    """Return the differences between two versions.

    `before` is None if there is no earlier version.
    """
    return Comparison(tuple(_differences(before, after)), tuple(_parts(before, after)))


def _differences(
    before: Model | None, after: Model | None, *, ignored: frozenset[str] = BOOKKEEPING
) -> Iterator[Difference]:
    known = after if after is not None else before
    for field in known._meta.concrete_fields if known is not None else ():
        if field.editable and not field.primary_key and field.name not in ignored:
            if before is None and after is not None and field.value_from_object(after) == field.get_default():
                continue  # still at its default: nothing to report
            if before is not None and after is not None and _is_same(before, after, field):
                continue
            old, new = (in_words(each, field) if each is not None else "" for each in (before, after))
            if old != new:
                yield Difference(capfirst(str(field.verbose_name)), old, new)


def _is_same(before: Model, after: Model, field: Field[Any, Any]) -> bool:
    """Return whether codes differ in their order alone."""
    old, new = field.value_from_object(before), field.value_from_object(after)
    return isinstance(old, list) and isinstance(new, list) and sorted(old) == sorted(new)


def _parts(before: Model | None, after: Model) -> Iterator[ChangedContact]:
    for relation in get_all_child_relations(after):
        name = relation.get_accessor_name()
        was = {child.uuid: child for child in getattr(before, name).all()} if before is not None else {}
        now = {child.uuid: child for child in getattr(after, name).all()}
        for key in dict.fromkeys([*was, *now]):
            old, new = was.get(key), now.get(key)
            fate = Fate.ADDED if old is None else Fate.REMOVED if new is None else Fate.CHANGED
            differences = tuple(_differences(old, new, ignored=BOOKKEEPING | PARENT))
            if differences:
                yield ChangedContact(str(new or old), fate, differences)


def in_words(listing: Model, field: Field[Any, Any]) -> str:
    """Return the value of a field in words."""
    if isinstance(field, models.ForeignKey):
        return str(getattr(listing, field.name) or "")
    return value_in_words(type(listing), field, field.value_from_object(listing))


def value_in_words(model: type[Model], field: Field[Any, Any], value: Value) -> str:
    """Return a possible value of a field in words."""
    if value is None or value == "" or value == []:
        return ""
    fact = facts.by_name(model).get(field.name)
    names = dict(fact.choices) if fact else {}
    if isinstance(value, list):
        return joined(names.get(code, str(code)) for code in value)
    if names:
        return names.get(value, str(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateField):
        return formats.date_format(field.to_python(value), "DATE_FORMAT")
    if field.name == "opening_hours":
        return hours_in_words(value)
    return str(value)


def hours_in_words(opening_hours: str) -> str:
    """Return opening hours in words, with the typed text, which is the source of truth."""
    try:
        words = hours.in_words(opening_hours)
    except hours.HoursError:
        return opening_hours
    return opening_hours if words == opening_hours else f"{words} ({left_to_right(opening_hours)})"


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One row: a label and a value. `url`, if any, can be opened to compare."""

    label: str
    value: str
    url: str = ""


def place(listing: Listing) -> str:
    """Return its countries, and the kind of a support line, to distinguish listings of the same name."""
    if isinstance(listing, CountryLaw):
        return str(listing._meta.verbose_name)  # its place is in its name
    where = names.joined(codes.country_name(code) for code in listing.countries)
    return where if isinstance(listing, Programme) else f"{where}, {LineKind(listing.kind).label}"


def summary_lines(listing: Listing) -> list[SummaryLine]:
    """Return the facts that can be compared with the website of the service."""
    match listing:
        case Programme():
            return list(_programme(listing))
        case CountryLaw():
            return list(_law(listing))
        case _:
            return list(_line(listing))


def _programme(programme: Programme) -> Iterator[SummaryLine]:
    if programme.operator:
        yield SummaryLine(_("Operator"), programme.operator)
    for point in programme.contact_points.all():
        yield contact(point)
    yield from _site(programme)


def contact(point: ContactPoint) -> SummaryLine:
    label = str(Channel(point.channel).label) if point.channel else _("Contact")
    reached = left_to_right(number(point) or point.email or point.url) or point.address
    parts = [reached, language_names(point.languages), hours.in_words(point.opening_hours)]
    return SummaryLine(label, " · ".join(filter(None, parts)) or _("not known"), point.url)


def _line(line: SupportLine) -> Iterator[SummaryLine]:
    parts = [left_to_right(number(line)), language_names(line.languages), hours.in_words(line.opening_hours)]
    yield SummaryLine(str(Channel.PHONE.label), " · ".join(filter(None, parts)) or _("not known"))
    yield from _site(line)


def _law(law: CountryLaw) -> Iterator[SummaryLine]:
    yield SummaryLine(_("What it says"), law.rule)
    yield SummaryLine(_("To whom"), " · ".join(law.recipients) or _("not known"))
    yield SummaryLine(_("Law"), law.cited or _("not known"), law.law_url)


def _site(listing: Programme | SupportLine) -> Iterator[SummaryLine]:
    if listing.website:
        yield SummaryLine(_("Website"), left_to_right(listing.website), listing.website)
    if listing.is_closed:
        yield SummaryLine(_("State"), str(codes.Status(listing.status).label))
    if listing.alert:
        yield SummaryLine(_("Alert"), str(codes.Alert(listing.alert).label))


def number(dialled: PhoneNumberMixin) -> str:
    """Return the number as the public reads it."""
    phone = dialled.phone
    return (dialled.number_written or phone.national()) if phone else ""


def last_check(listing: Listing) -> str:
    """Return the date of the last check, and its source."""
    if listing.checked_on is None:
        return _("never")
    day = date_format(listing.checked_on, "DATE_FORMAT")
    return labelled(day, listing.checked_source) if listing.checked_source else day
