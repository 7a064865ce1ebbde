"""The texts of a translated page beside those of its source."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wagtail.models import Locale
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

if TYPE_CHECKING:
    from wagtail.models import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBeside:
    """A text in the source as it is now, and in the translation as it was and as it is now. Empty where there is none."""

    source: str
    before: str
    now: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.now


def beside(page: Any, before: Any) -> list[TextBeside]:
    """Return the texts of a translation in their order, each with its source and as `before` (a page or None) said it.

    Empty for a page in the source language, and for one whose source is gone.
    """
    default = Locale.get_default()
    if page.locale_id == default.pk:
        return []
    source = page.get_translations().filter(locale=default).first()
    if source is None:
        return []
    words = texts_of(source.specific)
    was = texts_of(before) if before is not None else {}
    now = texts_of(page)
    return [
        TextBeside(source=words.get(key, ""), before=was.get(key, ""), now=now.get(key, ""))
        for key in dict.fromkeys([*words, *now, *was])
    ]


def texts_of(page: Page) -> dict[tuple[str, int], str]:
    """Return the texts on a page without markup, by their path and their number among the texts of that path."""
    found: dict[tuple[str, int], str] = {}
    counted: Counter[str] = Counter()
    for segment in extract_segments(page):
        if isinstance(segment, StringSegmentValue):
            found[segment.path, counted[segment.path]] = segment.string.render_text()
            counted[segment.path] += 1
    return found
