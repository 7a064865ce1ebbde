from __future__ import annotations

from typing import Any, Self

from django.db import models
from wagtail.query import PageQuerySet

from core.languages import tree


class GroupPageQuerySet(PageQuerySet):
    """Pages of groups."""

    def in_language(self, language: str) -> list[Any]:
        """Return the live page of each group in a language or its fallbacks, by title. One query."""
        order = {code: place for place, code in enumerate(tree.fallbacks(language))}
        found: dict[Any, Any] = {}
        pages = self.live().select_related("locale")
        for page in sorted(pages, key=lambda page: order.get(page.locale.language_code, len(order))):
            found.setdefault(page.translation_key, page)
        return sorted(found.values(), key=lambda page: page.title)


class GroupMembershipQuerySet(models.QuerySet[Any]):
    def admitted(self) -> Self:
        return self.exclude(admitted_at=None)

    def asking(self) -> Self:
        """Those who wait for the chair or the team to admit them."""
        return self.filter(admitted_at=None, member__state="listed")

    def chairs(self) -> Self:
        """Those who lead a group, while they are listed."""
        return self.admitted().filter(is_chair=True, member__state="listed")
