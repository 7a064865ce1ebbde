"""Words as the guard compares them: without case, accents, vowel signs and soft hyphens; Arabic without what is written onto a word."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Characters that may stand inside a word without being letters: combining marks, soft hyphens, and signs without width.
MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u200b-\u200f\u2060-\u2064\ufeff"
)
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
# What does not separate the words of one expression: spaces, hyphens, apostrophes, and the gap in the German “Autor_in”.
JOINERS = frozenset(
    "-\N{HYPHEN}\N{NON-BREAKING HYPHEN}'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}_"
)
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
    """Return a word without case, accents, vowel signs and soft hyphens, in one of the ways of writing it."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in letters if unicodedata.category(each) not in INVISIBLE).translate(SAME)


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> tuple[str, ...]:
    """Return a folded word, and what is left of an Arabic one without and, for, with and the article, which are written onto it.

    Every reading is a guess: a letter of the word itself may be taken for one of them. The words on the list decide.
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
    """Return the reading by which a word of the list is kept: an Arabic one without its article."""
    if word.startswith(ARTICLE) and len(word) >= SHORTEST + len(ARTICLE):
        return word[len(ARTICLE) :]
    return word
