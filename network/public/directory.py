"""Filtered views of the directory, for each audience: matching members, the count for each choice, and pagination."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.paginator import Paginator
from django.utils import translation
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.languages import names
from core.search.folding import words
from network.models import categories
from network.models.members import Member
from network.models.vocabulary import DetailAudience
from network.public import profiles
from network.public.forms import DirectoryFilter
from network.querysets import FOUND_BY, facet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.core.paginator import Page as PageOfMembers
    from django.http import QueryDict

    from network.models.categories import Vocabulary
    from network.querysets import MemberQuerySet

PER_PAGE = 20
GROUPS = ("country", "language", "field")


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetChoice:
    """A link within the directory."""

    text: str
    # The query string that it leads to; "" leads to all members.
    query: str
    # How many members it leads to, where that is told.
    count: int = 0
    # Whether the reader has chosen it already.
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member, with links to all others who show the same."""

    profile: profiles.Profile
    country: FacetChoice | None
    languages: list[FacetChoice]
    fields: list[FacetChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One view of the directory, in the active language."""

    form: DirectoryFilter
    entries: list[Entry]
    # What the reader has chosen. Each leads to the same without it.
    chosen: list[FacetChoice]
    # The countries that members show, given the other choices.
    countries: list[FacetChoice]
    # Where there may be more to find, if nothing was found.
    elsewhere: FacetChoice | None
    # None if the filter is invalid and nothing was looked up.
    page_obj: PageOfMembers[Member] | None
    # The query string without the page number, for links to the other pages.
    query: str
    # Whether the page number is beyond the last page.
    past_the_end: bool

    @property
    def profiles(self) -> list[profiles.Profile]:
        return [entry.profile for entry in self.entries]

    @property
    def is_filtered(self) -> bool:
        return bool(self.query)

    @property
    def status(self) -> int:
        """200 even for an invalid choice or a stale link; 400 for what no form of ours sends."""
        return 400 if self.form.is_abuse else 200


def look_up(params: QueryDict, audience: DetailAudience = DetailAudience.EVERYBODY) -> Directory:
    """Return the directory for a query string, made of what the audience sees and of nothing else. The number of database queries depends on the filter, never on the number of members."""
    language = translation.get_language()
    vocabulary = categories.vocabulary(language)
    form = DirectoryFilter(params, vocabulary=vocabulary)
    if not form.is_valid():
        form.offer(_choices(Member.objects.listed(audience).counts(audience), vocabulary=vocabulary))
        return Directory(
            form=form,
            entries=[],
            chosen=[],
            countries=[],
            elsewhere=None,
            page_obj=None,
            query="",
            past_the_end=False,
        )

    asked = form.asked
    chosen = {group: asked[group] for group in GROUPS if group in asked}
    found = Member.objects.listed(audience)
    if query_words := words(asked.get("q", "")):
        found = found.matching(
            query_words, matching_facets(query_words, language=language, vocabulary=vocabulary), audience
        )

    counts = _counts(found, chosen, audience)
    form.offer(_choices(counts, vocabulary=vocabulary, chosen=chosen))
    paginator = Paginator(found.with_facets(chosen, audience).in_order(audience), PER_PAGE)
    number = form.cleaned_data["page"] or 1
    page_obj = paginator.get_page(number)
    past_the_end = number > paginator.num_pages
    return Directory(
        form=form,
        entries=[] if past_the_end else [entry(member, vocabulary, asked, audience) for member in page_obj],
        chosen=[
            FacetChoice(
                text=value if name == "q" else _name(name, value, vocabulary), query=_query(asked, {name: ""})
            )
            for name, value in asked.items()
        ],
        countries=_countries(counts, asked),
        elsewhere=_elsewhere(asked),
        page_obj=page_obj,
        query=_query(asked),
        past_the_end=past_the_end,
    )


def kept_query(params: QueryDict) -> str:
    """Return what a reader chose in the directory, for the way back to it: nothing but what it knows. No database is asked without parameters."""
    if not params:
        return ""
    form = DirectoryFilter(params, vocabulary=categories.vocabulary(translation.get_language()))
    return _query(form.asked) if form.is_valid() else ""


def entry(
    member: Member,
    vocabulary: Vocabulary,
    asked: Mapping[str, str],
    audience: DetailAudience = DetailAudience.EVERYBODY,
) -> Entry:
    """Return a member with links that add to what is asked for. They are made of the facets, which are derived from what the audience sees."""
    facets = getattr(member, f"facets{FOUND_BY[audience]}")

    def choices(group: str, codes: Iterable[str]) -> list[FacetChoice]:
        return [
            FacetChoice(
                text=_name(group, code, vocabulary),
                query=_query(asked, {group: code}),
                is_chosen=asked.get(group) == code,
            )
            for code in codes
            if facet(group, code) in facets
        ]

    return Entry(
        profile=profiles.BY_AUDIENCE[audience](member, vocabulary),
        country=next(iter(choices("country", [member.country])), None),
        languages=choices("language", member.languages),
        fields=choices("field", vocabulary.names["field"]),
    )


def _query(asked: Mapping[str, str], change: Mapping[str, str] | None = None) -> str:
    return urlencode({name: value for name, value in {**asked, **(change or {})}.items() if value})


def _countries(counts: Mapping[str, int], asked: Mapping[str, str]) -> list[FacetChoice]:
    prefix = facet("country", "")
    found = (
        FacetChoice(
            text=names.country_name(code),
            query=_query(asked, {"country": code}),
            count=count,
            is_chosen=asked.get("country") == code,
        )
        for code, count in (
            (key.removeprefix(prefix), n) for key, n in counts.items() if key.startswith(prefix)
        )
    )
    return sorted(found, key=lambda choice: names.sort_key(choice.text))


def _elsewhere(asked: Mapping[str, str]) -> FacetChoice | None:
    """Return the one choice that says most about where somebody looks, if there are others to do without."""
    texts = {"country": _("Everybody in this country"), "language": _("Everybody who works in this language")}
    for group, text in texts.items():
        if group in asked and len(asked) > 1:
            return FacetChoice(text=text, query=_query({group: asked[group]}))
    return None


def _counts(found: MemberQuerySet, chosen: Mapping[str, str], audience: DetailAudience) -> dict[str, int]:
    """Count the members that each choice would leave, given the choices in the other groups. One more query per group in use."""
    counts = found.with_facets(chosen, audience).counts(audience)
    for group in chosen:
        others = {name: code for name, code in chosen.items() if name != group}
        prefix = facet(group, "")
        counts = {key: n for key, n in counts.items() if not key.startswith(prefix)}
        free = found.with_facets(others, audience).counts(audience)
        counts |= {key: n for key, n in free.items() if key.startswith(prefix)}
    return counts


def _choices(
    counts: Mapping[str, int], *, vocabulary: Vocabulary, chosen: Mapping[str, str] | None = None
) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of each group with counts: those that at least one member shows, and the current one."""
    offered: dict[str, list[tuple[str, str]]] = {}
    for group in GROUPS:
        prefix = facet(group, "")
        found = {key.removeprefix(prefix): n for key, n in counts.items() if key.startswith(prefix)}
        if chosen and group in chosen:
            found.setdefault(chosen[group], 0)
        named = [(code, _name(group, code, vocabulary), n) for code, n in found.items()]
        offered[group] = [
            (code, _("%(name)s (%(count)s)") % {"name": name, "count": number_format(n, force_grouping=True)})
            for code, name, n in sorted(named, key=lambda choice: names.sort_key(choice[1]))
            if name
        ]
    return offered


def _name(group: str, code: str, vocabulary: Vocabulary) -> str:
    if group == "country":
        return names.country_name(code)
    return names.language_name(code) if group == "language" else vocabulary.names[group].get(code, "")


def matching_facets(
    query_words: Iterable[str], *, language: str, vocabulary: Vocabulary
) -> dict[str, set[str]]:
    """Map each word to the facets whose name has a word beginning with it."""
    named = [
        *_fixed_names(language),
        *(
            (facet(group, code), tuple(words(name)))
            for group, found in vocabulary.names.items()
            for code, name in found.items()
        ),
    ]
    return {
        word: {key for key, its_words in named if any(one.startswith(word) for one in its_words)}
        for word in query_words
    }


@cache
def _fixed_names(language: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the facets whose names are fixed while the process lives, with the words of each name in a language."""

    def all_of_them() -> Iterator[tuple[str, str]]:
        for code, name in names.countries(language):
            yield facet("country", code), name
        for code, _autonym in settings.LANGUAGES:
            yield facet("language", code), names.language_name(code, language)

    with translation.override(language):
        return [(key, tuple(words(name))) for key, name in all_of_them()]
