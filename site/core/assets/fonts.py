"""The face of headings as files for browsers, made of the font packages that posters are set in (0024).

`css/fonts.css` names the files and the letters in each; this module makes them: one weight, only those letters, compressed as WOFF2. They
are made again when that list, a font package or the compiler changes. No font is ever committed, nor fetched from anywhere else.
"""

from __future__ import annotations

import io
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

import fontpkg_ibm_plex_sans
import fontpkg_ibm_plex_sans_arabic
from django.conf import settings
from fontTools.ttLib import TTFont

from core.assets.generated_files import MadeFileFinder, kept

SANS = Path(fontpkg_ibm_plex_sans.__file__).parent / "files" / "IBMPlexSans[wdth,wght].ttf"
ARABIC = Path(fontpkg_ibm_plex_sans_arabic.__file__).parent / "files" / "IBMPlexSansArabic-SemiBold.ttf"
SEMI_BOLD = {"wght": 600, "wdth": 100}
# The licence (OFL 1.1) reserves the name of the original: what is made of it has another.
NAME = "Waymark"
# What letters need: their shapes within a word, marks in their places, the forms of a language, the space between two letters.
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
    # Not earlier, as below: every command asks for the folder, and hardly any makes a font.
    from fontTools.varLib.instancer import instantiateVariableFont

    font = instantiateVariableFont(TTFont(SANS, recalcTimestamp=False), SEMI_BOLD)
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def made(name: str, letters: list[int]) -> bytes:
    """Return the WOFF2 file `name` with those of these letters that the font has."""
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


def folder() -> Path:
    """Return the folder with the fonts as they are to be now, and make them if they are not there."""
    css = (settings.SITE / "static" / "css" / "fonts.css").read_text()
    packages = ("fonttools", "fontpkg-ibm-plex-sans", "fontpkg-ibm-plex-sans-arabic")
    made_of = (css, Path(__file__).read_text(), *map(version, packages))
    return kept(
        "fonts", made_of, lambda: ((name, made(name, letters)) for name, letters in faces(css).items())
    )


class FontFinder(MadeFileFinder):
    folder = staticmethod(folder)
