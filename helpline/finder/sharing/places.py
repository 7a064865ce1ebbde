"""What one country, or one listing, has to show on a day, in the active language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone, translation

from core.memo import per_batch
from helpline.finder import queries
from helpline.finder.content import crisis, rows
from helpline.finder.queries import NEEDED
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import codes
from helpline.vocabulary.codes import ANYWHERE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from uuid import UUID

    from helpline.records.querysets import ListingQuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A country: who answers at once, the programmes that work there or anywhere, and who is there for others."""

    code: str
    name: str
    programmes: tuple[Programme, ...]
    lines: tuple[SupportLine, ...]
    today: dt.date

    @property
    def rows(self) -> list[rows.Row]:
        return [row(programme, self.today) for programme in self.programmes]

    @property
    def urgent(self) -> list[crisis.Lines]:
        return crisis.by_country(self.lines, crisis.URGENT, self.today)

    @property
    def other(self) -> list[crisis.Lines]:
        return crisis.by_country(self.lines, crisis.OTHER, self.today)

    @property
    def as_of(self) -> dt.date | None:
        return as_of([*self.programmes, *self.lines])

    @property
    def waits_in(self) -> set[str]:
        """The languages in which its pages wait for crisis lines (as `addresses.countries` says)."""
        if {line.kind for line in self.lines if not line.is_closed}.issuperset(NEEDED):
            return set()
        return {
            language
            for programme in self.programmes
            if self.code in programme.countries
            for point in programme.contact_points.all()
            for language in point.languages
        }


def place(code: str) -> Place | None:
    """A country, or None where nothing in it is shown. Four queries."""
    return _place(code, translation.get_language() or settings.LANGUAGE_CODE, timezone.localdate())


@per_batch
def _place(code: str, language: str, today: dt.date) -> Place | None:
    programmes = dated(queries.programmes(language=language).in_country(code))
    lines = lines_of([code])
    found = sorted(programmes, key=lambda programme: rows.order(programme, today))
    if code == ANYWHERE or not (lines or any(code in programme.countries for programme in found)):
        return None
    return Place(
        code=code, name=codes.country_name(code), programmes=tuple(found), lines=tuple(lines), today=today
    )


def row(programme: Programme, today: dt.date) -> rows.Row:
    """A programme as the finder shows it; one that works anywhere is on the pages of all countries."""
    return _row(programme, translation.get_language(), today)


@per_batch
def _row(programme: Programme, language: str, today: dt.date) -> rows.Row:
    return rows.row(programme, today)


def lines_of(countries: Iterable[str]) -> list[SupportLine]:
    return list(_lines_of(tuple(countries)))


@per_batch
def _lines_of(countries: tuple[str, ...]) -> tuple[SupportLine, ...]:
    return tuple(dated(SupportLine.objects.shown().filter(country__in=countries)))


def programme(uuid: UUID) -> Programme | None:
    """A programme that the public may see, with all that is shown of it."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    shown = queries.programmes(language=language)
    found: Programme | None = dated(shown).filter(uuid=uuid).first()
    return found


def support_line(uuid: UUID) -> SupportLine | None:
    found: SupportLine | None = dated(SupportLine.objects.shown()).filter(uuid=uuid).first()
    return found


def is_known(uuid: UUID) -> bool:
    """Whether a listing is, or was, before the public."""
    return any(model.objects.known().filter(uuid=uuid).exists() for model in (Programme, SupportLine))


def dated(listings: ListingQuerySet) -> Any:
    """With the time since when what is shown says what it says; what nobody has approved (demonstration) since it was written."""
    return listings.annotate(said_at=Coalesce("last_published_at", F("latest_revision__created_at")))


def as_of(listings: Iterable[Any]) -> dt.date | None:
    """The day of the newest fact or word of these listings: whatever is printed of them is the same from that day on."""
    days: list[dt.date] = []
    for listing in listings:
        texts = listing.texts.all() if isinstance(listing, Programme) else ()
        times = [listing.said_at, *(text.last_published_at for text in texts)]
        days += [timezone.localdate(time) for time in times if time]
        days += [listing.checked_on] if listing.checked_on else []
    return max(days, default=None)
