"""Addresses of shared pages, and the languages of each."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from uuid import UUID

from django.utils import timezone

from core.languages import tree
from helpline.finder import queries
from helpline.finder.content import crisis
from helpline.finder.pages import FinderPage
from helpline.finder.queries import REQUIRED_KINDS
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary.codes import ANYWHERE

# The subject of an address: a listing, by its identifier, or a country, by its code.
SUBJECT = re.compile(
    r"/(?P<language>[a-z0-9-]+)/(?:help|embed)/.*?"
    r"(?P<what>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/)[a-z]{2}(?=[/-]))"
)

# The fields that decide whether a support line can be called, and in which countries.
COUNTED = ("countries", "kind", "status", "number", "checked_on", "next_check_due")

# --- Building paths -------------------------------------------------------------------------------


def country_path(language: str, country: str) -> str:
    return f"/{language}/help/{country}/"


def lines_path(language: str, country: str) -> str:
    """Return the path of a country's lines for people who were harmed.

    Like the page title, it only names the country.
    """
    return f"/{language}/help/lines/{country}/"


def listing_path(language: str, uuid: object) -> str:
    return f"/{language}/help/listing/{uuid}/"


def handout_path(language: str, what: object) -> str:
    """Return the path of the handout of a country (its code) or a programme (its identifier).

    The file name is neutral.
    """
    return f"/{language}/help/handouts/{what}-{language}.pdf"


def embed_path(language: str, country: str) -> str:
    return f"/{language}/embed/{country}/"


def embedding_path(language: str) -> str:
    """Return the path of the page on how partners can embed the list."""
    return f"/{language}/embed/"


def subjects(paths: Iterable[str]) -> dict[str, set[str | UUID]]:
    """Return the countries (codes) and listings (identifiers) of addresses, by the language of the address."""
    found: dict[str, set[str | UUID]] = defaultdict(set)
    for path in paths:
        if (match := SUBJECT.match(path)) is not None:
            what = match["what"]
            found[match["language"]].add(what if len(what) == len("xx") else UUID(what))
    return found


# --- Which paths exist ----------------------------------------------------------------------------


def finder_languages() -> list[str]:
    """Return the languages in which the public has a finder."""
    found = tree.public_pages().type(FinderPage)
    return list(found.values_list("locale__language_code", flat=True))


def countries_to_show(*, with_withdrawn: bool = True) -> dict[str, frozenset[str]]:
    """Return each country with a page, by code, with the languages in which its pages wait for crisis lines.

    As with the finder, pages wait in the languages in which a programme of that country answers, until the country has
    every kind of line in `REQUIRED_KINDS`.
    `with_withdrawn`: a line that was public counts, too. The process of the public site may not read the versions of
    listings, which tell that, and takes such a country for one that waits.
    """
    answering: dict[str, set[str]] = defaultdict(set)
    points = Programme.objects.shown().values_list("countries", "contact_points__languages")
    for where, spoken in points:
        for country in where:
            answering[country].update(spoken or ())
    kinds: dict[str, set[str]] = defaultdict(set)
    today = timezone.localdate()
    for line in SupportLine.objects.shown().only(*COUNTED):
        for country in line.countries:
            kinds[country].update((line.kind,) if line.can_be_called(today) else ())
    for country, kind in queries.withdrawn_lines() if with_withdrawn else ():
        if country in kinds or country in answering:  # otherwise it has no content
            kinds[country].add(kind)
    return {
        country: frozenset() if kinds[country].issuperset(REQUIRED_KINDS) else frozenset(answering[country])
        for country in sorted({*answering, *kinds} - {ANYWHERE})
    }


def countries_with_lines() -> list[str]:
    """Return the codes of the countries that have lines for people who were harmed.

    Their pages are not delayed.
    """
    return [group.country for group in crisis.for_harmed(queries.shown_lines(), timezone.localdate())]


def paths_of_countries(language: str, found: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Yield the paths of countries in a language, except of those that wait for crisis lines.

    Each country has a page, a handout and a list to embed.
    """
    for country, waits in found.items():
        if language not in waits:
            yield from paths_of_country(language, country)


def paths_of_country(language: str, country: str) -> Iterator[str]:
    yield country_path(language, country)
    yield handout_path(language, country)
    yield embed_path(language, country)


def all_paths(spoken: Iterable[str]) -> Iterator[str]:
    """Yield all paths in these languages, in a fixed number of queries."""
    models = (Programme, SupportLine)
    known = chain(*(model.objects.known().values_list("uuid", flat=True) for model in models))
    with_handout = Programme.objects.shown().values_list("uuid", flat=True)
    yield from _named(spoken, countries_to_show(), countries_with_lines(), list(known), list(with_handout))


def existing_paths(paths: Iterable[str]) -> set[str]:
    """Return those of `paths` that `all_paths` yields for the languages with a finder.

    Only their subjects are queried.
    """
    wanted = {path for path in paths if "/help/" in path or "/embed/" in path}
    if not wanted:
        return set()
    about = {match["what"] for path in wanted if (match := SUBJECT.match(path))}
    uuids = [what for what in about if len(what) > len("xx")]
    models = (Programme, SupportLine)
    known = [model.objects.known().filter(uuid__in=uuids) for model in models] if uuids else []
    with_handout = Programme.objects.shown().filter(uuid__in=uuids) if uuids else Programme.objects.none()
    found = countries_to_show() if len(uuids) < len(about) else {}
    with_lines = countries_with_lines() if len(uuids) < len(about) else []
    named = _named(
        finder_languages(),
        {code: found[code] for code in found.keys() & about},
        [code for code in with_lines if code in about],
        list(chain(*(some.values_list("uuid", flat=True) for some in known))),
        list(with_handout.values_list("uuid", flat=True)),
    )
    return wanted.intersection(named)


def _named(
    spoken: Iterable[str],
    found: Mapping[str, frozenset[str]],
    with_lines: Iterable[str],
    known: Iterable[UUID],
    with_handout: Iterable[UUID],
) -> Iterator[str]:
    for language in spoken:
        yield embedding_path(language)
        yield from paths_of_countries(language, found)
        yield from (lines_path(language, country) for country in with_lines)
        yield from (listing_path(language, uuid) for uuid in known)
        yield from (handout_path(language, uuid) for uuid in with_handout)
