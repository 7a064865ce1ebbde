"""Share cards and oEmbed descriptions, rendered for the prerendered files only."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from wagtail.models import Page

from campaigns.sharing import shared
from campaigns.studio import cards
from core.doors import public_url
from core.languages import tree
from core.models import SiteSettings
from core.publishing import routes, sharing
from core.typesetting import NotTypeset

if TYPE_CHECKING:
    from django.http import HttpRequest

    from campaigns.sharing.shared import SharedPage


log = logging.getLogger(__name__)

# Seconds that a program may keep what it has read: it forgets within a day what was withdrawn.
CACHE_AGE = 24 * 60 * 60


def card(request: HttpRequest, code: str, kind: str, key: int) -> HttpResponse:
    """Return the picture of a page. If it cannot be drawn, that of its section stands in: a link never shows a hole."""
    page = _shared(request, code, kind, key)
    if page.picture is not None:
        raise Http404
    hue, scene = page.look()
    site = SiteSettings.for_request(request).name
    try:
        drawn = cards.card(title=page.title, site=site, language=code, hue=hue, scene=scene)
    except NotTypeset as problem:
        log.warning("No card was drawn of %s, so that of its section stands in. %s", page.path, problem)
        drawn = sharing.drawn_card(_section(page), site=site)
    return HttpResponse(drawn, content_type="image/png")


def described(request: HttpRequest, code: str, kind: str, key: int) -> HttpResponse:
    """Return what a page is, for programs that show a link as more than a link (oEmbed 1.0, https://oembed.com).

    A program finds the address in the head of the page; there is no endpoint that could be asked for any address. All are of the type
    `link`, with a picture: `photo`, `video` and `rich` would put our files or our markup into the pages of others, whose readers would then
    ask us for them without knowing it.
    """
    page = _shared(request, code, kind, key)
    found: dict[str, object] = {
        "version": "1.0",
        "type": "link",
        "title": page.title,
        "provider_name": SiteSettings.for_request(request).name,
        "provider_url": public_url(f"/{page.language}/"),
        "url": public_url(page.path),
        "cache_age": CACHE_AGE,
    }
    if page.picture is not None:
        picture = page.picture.get_rendition(sharing.PICTURE)
        thumbnail = (public_url(picture.url), picture.width, picture.height)
    else:
        thumbnail = (public_url(page.card_path), sharing.CARD_WIDTH, sharing.CARD_HEIGHT)
    found |= zip(("thumbnail_url", "thumbnail_width", "thumbnail_height"), thumbnail, strict=True)
    return HttpResponse(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n", content_type="application/json"
    )


def _shared(request: HttpRequest, code: str, kind: str, key: int) -> SharedPage:
    if not routes.may_render(request):
        raise Http404
    try:
        return shared.find(kind, key, code)
    except LookupError:
        raise Http404 from None


def _section(page: SharedPage) -> Page:
    """Return the page below the home page that another is in."""
    slug = page.path.split("/")[2]
    sections = tree.public_pages().filter(
        depth=tree.HOME_DEPTH + 1, slug=slug, locale__language_code=page.language
    )
    return sections.select_related("locale").get()
