"""Which addresses there are, and in which languages."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from core.languages import tree
from helpline.finder.pages import FinderPage
from helpline.finder.queries import NEEDED
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary.codes import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


# What an address is about: a listing, by its identifier, or a country.
ABOUT = re.compile(
    r"/(?P<language>[a-z0-9-]+)/(?:help|embed)/.*?"
    r"(?P<what>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/)[a-z]{2}(?=[/-]))"
)


# --- How they are written ----------------------------------------------------------------------------------------------


def finder_path(language: str) -> str:
    """The finder, at the same neutral address in every language."""
    return f"/{language}/help/"


def country_path(language: str, country: str) -> str:
    return f"/{language}/help/{country}/"


def listing_path(language: str, uuid: object) -> str:
    return f"/{language}/help/listing/{uuid}/"


def sheet_path(language: str, what: object) -> str:
    """The sheet of a country (its code) or of a programme (its identifier). The name of the file tells nobody what it is."""
    return f"/{language}/help/sheets/{what}-{language}.pdf"


def embed_path(language: str, country: str) -> str:
    return f"/{language}/embed/{country}/"


def embedding_path(language: str) -> str:
    """The page that hands the list out to partners."""
    return f"/{language}/embed/"


def what_is_named(paths: Iterable[str]) -> dict[str, set[str | UUID]]:
    """The countries (codes) and the listings that addresses are about, by the language of the address."""
    found: dict[str, set[str | UUID]] = defaultdict(set)
    for path in paths:
        if (match := ABOUT.match(path)) is not None:
            what = match["what"]
            found[match["language"]].add(what if len(what) == len("xx") else UUID(what))
    return found


# --- Which there are -------------------------------------------------------------------------------------------------------


def finders() -> list[str]:
    """The languages in which the public has a finder."""
    found = tree.public_pages().type(FinderPage)
    return list(found.values_list("locale__language_code", flat=True))


def countries() -> dict[str, frozenset[str]]:
    """Every country with something to show, by code; with each the languages in which its pages wait for crisis lines.

    They wait as the finder does: in the languages in which a programme of that country answers, until it has somebody who answers
    at once.
    """
    answering: dict[str, set[str]] = defaultdict(set)
    points = Programme.objects.shown().values_list("countries", "contact_points__languages")
    for where, spoken in points:
        for country in where:
            answering[country].update(spoken or ())
    kinds: dict[str, set[str]] = defaultdict(set)
    for line in SupportLine.objects.shown().only("country", "kind", "status"):
        kinds[line.country].update(() if line.is_closed else (line.kind,))
    return {
        country: frozenset() if kinds[country].issuperset(NEEDED) else frozenset(answering[country])
        for country in sorted({*answering, *kinds} - {ANYWHERE})
    }


def of_countries(language: str, found: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """The addresses of countries in a language: page, sheet and list for partners."""
    for country, waits in found.items():
        if language not in waits:
            yield from of_country(language, country)


def of_country(language: str, country: str) -> Iterator[str]:
    yield country_path(language, country)
    yield sheet_path(language, country)
    yield embed_path(language, country)


def everything(spoken: Iterable[str]) -> Iterator[str]:
    """All addresses in these languages. The same queries for few listings and many."""
    models = (Programme, SupportLine)
    known = chain(*(model.objects.known().values_list("uuid", flat=True) for model in models))
    with_sheet = Programme.objects.shown().values_list("uuid", flat=True)
    yield from _named(spoken, countries(), list(known), list(with_sheet))


def existing(paths: Iterable[str]) -> set[str]:
    """Those of `paths` that `everything` names in the languages with a finder. Asks only about what they are about."""
    wanted = {path for path in paths if "/help/" in path or "/embed/" in path}
    if not wanted:
        return set()
    about = {match["what"] for path in wanted if (match := ABOUT.match(path))}
    uuids = [what for what in about if len(what) > len("xx")]
    models = (Programme, SupportLine)
    known = [model.objects.known().filter(uuid__in=uuids) for model in models] if uuids else []
    with_sheet = Programme.objects.shown().filter(uuid__in=uuids) if uuids else Programme.objects.none()
    found = countries() if len(uuids) < len(about) else {}
    named = _named(
        finders(),
        {code: found[code] for code in found.keys() & about},
        list(chain(*(some.values_list("uuid", flat=True) for some in known))),
        list(with_sheet.values_list("uuid", flat=True)),
    )
    return wanted.intersection(named)


def _named(
    spoken: Iterable[str],
    found: Mapping[str, frozenset[str]],
    known: Iterable[UUID],
    with_sheet: Iterable[UUID],
) -> Iterator[str]:
    for language in spoken:
        yield embedding_path(language)
        yield from of_countries(language, found)
        yield from (listing_path(language, uuid) for uuid in known)
        yield from (sheet_path(language, uuid) for uuid in with_sheet)
