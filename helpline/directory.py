"""The one door into the helpline: what campaigns and the network may read of it. Values, no rows, and nothing to write.

Outside the demonstration only what two people have approved goes through this door.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from core import languages, names
from helpline.models import ContactPoint, FinderPage, Programme

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to reach a programme. Number and address are empty where they are not known, or too long unchecked to be shown."""

    channel: str
    number: str  # as people in the country write it
    uri: str  # tel:…
    email: str
    url: str
    languages: tuple[str, ...]
    opening_hours: str  # OpenStreetMap syntax
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFacts:
    """What may be said of a programme elsewhere on the site."""

    uuid: UUID
    name: str
    operator: str
    countries: tuple[str, ...]
    region: str
    audiences: tuple[str, ...]
    website: str
    cost: str
    anonymous: str
    verified: bool
    closed: bool
    checked_on: dt.date | None
    contacts: tuple[Contact, ...]


def find_help_path(*, language: str) -> str:
    """The address of the finder at the public door, in this language or in the nearest that has one. It never fails."""
    public = set(languages.public_pages().type(FinderPage).values_list("locale__language_code", flat=True))
    found = next((code for code in languages.fallbacks(language) if code in public), language)
    return f"/{found}/{FinderPage.SLUG}/"


def programmes(*, country: str | None = None, language: str | None = None) -> tuple[ProgrammeFacts, ...]:
    """Programmes by name; those that work in a country (or anywhere), those that answer in a language."""
    found = Programme.objects.shown(demo=settings.DEMO)
    if country is not None:
        found = found.in_country(country)
    if language is not None:
        found = found.speaking(language)
    points = ContactPoint.objects.order_by("sort_order", "pk")
    today = timezone.localdate()
    rows = found.prefetch_related(Prefetch("contact_points", points))
    return tuple(
        sorted(
            (_facts(row, today) for row in rows), key=lambda facts: (names.in_order(facts.name), facts.uuid)
        )
    )


def programme(*, uuid: UUID) -> ProgrammeFacts | None:
    """The programme with this identifier, or None where the public does not see it (any more)."""
    row = Programme.objects.shown(demo=settings.DEMO).filter(uuid=uuid).first()
    return _facts(row, timezone.localdate()) if row else None


def _facts(row: Programme, today: dt.date) -> ProgrammeFacts:
    hidden = row.freshness(today).hides_numbers or row.is_closed
    return ProgrammeFacts(
        uuid=row.uuid,
        name=row.name,
        operator=row.operator,
        countries=tuple(row.countries),
        region=row.region,
        audiences=tuple(row.audiences),
        website=row.website,
        cost=row.cost,
        anonymous=row.anonymous,
        verified=row.live,
        closed=row.is_closed,
        checked_on=row.checked_on,
        contacts=tuple(_contact(point, hidden=hidden) for point in row.contact_points.all()),
    )


def _contact(point: ContactPoint, *, hidden: bool) -> Contact:
    phone = None if hidden else point.phone
    return Contact(
        channel=point.channel,
        number=(point.number_written or phone.national()) if phone else "",
        uri=phone.uri if phone else "",
        email="" if hidden else point.email,
        url=point.url,
        languages=tuple(point.languages),
        opening_hours=point.opening_hours,
        timezone=point.timezone,
    )
