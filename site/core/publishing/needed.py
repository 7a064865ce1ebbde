"""Pages that the settings of the site name: every page links to them, in each language. They do not vanish unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.models import Page, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID


def names() -> dict[UUID, list[str]]:
    """Return what the settings call their pages ("privacy notice"), by translation key. One query for each settings model."""
    found: dict[UUID, list[str]] = {}
    for model, labels in _fields():
        for row in model._default_manager.values_list(*(f"{name}__translation_key" for name in labels)):
            for key, label in zip(row, labels.values(), strict=True):
                if key is not None:
                    found.setdefault(key, []).append(str(label))
    return found


def named_as(page: Page) -> list[str]:
    """Return what the settings call a page, or the page of which it is a translation."""
    return names().get(page.translation_key, [])


def _fields() -> Iterator[tuple[type[Any], dict[str, Any]]]:
    """Yield each model of settings with its fields that name a page, and their labels."""
    for model in apps.get_models():
        if issubclass(model, BaseSiteSetting | Site):
            fields = [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]
            labels = {
                field.name: field.verbose_name for field in fields if issubclass(field.related_model, Page)
            }
            if labels:
                yield model, labels
