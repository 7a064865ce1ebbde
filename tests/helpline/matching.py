"""What matches, said once more and in another way than the style sheet: the reference for tests.

Language, channel and cost on one and the same contact point; country, audience and anonymity on the listing; what works anywhere works
everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from helpline.vocabulary.codes import ANY, ANYWHERE, Cost

if TYPE_CHECKING:
    from helpline.finder.content.rows import Row
    from helpline.models import Programme


class Choice(NamedTuple):
    """What is chosen in each facet, by its code."""

    country: str = ANY
    language: str = ANY
    audience: str = ANY
    channel: str = ANY
    cost: str = ANY
    anonymous: str = ANY


def matches(programme: Programme, choice: tuple[str, ...]) -> bool:
    country, language, audience, channel, cost, anonymous = Choice(*choice)
    points = list(programme.contact_points.all())
    return (
        (country == ANY or country in programme.countries or ANYWHERE in programme.countries)
        and (audience == ANY or audience in programme.audiences)
        and anonymous in (ANY, programme.anonymous)
        and (
            (language, channel, cost) == (ANY, ANY, ANY)
            or any(
                (language == ANY or language in point.languages)
                and channel in (ANY, point.channel)
                and cost in (ANY, programme.cost if point.cost == Cost.UNKNOWN else point.cost)
                for point in points
            )
            or (not points and (language, channel, cost) == (ANY, ANY, programme.cost))
        )
    )


def visible(row: Row, choice: tuple[str, ...]) -> bool:
    """What the rules of the style sheet make of the codes of a row."""
    country, language, audience, channel, cost, anonymous = Choice(*choice)
    return (
        (country == ANY or bool(set(row.countries.split()) & {country, ANYWHERE}))
        and (audience == ANY or audience in row.audiences.split())
        and anonymous in (ANY, row.anonymous)
        and any(
            (language == ANY or language in point.languages.split())
            and channel in (ANY, point.channel)
            and cost in (ANY, point.cost)
            for point in row.points
        )
    )
