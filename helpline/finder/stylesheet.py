"""The rules by which the finder narrows itself, written from the codes alone: no listing is known here.

The result is part of the one sheet that every page shares (`static/css/components/finder-choices.css`, made by `manage.py finder_css`).
A choice hides what does not match it; nothing is loaded, sent or remembered. `[data-country]` and `[data-audience]` stand on a listing
and on what belongs to it, `[data-contact]` on the listing. Language and channel must be met by one and the same contact point, which is
why each pair of them is a token (`de-phone`) and has an exception of its own. `[data-spoken]` stands on what is shown in its language on
whatever channel (helpline/finder/any_hour.py).

For each group of choices there is one rule: all is hidden but its exceptions. An exception asks first whether the element has the code,
which nearly all have not, and only then which choice was made. Written the other way round (a rule for each code that hides what has
not got it) the same narrowing took Chromium 1,100 ms instead of 11 for a country, with 76 listings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import names
from helpline.codes import ANY, LANGUAGES, Audience, Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """\
/* Made by `manage.py finder_css` (helpline/finder/stylesheet.py). What does not match a choice is not shown. */
"""


def pair(language: str, channel: str) -> str:
    """The token of a contact point that answers in a language on a channel."""
    return f"{language}-{channel}"


def rules() -> Iterator[tuple[str, list[str]]]:
    """What a group of choices may hide, and what saves something from that: (selector, its exceptions)."""
    where = ".finder-where:has([data-code={}]:checked)~* "
    yield (
        ".finder-where~* [data-country]",
        [
            "[data-country~=xx]",
            where.format(ANY) + ":not(.finder-lines,.finder-answer)",
            *(where.format(code) + f"[data-country~={code}]" for code, _name in names.countries("en")),
        ],
    )
    who = ".finder-who:has([data-facet=audience] [data-code={}]:checked)~* "
    yield (
        ".finder-who~* [data-audience]",
        [
            who.format(ANY) + ":not(.finder-route)",
            *(who.format(code) + f"[data-audience~={code}]" for code in Audience.in_finder()),
        ],
    )
    spoken = ".finder-who:has([data-facet=language] [data-code={}]:checked)~* "
    yield (
        ".finder-who~* [data-spoken]",
        [
            spoken.format(ANY) + "*",
            # No country stands in this form, no audience or channel is called as a language is: the code alone says it.
            *(f".finder-who:has([data-code={code}]:checked)~* [data-spoken~={code}]" for code in LANGUAGES),
        ],
    )
    any_channel = ":has([data-facet=channel] [data-code=any]:checked)"
    any_language = ":has([data-facet=language] [data-code=any]:checked)"
    how = ".finder-who{}{}~* [data-contact~={}]"
    chosen = ":has([data-code={}]:checked)"
    yield (
        ".finder-who~* [data-contact]",
        [
            f".finder-who{any_channel}{any_language}~* *",
            *(how.format(chosen.format(channel), any_language, channel) for channel in Channel.values),
            *(how.format(chosen.format(language), any_channel, language) for language in LANGUAGES),
            # In this order they compress best.
            *(
                how.format(chosen.format(channel), chosen.format(language), pair(language, channel))
                for language in LANGUAGES
                for channel in Channel.values
            ),
        ],
    )


def stylesheet() -> str:
    hidden = (f"{what}:not(\n{',\n'.join(exceptions)}\n)" for what, exceptions in rules())
    return HEAD + ",\n".join(hidden) + " {\n  display: none;\n}\n"
