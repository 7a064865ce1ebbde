"""Blocks that lead to another page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail import blocks

from core.publishing.navigation import known_pages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wagtail.models import Page


class PageLinkBlock(blocks.PageChooserBlock):
    """A page to link to. Takes no query where the batch knows the page already, however many blocks of this kind a text has."""

    def bulk_to_python(self, values: Iterable[int | None]) -> list[Page | None]:
        keys = list(values)
        known = known_pages(None).by_primary_key
        missing = [key for key in dict.fromkeys(keys) if key is not None and key not in known]
        found = known | dict(zip(missing, super().bulk_to_python(missing), strict=True)) if missing else known
        return [found[key] if key is not None else None for key in keys]
