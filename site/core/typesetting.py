"""PDF/UA-1 documents, and pictures with text, made from a typst template and its data.

The fonts are installed with the project and the system's are ignored, so the same data gives the same bytes on every
machine.
"""

import io
import json
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import fontpkg_ibm_plex_sans
import fontpkg_ibm_plex_sans_arabic
import segno
import typst
from fontTools.ttLib import TTFont

# Latin, Greek, Cyrillic and Arabic: the scripts of all languages of the site.
FONTS = [
    str(Path(package.__file__).parent / "files") for package in (fontpkg_ibm_plex_sans, fontpkg_ibm_plex_sans_arabic)
]


class TypesettingError(ValueError):
    """The text cannot be typeset: no font has a letter, or it does not fit.

    The message names the problem.
    """


@cache
def letters() -> frozenset[int]:
    """Return the code points that the fonts have."""
    files = (file for folder in FONTS for file in Path(folder).iterdir() if file.suffix in {".ttf", ".otf"})
    found: set[int] = set()
    for file in files:
        with TTFont(file, lazy=True) as font:
            found |= font.getBestCmap().keys()
    return frozenset(found)


def missing_letters(text: str) -> str:
    """Return the letters of a text that no font has, each once.

    Invisible characters, such as direction marks, do not count.
    """
    undrawn = {"Cc", "Cf", "Zs", "Zl", "Zp"}
    found = (letter for letter in text if ord(letter) not in letters() and unicodedata.category(letter) not in undrawn)
    return "".join(dict.fromkeys(found))


@cache
def compiler(template: Path) -> typst.Compiler:
    return typst.Compiler(str(template), font_paths=FONTS, ignore_system_fonts=True)


def qr_code(address: str) -> str:
    """Return an address as a QR code: an SVG drawing, without a margin, one unit for each of its squares."""
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawing, kind="svg", border=0, xmldecl=False)
    return drawing.getvalue().decode()


def pdf(template: Path, data: Mapping[str, object]) -> bytes:
    """Return the PDF that a template makes of `data`, which it reads as JSON from `sys.inputs.data`.

    Raises TypesettingError.
    """
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        made = compiler(template).compile(format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"])
    except typst.TypstError as problem:
        raise TypesettingError(str(problem)) from None
    if not isinstance(made, bytes):
        raise TypeError("A PDF is one file.")
    return made


def picture(template: Path, data: Mapping[str, object], *, ppi: int = 72) -> bytes:
    """Return the PNG that a template of one page makes of `data`.

    Raises TypesettingError.

    With 72 ppi, each point gives one pixel.
    """
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        made = compiler(template).compile(format="png", ppi=ppi, sys_inputs=inputs)
    except typst.TypstError as problem:
        raise TypesettingError(str(problem)) from None
    if not isinstance(made, bytes):
        raise TypeError("A picture is one page.")
    return made
