"""What stands for a member in lists: initials on a disc in one of the hues of the design. Made of what the public sees, and nothing else."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

# Brick is missing: it says that something has gone wrong.
HUES = ("pine", "blaze", "leaf", "sand", "clay", "plum", "sky")
# Two letters of these scripts would join, and read as a word.
JOINING = frozenset({"AL"})


def hue(uuid: UUID) -> str:
    """Return the hue of a member: the same for as long as they are one."""
    return HUES[uuid.int % len(HUES)]


def initials(name: str) -> str:
    """Return the first letter of the first and the last word of a name, each with its accents; of one word in Arabic. "" without a letter."""
    found = list(_first_letters(name))
    if not found:
        return ""
    joining = unicodedata.bidirectional(found[0][0]) in JOINING
    return found[0] if joining or len(found) == 1 else found[0] + found[-1]


def _first_letters(name: str) -> Iterator[str]:
    """Yield the first letter of each word that has one, with the marks that belong to it."""
    for word in unicodedata.normalize("NFC", name).split():
        start = next((place for place, letter in enumerate(word) if letter.isalpha()), None)
        if start is None:
            continue
        end = start + 1
        while end < len(word) and unicodedata.category(word[end]).startswith("M"):
            end += 1
        letter = word[start:end]
        # "ß" and a few others become two letters.
        yield letter.upper() if len(letter.upper()) == len(letter) else letter
