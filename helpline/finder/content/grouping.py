"""The places of a programme, which are read in one row.

A programme may have many places, such as a dozen clinics under one name. Each place is a listing of its own: two people approve it, it has
its own region, hours and contact points, and it can close alone. A reader who chose a country would scroll past the same words a dozen
times. So the finder puts a place into the row of the programme that it is part of, unless that row would then say of the place what is not
so, or hide it from somebody whom it would fit: then it has a row of its own.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from core.languages import names
from helpline.finder.content.facets import Level, facets_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from helpline.records.programmes import Programme

# What a row says once for the whole and all the places in it.
SAID_ONCE = (
    "cost", "anonymous", "asks", "confidentiality", "reporting_trigger", "legal_basis", "minimum_age", "maximum_age", "alert", "alert_note",
)  # fmt: skip


def grouped(programmes: Iterable[Programme]) -> list[tuple[Programme, tuple[Programme, ...]]]:
    """Return each programme that has a row of its own, with the places in that row by name, those that are closed last."""
    found = list(programmes)
    called: dict[str, list[Programme]] = defaultdict(list)
    for programme in found:
        if not programme.part_of:
            called[programme.name].append(programme)
    places: dict[object, list[Programme]] = defaultdict(list)
    own = []
    for programme in found:
        named = called[programme.part_of] if programme.part_of else []
        whole = next((each for each in named if fits(programme, each)), None)
        if whole is None:
            own.append(programme)
        else:
            places[whole.uuid].append(programme)
    for some in places.values():
        some.sort(key=lambda place: (place.is_closed, names.sort_key(name_of_place(place))))
    return [(programme, tuple(places[programme.uuid])) for programme in own]


def fits(place: Programme, whole: Programme) -> bool:
    """Whether all that the row of the whole says is so of this place, and whoever finds that row is somebody for whom the place is."""
    return (
        not whole.is_closed
        and all(getattr(place, name) == getattr(whole, name) for name in SAID_ONCE)
        and set(place.not_for) == set(whole.not_for)
        and all(
            set(facet.codes_of(place).split()) == set(facet.codes_of(whole).split())
            for facet in facets_at(Level.LISTING)
        )
        and spoken(place) <= spoken(whole)
        and not any(text.not_for for text in place.texts.all())
    )


def spoken(programme: Programme) -> set[str]:
    return {code for point in programme.contact_points.all() for code in point.languages}


def name_of_place(place: Programme) -> str:
    return place.region or place.name
