"""The CSS rules that filter the finder, generated from the table of facets alone: they know no listing.

The result is part of the style sheet that all pages share (`static/css/components/finder-choices.css`, written by `manage.py finder_css`).
A choice hides what does not match it; nothing is loaded, sent or remembered. The codes of listing facets are on what holds
the listing (`.finder-row`). Those of contact point facets are on empty elements before it, one for each contact point: a listing is shown
if one of them meets all of these facets. `[data-spoken]` is on what is matched by language whatever the channel
(helpline/finder/content/coverage/always_available.py).

Each group of choices has one rule: everything is hidden except its exceptions. An exception first asks whether the element has the
code, which nearly none has, and only then which choice was made. Written the other way round (one rule per code, hiding what lacks it),
the same filtering took Chromium a hundred times as long. An exception for each pair of language and channel, and for each triple with
the cost, was twice and three times as large, and every page carries it.

Whatever is chosen, Chromium works out the styles of every element again that any of these selectors may end in, except in what is not
shown. So each of them ends in an attribute or in `.finder-row`: every choice hides what holds a listing, and none anything in it, which would
be worked out as often. A space in a selector has Chromium look through the siblings of everything that an element is in: in a list of three
hundred, that took longer than all the rest. So what a form filters is in elements with a class, and what holds a listing and its contact
points has none. What is in a listing is reached by `>` alone.

A listing that is not found keeps its layout, and one that is far below the screen waits for it (`content-visibility`, finder.css): most of the
time in "All countries again" went into making it anew.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from helpline.finder.content.filters.facets import BY_CODE, FACETS, Facet, FinderForm, Level, facets_at
from helpline.finder.content.filters.regions import COUNTRY_CODES
from helpline.vocabulary.codes import ANY, ANYWHERE

HEAD = """\
/* Made by `manage.py finder_css` (helpline/finder/content/filters/stylesheet.py). What does not match a choice is not shown. */
"""
# What follows a form in which a code is chosen. Within a form a code belongs to one facet (`helpline.checks`); only "any" is in each.
CHOSEN = "{form}:has([data-code={code}]:checked)~[class]{within}"
ANY_OF = f"{{form}}:has([data-facet={{facet}}] [data-code={ANY}]:checked)~[class]{{within}}"
# Nothing is chosen that a contact point must meet, as is usual: none of them need be looked at. Too many facets do no harm.
NONE_OF_POINTS = (
    f".finder-more:not(:has([data-facet]:not([data-facet=region]) :checked:not([data-code={ANY}])))~[class]"
)
BELOW = " "
TWO_BELOW = ">*>"  # what holds a listing, its contact points, and the answers for any hour
ROW = ".finder-row"


def rules() -> Iterator[str]:
    """Yield the selectors of what is hidden."""
    of_listing = facets_at(Level.LISTING)
    yield from (of_country(facet) for facet in of_listing if facet.form is FinderForm.WHERE)
    others = [facet for facet in of_listing if facet.form is not FinderForm.WHERE]
    yield from (of_several(facet) for facet in others if len(facet.codes()) > 1)
    yield from (of_region(facet) for facet in facets_at(Level.LOCATION))
    yield of_several(BY_CODE["language"], attribute="spoken", within=TWO_BELOW)
    yield from (of_one(facet) for facet in others if len(facet.codes()) == 1)
    met = "".join(met_by_a_point(facet) for facet in facets_at(Level.POINT))
    yield f".finder-more~[class]{TWO_BELOW}{ROW}{_but(f'{NONE_OF_POINTS}{TWO_BELOW}{ROW}', f'{met}~{ROW}')}"


def of_country(facet: Facet) -> str:
    """Select what is in another country. What works anywhere is always shown.

    The exceptions are grouped by the first letter of the code: an element in which the letter does not occur need not be compared with
    any of them, which takes Chromium two thirds of the time.
    """
    attribute = f"data-{facet.code}"
    alike = groupby(facet.codes(), key=itemgetter(0))
    return f"{form(facet)}~[class] [{attribute}]" + _but(
        f"[{attribute}~={ANYWHERE}]",
        after(facet, ANY) + f"[{attribute}]:not({','.join(facet.hidden_by_any)})",
        *(
            f"[{attribute}*={letter}]"
            + _any_of(*(after(facet, code) + f"[{attribute}~={code}]" for code in some))
            for letter, some in alike
        ),
    )


def of_region(facet: Facet) -> str:
    """Select what is in another region, in a country of which a region is chosen. One of its codes stands for the whole country.

    While no country is chosen, what may still be chosen in one of them counts for nothing.
    """
    return f"{form(facet)}~[class] [data-{facet.code}]" + _but(
        after(BY_CODE["country"], ANY) + f"[data-{facet.code}]:not(.finder-region)",
        *(after(facet, code) + f"[data-{facet.code}~={code}]" for code in facet.codes()),
    )


def of_several(facet: Facet, *, attribute: str = "", within: str = BELOW) -> str:
    """Select what lacks the chosen code, for a facet with several codes."""
    attribute = attribute or facet.code
    by_any = f":not({','.join(facet.hidden_by_any)})" if facet.hidden_by_any else ""
    return f"{form(facet)}~[class] [data-{attribute}]" + _but(
        any_of(facet, within) + f"[data-{attribute}]{by_any}",
        *(after(facet, code, within) + f"[data-{attribute}~={code}]" for code in facet.codes()),
    )


def of_one(facet: Facet) -> str:
    """Select what lacks the only code of a facet, while it is chosen."""
    (code,) = facet.codes()
    return f"{after(facet, code)}[data-{facet.code}]{_but(f'[data-{facet.code}={code}]')}"


def met_by_a_point(facet: Facet) -> str:
    """Return a condition that matches a contact point which meets the choice of a facet."""
    if facet.is_scripted:
        chosen = [f"[data-{facet.code}]"]
    else:
        chosen = [after(facet, code, TWO_BELOW) + f"[data-{facet.code}~={code}]" for code in facet.codes()]
    return _any_of(any_of(facet, TWO_BELOW) + "i", *chosen)


def form(facet: Facet) -> str:
    """Return the selector of the form in which a facet is asked, or of what holds it: what it filters follows as a sibling."""
    return ".finder-start" if facet.form is FinderForm.WHERE else f".finder-{facet.form.value}"


def after(facet: Facet, code: str, within: str = BELOW) -> str:
    """Return the beginning of a selector of what follows the facet's form while this code is chosen in it."""
    return CHOSEN.format(form=form(facet), code=code, within=within)


def any_of(facet: Facet, within: str = BELOW) -> str:
    return ANY_OF.format(form=form(facet), facet=facet.code, within=within)


def said() -> Iterator[str]:
    """Yield the selectors of what the closed group of choices says of itself: the names of what is chosen in it."""
    for facet in FACETS:
        if facet.level is Level.LOCATION:
            yield from (
                f".finder-more:has([data-code={code}]:not(:checked)) [data-said={code}]"
                for code in COUNTRY_CODES
            )
        elif facet.form is FinderForm.MORE:
            yield from (
                f".finder-more:has([data-code={code}]:checked) [data-said={code}]" for code in facet.codes()
            )


def _any_of(*selectors: str) -> str:
    return f":is(\n{',\n'.join(selectors)}\n)"


def _but(*exceptions: str) -> str:
    return f":not(\n{',\n'.join(exceptions)}\n)"


def stylesheet() -> str:
    hidden = ",\n".join(rules()) + " {\n  content-visibility: hidden;\n  display: none;\n}\n"
    return HEAD + hidden + ",\n".join(said()) + " {\n  display: inline;\n}\n"
