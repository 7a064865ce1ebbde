"""Finds the terms of a language in a text: one pass, whole words, the longest expression wins.

The forms of all terms are kept in one tree, word by word, so that a text is read once however long the list is. Nothing that an editor
writes becomes a regular expression: `*` at the end of a form stands for any ending, and that is all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from campaigns.terms.words import HYPHENS, JOINERS, WORD, fold, readings, without_article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


# Each opening mark with those that may close it. German closes with what English opens with.
CLOSES = {
    "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{DOUBLE LOW-9 QUOTATION MARK}": "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{SINGLE LOW-9 QUOTATION MARK}": "\N{LEFT SINGLE QUOTATION MARK}",
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
    '"': '"',
}


def quotations(text: str) -> list[tuple[int, int]]:
    """Return where quotations begin and end. One that is not closed is none, and an apostrophe closes nothing inside a word."""
    found = []
    position = 0
    while position < len(text):
        closes = CLOSES.get(text[position])
        if closes is None or (position and text[position - 1].isalnum()):
            position += 1
            continue
        end = next(
            (at for at in range(position + 1, len(text)) if text[at] in closes and ends(text, at)), None
        )
        if end is None:
            position += 1
            continue
        found.append((position, end + 1))
        position = end + 1
    return found


def ends(text: str, at: int) -> bool:
    return not text[at + 1 : at + 2].isalnum()


ANY_ENDING = "*"
# Stands for whatever ends an expression: a full stop, a comma, a bracket.
STOP = "\0"
# How many words after a hyphen are also read as one with those before it: “Kinder-Porno-Grafie”.
MOST_JOINED = 3


class WrittenForm(NamedTuple):
    """A written-out form. Of two terms with the same form, that with the higher `rank` is found."""

    text: str
    term: int
    rank: int


class Match(NamedTuple):
    """Where a term stands in a text."""

    start: int
    end: int
    term: int


class Token(NamedTuple):
    word: str
    start: int
    end: int
    joined: tuple[
        tuple[str, int], ...
    ] = ()  # the word written as one with those after its hyphen, and how many those are


@dataclass(slots=True)
class TreeNode:
    """What may follow the words so far, and the term that they are, if they are one."""

    next: dict[str, TreeNode] = field(default_factory=dict)
    beginnings: dict[str, TreeNode] = field(default_factory=dict)
    term: int | None = None
    rank: int = -1

    def step(self, word: str) -> Iterator[TreeNode]:
        if (found := self.next.get(word)) is not None:
            yield found
        if self.beginnings:
            for length in range(len(word), 0, -1):
                if (found := self.beginnings.get(word[:length])) is not None:
                    yield found


class Matcher:
    """The terms of one language, ready to be looked for."""

    def __init__(self, forms: Iterable[WrittenForm]) -> None:
        self.root = TreeNode()
        for form in forms:
            self._add(form)

    def _add(self, form: WrittenForm) -> None:
        text = form.text.strip()
        any_ending = text.endswith(ANY_ENDING)
        words = [without_article(token.word) for token in tokens(text.rstrip(ANY_ENDING))]
        while words and words[-1] == STOP:
            words.pop()
        if not words:
            return
        node = self.root
        for word in words[:-1]:
            node = node.next.setdefault(word, TreeNode())
        last = node.beginnings if any_ending else node.next
        node = last.setdefault(words[-1], TreeNode())
        if form.rank > node.rank:
            node.term, node.rank = form.term, form.rank

    def find(self, text: str) -> list[Match]:
        """Return the terms in a text, in their order, without those in quotations. They do not overlap."""
        if not self.root.next and not self.root.beginnings:
            return []
        read = tokens(text)
        found, position = [], 0
        while position < len(read):
            term, end = self._longest(read, position)
            if term is None:
                position += 1
            else:
                found.append(Match(read[position].start, read[end - 1].end, term))
                position = end
        if not found:
            return []
        quoted = quotations(text)
        return [each for each in found if not any(a <= each.start and each.end <= b for a, b in quoted)]

    def _longest(self, read: Sequence[Token], start: int) -> tuple[int | None, int]:
        best: tuple[int, int, int | None] = (start, -1, None)
        ways = [(self.root, start)]
        while ways:
            node, position = ways.pop()
            if node.term is not None and (position, node.rank) > best[:2]:
                best = (position, node.rank, node.term)
            if position == len(read):
                continue
            token = read[position]
            for word, more in ((token.word, 0), *token.joined):
                for reading in readings(word):
                    ways += [(following, position + 1 + more) for following in node.step(reading)]
        return best[2], best[0]


def tokens(text: str) -> list[Token]:
    """Split a text into folded words, with a STOP where something other than a space, a hyphen or an apostrophe stands between two."""
    found: list[Token] = []
    end = 0
    hyphened: list[int] = []  # where in `found` the words of the present run begin that are joined by hyphens
    for match in WORD.finditer(text):
        gap = text[end : match.start()]
        if found and not all(each in JOINERS or each.isspace() for each in gap):
            found.append(Token(STOP, end, match.start()))
        if len(gap) != 1 or gap not in HYPHENS:
            hyphened = []
        word = fold(match.group())
        for place in hyphened[-MOST_JOINED:]:
            first = found[place]
            written = first.joined[-1][0] if first.joined else first.word
            found[place] = first._replace(joined=(*first.joined, (written + word, len(first.joined) + 1)))
        hyphened.append(len(found))
        found.append(Token(word, match.start(), match.end()))
        end = match.end()
    if found and text[end:].strip():
        found.append(Token(STOP, end, len(text)))
    return found
