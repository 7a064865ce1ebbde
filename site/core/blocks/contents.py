"""The headings of a text: an anchor for each, and the list “On this page”."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from django.utils.html import strip_tags
from django.utils.text import slugify

if TYPE_CHECKING:
    from wagtail.blocks.stream_block import StreamValue

# A text with fewer headings needs no list of them.
FEWEST = 3
WORDS_PER_MINUTE = 200


class HeadingLink(NamedTuple):
    anchor: str
    title: str


def headings(text: StreamValue, *, telling: bool = True) -> list[HeadingLink | None]:
    """Return the heading that each block of a text is, with an anchor made from its words; None for other blocks.

    On help pages anchors do not tell (`telling`): they stay in the browser's history.
    """
    found: list[HeadingLink | None] = []
    taken: set[str] = set()
    for block in text:
        if block.block_type != "heading":
            found.append(None)
            continue
        title = str(block.value)
        first = anchor = f"h-{slugify(title, allow_unicode=True) if telling else neutral(title)}"
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{first}-{number}"
        taken.add(anchor)
        found.append(HeadingLink(anchor, title))
    return found


def neutral(title: str) -> str:
    return hashlib.sha256(title.encode()).hexdigest()[:4]


def contents(text: StreamValue, *, telling: bool = True) -> list[HeadingLink]:
    """Return the headings of a text that is long enough to need a list of them; otherwise none."""
    found = [heading for heading in headings(text, telling=telling) if heading]
    return found if len(found) >= FEWEST else []


def minutes(*texts: StreamValue | str) -> int:
    """Return how many minutes it takes to read something, at least one."""
    words = 0
    for text in texts:
        parts = [text] if isinstance(text, str) else text.stream_block.get_searchable_content(text)
        words += sum(len(strip_tags(str(part)).split()) for part in parts)
    return max(1, round(words / WORDS_PER_MINUTE))
