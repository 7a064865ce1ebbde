"""The pictures on prerendered pages.

Uploaded files are never public, and neither is the folder of renditions: opening the list of pictures in the admin
makes renditions of every picture.
Public are the renditions that a prerendered page shows, under a name made from their content
(`/pictures/<digest>.webp`), which cannot be guessed without the picture.
They are put in place with the page and removed with the last page that shows them.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.utils.translation import gettext as _
from wagtail.images import get_image_model

from core.models import Picture, Rendition
from core.uploads.unavailable import StorageUnavailableError
from prerender.store.files import StoredFile

FOLDER = "/pictures/"
# Of the 64 digits of a digest: 96 bits, which no two pictures share.
DIGITS = 24


def path_of(rendition: Rendition) -> str:
    return f"{FOLDER}{rendition.digest[:DIGITS]}{Path(rendition.file.name).suffix}"


def paths_of(picture: Picture) -> list[str]:
    """Return the public addresses of a picture in all its sizes, whether a page shows them or not."""
    return [path_of(rendition) for rendition in picture.renditions.all()]


def is_intact(file: Path) -> bool:
    """Return whether a prerendered picture exists and its content matches its name."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest().startswith(file.stem)
    except OSError:
        return False


@cache
def pattern() -> re.Pattern[bytes]:
    """Match the address of a rendition on the private site, relative or on our own host: no other site's picture."""
    own = re.escape(f"{settings.MEDIA_URL}images/".encode())
    public = re.escape(settings.PUBLIC_URL.rstrip("/").encode())
    return re.compile(rb"(?:(?<=" + public + rb")|(?<![\w.\-]))" + own + rb"([\w.%\-]+)")


def names_in(body: bytes) -> set[str]:
    """Return the names of the rendition files that a page refers to, relative to the folder of media."""
    return {f"images/{unquote(name.decode('ascii', 'replace'))}" for name in pattern().findall(body)}


def renditions(names: Iterable[str]) -> dict[str, Rendition]:
    found = get_image_model().get_rendition_model().objects.filter(file__in=sorted(names))
    return {rendition.file.name: rendition for rendition in found}


def with_public_addresses(body: bytes, known: dict[str, Rendition]) -> bytes:
    """Return a page with the public address of each rendition in place of its address on the private site."""

    def public(match: re.Match[bytes]) -> bytes:
        rendition = known.get(f"images/{unquote(match[1].decode('ascii', 'replace'))}")
        return path_of(rendition).encode() if rendition else match[0]

    return pattern().sub(public, body)


def make_public(files: dict[str, StoredFile]) -> tuple[dict[str, str], set[str]]:
    """Give pages the public addresses of their pictures, and record which those are.

    One query for all pages.

    Returns the pages, by path, that cannot be rendered because a picture is missing, each with the reason; and those
    that have to wait because the storage of pictures is unavailable.
    """
    shown = {path: names for path, stored in files.items() if (names := names_in(stored.body))}
    if not shown:
        return {}, set()
    known = renditions({name for names in shown.values() for name in names})
    refused, waiting = {}, set()
    for path, names in shown.items():
        stored = files[path]
        try:
            missing = sorted(name for name in names if name not in known or not is_there(known[name]))
        except StorageUnavailableError:
            waiting.add(path)
            continue
        if missing:
            refused[path] = _("A picture on the page is missing: %(name)s.") % {"name": missing[0]}
            continue
        stored.body = with_public_addresses(stored.body, known)
        stored.pictures = {path_of(known[name]): Path(known[name].file.path) for name in sorted(names)}
    return refused, waiting


def is_there(rendition: Rendition) -> bool:
    return Path(rendition.file.path).is_file()
