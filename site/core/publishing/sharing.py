"""Previews of a page in shared links and search results.

Not for help pages, whose description is only the one that the editor wrote: some browsers keep it, and the picture, in
their history.
"""

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global
from django.conf import settings
from django.db.models import Q
from django.utils.html import strip_tags
from wagtail.models import Page

from core import typesetting
from core.languages import tree

# The length of descriptions that search engines show.
LONGEST_DESCRIPTION = 160  # characters
# Languages that are written for another country than CLDR's likely one.
TERRITORIES = {"en": "GB"}
# The same as in components/sharing.html.
PICTURE = "fill-1200x630|format-jpeg"
CARD_WIDTH, CARD_HEIGHT = 1200, 630
TEMPLATE = Path(__file__).parents[1] / "typst" / "card.typ"


@cache
def open_graph_locale(code: str) -> str:
    """Return a language as Open Graph expects it, with the country where most of its readers live: `de_DE`."""
    language = code.partition("-")[0]
    if language in TERRITORIES:
        return f"{language}_{TERRITORIES[language]}"
    likely = get_global("likely_subtags").get(language)
    territory = Locale.parse(likely).territory if likely else None
    return f"{language}_{territory}" if territory else language


def description(page: Any) -> str:
    """Return the description of a page: the one for search engines, or the beginning of its introduction."""
    written: str = getattr(page, "search_description", "")
    if written or getattr(page, "is_sensitive", False):
        return written
    return shortened(getattr(page, "introduction", ""))


def shortened(text: str) -> str:
    """Return the beginning of a text, cut between words, at most as long as a description."""
    # Not `split()`, which takes away the spaces before French punctuation that do not break.
    words = re.sub(r"[ \t\r\n]+", " ", unescape(strip_tags(text))).strip()
    if len(words) <= LONGEST_DESCRIPTION:
        return words
    return f"{words[: LONGEST_DESCRIPTION - 1].rpartition(' ')[0]} …"


# --- Cards --------------------------------------------------------------------------------------------------------


def card_path(page: Page, code: str | None = None) -> str:
    """Return the address of the picture of a page: `/cards/de/news.png`, and `/cards/de.png` for a home page."""
    return f"/cards{tree.page_path(page, code).rstrip('/')}.png"


def card_path_of(kind: str, key: int, code: str) -> str:
    """Return the address of the picture of something below a section, which stays when the thing is renamed."""
    return f"/cards/{code}/{kind}/{key}.png"


def has_card(page: Any) -> bool:
    """Return whether a page has its own picture: home pages and the sections below them, but no help pages."""
    return page.depth in (tree.HOME_DEPTH, tree.HOME_DEPTH + 1) and not getattr(page, "is_sensitive", False)


def pages_with_cards(asked: Q | None = None) -> Iterator[Page]:
    """Yield the prerendered pages with their own picture, which shows their title."""
    pages = tree.public_pages().filter(depth__in=(tree.HOME_DEPTH, tree.HOME_DEPTH + 1))
    for page in pages.filter(asked or Q()).specific().select_related("locale"):
        if has_card(page) and not page.render_blockers():
            yield page


def drawn_card(page: Page, *, site: str) -> bytes:
    """Return the picture of a page, a PNG of 1200 by 630: its title, and the name of the site.

    Raises TypesettingError.
    """
    code = page.locale.language_code
    return typesetting.picture(
        TEMPLATE,
        {
            "title": page.seo_title or page.title,
            "site": site,
            "language": code,
            "direction": settings.LANGUAGE_TABLE[code].direction,
        },
    )
