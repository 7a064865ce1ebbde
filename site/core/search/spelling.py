"""Correction of misspelt words in queries to the nearest known word.

PostgreSQL's `pg_trgm` and `fuzzystrmatch` are not available everywhere, so words are compared here.
This is done only for queries without results, and only with words of a similar length.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.search.sources import STEM

SHORTEST = 4  # letters: in a shorter word, one error is often another word
LONG = 8  # letters, from which two errors are corrected
MOST = 4  # unknown words of a query; with more of them it is not a misspelt one


def allowed(word: str) -> int:
    """Return how many errors are corrected in a word.

    A number is never corrected.
    """
    if len(word) < SHORTEST or any(letter.isdigit() for letter in word):
        return 0
    return 2 if len(word) >= LONG else 1


class Lexicon:
    """Known words, indexed so that few of them need to be compared.

    The indexes are kept as long as the words are.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)

    @cached_property
    def by_length(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for word in self.words:
            found[len(word)].append(word)
        return found

    @cached_property
    def in_order(self) -> list[str]:
        return sorted(self.words)

    def begins(self, beginning: str) -> bool:
        """Return whether a known word begins like this."""
        place = bisect_left(self.in_order, beginning)
        return any(word.startswith(beginning) for word in self.in_order[place : place + 1])

    def may_find(self, word: str) -> bool:
        """Return whether a word can have any result: a known word begins like it, or it begins like a known one.

        Numbers are not in a lexicon, so that any of them may.
        """
        stems = (word[:length] for length in range(STEM, len(word)))
        return word.isdecimal() or self.begins(word) or not self.words.isdisjoint(stems)

    def near(self, word: str, most: int) -> Iterator[tuple[int, str]]:
        """Yield the known words within `most` edits, each with its number of edits."""
        for length in range(max(len(word) - most, SHORTEST), len(word) + most + 1):
            some = self.by_length.get(length, ())
            for other, count, _key in process.extract(word, some, scorer=OSA.distance, score_cutoff=most, limit=None):
                yield count, other


def nearest(word: str, *known: Lexicon) -> str:
    """Return the known word that was meant, or the word itself if there is none.

    The first letter is rarely wrong, so of equally near words those with the same one are preferred.

    A letter that was left out, added, changed, or swapped with the next is one error.
    """
    most = allowed(word)
    if not most:
        return word
    near = (found for each in known for found in each.near(word, most))
    return min(((count, word[0] != other[0], other) for count, other in near), default=(0, False, word))[2]


def correct(asked: Sequence[str], *known: Lexicon) -> list[str]:
    """Return the words of a query, each unknown one replaced by the nearest known word; all as they are above `MOST`.

    The last may be unfinished.
    """
    unknown = {word for word in asked if not any(word in each.words for each in known)}
    if asked and any(each.begins(asked[-1]) for each in known):
        unknown.discard(asked[-1])
    if len(unknown) > MOST:
        return [*asked]
    return [nearest(word, *known) if word in unknown else word for word in asked]
