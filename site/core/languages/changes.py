"""Effects of a changed source on its translations: the texts to translate again, each with its earlier version.

The module also lists all texts of a translation beside those of its source.

wagtail-localize keeps the old translation of a text that has changed, but does not show it.
This module does, so that a changed comma in the source does not mean retyping a paragraph.
"""

import difflib
import json
from collections import Counter
from collections.abc import Collection, Mapping
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
class TextInWork:
    """A text of the source, and its translation as stored (None if there is none).

    A text without one has the probable earlier version of its source, with the translation of that; empty if it is new.
    """

    segment: Any
    stored: StringTranslation | None
    before: str
    earlier: str

    @property
    def source(self) -> str:
        return str(self.segment.string.data)

    @property
    def translation(self) -> str:
        """The words to begin with."""
        return str(self.stored.data) if self.stored is not None else self.earlier

    @property
    def is_missing(self) -> bool:
        return self.stored is None or self.stored.has_error

    @property
    def difference(self) -> SafeString:
        """The difference between the earlier and the current text, in HTML."""
        return diff_text(self.before, self.source).to_html()


def changed_texts(translation: Translation) -> list[TextInWork]:
    """Return the texts to translate, in their order, each with the most similar earlier text of the same place.

    Two queries.
    """
    return [text for text in texts_in_work([translation])[translation.pk] if text.is_missing]


def texts_in_work(translations: Collection[Translation]) -> dict[int, list[TextInWork]]:
    """Return all texts of some translations into one language, in their order, by the key of the translation.

    Two queries, however many translations there are.
    """
    locales = {translation.target_locale_id for translation in translations}
    segments: dict[int, list[StringSegment]] = {}
    found = StringSegment.objects.filter(source__in={translation.source_id for translation in translations})
    for segment in found.select_related("string", "context").order_by("order"):
        segments.setdefault(segment.source_id, []).append(segment)
    current = {(each.context_id, each.string_id) for several in segments.values() for each in several}
    entered = StringTranslation.objects.filter(context__in={place for place, _string in current}, locale__in=locales)
    stored: dict[tuple[int | None, int], StringTranslation] = {}
    left: dict[int | None, list[StringTranslation]] = {}
    for each in entered.select_related("translation_of").order_by("-updated_at"):
        place = (each.context_id, each.translation_of_id)
        if place in current:
            stored[place] = each
        elif not each.has_error:
            left.setdefault(each.context_id, []).append(each)
    return {
        translation.pk: [
            text_in_work(segment, stored.get((segment.context_id, segment.string_id)), left)
            for segment in segments.get(translation.source_id, [])
        ]
        for translation in translations
    }


def text_in_work(
    segment: StringSegment, stored: StringTranslation | None, left: Mapping[int | None, list[StringTranslation]]
) -> TextInWork:
    old = None
    if stored is None or stored.has_error:
        old = most_similar(segment.string.data, left.get(segment.context_id, []))
    before, words = (old.translation_of.data, old.data) if old is not None else ("", "")
    return TextInWork(segment=segment, stored=stored, before=before, earlier=words)


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
