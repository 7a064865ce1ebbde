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
# A word that is half written out: “Kinder- und Jugendpornografie”, “Kinderhandel und -prostitution”.
HALF = re.compile(r"[^\W_][-\u2010\u2011](?=[\s,/])|\s[-\u2010\u2011](?=[^\W_])")
# Between two words that share a half, in languages that write compounds: folded.
CONJUNCTIONS = frozenset(
    {
        "und",
        "oder",
        "sowie",
        "bzw",
        "wie",
        "en",
        "of",
        "og",
        "eller",
        "och",
        "samt",
        "es",
        "vagy",
        "illetve",
        "ja",
        "tai",
    }
)
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


# Arabic adverbs and objects without an article end in an alef, with the sign of its vowel before or after it.
TANWIN = re.compile("(?:\u064b\u0627|\u0627\u064b)$")


# Marks that are apostrophes as well: they only quote a few words, and only between letters and something else.
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
MOST_QUOTED = 100  # letters
# Each opening mark with its possible closing marks. German closes with the mark that opens in English.
CLOSES = {
    "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{DOUBLE LOW-9 QUOTATION MARK}": "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{SINGLE LOW-9 QUOTATION MARK}": "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}",
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}",
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": (
        "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    ),
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
    '"': '"',
    **{each: each for each in APOSTROPHES},
}
OPENS = re.compile(f"[{''.join(CLOSES)}]")


def quotations(text: str) -> list[tuple[int, int]]:
    """Return start and end of each quotation. Unclosed marks are ignored, as are apostrophes within words."""
    found: list[tuple[int, int]] = []
    for opening in OPENS.finditer(text):
        start, mark = opening.start(), opening.group()
        if (found and start < found[-1][1]) or text[start - 1 : start].isalnum():
            continue
        last = len(text)
        if mark in APOSTROPHES:
            last = min(last, start + 2 + MOST_QUOTED) if text[start + 1 : start + 2].isalpha() else start
        end = next((at for at in range(start + 1, last) if text[at] in CLOSES[mark] and ends(text, at)), None)
        if end is not None:
            found.append((start, end + 1))
    return found


def ends(text: str, at: int) -> bool:
    """Return whether a mark closes a quotation: an apostrophe follows a letter, or a stop, and no letter follows it."""
    if text[at] in APOSTROPHES and text[at - 1].isspace():
        return False
    return not text[at + 1 : at + 2].isalnum()


ANY_ENDING = "*"
# Token for characters that end an expression: a full stop, a comma, a bracket.
STOP = "\0"
# Maximum number of words after a hyphen that are also read as one with those before it: “Kinder-Porno-Grafie”.
MOST_JOINED = 3
# Maximum number of words between the two halves, and minimum number of letters of each.
MOST_BETWEEN, SHORTEST_HALF = 6, 4
# Rank of a term that is only found where no other is, even if it is longer.
YIELDS = 0


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
    # Other readings of the word, and how many words after it each takes in: joined with those after its hyphen.
    joined: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class TreeNode:
    """Continuations of the words so far, and the term that they form, if any."""

    next: dict[str, TreeNode] = field(default_factory=dict)
    beginnings: dict[str, TreeNode] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()  # of the beginnings
    term: int | None = None
    rank: int = -1

    def step(self, word: str) -> Iterator[TreeNode]:
        if (found := self.next.get(word)) is not None:
            yield found
        for length in self.lengths:
            if length > len(word):
                break
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
        if any_ending:
            node.lengths = tuple(sorted({*node.lengths, len(words[-1])}))
        last = node.beginnings if any_ending else node.next
        node = last.setdefault(words[-1], TreeNode())
        if form.rank > node.rank:
            node.term, node.rank = form.term, form.rank

    def find(self, text: str) -> list[TermMatch]:
        """Return the terms in a text, in order and without overlaps, except those in quotations."""
        if not self.root.next and not self.root.beginnings:
            return []
        read = tokens(text)
        found, yielding, position = [], [], 0
        while position < len(read):
            term, end, rank = self._longest(read, position)
            if term is None:
                position += 1
                continue
            match = TermMatch(read[position].start, read[end - 1].end, term)
            if rank == YIELDS:
                yielding.append(match)
                position += 1
            else:
                found.append(match)
                position = end
        for match in yielding:
            if not any(each.start < match.end and match.start < each.end for each in found):
                found.append(match)
        if not found:
            return []
        found.sort()
        quoted = quotations(text)
        return [each for each in found if not any(a <= each.start and each.end <= b for a, b in quoted)]

    def _longest(self, read: Sequence[Token], start: int) -> tuple[int | None, int, int]:
        """Return the term that begins at a word, its end and its rank; no term if none begins there."""
        best: tuple[bool, int, int, int | None] = (False, start, -1, None)
        ways = [(self.root, start)]
        while ways:
            node, position = ways.pop()
            if node.term is not None and (node.rank > YIELDS, position, node.rank) > best[:3]:
                best = (node.rank > YIELDS, position, node.rank, node.term)
            if position == len(read):
                continue
            token = read[position]
            for word, more in ((token.word, 0), *token.joined):
                for reading in readings(word):
                    ways += [(following, position + 1 + more) for following in node.step(reading)]
        return best[3], best[1], best[2]


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
        ending = TANWIN.search(match.group()) if match.group()[-1] in "\u064b\u0627" else None
        found.append(Token(word, match.start(), match.end(), ((word[:-1], 0),) if ending else ()))
        end = match.end()
    if found and text[end:].strip():
        found.append(Token(STOP, end, len(text)))
    if HALF.search(text):
        _write_out_halves(text, found)
    return found


def _write_out_halves(text: str, found: list[Token]) -> None:
    """Add to words that share a half with a later one what they mean: “Kinderpornografie”, “Kinderprostitution”.

    Where the shared half begins is not written, so all beginnings are added. The words on the list decide.
    """
    for place, token in enumerate(found):
        later = _shares_with(text, found, place)
        if later is None:
            continue
        one, other = token.word, found[later].word
        if text[token.end : token.end + 1] in HYPHENS:
            whole = [one + other[at:] for at in range(1, len(other) - SHORTEST_HALF + 1)]
        else:
            whole = [one[:at] + other for at in range(SHORTEST_HALF, len(one))]
        found[place] = token._replace(joined=(*token.joined, *((word, later - place) for word in whole)))


def _shares_with(text: str, found: Sequence[Token], place: int) -> int | None:
    """Return the place of the word with which the one at `place` shares a half, if it does."""
    token = found[place]
    is_first_half = text[token.end : token.end + 1] in HYPHENS and not text[token.end + 1 : token.end + 2].isalnum()
    is_joined = is_first_half and text[token.end + 1 : token.end + 2] == "/"
    for at in range(place + 1, min(place + 1 + MOST_BETWEEN, len(found))):
        each = found[at]
        if each.word in CONJUNCTIONS:
            is_joined = True
        elif each.word != STOP and is_first_half and text[each.end : each.end + 1] not in HYPHENS:
            return at if is_joined else None
        elif each.word != STOP and not is_first_half:
            return at if is_joined and text[each.start - 1] in HYPHENS and text[each.start - 2].isspace() else None
    return None
