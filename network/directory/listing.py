"""Filtered views of the directory: matching members, the count for each choice, and pagination."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from django.core.paginator import Page as PageOfMembers
from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils import translation
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.languages import names
from core.maps import FilledMap
from core.search import spelling
from core.search.folding import words
from network.directory.forms import GROUPS, DirectoryFilter, DirectoryView
from network.directory.member_index import KEEPERS, MemberIndex
from network.members import profiles
from network.members.models import Member
from network.members.querysets import FOUND_BY, facet
from network.vocabulary import models as categories
from network.vocabulary.details import GIVEN, DetailAudience
from network.vocabulary.models import Vocabulary

PER_PAGE = 20
# How often the spelling correction is repeated when a suggested word turns out to be withdrawn.
MOST_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetChoice:
    """A link within the directory."""

    text: str
    # The query string of the link; "" leads to all members.
    query: str
    code: str = ""
    # Number of members behind the link, where it is shown.
    count: int = 0
    # Whether it is part of the current filter.
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member, with links to all other members with the same facets."""

    profile: profiles.Profile
    country: FacetChoice | None
    languages: list[FacetChoice]
    fields: list[FacetChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRow:
    """A country in the table: its members, and the members in each field of work, in the order of the columns."""

    country: FacetChoice
    fields: list[FacetChoice]

    def cells(self, below: str) -> SafeString:
        """Return the numbers as cells, each with a link below this URL.

        A table has a thousand cells, which a template would render more slowly than all the rest of the page.
        """
        start = f'<td><a href="{escape(below)}?'
        cells = (
            f'{start}{escape(field.query)}">{field.count}</a></td>' if field.count else "<td>0</td>"
            for field in self.fields
        )
        return mark_safe("".join(cells))  # noqa: S308  (numbers, and addresses that are escaped)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTable:
    """Members by country and field of work.

    Only members who show both are counted, except in the country's total.
    """

    fields: list[FacetChoice]
    rows: list[CountryRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One view of the directory, in the active language."""

    form: DirectoryFilter
    entries: list[Entry] = field(default_factory=list)
    # The current filters, each linking to the same view without it.
    chosen: list[FacetChoice] = field(default_factory=list)
    # The countries of the members, given the other filters.
    countries: list[FacetChoice] = field(default_factory=list)
    # A wider search to suggest if nothing was found.
    elsewhere: FacetChoice | None = None
    # None if the filter is invalid and there was no search.
    page_obj: PageOfMembers[Member] | None = None
    # The query string without the page number, for links to the other pages.
    query: str = ""
    # Whether the page number is past the last page.
    past_the_end: bool = False
    # The ways to show the results; the current one is chosen.
    views: list[FacetChoice] = field(default_factory=list)
    table: MemberTable | None = None
    map: FilledMap | None = None
    # The typed text, if no member shows it, and the text searched for instead: the nearest words that members show.
    mistyped: str = ""
    meant: str = ""

    @property
    def profiles(self) -> list[profiles.Profile]:
        return [entry.profile for entry in self.entries]

    @property
    def is_filtered(self) -> bool:
        return bool(self.query)

    @property
    def status(self) -> int:
        """Return the HTTP status.

        200 even for an invalid choice or a stale link, 400 for what none of the site's forms sends.
        """
        return 400 if self.form.is_abuse else 200


class FoundMembers(Sequence[Member]):
    """The members found, for a paginator: counted in the bitmap, and read from the database page by page."""

    def __init__(
        self, member_index: MemberIndex, found: int, chosen: Mapping[str, str], audience: DetailAudience
    ) -> None:
        self.member_index, self.found, self.chosen, self.audience = member_index, found, chosen, audience

    def __len__(self) -> int:
        return self.found.bit_count()

    def __getitem__(self, page: Any) -> Any:
        keys = self.member_index.keys(self.found, page.start, page.stop)
        # Filter again in the database: a member may have withdrawn a detail since the index was read.
        listed = Member.objects.listed(self.audience).with_facets(self.chosen, self.audience)
        return list(listed.filter(pk__in=keys).in_order(self.audience).without_words())


@dataclass(frozen=True, slots=True)
class FoundByWords:
    """The members who show the words, as bits, and the words, which are corrected if the query was mistyped."""

    bits: int
    words: list[str]


def look_up(params: QueryDict, audience: DetailAudience = DetailAudience.EVERYBODY) -> Directory:
    """Return the directory for a query string, built only from what the audience may see.

    The number of database queries depends on the filter, never on the number of members.
    """
    language = translation.get_language()
    vocabulary = categories.vocabulary(language)
    named = choice_names(language, vocabulary)
    form = DirectoryFilter(params, vocabulary=vocabulary, named=named)
    index = KEEPERS[audience].current()
    if not form.is_valid():
        form.offer(_choices(_counts(index, index.everybody, {}), named))
        return Directory(form=form)

    view, asked = form.cleaned_data["show"], form.asked
    chosen = {group: asked[group] for group in GROUPS if group in asked}
    by_words = FoundByWords(index.everybody, words(asked.get("q", "")))
    mistyped = ""
    if by_words.words:
        by_words = find_by_words(index, by_words.words, named, audience)
        if by_words.words != words(asked["q"]):
            mistyped = asked["q"]
            asked["q"] = " ".join(by_words.words)

    shown_as = {"show": view}
    counts = _counts(index, by_words.bits, chosen)
    form.offer(_choices(counts, named, chosen))
    paginator: Paginator[Member] = Paginator(
        FoundMembers(index, by_words.bits & index.showing(chosen), chosen, audience), PER_PAGE
    )
    number = form.cleaned_data["page"] or 1
    page_obj = paginator.get_page(number)
    past_the_end = number > paginator.num_pages
    is_list = not view and not past_the_end
    return Directory(
        form=form,
        entries=entries_of(page_obj, vocabulary, named, asked, audience) if is_list else [],
        chosen=[
            FacetChoice(
                text=named[name][value] if name in named else value,
                query=_query(asked, shown_as | {name: ""}),
            )
            for name, value in asked.items()
        ],
        countries=_countries(counts["country"], asked),
        elsewhere=_elsewhere(asked),
        page_obj=page_obj,
        query=_query(asked),
        past_the_end=past_the_end,
        views=_views(asked, view),
        table=_table(index, by_words.bits, named, asked) if view == DirectoryView.TABLE else None,
        map=FilledMap.counting(counts["country"]) if view == DirectoryView.MAP else None,
        mistyped=mistyped,
        meant=asked["q"] if mistyped else "",
    )


def find_by_words(
    index: MemberIndex, asked: list[str], named: Mapping[str, Mapping[str, str]], audience: DetailAudience
) -> FoundByWords:
    """Find the members who show every word, or else every word of the corrected query."""
    listed, keeper = Member.objects.listed(audience), KEEPERS[audience]

    def found_by(them: list[str]) -> int:
        return showing_words(index, them, named, audience)

    if found := found_by(asked):
        return FoundByWords(found, asked)
    shown = spelling.Lexicon(
        word
        for group, codes in index.groups.items()
        for code, bits in codes.items()
        if bits
        for word in words_of(named[group].get(code, ""))
    )
    for _try in range(MOST_TRIES):
        known = keeper.known_words()
        meant = spelling.correct(asked, known, shown)
        # The lexicon in memory may be out of date.
        # A withdrawn word must not be suggested.
        unsure = known.words.intersection(meant) - shown.words
        gone = {word for word in unsure if not listed.saying(word, audience).exists()}
        if not gone:
            return FoundByWords(found_by(meant), meant) if meant != asked else FoundByWords(0, asked)
        keeper.forget_words(gone)
    return FoundByWords(0, asked)


def showing_words(
    index: MemberIndex, asked: Iterable[str], named: Mapping[str, Mapping[str, str]], audience: DetailAudience
) -> int:
    """Return the members who show every word, or a facet with a name that begins with it.

    The names are in the visitor's language, so that "Allemagne" finds members in Germany.
    One query, and one more for each word that is the name of a facet.
    The words searched for are not kept, not even in memory.
    """

    def saying(words: Iterable[str]) -> int:
        return index.with_keys(Member.objects.keys_saying(words, audience))

    facets = matching_facets(asked, named)
    found = index.everybody
    if plain := [word for word, showing in facets.items() if not showing]:
        found &= saying(plain)
    for word, showing in facets.items():
        if showing and found:
            found &= index.with_any(showing) | saying([word])
    return found


def kept_query(params: QueryDict) -> str:
    """Return the visitor's filters of the directory, for the link back to it.

    Unknown values are dropped.
    No query without parameters.
    """
    if not params:
        return ""
    language = translation.get_language()
    vocabulary = categories.vocabulary(language)
    form = DirectoryFilter(params, vocabulary=vocabulary, named=choice_names(language, vocabulary))
    return _query(form.asked) if form.is_valid() else ""


def entry(
    member: Member,
    vocabulary: Vocabulary,
    asked: Mapping[str, str],
    audience: DetailAudience = DetailAudience.EVERYBODY,
) -> Entry:
    """Return a member with links that add to the current filters."""
    named = choice_names(translation.get_language(), vocabulary)
    return entries_of([member], vocabulary, named, asked, audience)[0]


def entries_of(
    members: Iterable[Member],
    vocabulary: Vocabulary,
    named: Mapping[str, Mapping[str, str]],
    asked: Mapping[str, str],
    audience: DetailAudience,
) -> list[Entry]:
    """Return members with links that add to the current filters.

    The links are built from the facets, which are derived from what the audience sees.
    """

    @cache  # for these members, who have many facets in common: building a URL is slower than the lookup
    def choice(group: str, code: str) -> FacetChoice:
        return FacetChoice(
            text=named[group][code],
            query=_query(asked, {group: code}),
            is_chosen=asked.get(group) == code,
        )

    def of(member: Member) -> Entry:
        facets = frozenset(getattr(member, f"facets{FOUND_BY[audience]}"))

        def choices(group: str, codes: Iterable[str]) -> list[FacetChoice]:
            return [choice(group, code) for code in codes if facet(group, code) in facets]

        return Entry(
            profile=profiles.BY_AUDIENCE[audience](member, vocabulary),
            country=next(iter(choices("country", [member.country])), None),
            languages=choices("language", member.languages),
            fields=choices("field", named["field"]),
        )

    return [of(member) for member in members]


def _query(asked: Mapping[str, str], change: Mapping[str, str] | None = None) -> str:
    return urlencode({name: value for name, value in {**asked, **(change or {})}.items() if value})


def _countries(counts: Mapping[str, int], asked: Mapping[str, str]) -> list[FacetChoice]:
    found = (
        FacetChoice(
            text=names.country_name(code),
            query=_query(asked, {"country": code}),
            code=code,
            count=count,
            is_chosen=asked.get("country") == code,
        )
        for code, count in counts.items()
    )
    return sorted(found, key=lambda choice: names.sort_key(choice.text))


def _views(asked: Mapping[str, str], view: str) -> list[FacetChoice]:
    texts = {
        "": pgettext("way to show what is found", "List"),
        DirectoryView.TABLE: pgettext("way to show what is found", "Table"),
        DirectoryView.MAP: pgettext("way to show what is found", "Map"),
    }
    return [
        FacetChoice(text=text, query=_query(asked, {"show": name}), is_chosen=name == view)
        for name, text in texts.items()
    ]


def _table(
    index: MemberIndex, found: int, named: Mapping[str, Mapping[str, str]], asked: Mapping[str, str]
) -> MemberTable:
    """Count the members in each country and field of work, among those who match the other filters."""
    others = {group: code for group, code in asked.items() if group in GROUPS}
    found &= index.showing(others)
    of_field = index.counts(found, "field")
    fields = {code: name for code, name in named["field"].items() if code in of_field}
    # A thousand numbers: the common parts of their URLs are encoded once for each row and each column.
    elsewhere = {name: value for name, value in asked.items() if name not in ("country", "field")}
    columns = {code: urlencode({"field": code}) for code in fields}
    rows = []
    for country in _countries(index.counts(found, "country"), asked):
        counts = index.counts(found & index.groups["country"][country.code], "field")
        here = _query(elsewhere, {"country": country.code})
        cells = [
            FacetChoice(text=name, query=f"{here}&{columns[code]}", count=counts.get(code, 0))
            for code, name in fields.items()
        ]
        rows.append(CountryRow(country=country, fields=cells))
    heads = [
        FacetChoice(text=name, query=_query(asked, {"field": code}), count=of_field[code])
        for code, name in fields.items()
    ]
    return MemberTable(fields=heads, rows=rows)


def _elsewhere(asked: Mapping[str, str]) -> FacetChoice | None:
    """Return the most telling single filter to fall back on, if others can be dropped."""
    texts = {"country": _("Everybody in this country"), "language": _("Everybody who works in this language")}
    for group, text in texts.items():
        if group in asked and len(asked) > 1:
            return FacetChoice(text=text, query=_query({group: asked[group]}))
    return None


def _counts(index: MemberIndex, found: int, chosen: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Count the members that each choice of each group would leave, given the choices in the other groups."""
    counts = {}
    for group in GROUPS:
        others = {name: code for name, code in chosen.items() if name != group}
        counts[group] = index.counts(found & index.showing(others), group)
    return counts


def _choices(
    counts: Mapping[str, Mapping[str, int]],
    named: Mapping[str, Mapping[str, str]],
    chosen: Mapping[str, str] | None = None,
) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of each group with counts: those that at least one member shows, and the current one."""
    offered: dict[str, list[tuple[str, str]]] = {}
    text = _("%(name)s (%(count)s)")
    for group in GROUPS:
        found = dict(counts[group])
        if chosen and group in chosen:
            found.setdefault(chosen[group], 0)
        # In the order of the vocabulary, which is meaningful; countries and languages by name.
        offered[group] = [
            (code, text % {"name": name, "count": number_format(found[code], force_grouping=True)})
            for code, name in named[group].items()
            if code in found
        ]
    return offered


def choice_names(language: str, vocabulary: Vocabulary) -> dict[str, Mapping[str, str]]:
    """Return group → code → name for all possible choices, in the order in which they are offered."""
    return {**vocabulary.names, **_fixed_names(language)}


@cache
def _fixed_names(language: str) -> dict[str, Mapping[str, str]]:
    """Return the names that do not change during the life of the process."""
    with translation.override(language):
        return {
            "country": categories.named("country", language),
            "language": categories.named("language", language),
            "kind": {kind.value: str(kind.label) for kind in Member.Kind},
            "offers": {GIVEN: _("Says what they offer")},
            "needs": {GIVEN: _("Says what they look for")},
        }


def matching_facets(
    query_words: Iterable[str], named: Mapping[str, Mapping[str, str]]
) -> dict[str, set[tuple[str, str]]]:
    """Map each word to the (group, code) pairs whose name has a word beginning with it."""
    named_words = [
        ((group, code), beginnings_of(name)) for group, codes in named.items() for code, name in codes.items()
    ]
    return {word: {key for key, beginnings in named_words if f" {word}" in beginnings} for word in query_words}


@lru_cache(maxsize=10_000)
def beginnings_of(name: str) -> str:
    """Return the folded words of a choice's name, each after a space.

    So one substring test finds a word by its beginning.
    """
    return "".join(f" {word}" for word in words_of(name))


@lru_cache(maxsize=10_000)
def words_of(name: str) -> tuple[str, ...]:
    """Return the folded words of a choice's name.

    There are a few hundred in each language.
    """
    return tuple(words(name))
