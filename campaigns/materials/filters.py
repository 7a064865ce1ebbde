"""CSS rules that filter the library and the activities of partners, generated from all possible choices.

They work like those of the finder: a choice hides items that do not match it; nothing is loaded, sent or stored.
Kind, audiences and theme are attributes of the material.
Language, format and country are attributes of one empty element for each file, as one file must match all three.
Themes and countries are numbered on the page, because their names are not in the style sheet.
`manage.py library_css` writes the files.
"""

from collections.abc import Iterable, Sequence

from django.conf import settings

from campaigns.materials.models import Readership
from campaigns.models import Material

HEAD = """\
/* Made by `manage.py library_css` (campaigns/materials/filters.py). What does not match a choice is not shown. */
"""
# Themes or countries beyond this number are listed, but cannot be filtered by.
MOST = 40
NUMBERS = [str(number) for number in range(1, MOST + 1)]
OF_MATERIAL: dict[str, Sequence[str]] = {"k": Material.Kind.values, "a": Readership.values, "t": NUMBERS}
OF_FILE: dict[str, Sequence[str]] = {
    "l": list(settings.LANGUAGE_TABLE),
    "f": settings.WAGTAILDOCS_EXTENSIONS,
    "c": NUMBERS,
}


def stylesheet() -> str:
    hidden = [*(without(facet, codes) for facet, codes in OF_MATERIAL.items()), without_file()]
    return HEAD + ",\n".join(hidden) + " {\n  display: none;\n}\n"


def of_activities() -> str:
    """Return the rules that filter activities by country and hide sections without matches."""
    hidden = [
        f".filters:has([data-code=c-{number}]:checked)~section:not(:has([data-c='{number}']))" for number in NUMBERS
    ] + [f".filters:has([data-code=c-{number}]:checked)~*>*>[data-c]:not([data-c='{number}'])" for number in NUMBERS]
    return HEAD + ",\n".join(hidden) + " {\n  display: none;\n}\n"


def without(facet: str, codes: Iterable[str]) -> str:
    """Select the materials that lack the chosen code."""
    return f".filters~*>[data-{facet}]:not(\n{_any(facet, codes, '>')}\n)>article"


def without_file() -> str:
    """Select the materials none of whose files matches all choices. A file for no country is for all."""
    met = "".join(f":is(\n{_any(facet, codes, '>*>')}\n)" for facet, codes in OF_FILE.items())
    return f".filters~*>*>article:not(\n{met}~article)"


def _any(facet: str, codes: Iterable[str], within: str) -> str:
    """Return selectors of elements with the chosen code, and of all elements while none is chosen."""
    # A page leaves out facets with a single value; they hide nothing.
    unasked = f"[data-facet={facet}] [data-code]:not([data-code=any]):checked"
    chosen = [f".filters:not(:has({unasked}))~*{within}[data-{facet}]"]
    if facet == "c":
        chosen.append(f".filters~*{within}[data-c='']")
    return ",\n".join(
        [
            *chosen,
            *(f".filters:has([data-code={facet}-{code}]:checked)~*{within}[data-{facet}~='{code}']" for code in codes),
        ]
    )
