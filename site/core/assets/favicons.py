"""The icons of the site: each is drawn from `static/icons/mark.svg`, for programs that want a picture of a certain size.

Every page has the same ones, help pages too: they stand in tabs, bookmarks and on home screens, and must not tell what somebody has read.
They are drawn again when the drawing or the compiler changes. No picture of it is ever committed.
"""

from __future__ import annotations

import io
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from PIL import Image

from core import typesetting
from core.assets.generated_files import MadeFileFinder, kept

SOURCE = "icons/mark.svg"
TEMPLATE = Path(__file__).parents[1] / "typst" / "mark.typ"


class Icon(NamedTuple):
    """A picture of the mark: its name among the static files, its width, and whether it fills the square, for a system to cut to its shape."""

    name: str
    width: int
    fills: bool = False


# What browsers and home screens ask for by name, at the root of the site. Without it, a page that is put on a home screen has a picture
# of itself there.
FAVICON = Icon("icons/favicon.ico", 32)
TOUCH = Icon("icons/apple-touch-icon.png", 180, fills=True)
SMALL = Icon("icons/mark-192.png", 192)
LARGE = Icon("icons/mark-512.png", 512)
MASKABLE = Icon("icons/maskable-512.png", 512, fills=True)
ICONS = (FAVICON, TOUCH, SMALL, LARGE, MASKABLE)


def drawn(icon: Icon) -> bytes:
    """Return an icon as a file."""
    source = (settings.SITE / "static" / SOURCE).read_text()
    png = typesetting.picture(TEMPLATE, {"svg": source, "width": icon.width, "fills": icon.fills})
    file = io.BytesIO()
    picture: Image.Image = Image.open(io.BytesIO(png))
    if icon.fills:
        picture = picture.convert("RGB")
    picture.save(file, Path(icon.name).suffix[1:], optimize=True, **icon_sizes(icon))
    return file.getvalue()


def icon_sizes(icon: Icon) -> dict[str, object]:
    return {"sizes": [(icon.width, icon.width)]} if icon is FAVICON else {}


def folder() -> Path:
    """Return the folder with the icons as they are to be now, and draw them if they are not there."""
    sources = (settings.SITE / "static" / SOURCE, Path(__file__), TEMPLATE)
    made_of = (*(source.read_text() for source in sources), version("typst"), version("pillow"))
    return kept("icons", made_of, lambda: ((icon.name, drawn(icon)) for icon in ICONS))


class IconFinder(MadeFileFinder):
    folder = staticmethod(folder)
