"""The places of a programme: listings of their own that are part of it, and told with it where all that it says is so of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from core.languages import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from helpline.records.programmes import Programme

# What is said once for the whole and all the places that are told with it.
SAID_ONCE = (
    "cost", "anonymous", "asks", "confidentiality", "reporting_trigger", "legal_basis", "minimum_age", "maximum_age", "alert", "alert_note",
)  # fmt: skip


def grouped(
    programmes: Iterable[Programme], fits: Callable[[Programme, Programme], bool]
) -> list[tuple[Programme, tuple[Programme, ...]]]:
    """Return each programme that stands on its own, with the places that fit into it, by name, those that are closed last."""
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


def is_said_of(place: Programme, whole: Programme) -> bool:
    """Whether what is said of a whole that is open is so of this place; their texts in one language are prefetched."""
    return (
        not whole.is_closed
        and all(getattr(place, name) == getattr(whole, name) for name in SAID_ONCE)
        and set(place.not_for) == set(whole.not_for)
        and spoken(place) <= spoken(whole)
        and not any(text.not_for for text in place.texts.all())
    )


def spoken(programme: Programme) -> set[str]:
    return {code for point in programme.contact_points.all() for code in point.languages}


def name_of_place(place: Programme) -> str:
    return place.region or place.name
