"""Slips of the pen: which known word somebody meant who typed an unknown one.

PostgreSQL's `pg_trgm` and `fuzzystrmatch` are not available everywhere, so words are compared here. This is done only for what found
nothing, and only with words of a similar length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

SHORTEST = 4  # letters: in a shorter word, one slip is often another word
LONG = 8  # letters, from which two slips are forgiven


def allowed(word: str) -> int:
    """Return how many slips are forgiven in a word. A number is never corrected."""
    if len(word) < SHORTEST or any(letter.isdigit() for letter in word):
        return 0
    return 2 if len(word) >= LONG else 1


def nearest(word: str, known: Collection[str]) -> str:
    """Return the known word that was meant, or the word itself if there is none. Rarely is the first letter wrong.

    A letter that was left out, added, changed, or swapped with the next is one slip.
    """
    most = allowed(word)
    if not most:
        return word
    near = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=None)
    found = ((count, word[0] != other[0], other) for other, count, _key in near if len(other) >= SHORTEST)
    return min(found, default=(0, False, word))[2]


def correct(asked: Sequence[str], known: Collection[str]) -> list[str]:
    """Return the words asked, each unknown one replaced by the known word it was meant to be. The last may be unfinished."""
    if not asked:
        return []
    unfinished = asked[-1]
    is_begun = any(word.startswith(unfinished) for word in known)
    return [
        word if word in known or (word is unfinished and is_begun) else nearest(word, known) for word in asked
    ]
