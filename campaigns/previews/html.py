"""Turns a page of the public site into one of a preview: it says so, and leads nowhere but to what the preview has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from django.conf import settings
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from bs4.element import Tag
    from django.http import HttpRequest

    from campaigns.previews.contents import Preview

DOCUMENT = re.compile(r"^/documents/(\d+)/")
# What is for machines, runs or sends something: none of it has a place in a preview.
REMOVED = "script, form, iframe, base, link:not([rel=stylesheet]):not([rel=icon]), meta[property], meta[name^=twitter], noscript"


def as_preview(html: str, preview: Preview, request: HttpRequest) -> str:
    """Return the HTML of a page for a partner."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.select(REMOVED):
        tag.decompose()
    for tag in soup.find_all(["video", "audio"]):
        play(soup, tag, preview)
    for tag in soup.find_all(["a", "area"]):
        lead_within(tag, preview)
    for tag in soup.find_all(["img", "source"]):
        show(tag, preview)
    context = {"preview": preview, "overview": preview.url("overview"), "zone": settings.TIME_ZONE}
    head, body = soup.find("head"), soup.find("body")
    if head is not None:
        head.append(BeautifulSoup(render_to_string("campaigns/preview_head.html", {}), "html.parser"))
    if body is not None:
        note = render_to_string("campaigns/preview_note.html", context, request=request)
        body.insert(0, BeautifulSoup(note, "html.parser"))
    return str(soup)


def play(soup: BeautifulSoup, player: Tag, preview: Preview) -> None:
    """Have a film or a recording come from the preview, with its captions. One that is not part of it leaves its picture behind."""
    for part in player.find_all(["source", "track"]):
        if address := file_address(str(part.get("src", "")), preview):
            part["src"] = address
        else:
            part.decompose()
    poster = player.get("poster")
    if player.find("source") is not None:
        if poster:
            player["poster"] = picture_address(str(poster), preview)
    elif poster:
        player.replace_with(soup.new_tag("img", attrs={"src": str(poster), "alt": ""}))
    else:
        player.decompose()


def path_of(address: str) -> str:
    """Return the path at the public door that an address names; empty if it is on another site."""
    parts = urlsplit(address)
    if parts.netloc and f"{parts.scheme}://{parts.netloc}" != settings.PUBLIC_URL:
        return ""
    return unquote(parts.path)


def file_address(address: str, preview: Preview) -> str:
    """Return the address of a file in the preview; empty if it is not part of it."""
    found = DOCUMENT.match(path_of(address))
    return preview.file_url(int(found.group(1))) if found else ""


def lead_within(link: Tag, preview: Preview) -> None:
    """Have a link lead to what the preview has; otherwise it leads nowhere."""
    address = str(link.get("href", ""))
    if not address or address.startswith("#"):
        return
    path = path_of(address)
    target = preview.paths.get(path) or preview.kit_url(path) or file_address(address, preview)
    for name in ("href", "hreflang", "download", "target", "rel", "ping"):
        del link[name]
    if target:
        link["href"] = target
    else:
        link["aria-disabled"] = "true"


def show(picture: Tag, preview: Preview) -> None:
    """Have a picture come from the preview: nothing of it is public yet."""
    if address := picture.get("src"):
        picture["src"] = picture_address(str(address), preview)
    if several := picture.get("srcset"):
        sizes = [each.strip().rpartition(" ") for each in str(several).split(",") if each.strip()]
        picture["srcset"] = ", ".join(
            f"{picture_address(address or size, preview)}{f' {size}' if address else ''}"
            for address, _space, size in sizes
        )


def picture_address(address: str, preview: Preview) -> str:
    path = path_of(address)
    if path.startswith(settings.MEDIA_URL):
        return preview.picture_url(path.removeprefix(settings.MEDIA_URL))
    return path
