"""The rules by which the finder narrows itself, written from the codes alone: no listing is known here.

The result is part of the one sheet that every page shares (`static/css/components/finder-choices.css`, made by `manage.py finder_css`).
A choice hides what does not match it; nothing is loaded, sent or remembered. Country, audience and whether one can stay anonymous stand
on a listing (`article`) and on what belongs to it. What must be met by one and the same contact point (language, channel, cost, and with
script whether it is open) stands on empty elements before the listing, one for each contact point: a listing is shown where one of them
meets all four. `[data-spoken]` stands on what is shown in its language on whatever channel (helpline/finder/content/always_available.py).

For each group of choices there is one rule: all is hidden but its exceptions. An exception asks first whether the element has the code,
which nearly all have not, and only then which choice was made. Written the other way round (a rule for each code that hides what has
not got it) the same narrowing took Chromium a hundred times as long. An exception for each pair of language and channel, and for each
triple with the cost, was twice and three times as heavy, and every page carries it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.languages import names
from helpline.vocabulary.codes import ANY, LANGUAGES, Audience, Channel, Cost, YesNo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HEAD = """\
/* Made by `manage.py finder_css` (helpline/finder/content/stylesheet.py). What does not match a choice is not shown. */
"""
WHERE = ".finder-where:has([data-code={}]:checked)~* "
WHO = ".finder-who:has([data-code={}]:checked)~* "
# Codes of countries, languages, channels … never mean two things; only "any" is in each facet.
ANY_OF = f".finder-who:has([data-facet={{}}] [data-code={ANY}]:checked)~* "


def rules() -> Iterator[str]:
    """Selectors of what is not shown."""
    yield ".finder-where~* [data-country]" + _but(
        "[data-country~=xx]",
        WHERE.format(ANY) + ":not(.finder-lines,.finder-answer)",
        # In this order they compress best.
        *(
            WHERE.format(code) + f"[data-country~={code}]"
            for code in sorted(code for code, _name in names.countries("en"))
        ),
    )
    yield ".finder-who~* [data-audience]" + _but(
        ANY_OF.format("audience") + ":not(.finder-route)",
        *(WHO.format(code) + f"[data-audience~={code}]" for code in Audience.in_finder()),
    )
    yield ".finder-who~* [data-spoken]" + _but(
        ANY_OF.format("language") + "*",
        *(WHO.format(code) + f"[data-spoken~={code}]" for code in LANGUAGES),
    )
    yield WHO.format(YesNo.YES) + "[data-anonymous]" + _but(f"[data-anonymous={YesNo.YES}]")
    point = (
        *(
            _met(facet, codes)
            for facet, codes in (
                ("language", LANGUAGES),
                ("channel", Channel.values),
                ("cost", [Cost.FREE.value]),
            )
        ),
        f":is(\n{ANY_OF.format('open')}i,\n[data-open])",
    )
    yield ".finder-who~* article" + _but("".join(point) + "~article")


def _met(facet: str, codes: Iterable[str]) -> str:
    """What is so of a contact point that meets the choice of a facet."""
    chosen = [WHO.format(code) + f"[data-{facet}~={code}]" for code in codes]
    return f":is(\n{',\n'.join([ANY_OF.format(facet) + 'i', *chosen])}\n)"


def _but(*exceptions: str) -> str:
    return f":not(\n{',\n'.join(exceptions)}\n)"


def stylesheet() -> str:
    return HEAD + ",\n".join(rules()) + " {\n  display: none;\n}\n"
