"""Assets generated from other files: favicons and fonts.

They are kept in `var/` until their sources change, and never committed.

Every page has the same icons, help pages too: icons appear in tabs, in bookmarks and on home screens, and must not
reveal which pages a visitor has read.
Each is drawn from `static/icons/favicon.svg`, for programs that need a bitmap of a fixed size.

The typeface of headings is made of the font packages that posters are set in (0024).
`css/fonts.css` names the files and the letters in each: one weight, only those letters, compressed as WOFF2.
No font is ever fetched from another server.
"""

import hashlib
import io
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import fontpkg_ibm_plex_sans
import fontpkg_ibm_plex_sans_arabic
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage
from fontTools.ttLib import TTFont
from PIL import Image

from core import typesetting


def kept(name: str, made_of: Iterable[str], make: Callable[[], Iterable[tuple[str, bytes]]]) -> Path:
    """Return the folder in `var/<name>` with the current files.

    If it does not exist, `make` yields their names and contents.
    """
    target: Path = settings.VAR / name / hashlib.sha256("".join(made_of).encode()).hexdigest()[:12]
    if not target.exists():
        making = target.with_name(f"making-{os.getpid()}")
        for path, content in make():
            file = making / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        try:
            making.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(making)
    return target


class GeneratedFileFinder(BaseFinder):
    """Finder for a folder that is generated on first use, by `collectstatic` or by the development server."""

    folder: Callable[[], Path]

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        folder = self.folder()
        storage = FileSystemStorage(folder)
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = file.relative_to(folder).as_posix()
            if not matches_patterns(name, ignore_patterns or ()):
                yield name, storage

    def find(self, path: str, find_all: bool = False, **options: object) -> Any:
        found = [storage.path(name) for name, storage in self.list(None) if name == path]
        return found if find_all or not found else found[0]


SOURCE = "icons/favicon.svg"
TEMPLATE = Path(__file__).parents[1] / "typst" / "favicon.typ"


class Icon(NamedTuple):
    """A favicon: its name among the static files, its width, and whether it fills the square, for cropping."""

    name: str
    width: int
    fills: bool = False


# Requested by browsers and home screens by name, at the root of the site.
# Without it, a page on a home screen has a screenshot of itself as its icon.
FAVICON = Icon("icons/favicon.ico", 32)
TOUCH = Icon("icons/apple-touch-icon.png", 180, fills=True)
SMALL = Icon("icons/icon-192.png", 192)
LARGE = Icon("icons/icon-512.png", 512)
MASKABLE = Icon("icons/maskable-512.png", 512, fills=True)
ICONS = (FAVICON, TOUCH, SMALL, LARGE, MASKABLE)


def drawn(icon: Icon) -> bytes:
    """Return an icon as a file."""
    source = (settings.ROOT / "site" / "static" / SOURCE).read_text()
    png = typesetting.picture(TEMPLATE, {"svg": source, "width": icon.width, "fills": icon.fills})
    file = io.BytesIO()
    picture: Image.Image = Image.open(io.BytesIO(png))
    if icon.fills:
        picture = picture.convert("RGB")
    sizes = {"sizes": [(icon.width, icon.width)]} if icon is FAVICON else {}
    picture.save(file, Path(icon.name).suffix[1:], optimize=True, **sizes)
    return file.getvalue()


def icons_folder() -> Path:
    """Return the folder with the current icons, and draw them if they are missing."""
    sources = (settings.ROOT / "site" / "static" / SOURCE, Path(__file__), TEMPLATE)
    made_of = (*(source.read_text() for source in sources), version("typst"), version("pillow"))
    return kept("icons", made_of, lambda: ((icon.name, drawn(icon)) for icon in ICONS))


class IconFinder(GeneratedFileFinder):
    folder = staticmethod(icons_folder)


SANS = Path(fontpkg_ibm_plex_sans.__file__).parent / "files" / "IBMPlexSans[wdth,wght].ttf"
ARABIC = Path(fontpkg_ibm_plex_sans_arabic.__file__).parent / "files" / "IBMPlexSansArabic-SemiBold.ttf"
SEMI_BOLD = {"wght": 600, "wdth": 100}
# The licence (OFL 1.1) reserves the name of the original, so derived fonts have another.
NAME = "Waymark"
# OpenType features that letters need: shapes within a word, positions of marks, forms of a language, kerning.
FEATURES = ["ccmp", "locl", "mark", "mkmk", "kern", "init", "medi", "fina", "isol", "rlig"]

FACE = re.compile(r'url\("/static/(?P<name>fonts/[a-z]+\.woff2)"\)[^}]*?unicode-range: (?P<ranges>[^;]+);')


def faces(css: str) -> dict[str, list[int]]:
    """Return the code points of each file that the style sheet names, by the file's name."""
    found = {}
    for face in FACE.finditer(css):
        found[face["name"]] = [
            code
            for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", face["ranges"])
            for code in range(int(first, 16), int(last or first, 16) + 1)
        ]
    return found


@cache
def sans() -> bytes:
    """Return Plex Sans in the one weight that headings have."""
    # Imported here, as below: every command needs the folder, but hardly any generates a font.
    from fontTools.varLib.instancer import instantiateVariableFont

    font = instantiateVariableFont(TTFont(SANS, recalcTimestamp=False), SEMI_BOLD)
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def made(name: str, letters: list[int]) -> bytes:
    """Return the WOFF2 file `name` with those of the given letters that the font has."""
    from fontTools.subset import Options, Subsetter, save_font

    font = TTFont(ARABIC if "arabic" in name else io.BytesIO(sans()), recalcTimestamp=False)
    options = Options(
        flavor="woff2",
        layout_features=FEATURES,
        hinting=False,
        name_IDs=[],
        notdef_outline=True,
        drop_tables=[*Options().drop_tables, "meta", "STAT"],
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    for number in (1, 4, 6):
        font["name"].setName(NAME, number, 3, 1, 0x409)
    file = io.BytesIO()
    save_font(font, file, options)
    return file.getvalue()


def fonts_folder() -> Path:
    """Return the folder with the current fonts, and generate them if they are missing."""
    css = (settings.ROOT / "site" / "static" / "css" / "fonts.css").read_text()
    packages = ("fonttools", "fontpkg-ibm-plex-sans", "fontpkg-ibm-plex-sans-arabic")
    made_of = (css, Path(__file__).read_text(), *map(version, packages))
    return kept("fonts", made_of, lambda: ((name, made(name, letters)) for name, letters in faces(css).items()))


class FontFinder(GeneratedFileFinder):
    folder = staticmethod(fonts_folder)
