"""The passage of a text in which something was found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.search.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BEFORE = 60  # characters
LONGEST = 200
MOST = 200  # places that are compared
WORD = re.compile(r"\w+")


def passage(text: str, asked: Sequence[str]) -> str:
    """Return the part of a text that has most of the words asked, cut between words; empty if it has none of them."""
    plain = " ".join(text.split())
    found = [
        (word.start(), each)
        for word in WORD.finditer(plain)
        for each in asked
        if fold(word.group()).startswith(each)
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
