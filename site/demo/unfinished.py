"""What is never finished: a sentence that was changed after it was translated, and when it is due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from wagtail.models import Locale

from demo import content
from demo.translations import publish
from translating.models import DueDate

if TYPE_CHECKING:
    from demo.pages import Built

CHANGED = "new-materials-in-four-languages"
BEFORE, AFTER = "in four languages", "in four languages, free of charge"
DUE_IN = timedelta(days=14)


def load(built: Built) -> None:
    """Change a source that is public in every language, and decide what is due when. Raises ValueError if the words are not there."""
    page = built.pages[CHANGED]
    page.refresh_from_db()
    if BEFORE not in page.introduction:
        raise ValueError(f"The introduction of {CHANGED} does not say: {BEFORE}")
    page.introduction = page.introduction.replace(BEFORE, AFTER, 1)
    publish(page.save_revision())
    for locale in Locale.objects.filter(language_code__in=content.LANGUAGES[1:]):
        DueDate.objects.create(
            page_key=page.get_parent().translation_key, locale=locale, day=timezone.localdate() + DUE_IN
        )
