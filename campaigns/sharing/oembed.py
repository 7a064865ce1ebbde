"""Descriptions of pages for programs that show a link as more than a link (oEmbed 1.0, https://oembed.com).

They are files: a program finds the address in the head of the page, and there is no endpoint that could be asked for any address. All are of
the type `link`, with a picture. `photo`, `video` and `rich` would put our files or our markup into the pages of others, whose readers would
then ask us for them without knowing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.doors import public_url
from core.publishing import sharing

if TYPE_CHECKING:
    from campaigns.sharing.shared import SharedPage

VERSION = "1.0"
# Seconds that a program may keep what it has read: it forgets within a day what was withdrawn.
CACHE_AGE = 24 * 60 * 60


def described(page: SharedPage, *, provider: str) -> dict[str, Any]:
    """Describe a page. `provider` is the name of this site."""
    found: dict[str, Any] = {
        "version": VERSION,
        "type": "link",
        "title": page.title,
        "provider_name": provider,
        "provider_url": public_url(f"/{page.language}/"),
        "url": public_url(page.path),
        "cache_age": CACHE_AGE,
    }
    if page.picture is not None:
        picture = page.picture.get_rendition(sharing.PICTURE)
        thumbnail = (public_url(picture.url), picture.width, picture.height)
    else:
        thumbnail = (public_url(page.card_path), sharing.CARD_WIDTH, sharing.CARD_HEIGHT)
    return found | dict(zip(("thumbnail_url", "thumbnail_width", "thumbnail_height"), thumbnail, strict=True))
