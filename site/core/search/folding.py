"""How words are compared in a search: without case and accents, in every language, and from their beginning on.

PostgreSQL's `unaccent` is not everywhere, so letters are folded here, both when a text is indexed and when somebody searches.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from wagtail.search.index import SearchField

# Letters that Unicode does not take apart into a base and an accent. In Arabic: what a hurried writer puts for another.
LETTERS = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ŋ": "n", "ħ": "h",
        "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
        "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER FARSI YEH}": "\N{ARABIC LETTER YEH}",
        "\N{ARABIC LETTER KEHEH}": "\N{ARABIC LETTER KAF}",
        "\N{ARABIC TATWEEL}": None,
    }
)  # fmt: skip
NO_WORD = re.compile(r"[^\w]+|_")
MAX_WORDS = 12


def fold(text: str) -> str:
    """The text in small letters without accents: `Prävention` is found by `pravention`, `الإساءة` by `الاساءه`."""
    # Twice, for a sign can stand for capital letters (℠), and a small letter can come apart.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(LETTERS)
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in bare)


def words(query: str) -> list[str]:
    """The words of what somebody typed, folded: never operators, never more than a dozen."""
    return [word for word in NO_WORD.split(fold(query)) if word][:MAX_WORDS]


class FoldedField(SearchField):
    """A search field that is found with accents and without."""

    def get_value(self, obj: Any) -> Any:
        value = super().get_value(obj)
        if not isinstance(value, (str, list)):
            return value
        text = value if isinstance(value, str) else " ".join(str(part) for part in value)
        folded = fold(text)
        return text if folded == text else f"{text} {folded}"
