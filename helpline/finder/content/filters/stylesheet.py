"""The CSS rules that filter the finder, generated from the table of facets alone, without any listings.

The result is part of the style sheet that all pages share (`static/css/components/finder-choices.css`, written by
`manage.py finder_css`).
A choice hides what does not match it, and nothing is loaded, sent or remembered.
The codes of listing facets are on the container of the listing (`.finder-row`).
Those of contact point facets are on empty elements before it, one for each contact point: a listing is shown if one of
them meets all of these facets.
`[data-spoken]` is on elements that are matched by language for any channel
(helpline/finder/content/coverage/always_available.py).

Each group of choices has one rule: everything is hidden except its exceptions.
An exception first tests whether the element has the code, which few elements have, and only then which choice was made.
The inverse (one rule per code, hiding elements without it) took Chromium a hundred times as long.
An exception for each pair of language and channel, and for each triple with the cost, was twice and three times as
large, and every page carries it.

After every choice, Chromium recalculates the styles of each element that any of these selectors may end in, unless it
is not shown.
So each selector ends in an attribute or in `.finder-row`: a choice hides the container of a listing, and no element
within it, which would be recalculated as often.
A space in a selector makes Chromium check the siblings of all ancestors of an element, which took longer than
everything else in a list of three hundred.
So the elements that a form filters have a class, and the containers of a listing and its contact points have none.
The content of a listing is only matched by `>`.

A hidden listing keeps its layout, and one that is far below the screen is laid out later (`content-visibility`,
finder.css).
Most of the time for "All countries again" was spent on repeating the layout.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from helpline.finder.content.filters.facets import ALL, BY_CODE, FACETS, Facet, FinderForm, Level, facets_at
from helpline.finder.content.filters.regions import COUNTRY_CODES
from helpline.vocabulary.codes import ANY, ANYWHERE

HEAD = """\
/* Made by `manage.py finder_css` (helpline/finder/content/filters/stylesheet.py). \
What does not match a choice is not shown. */
"""
# Elements after a form in which a code is chosen.
# Within a form, a code belongs to one facet (`helpline.checks`), except "any", which is in each.
CHOSEN = "{form}:has([data-code={code}]:checked)~[class]{within}"
ANY_OF = f"{{form}}:has([data-facet={{facet}}] [data-code={ANY}]:checked)~[class]{{within}}"
# Usually, no choice applies to contact points, and then none of them need to be matched.
# Too many facets do no harm.
NONE_OF_POINTS = (
    f".finder-more:not(:has([data-facet]:not([data-facet=region]) :checked:not([data-code={ANY}])))~[class]"
)
BELOW = " "
TWO_BELOW = ">*>"  # containers of a listing, its contact points, and the answers for any hour
ROW = ".finder-row"


def rules() -> Iterator[str]:
    """Yield the selectors of hidden elements."""
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
    """Select elements of other countries.

    Services that work anywhere are always shown, and they alone until a country is chosen.
    The exceptions are grouped by the first letter of the code: an element without the letter need not be compared with
    any of them, which takes Chromium two thirds of the time.
    """
    attribute = f"data-{facet.code}"
    alike = groupby(facet.codes(), key=itemgetter(0))
    return f"{form(facet)}~[class] [{attribute}]" + _but(
        f"[{attribute}~={ANYWHERE}]",
        after(facet, ANY) + f"[{attribute}]:not({','.join((*facet.hidden_by_any, *facet.until_chosen))})",
        after(facet, ALL) + f"[{attribute}]:not({','.join(facet.hidden_by_any)})",
        *(
            f"[{attribute}*={letter}]" + _any_of(*(after(facet, code) + f"[{attribute}~={code}]" for code in some))
            for letter, some in alike
        ),
    )


def of_region(facet: Facet) -> str:
    """Select elements of other regions, in a country of which a region is chosen.

    One of its codes stands for the whole country.
    While no single country is chosen, choices that remain in the regions of a country have no effect.
    """
    country = BY_CODE["country"]
    return f"{form(facet)}~[class] [data-{facet.code}]" + _but(
        *(after(country, code) + f"[data-{facet.code}]:not(.finder-region)" for code in (ANY, ALL)),
        *(after(facet, code) + f"[data-{facet.code}~={code}]" for code in facet.codes()),
    )


def of_several(facet: Facet, *, attribute: str = "", within: str = BELOW) -> str:
    """Select elements without the chosen code, for a facet with several codes."""
    attribute = attribute or facet.code
    by_any = f":not({','.join(facet.hidden_by_any)})" if facet.hidden_by_any else ""
    return f"{form(facet)}~[class] [data-{attribute}]" + _but(
        any_of(facet, within) + f"[data-{attribute}]{by_any}",
        *(after(facet, code, within) + f"[data-{attribute}~={code}]" for code in facet.codes()),
    )


def of_one(facet: Facet) -> str:
    """Select elements without the only code of a facet, while it is chosen."""
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
    """Return the selector of the form with a facet, or of its container.

    The elements that it filters follow as siblings.
    """
    return ".finder-start" if facet.form is FinderForm.WHERE else f".finder-{facet.form.value}"


def after(facet: Facet, code: str, within: str = BELOW) -> str:
    """Return the beginning of a selector of elements after the facet's form while this code is chosen in it."""
    return CHOSEN.format(form=form(facet), code=code, within=within)


def any_of(facet: Facet, within: str = BELOW) -> str:
    return ANY_OF.format(form=form(facet), facet=facet.code, within=within)


def said() -> Iterator[str]:
    """Yield the selectors of the names of chosen options, which the closed group of choices shows."""
    for facet in FACETS:
        if facet.level is Level.LOCATION:
            yield from (
                f".finder-more:has([data-code={code}]:not(:checked)) [data-said={code}]" for code in COUNTRY_CODES
            )
        elif facet.form is FinderForm.MORE:
            yield from (f".finder-more:has([data-code={code}]:checked) [data-said={code}]" for code in facet.codes())


def _any_of(*selectors: str) -> str:
    return f":is(\n{',\n'.join(selectors)}\n)"


def _but(*exceptions: str) -> str:
    return f":not(\n{',\n'.join(exceptions)}\n)"


def stylesheet() -> str:
    hidden = ",\n".join(rules()) + " {\n  content-visibility: hidden;\n  display: none;\n}\n"
    return HEAD + hidden + ",\n".join(said()) + " {\n  display: inline;\n}\n"
