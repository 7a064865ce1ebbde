"""Listings that are published as locations of their programme's service, and the time of their last change.

A listing is a location as long as all statements of the service apply to it.
A listing that is closed, or whose numbers are hidden, keeps a separate service, since a location has no state.
"""

import datetime as dt
import uuid
from typing import NamedTuple

from django.db.models import Prefetch, Q

from core.memo import per_batch
from helpline.exchange.models import PublicChange
from helpline.records.programmes import Programme, grouped, is_said_of
from helpline.records.texts import ProgrammeText
from helpline.records.visibility import hides_contact

# The codes that a service states for all its locations.
CODES = ("countries", "audiences")


class LocationListing(NamedTuple):
    """A listing that is published as a location of the service of another."""

    name: str
    whole: uuid.UUID


@per_batch
def published_locations(language: str, today: dt.date) -> dict[uuid.UUID, LocationListing]:
    """Return the listings that are published as locations, by UUID.

    Uses a fixed number of queries.
    """

    def fits(location: Programme, whole: Programme) -> bool:
        return (
            is_said_of(location, whole)
            and all(set(getattr(location, name)) == set(getattr(whole, name)) for name in CODES)
            and not hides_contact(location, today)
            and not hides_contact(whole, today)
        )

    public = Programme.objects.public()
    parts = ~Q(part_of="")
    found = public.filter(parts | Q(name__in=public.filter(parts).values("part_of"))).order_by("uuid")
    texts = ProgrammeText.objects.in_language(language).public()
    return {
        location.uuid: LocationListing(location.name, whole.uuid)
        for whole, locations in grouped(found.prefetch_related("contact_points", Prefetch("texts", texts)), fits)
        for location in locations
    }


@per_batch
def newest_changes() -> dict[str, dt.datetime]:
    """Return the time of the last change of the locations of each programme, by the name of the programme.

    Former locations count, too.
    """
    rows = PublicChange.objects.filter(kind=PublicChange.Kind.PROGRAMME, row__has_key="part_of")
    named = set(rows.exclude(row__part_of="").order_by().values_list("listing", "row__part_of").distinct())
    newest = PublicChange.objects.newest_of_each({listing for listing, _name in named})
    found: dict[str, dt.datetime] = {}
    for listing, name in named:
        found[name] = max(newest[listing], found.get(name, newest[listing]))
    return found
