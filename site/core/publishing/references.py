"""References to pages that Wagtail's reference index lacks: by the settings of the site, and by translations.

Every page links to those that the settings name, in each language, so unpublishing one takes a reason.
Editors link to and choose pages in the source language.
A translation keeps the reference, but shows the page in its own language.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Model, Q
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.models import Page, ReferenceIndex, Site

from core import memo
from core.languages import tree
from core.models.settings import SiteSettings
from core.publishing.routes import EVERYTHING, AppRoute


def required_pages() -> dict[UUID, list[str]]:
    """Return the settings' labels of their pages ("privacy notice"), by translation key.

    One query for each settings model.
    """
    found: dict[UUID, list[str]] = {}
    for model, labels in _fields():
        for row in model._default_manager.values_list(*(f"{name}__translation_key" for name in labels)):
            for key, label in zip(row, labels.values(), strict=True):
                if key is not None:
                    found.setdefault(key, []).append(str(label))
    return found


def named_as(page: Page) -> list[str]:
    """Return the settings' labels of a page, or of the page of which it is a translation."""
    return required_pages().get(page.translation_key, [])


def is_on_sensitive_page(row: Model) -> bool:
    """Return whether a public page for people in need refers to a row, such as a picture or a document."""
    base = ContentType.objects.get_for_model(Page)
    referrers = ReferenceIndex.get_references_to(row).filter(base_content_type=base).values_list("object_id", flat=True)
    pages = Page.objects.live().filter(pk__in=[int(key) for key in referrers.distinct()])
    return any(getattr(page, "is_sensitive", False) for page in pages.specific(defer=True))


def _fields() -> Iterator[tuple[type[Any], dict[str, Any]]]:
    """Yield each model of settings with its fields that name a page, and their labels."""
    for model in apps.get_models():
        if issubclass(model, BaseSiteSetting | Site):
            fields = [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]
            labels = {field.name: field.verbose_name for field in fields if issubclass(field.related_model, Page)}
            if labels:
                yield model, labels


class TranslationLinks(AppRoute):
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
        linking = Page.objects.filter(pk__in=[int(key) for key in referrers.distinct()], locale=changed.locale_id)
        for page in linking:
            yield tree.page_path(page, code)

    @staticmethod
    def speaking(code: str) -> Iterable[str]:
        """Return patterns for all pages of a language, and of the languages that fall back to it."""
        for language in settings.LANGUAGE_TABLE:
            if code in tree.fallbacks(language):
                yield f"/{language}/{EVERYTHING}"


@memo.per_batch
def _is_linked_everywhere(translation_key: UUID) -> bool:
    """Return whether the settings name a page, in any language."""
    chosen = Q()
    for name in SiteSettings.LINKED:
        chosen |= Q(**{f"{name}__translation_key": translation_key})
    return SiteSettings.objects.filter(chosen).exists()


@memo.per_batch
def _in_all_languages(translation_key: UUID) -> list[int]:
    return [*Page.objects.filter(translation_key=translation_key).values_list("pk", flat=True)]


ROUTES = (TranslationLinks(),)
