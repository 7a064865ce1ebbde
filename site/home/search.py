"""The public search, in the reader's language: pages, and what apps find by name.

Queries are neither stored nor counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Page as ListPage
from django.core.paginator import Paginator
from django.db.models import F, Func, TextField
from wagtail.models import Page

from core.languages import tree
from core.models import BasePage
from core.search import folding, sources, spelling
from core.search.sources import Hit
from home.models import PromotedPage

PER_PAGE = 10
# Readers do not get further, and the database need not sort more.
MAX_RESULTS = 200
MAX_QUERY_LENGTH = 200  # characters
MAX_PROMOTED = 3
STATEMENT_LIMIT = 2_000  # milliseconds for each statement of a search: an ordinary one takes some 10


def search_path(code: str) -> str:
    return f"/{code}/search/"


class Search:
    """A query and its results."""

    def __init__(self, *, query: str, code: str) -> None:
        # PostgreSQL text cannot hold NUL.
        self.query = " ".join(query[:MAX_QUERY_LENGTH].replace("\0", " ").split())
        self.code = code

    @property
    def words(self) -> list[str]:
        return folding.words(self.query)

    @cached_property
    def readable(self) -> Any:
        """The pages that the public may see in this language."""
        found = tree.public_pages().filter(locale__language_code=self.code)
        return Page.objects.filter(pk__in=found.order_by().values("pk"))

    @cached_property
    def results(self) -> Results:
        """Pages with all the words, or else with all the corrected words, or else with some of them."""
        results = self.with_all(self.words)
        if results.pages:
            return results
        meant = spelling.correct(self.words, self.lexicon)
        if meant != self.words:
            # The lexicon may be a minute old, and a word that was withdrawn since must not be shown.
            shown = self.still_known(set(meant).difference(self.words))
            kept = [new if new in shown else old for old, new in zip(self.words, meant, strict=True)]
            results = results if kept == self.words else self.with_all(kept)
        return results if results.pages else self.with_some(results)

    @property
    def correction(self) -> str:
        """The words that were searched instead of the typed ones; empty if these are the same."""
        return "" if self.results.words == self.words else " ".join(self.results.words)

    def with_all(self, asked: list[str]) -> Results:
        pages = having(asked, self.readable, operator="and")
        if not pages and not any(map(self.lexicon.may_find, asked)):
            return Results(words=asked)  # the apps need not compare all their names with words that are in none
        promoted = list(self.promoted(asked))
        answers = [self.hit(page, asked) for page in promoted]
        for source in sources.declared():
            answers += source.answers(asked, self.code)
        return Results(words=asked, answers=answers, promoted=frozenset(page.pk for page in promoted)).showing(pages)

    def with_some(self, results: Results) -> Results:
        """Search again for pages that have some of the words, but not only the shortest: those are on every page."""
        telling = [word for word in results.words if len(word) >= sources.TELLING] or results.words
        return results.showing(having(telling, self.readable, operator="or"))

    def promoted(self, asked: list[str]) -> Iterator[BasePage]:
        """Yield the pages that editors promote for a query, the closest first."""
        closeness = {row.pk: row.closeness(asked) for row in PromotedPage.objects.only("phrases")}
        close = [key for key, count in closeness.items() if count]
        if not close:
            return
        rows = PromotedPage.objects.filter(pk__in=close, page__in=self.readable).select_related("page")
        for row in sorted(rows, key=lambda row: (closeness[row.pk], row.pk), reverse=True)[:MAX_PROMOTED]:
            yield row.page.specific

    @property
    def lexicon(self) -> spelling.Lexicon:
        """The words that can be found in this language, read at most a minute ago."""
        return lexicon(self.code, self.known_words)

    def known_words(self) -> set[str]:
        """Return all words that can be found in this language: those of its pages, and the names in the sources."""
        vectors = Func(
            F("index_entries__title"),
            F("index_entries__body"),
            arg_joiner=" || ",
            function="tsvector_to_array",
        )
        lexemes = Func(vectors, function="unnest", output_field=TextField())
        known = set(self.readable.order_by().annotate(lexeme=lexemes).values_list("lexeme", flat=True).distinct())
        return known | self.words_of_names()

    def words_of_names(self) -> set[str]:
        phrases = PromotedPage.objects.filter(page__in=self.readable).values_list("phrases", flat=True)
        names = [*phrases, *(name for source in sources.declared() for name in source.names(self.code))]
        return set().union(*(folding.every_word(name) for name in names))

    def still_known(self, words: set[str]) -> set[str]:
        """Return those of a few words that can be found at this moment."""
        on_pages = {word for word in words if having([word], self.readable, operator="and", most=1)}
        return words if on_pages == words else on_pages | (words & self.words_of_names())

    def page(self, number: str | int | None) -> ListPage[Hit]:
        """Return one page of results; the nearest one if `number` is out of range."""
        results: Any = self.results if self.words else []
        page = Paginator(results, PER_PAGE).get_page(number)
        keys = [found.pk for found in page.object_list if isinstance(found, Page)]
        specific = {found.pk: found for found in Page.objects.filter(pk__in=keys).specific()}
        page.object_list = [
            found if isinstance(found, Hit) else self.hit(specific[found.pk], self.results.words)
            for found in page.object_list
            if isinstance(found, Hit) or found.pk in specific
        ]
        return page

    def hit(self, page: BasePage, asked: list[str]) -> Hit:
        return Hit(title=page.title, url=tree.page_path(page, self.code), text=text_of(page, asked))


class LexiconOf(NamedTuple):
    lexicon: spelling.Lexicon
    read_at: float  # time.monotonic()


# Language code → the words that can be found in it, as read by this process.
LEXICONS: dict[str, LexiconOf] = {}
LEXICON_KEPT = 60.0  # seconds


def lexicon(code: str, read: Callable[[], set[str]]) -> spelling.Lexicon:
    """Return the words that can be found in a language, read at most a minute ago.

    Reading all words takes longer than the search itself, and any invented word needs them.
    """
    kept = LEXICONS.get(code)
    if kept is None or time.monotonic() - kept.read_at > LEXICON_KEPT:
        kept = LEXICONS[code] = LexiconOf(spelling.Lexicon(read()), time.monotonic())
    return kept.lexicon


def having(asked: list[str], pages: Any, *, operator: str, most: int = 0) -> list[Page]:
    """Return the pages that have all or some of the words, the best first.

    One query: the database sorts all of them each time.
    """
    backend = "public" if "public" in settings.WAGTAILSEARCH_BACKENDS else "default"
    return [*pages.search(" ".join(asked), operator=operator, backend=backend)[: most or MAX_RESULTS]]


def text_of(page: BasePage, asked: list[str]) -> str:
    """Return the passage of a page that matches the query, or else its summary; nothing of a help page."""
    if getattr(page, "is_sensitive", False):
        return ""
    for each in page.get_search_fields():
        if isinstance(each, folding.FoldedField) and each.field_name != "title":
            found = sources.passage(each.text(page), asked)
            if found:
                return found
    return page.search_description or getattr(page, "introduction", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Results of a search: first the answers, then the pages."""

    words: list[str]
    answers: list[Hit] = field(default_factory=list)
    promoted: frozenset[int] = frozenset()  # the keys of the pages among the answers
    pages: list[Page] = field(default_factory=list)

    def showing(self, pages: list[Page]) -> Results:
        return replace(self, pages=[page for page in pages if page.pk not in self.promoted])

    def __len__(self) -> int:
        return len(self.answers) + len(self.pages)

    def __getitem__(self, part: slice) -> list[Any]:
        return [*self.answers, *self.pages][part]
