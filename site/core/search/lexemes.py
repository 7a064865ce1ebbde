"""Text as PostgreSQL's `tsvector` and `tsquery`: folded here (`core.search.folding`), compared there.

There is no stemming and no dictionary, because people write in any language.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from core.search.folding import NO_WORD, fold

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
    """Return a raw tsquery for a prefix. `word` must come from `core.search.folding.words()`, so that it has no operators."""
    return f"'{word[:LONGEST]}':*"


def exactly(word: str) -> str:
    """Return a raw tsquery for a whole word, which must come from `core.search.folding.words()` as well."""
    return f"'{word[:LONGEST]}'"
