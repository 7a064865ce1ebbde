"""Regions to choose from, for countries with many places to go to.

A region is named as the listing names it, so it is not known whether one lies within another.
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


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions that can be chosen on a page, by country."""

    by_country: dict[str, CountryRegions] = field(default_factory=dict)

    @classmethod
    def of(cls, programmes: Iterable[Programme]) -> Regions:
        found: dict[str, set[str]] = defaultdict(set)
        for programme in programmes:
            if is_in_region(programme) and not programme.is_closed:
                found[programme.countries[0]].add(programme.region)
        many = sorted((-len(some), country) for country, some in found.items() if len(some) > FEW)
        free = iter(REGION_CODES)
        made: dict[str, CountryRegions] = {}
        for (negative, country), code in zip(many, COUNTRY_CODES, strict=False):
            named = sorted(found[country], key=names.sort_key)
            if sum(len(each.regions) for each in made.values()) - negative <= MOST_REGIONS:
                made[country] = CountryRegions(country, code, tuple((next(free), name) for name in named))
        return cls(made)

    def codes_of(self, programme: Programme) -> str:
        """Return the codes by which a listing is filtered, separated by spaces.

        Returns an empty string for one that is always shown.
        """
        if not is_in_region(programme) or (here := self.by_country.get(programme.countries[0])) is None:
            return ""
        return " ".join([here.code, *(code for code, name in here.regions if names_region(programme.region, name))])


def is_in_region(programme: Programme) -> bool:
    """Return whether people have to go to a known part of one country to use it."""
    return (
        programme.reach == Reach.REGIONAL
        and bool(programme.region)
        and len(programme.countries) == 1
        and ANYWHERE not in programme.countries
        and not programme.is_remote()
    )


def names_region(written: str, name: str) -> bool:
    """Return whether a listing's text names a region, e.g. “Wallonia and Brussels” names “Brussels”, too."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", written) is not None
