"""Texts of practices for translators.

A translation is part of the newest version, and is published with it.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from core.languages.wordings import Wording
from network.models import Category, EvidenceCriterion, Practice, PracticeText, ReviewTemplate


class PracticeWording(Wording):
    """Texts that are children of a practice, and store the code of their language."""

    def in_language(self, rows: QuerySet[Any], code: str) -> QuerySet[Any]:
        return rows.filter(language=code)

    def key_of(self, row: Any) -> Any:
        return row.practice_id

    def translations_of(self, source: Any) -> QuerySet[Any]:
        return PracticeText.objects.filter(practice=source.practice_id)

    def made_from(self, translation: Any) -> Mapping[str, str]:
        return translation.made_from

    @transaction.atomic
    def save(self, *, source: Any, locale: Locale, words: Mapping[str, str], by: Any, submit: bool) -> Any:
        """Add the texts to the newest version, which another user publishes."""
        practice = Practice.objects.select_for_update().get(pk=source.practice_id)
        newest, code = practice.get_latest_revision_as_object(), locale.language_code
        others = [text for text in newest.texts.all() if text.language != code]
        text = PracticeText(practice=practice, language=code, made_from=source.words(), **words)
        text.full_clean(exclude=["practice"])
        newest.texts = [*others, text]
        newest.save_revision(user=by, log_action=True)
        return text


PRACTICE_TEXTS = PracticeWording(
    key="practices",
    title=_("Practices"),
    model=PracticeText,
    fields=PracticeText.WORDS,
    shared=("practice",),
    sources=lambda: PracticeText.objects.filter(practice__live=True),
)
WORDINGS = (
    Wording(
        key="categories",
        title=_("Categories of the network"),
        model=Category,
        fields=("name",),
        shared=("group", "code"),
        sources=Category.objects.current,
    ),
    Wording(
        key="review-templates",
        title=_("Templates for reviews of members"),
        model=ReviewTemplate,
        fields=("title", "text"),
        shared=("use",),
    ),
    PRACTICE_TEXTS,
    Wording(
        key="criteria",
        title=_("Criteria of evidence"),
        model=EvidenceCriterion,
        fields=("name",),
        shared=("code", "origin", "order"),
    ),
)
