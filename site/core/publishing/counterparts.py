"""References to a page by way of its translations, which Wagtail's reference index does not know.

Editors link to and choose pages in the source language. A translation keeps the reference, but shows the page in its own language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import Page, ReferenceIndex

from core import memo
from core.languages import tree
from core.models.settings import SiteSettings
from core.publishing.routes import EVERYTHING, AppRoute

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

    from django.db.models import Model


class Counterparts(AppRoute):
    """Invalidates pages that link to a translation of a page, and all pages if it is in the footer."""

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if not isinstance(changed, Page):
            return
        code = changed.locale.language_code
        if _is_linked_everywhere(changed.translation_key):
            yield from self.speaking(code)
        keys = [str(key) for key in _in_all_languages(changed.translation_key) if key != changed.pk]
        if not keys:
            return
        base = ContentType.objects.get_for_model(Page)
        referrers = ReferenceIndex.objects.filter(
            to_content_type=base, to_object_id__in=keys, base_content_type=base
        ).values_list("object_id", flat=True)
        linking = Page.objects.filter(
            pk__in=[int(key) for key in referrers.distinct()], locale=changed.locale_id
        )
        for page in linking:
            yield tree.page_path(page, code)

    @staticmethod
    def speaking(code: str) -> Iterable[str]:
        """Return patterns for all pages of a language, and of the languages that fall back to it."""
        for language in settings.LANGUAGE_TABLE:
            if code in tree.fallbacks(language):
                yield f"/{language}/{EVERYTHING}"


@memo.per_batch
def _is_linked_everywhere(translation_key: uuid.UUID) -> bool:
    """Whether the settings name a page, in whatever language."""
    chosen = Q()
    for name in SiteSettings.LINKED:
        chosen |= Q(**{f"{name}__translation_key": translation_key})
    return SiteSettings.objects.filter(chosen).exists()


@memo.per_batch
def _in_all_languages(translation_key: uuid.UUID) -> list[int]:
    return [*Page.objects.filter(translation_key=translation_key).values_list("pk", flat=True)]


ROUTES = (Counterparts(),)
