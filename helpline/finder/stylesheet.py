"""The rules by which the finder narrows itself, written from the codes alone: no listing is known here.

The result is part of the one sheet that every page shares (`static/css/components/finder-choices.css`, made by `manage.py finder_css`).
A choice hides what does not match it; nothing is loaded, sent or remembered. `[data-country]` and `[data-audience]` stand on a listing
and on what belongs to it, `[data-contact]` on the listing. Language and channel must be met by one and the same contact point, which is
why each pair of them is a token (`de-phone`) and has a rule.

The two groups of controls, `.finder-where` and `.finder-who`, come before what they narrow. They are searched for the choice, and not
the whole page, so that an old phone has little to search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import names
from helpline.codes import ANY, ANYWHERE, LANGUAGES, Audience, Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """\
/* Made by `manage.py finder_css` (helpline/finder/stylesheet.py). What does not match a choice is not shown. */
"""


def pair(language: str, channel: str) -> str:
    """The token of a contact point that answers in a language on a channel."""
    return f"{language}-{channel}"


def selectors() -> Iterator[str]:
    for code in [ANYWHERE, *(code for code, _name in names.countries("en"))]:
        other = "" if code == ANYWHERE else f",[data-country~={code}]"
        yield f".finder-where:has([data-code={code}]:checked)~* [data-country]:not([data-country~=xx]{other})"
    for audience in Audience.in_finder():
        code = audience.value
        yield f".finder-who:has([data-code={code}]:checked)~* [data-audience]:not([data-audience~={code}])"
    for code in [*LANGUAGES, *Channel.values]:
        yield f".finder-who:has([data-code={code}]:checked)~* [data-contact]:not([data-contact~={code}])"
    # In this order they compress to 1.5 kB.
    for language in LANGUAGES:
        for channel in Channel.values:
            chosen = f":has([data-code={channel}]:checked):has([data-code={language}]:checked)"
            yield f".finder-who{chosen}~* [data-contact]:not([data-contact~={pair(language, channel)}])"
    # Before a choice is made, what belongs to one choice only stays out of the way.
    yield f".finder-where:has([data-code={ANY}]:checked)~* .finder-lines"
    yield f".finder-who:has([data-facet=audience] [data-code={ANY}]:checked)~* .finder-route"


def stylesheet() -> str:
    return HEAD + ",\n".join(selectors()) + " {\n  display: none;\n}\n"
