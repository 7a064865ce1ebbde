"""Finder of terms in a text: one pass, whole words, the longest expression wins.

The forms of all terms are stored in one tree, word by word, so that a text is read once however long the list is.
Input of editors never becomes a regular expression: the only wildcard is `*` at the end of a form, for any ending.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

# Characters within words that are no letters: combining marks, soft hyphens, and signs without width.
MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u200b-\u200f\u2060-\u2064\ufeff"
)
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
# Characters that join the words of an expression: spaces, hyphens, apostrophes, the gap in the German “Autor_in”.
JOINERS = frozenset("-\N{HYPHEN}\N{NON-BREAKING HYPHEN}'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}_")
HYPHENS = frozenset("-\N{HYPHEN}\N{NON-BREAKING HYPHEN}")
INVISIBLE = frozenset({"Mn", "Cf"})
SAME = str.maketrans(
    {
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "\N{ARABIC LETTER ALEF WASLA}": "\N{ARABIC LETTER ALEF}",
        "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER FARSI YEH}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER KEHEH}": "\N{ARABIC LETTER KAF}",
        "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
        "\N{ARABIC TATWEEL}": None,
    }
)

ARTICLE, LAM = "\u0627\u0644", "\u0644"  # al-, li-
AND = ("\u0648", "\u0641")  # wa-, fa-
TO = ("\u0628", "\u0643", LAM)  # bi-, ka-, li-
SHORTEST = 3  # letters that must be left of an Arabic word


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Return a word without case, accents, vowel signs and soft hyphens, with spelling variants unified."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in letters if unicodedata.category(each) not in INVISIBLE).translate(SAME)


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> tuple[str, ...]:
    """Return a folded word, and an Arabic one also without prefixed particles (and, for, with) and article.

    Every reading is a guess, as a letter of the word itself may look like a particle. The words on the list decide.
    """
    if not "\u0621" <= word[0] <= "\u064a":
        return (word,)
    found = [word, word[1:]] if word[0] in AND else [word]
    for each in tuple(found):
        if each.startswith(LAM + LAM):  # li- and the article, whose alif is not written
            found.append(each[2:])
        if each.startswith(TO):
            found.append(each[1:])
    found += [each[2:] for each in tuple(found) if each.startswith(ARTICLE)]
    return tuple(dict.fromkeys(each for each in found if len(each) >= SHORTEST or each == word))


def without_article(word: str) -> str:
    """Return a word as stored in the tree: an Arabic one without its article."""
    if word.startswith(ARTICLE) and len(word) >= SHORTEST + len(ARTICLE):
        return word[len(ARTICLE) :]
    return word


# Each opening mark with its possible closing marks. German closes with the mark that opens in English.
CLOSES = {
    "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{DOUBLE LOW-9 QUOTATION MARK}": "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{SINGLE LOW-9 QUOTATION MARK}": "\N{LEFT SINGLE QUOTATION MARK}",
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": (
        "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    ),
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
    '"': '"',
}


def quotations(text: str) -> list[tuple[int, int]]:
    """Return start and end of each quotation. Unclosed marks are ignored, as are apostrophes within words."""
    found = []
    position = 0
    while position < len(text):
        closes = CLOSES.get(text[position])
        if closes is None or (position and text[position - 1].isalnum()):
            position += 1
            continue
        end = next((at for at in range(position + 1, len(text)) if text[at] in closes and ends(text, at)), None)
        if end is None:
            position += 1
            continue
        found.append((position, end + 1))
        position = end + 1
    return found


def ends(text: str, at: int) -> bool:
    return not text[at + 1 : at + 2].isalnum()


ANY_ENDING = "*"
# Token for characters that end an expression: a full stop, a comma, a bracket.
STOP = "\0"
# Maximum number of words after a hyphen that are also read as one with those before it: “Kinder-Porno-Grafie”.
MOST_JOINED = 3


class WrittenForm(NamedTuple):
    """A form of a term. Of two terms with the same form, the one with the higher `rank` is found."""

    text: str
    term: int
    rank: int


class TermMatch(NamedTuple):
    """Position of a term in a text."""

    start: int
    end: int
    term: int


class Token(NamedTuple):
    word: str
    start: int
    end: int
    joined: tuple[tuple[str, int], ...] = ()  # the word joined with those after its hyphen, and their number


@dataclass(slots=True)
class TreeNode:
    """Continuations of the words so far, and the term that they form, if any."""

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
    """Tree of the forms of one language."""

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

    def find(self, text: str) -> list[TermMatch]:
        """Return the terms in a text, in order and without overlaps, except those in quotations."""
        if not self.root.next and not self.root.beginnings:
            return []
        read = tokens(text)
        found, position = [], 0
        while position < len(read):
            term, end = self._longest(read, position)
            if term is None:
                position += 1
            else:
                found.append(TermMatch(read[position].start, read[end - 1].end, term))
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
    """Split a text into folded words, with a STOP between words separated by more than JOINERS and spaces."""
    found: list[Token] = []
    end = 0
    hyphened: list[int] = []  # positions in `found` of the words in the current run joined by hyphens
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
