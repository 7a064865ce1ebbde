"""Links from the home page to other pages, in the language of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import translation

from core.languages import tree
from core.publishing import navigation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wagtail.models import Page


def links_to(pages: Iterable[Page | None]) -> dict[int, tuple[Page, str]]:
    """Map the primary key of each chosen page to its version in the active language and that version's path. One query."""
    code = translation.get_language()
    chosen = [page for page in pages if page is not None]
    found = navigation.in_language(chosen, code)
    return {
        page.pk: (found[page.translation_key], tree.page_path(found[page.translation_key], code))
        for page in chosen
        if page.translation_key in found
    }


def path_to(page: Page | None) -> str:
    """Return the path of a chosen page in the active language; empty if it has none there."""
    return next((path for _page, path in links_to([page]).values()), "")
