"""Comparison of words in searches: without case and accents, in every language, by their beginning.

PostgreSQL's `unaccent` is not available everywhere, so letters are folded here, both for the index and for queries;
`tsvector` and `tsquery` compare them there.
There is no stemming and no dictionary, because people write in any language.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import islice

from wagtail.search.index import SearchField

# Letters that Unicode does not decompose into a base and an accent.
# In Arabic: letters often typed for one another.
LETTERS = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ŋ": "n", "ħ": "h",
        "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
        "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER FARSI YEH}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER KEHEH}": "\N{ARABIC LETTER KAF}",
        "\N{ARABIC TATWEEL}": None,
    }
)  # fmt: skip


class Bare(dict[int, str | int | None]):
    """Cached folding of letters, for `str.translate`: accents are removed, digits of any script become plain ones."""

    def __missing__(self, code: int) -> str | int | None:
        letter = chr(code)
        if unicodedata.combining(letter):
            bare = None
        else:
            bare = str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        if code <= BASIC:  # the others are too many to keep, and rare
            self[code] = bare
        return bare


BASIC = 0xFFFF
BARE = Bare(LETTERS)
NO_WORD = re.compile(r"[^\w]+|_")
MAX_WORDS = 12


def fold(text: str) -> str:
    """Return text in lower case without accents: `Prävention` is found by `pravention`, `الإساءة` by `الاساءه`."""
    # Twice: a symbol can decompose into capitals (℠), and case folding can produce letters that decompose.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return apart.translate(BARE)


def words(query: str) -> list[str]:
    """Return the words of a query, folded: no operators, and no more than MAX_WORDS."""
    return [word for word in NO_WORD.split(fold(query)) if word][:MAX_WORDS]


@lru_cache(maxsize=8192)
def words_of_name(name: str) -> tuple[str, ...]:
    """Return the words of something public, folded once and kept: each search compares all names.

    Never pass a query, because nothing of it may be kept.
    """
    return tuple(words(name))


def every_word(text: str) -> set[str]:
    """Return all the words of a text, folded."""
    return {word for word in NO_WORD.split(fold(text)) if word}


class FoldedField(SearchField):
    """A search field that matches with and without accents."""

    def get_value(self, obj: object) -> object:
        text = self.text(obj)
        folded = fold(text)
        return text if folded == text else f"{text} {folded}"

    def text(self, obj: object) -> str:
        """Return the text of the field as it was written."""
        value = super().get_value(obj)
        return " ".join(str(part) for part in value) if isinstance(value, list) else str(value or "")


# On other keyboards, German and Nordic writers type ue for ü: both are found.
TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
WITH_UMLAUT = re.compile(r"\S*[äöüåø]\S*")
# PostgreSQL refuses lexemes of 2 kB and vectors of 1 MB.
LONGEST = 60
MOST = 500


def vector(text: str) -> str:
    """Return `text` as a raw tsvector: each word once, umlauts in both spellings."""
    plain = fold(text)
    umlauts = WITH_UMLAUT.findall(unicodedata.normalize("NFC", text.casefold()))
    spelt_out = fold(" ".join(umlauts).translate(TWO_LETTERS))
    found = dict.fromkeys(word[:LONGEST] for word in NO_WORD.split(f"{plain} {spelt_out}") if word)
    return " ".join(f"'{word}'" for word in islice(found, MOST))


def beginning_with(word: str) -> str:
    """Return a raw tsquery for a prefix.

    `word` must come from `core.search.folding.words()`, so that it has no operators.
    """
    return f"'{word[:LONGEST]}':*"


def exactly(word: str) -> str:
    """Return a raw tsquery for a whole word, which must come from `core.search.folding.words()` as well."""
    return f"'{word[:LONGEST]}'"
