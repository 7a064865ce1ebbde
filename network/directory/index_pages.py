"""Queries for the pages that index pages list: events, groups and digests."""

from typing import Any, Self
from uuid import UUID

from wagtail.query import PageQuerySet

from core.languages import tree


class IndexedPageQuerySet(PageQuerySet):
    """Queryset of pages that index pages list."""

    def listed(self) -> Self:
        """Return the pages that lists may show: live and unrestricted."""
        return self.live().exclude(tree.restricted())

    def nearest(self, language: str) -> dict[UUID, Any]:
        """Return the live pages in a language or its fallbacks, by translation key.

        One query.
        """
        order = {code: place for place, code in enumerate(tree.fallbacks(language))}
        found: dict[UUID, Any] = {}
        pages = self.live().select_related("locale")
        for page in sorted(pages, key=lambda page: order.get(page.locale.language_code, len(order))):
            found.setdefault(page.translation_key, page)
        return found
