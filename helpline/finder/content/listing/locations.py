"""The places of a programme, which are read in one row.

A programme may have many places, such as a dozen clinics under one name. Each place is a listing of its own: two people approve it, it has
its own region, hours and contact points, and it can close alone. A reader who chose a country would scroll past the same words a dozen
times. So the finder puts a place into the row of the programme that it is part of, unless that row would then say of the place what is not
so, or hide it from somebody whom it would fit: then it has a row of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpline.finder.content.filters.facets import Level, facets_at
from helpline.records import places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from helpline.records.programmes import Programme


def grouped(programmes: Iterable[Programme]) -> list[tuple[Programme, tuple[Programme, ...]]]:
    """Return each programme that has a row of its own, with the places in that row by name, those that are closed last."""
    return places.grouped(programmes, fits)


def fits(place: Programme, whole: Programme) -> bool:
    """Whether all that the row of the whole says is so of this place, and whoever finds that row is somebody for whom the place is."""
    return places.is_said_of(place, whole) and all(
        set(facet.codes_of(place).split()) == set(facet.codes_of(whole).split())
        for facet in facets_at(Level.LISTING)
    )
