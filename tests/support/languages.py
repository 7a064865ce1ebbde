"""Pages in several languages, made as Wagtail and wagtail-localize make them."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from wagtail.models import Locale, Page
from wagtail_localize.models import StringTranslation, Translation, TranslationSource
from wagtail_localize.operations import translate_object

from tests.support.publishing import publish_page


def in_language(page: Page, locale: Locale, **words: Any) -> Page:
    """Create a live translation of `page`, written by hand.

    The parent page must have been translated.
    """
    copy = page.copy_for_translation(locale)
    for name, value in words.items():
        setattr(copy, name, value)
    publish_page(copy)
    copy.refresh_from_db()
    return copy


def submit(page: Page, locale: Locale) -> Translation:
    """Send a page for translation, as the button in the admin does."""
    translate_object(page, [locale])
    return Translation.objects.get(source__object_id=page.translation_key, target_locale=locale)


def fill(translation: Translation, word: Callable[[str], str], *, machine: bool = False, only: str = "") -> None:
    """Enter a translation for every text, or for those at the path `only`, as a person or as a machine."""
    kind = StringTranslation.TRANSLATION_TYPE_MACHINE if machine else StringTranslation.TRANSLATION_TYPE_MANUAL
    segments = translation.source.stringsegment_set.select_related("string", "context")
    for segment in segments.filter(context__path=only) if only else segments:
        StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            context=segment.context,
            locale=translation.target_locale,
            defaults={
                "data": word(segment.string.data),
                "translation_type": kind,
                "updated_at": timezone.now(),
            },
        )


def update_source(page: Page) -> None:
    """Take the text of a changed page as the new source of its translations."""
    TranslationSource.update_or_create_from_instance(page)
