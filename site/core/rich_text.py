"""Links in rich text lead to the page in the reader's language: one query, however many links a text has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F
from django.utils import translation
from django.utils.html import format_html
from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler

from core.languages import tree
from core.publishing.navigation import known_pages

if TYPE_CHECKING:
    import uuid


class PageLink(PageLinkHandler):
    """A link to a page's translation, or to its fallback language; plain text if neither is public.

    Wagtail's handler takes four queries per text and more per link, and links to pages that the public may not see.
    """

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        code = translation.get_language() or settings.LANGUAGE_CODE
        ids = [int(attrs["id"]) if str(attrs.get("id")).isdecimal() else 0 for attrs in attrs_list]
        known = known_pages(None)
        if known.keys.keys() >= set(ids):
            return [cls.tag(known.counterparts.get(known.keys[pk], {}), code) for pk in ids]
        asked = Page.objects.filter(pk__in=ids)
        found = list(
            tree.public_pages(also_in=code)
            .filter(translation_key__in=asked.values("translation_key"))
            .annotate(code=F("locale__language_code"))
            .only("url_path", "translation_key")
        )
        keys = {page.pk: page.translation_key for page in found if page.pk in ids}
        if found and set(ids) - keys.keys():
            # The linked page is not public, but its translation may be.
            keys = dict(asked.values_list("pk", "translation_key"))
        pages: dict[uuid.UUID, dict[str, Page]] = {}
        for page in found:
            pages.setdefault(page.translation_key, {})[page.code] = page
        return [cls.tag(pages.get(keys[pk], {}) if pk in keys else {}, code) for pk in ids]

    @staticmethod
    def tag(pages: dict[str, Page], code: str) -> str:
        """Return the opening tag, with `hreflang` if the link leads to another language. `pages`: the page, by language."""
        for other in tree.fallbacks(code):
            if page := pages.get(other):
                url = tree.page_path(page, other)
                return (
                    format_html('<a href="{}">', url)
                    if other == code
                    else format_html('<a href="{}" hreflang="{}">', url, other)
                )
        return "<a>"
