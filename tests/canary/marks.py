"""Words and numbers that occur in one field of one row only, so that each can be traced to its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageBlock

# Filled in by the site itself, or not words: no user writes into these.
MECHANICAL = frozenset(
    {
        "path", "url_path", "draft_title", "file_hash", "object_id", "timezone", "password", "order_key",
        "consent_version", "digest", "language", "country", "number_country", "filter_spec", "focal_point_key", "code",
        "what", "slug",
    }
)  # fmt: skip
WORD = re.compile(r"zqx\d{3}q")
# 030 23125 000 to 999 are never assigned (the Bundesnetzagentur reserves them for films and books).
NUMBER = re.compile(r"23125(\d{3})")
BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:[\s\u00a0\u202f().-]|&nbsp;)+(?=\d)")
SHORTEST = 12


class Marks:
    """Marked values, by what is searched for: a word, or the end of a number."""

    def __init__(self, first: int) -> None:
        self.next = first
        self.origins: dict[str, str] = {}
        self.fields: set[str] = set()

    def word(self, origin: str) -> str:
        """Return a new word to put at `origin`."""
        word = f"zqx{self._number():03}q"
        self.origins[word] = origin
        return word

    def number(self, origin: str) -> str:
        """Return a new phone number to put at `origin`."""
        end = f"{self._number():03}"
        self.origins[f"23125{end}"] = origin
        return f"+493023125{end}"

    def _number(self) -> int:
        self.next += 1
        return self.next

    def fill(self, model: type[models.Model], of: str, *, leave: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return a marked value for each text field of the model, except those to `leave`; `of` names the row."""
        fields = [field for field in fields_with_words(model) if field.name not in leave]
        self.fields |= {f"{model._meta.label}.{field.name}" for field in fields}
        words = {field.name: self.value(field, f"{model._meta.label}.{field.name} of {of}") for field in fields}
        # A user who read a page must give the day.
        return words | ({"reviewed_on": timezone.localdate()} if "clinician" in words else {})

    def value(self, field: models.Field[Any, Any], origin: str) -> Any:
        if field.name in {"number", "number_from_abroad", "number_written"}:
            return self.number(origin)
        word = self.word(origin)
        if isinstance(field, StreamField):
            return raw(field.stream_block, word)
        if isinstance(field, models.JSONField):
            return [word]
        if isinstance(field, models.EmailField):
            return f"{word}@canary.example"
        if field.name == "opening_hours":
            return f'Mo-Fr 09:00-17:00 "{word}"'
        if field.name in {
            "website",
            "url",
            "source_url",
            "checked_source",
            "final_url",
            "law_url",
        }:
            return f"https://{word}.example/"
        return word

    def found(self, text: str) -> set[str]:
        """Return where the marked values in a text come from."""
        met = set(WORD.findall(text.lower()))
        met |= {f"23125{end}" for end in NUMBER.findall(BETWEEN_DIGITS.sub("", text))}
        return {self.origins[each] for each in met & self.origins.keys()}


def fields_with_words(model: type[models.Model]) -> Iterator[models.Field[Any, Any]]:
    """Yield the fields that can hold a user's words, by introspection, so that a new field is included."""
    for field in model._meta.concrete_fields:
        words = isinstance(field, models.CharField | models.TextField | models.JSONField | StreamField)
        if (
            words
            and not isinstance(field, ArrayField)
            and not field.choices
            and not field.primary_key
            and field.name not in MECHANICAL
            and (getattr(field, "max_length", None) or SHORTEST) >= SHORTEST
            and not (isinstance(field, StreamField) and not raw(field.stream_block, "word"))
        ):
            yield field


def raw(block: Any, word: str) -> Any:
    """Return a block's stored value with the word wherever one fits, or None if it fits nowhere."""
    if isinstance(block, ImageBlock):
        return None  # holds nothing without a picture
    if isinstance(block, blocks.StreamBlock):
        filled = ((name, raw(child, word)) for name, child in block.child_blocks.items())
        return [{"type": name, "value": value} for name, value in filled if value is not None]
    if isinstance(block, blocks.StructBlock):
        filled = ((name, raw(child, word)) for name, child in block.child_blocks.items())
        return {name: value for name, value in filled if value is not None} or None
    if isinstance(block, blocks.ListBlock):
        item = raw(block.child_block, word)
        return None if item is None else [item]
    if isinstance(block, blocks.TimeBlock):
        return "10:00"
    if isinstance(block, blocks.DateBlock):
        return "2026-11-02"
    if isinstance(block, blocks.RichTextBlock):
        return f"<p>{word}</p>"
    if isinstance(block, blocks.URLBlock):
        return f"https://{word}.example/"
    return word if isinstance(block, blocks.CharBlock | blocks.TextBlock) else None
