"""Regions to choose from, for countries with many places to go to.

The table of regions says which lies within another (`helpline.vocabulary.regions`).
A region without a code is named as the listing names it.
Only services that people have to travel to have a region.
A service for a whole country, for any country, by phone or on a screen stays in the list for every chosen region.

The style sheet has no names of regions, but only numbers: `r3` is the third on the page, `c1` the first country with
such a choice.
A row has its own numbers and that of its country, by which it is shown as long as no region is chosen there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.languages import names
from helpline.records.programmes import Programme
from helpline.vocabulary import regions
from helpline.vocabulary.codes import ANYWHERE, Reach

# The number of regions that can be read at a glance without a filter.
FEW = 5
# The number of rules in the style sheet.
# Further regions cannot be chosen, and are always shown.
MOST_COUNTRIES = 4
MOST_REGIONS = 40
COUNTRY_CODES = tuple(f"c{number}" for number in range(1, MOST_COUNTRIES + 1))
REGION_CODES = tuple(f"r{number}" for number in range(1, MOST_REGIONS + 1))


@dataclass(frozen=True, slots=True)
class CountryRegions:
    """Regions of one country that can be chosen.

    `code` stands for all of it.
    """

    country: str
    code: str
    regions: tuple[tuple[str, str], ...]  # (code, name), by name
    places: tuple[str, ...]  # for each of them, its code in the table, or its name if it has none


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions that can be chosen on a page, by country."""

    by_country: dict[str, CountryRegions] = field(default_factory=dict)

    @classmethod
    def of(cls, programmes: Iterable[Programme]) -> Regions:
        found: dict[str, set[str]] = defaultdict(set)
        for programme in programmes:
            if is_in_region(programme) and not programme.is_closed:
                found[programme.countries[0]].update(places_of(programme))
        many = sorted((-len(some), country) for country, some in found.items() if len(some) > FEW)
        free = iter(REGION_CODES)
        made: dict[str, CountryRegions] = {}
        for (negative, country), code in zip(many, COUNTRY_CODES, strict=False):
            places = tuple(sorted(found[country], key=lambda place: names.sort_key(regions.name(place))))
            if sum(len(each.regions) for each in made.values()) - negative <= MOST_REGIONS:
                named = tuple((next(free), regions.name(place)) for place in places)
                made[country] = CountryRegions(country, code, named, places)
        return cls(made)

    def codes_of(self, programme: Programme) -> str:
        """Return the codes by which a listing is filtered, separated by spaces.

        Returns an empty string for one that is always shown.
        """
        if not is_in_region(programme) or (here := self.by_country.get(programme.countries[0])) is None:
            return ""
        own = places_of(programme)
        offered = zip(here.regions, here.places, strict=True)
        return " ".join(
            [here.code, *(code for (code, _name), place in offered if any(fits(one, place) for one in own))]
        )


def is_in_region(programme: Programme) -> bool:
    """Return whether people have to go to a known part of one country to use it."""
    return (
        programme.reach == Reach.REGIONAL
        and bool(places_of(programme))
        and len(programme.countries) == 1
        and ANYWHERE not in programme.countries
        and not programme.is_remote()
    )


def places_of(programme: Programme) -> tuple[str, ...]:
    """Return its regions by their codes, with the one that has none, as it is written."""
    return (*programme.regions, *([programme.region] if programme.region else []))


def fits(place: str, offered: str) -> bool:
    """Return whether a region of a listing may be meant by one that is offered.

    A text that names it does so, too: “Bonn and Trier” names “Trier”.
    """
    if regions.overlap(place, offered):
        return True
    return re.search(rf"(?<!\w){re.escape(regions.name(offered))}(?!\w)", place) is not None
