"""Public data of a country or a listing on a given day, in the active language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.memo import per_batch
from helpline.finder import queries
from helpline.finder.content import crisis
from helpline.finder.content.listing import rows
from helpline.finder.content.listing.laws import ShownLaw
from helpline.finder.content.listing.reading import FinderReading, active_language
from helpline.finder.queries import REQUIRED_KINDS
from helpline.records import order
from helpline.records.programmes import Programme
from helpline.records.querysets import ListingQuerySet
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import codes
from helpline.vocabulary.codes import ANYWHERE

# The context of listings, and the rows made so far, by programme and its locations.
type RowMemo = tuple[FinderReading, dict[tuple[Programme, tuple[Programme, ...]], rows.ListingRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A country: its support lines, and the programmes that work there or anywhere."""

    code: str
    name: str
    programmes: tuple[Programme, ...]
    lines: tuple[SupportLine, ...]
    laws: tuple[ShownLaw, ...]
    today: dt.date

    @property
    def rows(self) -> list[rows.ListingRow]:
        memo = _rows(active_language(), self.today)
        return [row(programme, locations, memo) for programme, locations in rows.grouped(self.programmes)]

    @property
    def urgent(self) -> list[crisis.CountryLines]:
        return crisis.by_country(self.lines, crisis.URGENT, self.today, within={self.code})

    @property
    def other(self) -> list[crisis.CountryLines]:
        """Return all lines that are not shown first."""
        every = crisis.by_country(self.lines, crisis.ALL, self.today, within={self.code})
        return crisis.without_first(every, self.urgent)

    @property
    def as_of(self) -> dt.date | None:
        return newest([as_of([*self.programmes, *self.lines]), *(law.as_of for law in self.laws)])

    @property
    def waits_in(self) -> set[str]:
        """Return the languages in which its pages wait for crisis lines (see `addresses.countries_to_show`)."""
        found = {line.kind for line in self.lines if line.can_be_called(self.today)}
        found |= {kind for code, kind in queries.withdrawn_lines() if code == self.code}
        if found.issuperset(REQUIRED_KINDS):
            return set()
        return {
            language
            for programme in self.programmes
            if self.code in programme.countries
            for point in programme.contact_points.all()
            for language in point.languages
        }


def place(code: str) -> Place | None:
    """Return a country, or None if it has nothing to show.

    Uses six queries.
    """
    return _place(code, active_language(), timezone.localdate())


@per_batch
def _place(code: str, language: str, today: dt.date) -> Place | None:
    lines = lines_of([code])
    found = order.in_order(programmes_in([code], language)[code], today)
    if code == ANYWHERE or not (lines or any(code in programme.countries for programme in found)):
        return None
    return Place(
        code=code,
        name=codes.country_name(code),
        programmes=tuple(found),
        lines=tuple(lines),
        laws=queries.laws(language, today).get(code, ()),
        today=today,
    )


def programmes_in(countries: Iterable[str], language: str) -> dict[str, list[Programme]]:
    """Return the programmes that work in each of these countries, including those that work anywhere."""
    known = _programmes(language)
    missing = {code for code in countries if code not in known}
    if missing:
        shown = with_said_at(queries.programmes(language=language))
        found = list(shown.filter(countries__overlap=[*missing, ANYWHERE]))
        for code in missing:
            known[code] = [programme for programme in found if {code, ANYWHERE} & {*programme.countries}]
    return known


@per_batch
def _programmes(language: str) -> dict[str, list[Programme]]:
    """Return the programmes looked up so far in this batch, by country."""
    return {}


def row(programme: Programme, locations: tuple[Programme, ...] = (), memo: RowMemo | None = None) -> rows.ListingRow:
    """Return a programme as the finder shows it, memoised, as one that works anywhere is on the pages of all countries.

    `locations` are shown in its row.
    Outside a batch nothing is memoised: pass `memo` for several rows, or each looks up the laws.
    """
    reading, made = memo or _rows(active_language(), timezone.localdate())
    key = (programme, locations)
    if key not in made:
        made[key] = rows.row(programme, reading, locations)
    return made[key]


@per_batch
def _rows(language: str, today: dt.date) -> RowMemo:
    """Return the context of listings in this batch, and the rows made so far, by programme and its locations."""
    return FinderReading(today=today, language=language, laws=queries.laws(language, today)), {}


def locations_of(programme: Programme) -> tuple[Programme, ...]:
    """Return the locations that are shown in the row of a programme."""
    if programme.part_of:
        return ()
    parts = _parts(active_language())
    return next(found for each, found in rows.grouped([programme, *parts]) if each == programme)


@per_batch
def _parts(language: str) -> list[Programme]:
    """Return the programmes that are part of another."""
    return list(with_said_at(queries.programmes(language=language)).exclude(part_of=""))


def lines_of(countries: Iterable[str]) -> list[SupportLine]:
    """Return the lines of countries, in the order of their codes, each line once."""
    wanted = sorted(set(countries))
    known = _lines()
    missing = [code for code in wanted if code not in known]
    if missing:
        known |= {code: [] for code in missing}
        for line in with_said_at(SupportLine.objects.shown()).filter(countries__overlap=missing):
            for code in set(missing).intersection(line.countries):
                known[code].append(line)
    return list({line.pk: line for code in wanted for line in known[code]}.values())


@per_batch
def _lines() -> dict[str, list[SupportLine]]:
    """Return the lines looked up so far in this batch, by country."""
    return {}


def programme(uuid: UUID) -> Programme | None:
    """Return a programme that the public may see, with everything shown of it, or None."""
    return _look_up(Programme, [uuid], active_language())[uuid]


def support_line(uuid: UUID) -> SupportLine | None:
    return _look_up(SupportLine, [uuid])[uuid]


def prefetch(asked: Mapping[str, Iterable[str | UUID]]) -> None:
    """Prefetch the countries and listings of a batch of addresses, by language, in a few queries."""
    countries: set[str] = set()
    lines: set[UUID] = set()
    for language, some in asked.items():
        codes = {what for what in some if isinstance(what, str)}
        uuids = {what for what in some if not isinstance(what, str)}
        programmes_in(codes, language)
        found = _look_up(Programme, uuids, language)
        countries |= codes.union(*(programme.countries for programme in found.values() if programme))
        lines |= {uuid for uuid in uuids if found[uuid] is None}
    countries |= {code for line in _look_up(SupportLine, lines).values() if line for code in line.countries}
    lines_of(countries)


def _look_up(model: type[Any], uuids: Iterable[UUID], language: str = "") -> dict[UUID, Any]:
    """Return the listings with these identifiers (and perhaps others), with None for those that are not shown."""
    known = _listings(model, language)
    missing = [uuid for uuid in uuids if uuid not in known]
    if missing:
        known |= dict.fromkeys(missing)
        shown = queries.programmes(language=language) if language else model.objects.shown()
        known |= {listing.uuid: listing for listing in with_said_at(shown).filter(uuid__in=missing)}
    return known


@per_batch
def _listings(model: type[Any], language: str) -> dict[UUID, Any]:
    """Return the listings looked up so far in this batch, by identifier."""
    return {}


def is_known(uuid: UUID) -> bool:
    """Return whether a listing is or was public."""
    return any(model.objects.known().filter(uuid=uuid).exists() for model in (Programme, SupportLine))


def with_said_at(listings: ListingQuerySet) -> Any:
    """Annotate with `said_at`, the time at which the shown version was published.

    For a version that never was (in the demonstration), it is the time at which it was written.
    """
    return listings.annotate(said_at=Coalesce("last_published_at", F("latest_revision__created_at")))


def as_of(listings: Iterable[Any]) -> dt.date | None:
    """Return the day of the newest change or check of these listings, since which their pages have not changed."""
    days: list[dt.date] = []
    for listing in listings:
        texts = listing.texts.all() if isinstance(listing, Programme) else ()
        times = [listing.said_at, *(text.last_published_at for text in texts)]
        days += [timezone.localdate(time) for time in times if time]
        days += [listing.checked_on] if listing.checked_on else []
    return newest(days)


def newest(days: Iterable[dt.date | None]) -> dt.date | None:
    return max(filter(None, days), default=None)
