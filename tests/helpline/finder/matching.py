"""Matching of choices, implemented independently of the style sheet: the reference for tests.

One contact point must meet all facets of a contact point.
The listing must meet the others.
Services that work anywhere match every country, and they alone until one is chosen.
"""

from collections.abc import Collection, Iterable

from helpline.finder.content.filters.facets import ALL, Facet, Level, facets_at
from helpline.finder.content.listing.rows import ListingRow
from helpline.models import Programme
from helpline.records.programmes import ContactPoint
from helpline.vocabulary.codes import ANY, ANYWHERE

OF_LISTING, OF_POINT = facets_at(Level.LISTING), facets_at(Level.POINT, scripted=False)
# The choices without scripts, in the order in which tests list them.
CHOSEN = (*OF_LISTING, *OF_POINT)


def choice(**codes: str) -> dict[str, str]:
    """Return the code chosen in each facet: by default all countries, and "any" in the others."""
    assert codes.keys() <= {facet.code for facet in CHOSEN}, codes
    return {facet.code: str(codes.get(facet.code, ALL if facet.code == "country" else ANY)) for facet in CHOSEN}


def asked(facets: Iterable[Facet], chosen: dict[str, str]) -> list[Facet]:
    return [facet for facet in facets if facet.code == "country" or chosen[facet.code] != ANY]


def met(facet: Facet, chosen: dict[str, str], codes: Collection[str]) -> bool:
    return chosen[facet.code] in codes or (facet.code == "country" and (chosen["country"] == ALL or ANYWHERE in codes))


def matches(programme: Programme, chosen: dict[str, str]) -> bool:
    points = list(programme.contact_points.all()) or [ContactPoint()]
    of_point = asked(OF_POINT, chosen)
    return all(met(facet, chosen, list(facet.of_listing(programme))) for facet in asked(OF_LISTING, chosen)) and any(
        all(met(facet, chosen, list(facet.of_point(programme, point))) for facet in of_point) for point in points
    )


def visible(row: ListingRow, chosen: dict[str, str]) -> bool:
    """Return whether the rules of the style sheet show a row with these codes."""
    of_point = asked(OF_POINT, chosen)
    return all(met(facet, chosen, row.codes[facet.code].split()) for facet in asked(OF_LISTING, chosen)) and any(
        all(met(facet, chosen, codes[facet.code].split()) for facet in of_point)
        for codes in (dict(point.codes) for point in row.points)
    )
