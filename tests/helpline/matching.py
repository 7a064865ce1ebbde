"""What matches, said once more and in another way than the style sheet: the reference for tests.

Language and channel on one and the same contact point; country and audience on the listing; what works anywhere works everywhere.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from helpline.codes import ANY, ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpline.models import Programme

Choice = tuple[str, str, str, str]  # country, language, audience, channel


def matches(programme: Programme, choice: Choice) -> bool:
    country, language, audience, channel = choice
    return (
        (country == ANY or country in programme.countries or ANYWHERE in programme.countries)
        and (audience == ANY or audience in programme.audiences)
        and (
            (language, channel) == (ANY, ANY)
            or any(
                (language == ANY or language in point.languages) and (channel in (ANY, point.channel))
                for point in programme.contact_points.all()
            )
        )
    )


def visible(tokens: dict[str, set[str]], choice: Choice) -> bool:
    """What the rules of the style sheet make of a listing's tokens."""
    country, language, audience, channel = choice
    contact = tokens["contact"]
    if language != ANY and channel != ANY:
        reached = f"{language}-{channel}" in contact
    elif language != ANY:
        reached = language in contact
    else:
        reached = channel == ANY or channel in contact
    return (
        (country == ANY or bool(tokens["country"] & {country, ANYWHERE}))
        and (audience == ANY or audience in tokens["audience"])
        and reached
    )


def combinations(*facets: list[str]) -> Iterator[Choice]:
    """(country, language, audience, channel), in every way in which they can be chosen."""
    yield from product(*facets)
