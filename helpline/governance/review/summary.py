"""What the public reads about a listing, as a short table for comparison with the facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.languages import names
from core.languages.bidi import left_to_right
from helpline.records.laws import CountryLaw
from helpline.records.programmes import Programme
from helpline.vocabulary import codes, hours
from helpline.vocabulary.codes import Channel, LineKind, language_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpline.records.contact_points import ContactPoint
    from helpline.records.listings import Dialled, Listing
    from helpline.records.support_lines import SupportLine


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """One row: a label and a value. `url`, if any, can be opened to compare."""

    label: str
    value: str
    url: str = ""


def place(listing: Listing) -> str:
    """Return its countries, and the kind of a support line: enough to distinguish listings of the same name."""
    if isinstance(listing, CountryLaw):
        return str(listing._meta.verbose_name)  # its place is in its name
    where = names.joined(codes.country_name(code) for code in listing.countries)
    return where if isinstance(listing, Programme) else f"{where}, {LineKind(listing.kind).label}"


def summary_lines(listing: Listing) -> list[SummaryLine]:
    """Return what can be compared with the website of the service."""
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


def number(dialled: Dialled) -> str:
    """Return the number as the public reads it."""
    phone = dialled.phone
    return (dialled.number_written or phone.national()) if phone else ""


def last_check(listing: Listing) -> str:
    """Return when it was last checked, and against which source."""
    if listing.checked_on is None:
        return _("never")
    day = date_format(listing.checked_on, "DATE_FORMAT")
    return f"{day}: {listing.checked_source}" if listing.checked_source else day
