"""Fills wagtail-localize with finished translations, as if a translator had typed them at the desk, and publishes pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail_localize.models import StringTranslation, Translation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments
from wagtail_localize.strings import StringValue, validate_translation_links

from core.languages.submission import as_translated
from helpline.approval.mixins import SecondPerson
from helpline.approval.rule import record_approval
from network.models import DigestPage

if TYPE_CHECKING:
    from wagtail.models import Locale, Page, Revision


def translate(source: Page, translated: Page, locale: Locale) -> Page:
    """Publish `source` in `locale` with the text of `translated`, an unsaved translated copy. Returns the published page.

    Segments are paired by path, so both must have the same blocks with the same ids. Raises ValueError if they differ, or if a text is
    not allowed in its segment.
    """
    origin, _ = TranslationSource.update_or_create_from_instance(source)
    translation, _ = Translation.objects.get_or_create(source=origin, target_locale=locale)
    words = {
        (s.path, s.order): s.string.data
        for s in extract_segments(translated)
        if isinstance(s, StringSegmentValue)
    }
    entered: dict[tuple[int, int], StringTranslation] = {}
    for segment in origin.stringsegment_set.select_related("string", "context"):
        try:
            data = words.pop((segment.context.path, segment.order))
        except KeyError:
            raise ValueError(
                f"{source} in {locale}: nothing at {segment.context.path}, number {segment.order}: {segment.string.data!r}"
            ) from None
        if "<" in data:
            StringValue.from_translated_html(data)
            validate_translation_links(segment.string.data, data)
        entered[segment.string_id, segment.context_id] = StringTranslation(
            translation_of=segment.string,
            locale=locale,
            context=segment.context,
            data=data,
            translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL,
        )
    if words:
        raise ValueError(f"{source} in {locale}: more text than in the source: {min(words)}")
    StringTranslation.objects.bulk_create(
        entered.values(),
        update_conflicts=True,
        unique_fields=["locale", "translation_of", "context"],
        update_fields=["data", "translation_type"],
    )
    # wagtail-localize would publish after the commit, from an old copy of the page, and lose pages added below it in the meantime from
    # the tree's child count. It also writes to a page that is public already, which takes two people.
    if source.has_translation(locale):
        publish(as_translated(translation).save_revision())
    else:
        translation.save_target(publish=False)
        publish(origin.get_translated_instance(locale).latest_revision)
    return origin.get_translated_instance(locale)


def publish(revision: Revision) -> None:
    """Publish a version of a page. The people who approved it, where it takes two, are invented like everything else."""
    page = revision.content_object
    if isinstance(page, SecondPerson):
        record_approval(page, revision, None, rule="two", reason="Part of the demonstration.")
    if isinstance(page, DigestPage) and page.is_source:
        page.reviews.create(revision=revision, content_hash=revision.as_object().content_hash())
    revision.publish()
