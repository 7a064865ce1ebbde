"""The words of a text as PostgreSQL keeps them (`tsvector`, `tsquery`): folded here, compared there.

Nothing is stemmed and no dictionary is used, because people write in any language (`core.search.folding` folds the letters).
"""

from __future__ import annotations

import unicodedata
from itertools import islice

from core.search.folding import NO_WORD, fold

# German and Nordic writers without the key write ue for ü; both are found.
TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
# PostgreSQL refuses lexemes of 2 kB and vectors of 1 MB.
LONGEST = 60
MOST = 500


def vector(text: str) -> str:
    """`text` as a tsvector in PostgreSQL's own notation: each word once, umlauts in both ways of writing."""
    plain = fold(text)
    spelt_out = fold(unicodedata.normalize("NFC", text.casefold()).translate(TWO_LETTERS))
    found = dict.fromkeys(word[:LONGEST] for word in NO_WORD.split(f"{plain} {spelt_out}") if word)
    return " ".join(f"'{word}'" for word in islice(found, MOST))


def beginning_with(word: str) -> str:
    """A raw tsquery for what begins with `word`, which is one of `core.search.folding.words()`: no operator can be in it."""
    return f"'{word[:LONGEST]}':*"
