"""Effects of a changed source on its translations: the texts to translate again, each with its earlier version.

The module also lists all texts of a translation beside those of its source.

wagtail-localize keeps the old translation of a text that has changed, but does not show it.
This module does, so that a changed comma in the source does not mean retyping a paragraph.
"""

import difflib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from wagtail.admin.compare import diff_text
from wagtail.models import Locale, Page
from wagtail_localize.fields import get_translatable_fields
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedText:
    """A text of the source without a translation, and its probable earlier version; empty if it is new."""

    segment: Any
    before: str
    translation: str

    @property
    def source(self) -> str:
        return str(self.segment.string.data)

    @property
    def difference(self) -> SafeString:
        """The difference between the earlier and the current text, in HTML."""
        return diff_text(self.before, self.source).to_html()


def changed_texts(translation: Translation) -> list[ChangedText]:
    """Return the texts to translate, in their order, each with the most similar earlier text of the same place.

    Two queries.
    """
    segments = list(
        StringSegment.objects.filter(source=translation.source_id)
        .annotate_translation(translation.target_locale)
        .select_related("string", "context")
        .order_by("order")
    )
    current = {(segment.context_id, segment.string_id) for segment in segments}
    earlier = StringTranslation.objects.filter(
        context__in={segment.context_id for segment in segments},
        locale=translation.target_locale_id,
        has_error=False,
    ).select_related("translation_of")
    left: dict[int | None, list[StringTranslation]] = {}
    for each in earlier.order_by("-updated_at"):
        if (each.context_id, each.translation_of_id) not in current:
            left.setdefault(each.context_id, []).append(each)
    found = []
    for segment in segments:
        if segment.translation is None:
            old = most_similar(segment.string.data, left.get(segment.context_id, []))
            before, words = (old.translation_of.data, old.data) if old is not None else ("", "")
            found.append(ChangedText(segment=segment, before=before, translation=words))
    return found


def most_similar(text: str, earlier: list[StringTranslation]) -> StringTranslation | None:
    """Take the translation of the most similar text out of `earlier`, the newest of equals."""
    if not earlier:
        return None
    best = max(
        earlier,
        key=lambda each: difflib.SequenceMatcher(None, each.translation_of.data, text).ratio(),
    )
    earlier.remove(best)
    return best


def follow(page: Page) -> TranslationSource | None:
    """Bring the texts to translate up to a source page that has just been published.

    Returns its source if they have changed.

    This does automatically what *Sync translated pages* does by hand.
    Public pages stay as they are.
    """
    source = TranslationSource.objects.get_for_instance_or_none(page)
    if source is None or not source.translations.filter(enabled=True).exists():
        return None
    before, now = json.loads(source.content_json), json.loads(page.to_json())
    names = {field.field_name for field in get_translatable_fields(type(page))}
    if all(before.get(name) == now.get(name) for name in names):
        return None
    source.update_from_db()
    return source


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBeside:
    """A text in the source as it is now, and in the translation as it was and as it is now.

    Missing texts are empty.
    """

    source: str
    before: str
    now: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.now


def beside(page: Any, before: Any) -> list[TextBeside]:
    """Return the texts of a translation in order, with their sources and versions in `before` (a page or None).

    Empty for a page in the source language, and for a page without a source.
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
