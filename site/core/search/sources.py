"""Sources of the public search beside pages, and the passage of a text that matches a query.

An app declares things that visitors search for by name.
A source takes folded words (`core.search.folding.words`) and a language, and returns links.
Queries are not stored.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core import declarations
from core.search.folding import fold, words_of_name

# A word this long also matches words that begin with it: "child" matches "children".
STEM = 4  # letters
# Shorter words do not distinguish phrases: "to", "zu", "de".
TELLING = 3  # letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A search result.

    A help page shows only its neutral title.
    """

    title: str
    url: str
    text: str = ""


class Source(ABC):
    """A source of results for the public search, in the active language."""

    @abstractmethod
    def names(self, language: str) -> Iterable[str]:
        """Return everything that it matches but numbers: other words are corrected, or not looked for."""

    @abstractmethod
    def answers(self, asked: Sequence[str], language: str) -> Iterable[Hit]:
        """Return the answers to folded words, best first."""


def declared() -> Sequence[Source]:
    """Return the sources of all apps."""
    return declarations.collect("search_sources")


def means(word: str, asked: Sequence[str]) -> bool:
    """Return whether a word is in the query, or the beginning of a word in it."""
    return word in asked or (len(word) >= STEM and any(each.startswith(word) for each in asked))


def matches(phrase: str, asked: Sequence[str]) -> bool:
    """Return whether a query contains each word of a phrase, in any order, without the shortest."""
    words = words_of_name(phrase)
    wanted = [word for word in words if len(word) >= TELLING] or words
    return bool(wanted) and all(means(word, asked) for word in wanted)


def is_named(name: Sequence[str], asked: Sequence[str]) -> bool:
    """Return whether each word of the query is a word of a name, or the beginning of one."""
    return all(any(part.startswith(word) for part in name) for word in asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An address that is not a page, and the phrases by which visitors search for it, one a line."""

    title: str
    url: str
    phrases: str
    text: str = ""

    def hit(self, asked: Sequence[str]) -> Iterator[Hit]:
        if any(matches(phrase, asked) for phrase in self.phrases.splitlines()):
            yield Hit(title=self.title, url=self.url, text=self.text)


BEFORE = 60  # characters
LONGEST = 200
MOST = 200  # places that are compared
WORD = re.compile(r"\w+")


def passage(text: str, asked: Sequence[str]) -> str:
    """Return the part of a text with the most words of the query, cut between words; empty if it has none of them."""
    plain = " ".join(text.split())
    found = [
        (word.start(), each) for word in WORD.finditer(plain) for each in asked if fold(word.group()).startswith(each)
    ]
    found = found[:MOST]
    if not found:
        return ""
    first = max(found, key=lambda one: (_count_from(one[0], found), -one[0]))[0]
    start = plain.find(" ", first - BEFORE) + 1 if first > BEFORE else 0
    part = plain[start : start + LONGEST]
    is_cut = start + LONGEST < len(plain)
    if is_cut and " " in part:
        part = part[: part.rindex(" ")]
    return f"{'… ' if start else ''}{part}{' …' if is_cut else ''}"


def _count_from(start: int, found: Iterable[tuple[int, str]]) -> int:
    """Return how many different words a passage has that begins shortly before `start`."""
    return len({word for place, word in found if start <= place < start + LONGEST - BEFORE})
