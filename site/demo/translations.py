"""Fills wagtail-localize with finished translations, as if a translator had typed them at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail_localize.models import StringTranslation, Translation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

if TYPE_CHECKING:
    from django.db.models import Model
    from wagtail.models import Locale


def translate(source: Model, translated: Model, locale: Locale) -> Model:
    """Publish `source` in `locale` with the words of `translated`, an unsaved copy that has them.

    Segments are paired by their place, so both must have the same blocks with the same ids. Raises ValueError where they differ.
    """
    origin, _ = TranslationSource.update_or_create_from_instance(source)
    translation, _ = Translation.objects.get_or_create(source=origin, target_locale=locale)
    words = {
        (s.path, s.order): s.string.data
        for s in extract_segments(translated)
        if isinstance(s, StringSegmentValue)
    }
    for segment in origin.stringsegment_set.select_related("string", "context"):
        try:
            data = words.pop((segment.context.path, segment.order))
        except KeyError:
            raise ValueError(
                f"{source} in {locale}: nothing at {segment.context.path}, number {segment.order}: {segment.string.data!r}"
            ) from None
        StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            defaults={"data": data, "translation_type": StringTranslation.TRANSLATION_TYPE_MANUAL},
        )
    if words:
        raise ValueError(f"{source} in {locale}: more text than in the source: {min(words)}")
    # Not `save_target(publish=True)`: it publishes when the transaction ends, and then saves the page as it was in memory, without
    # the number of children that were added to it meanwhile.
    translation.save_target(publish=False)
    origin.get_translated_instance(locale).latest_revision.publish()
    return origin.get_translated_instance(locale)
