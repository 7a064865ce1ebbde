"""Makes the files of the demonstration's campaign materials: real posters, leaflets, cards and press texts, by typst."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import fontpkg_ibm_plex_sans
import fontpkg_ibm_plex_sans_arabic
import typst

TEMPLATE = Path(__file__).parent / "typst" / "material.typ"
FONTS = [str(Path(package.__file__).parent / "files") for package in (fontpkg_ibm_plex_sans, fontpkg_ibm_plex_sans_arabic)]


class Format(NamedTuple):
    """Size on paper in millimetres, and what kind of file it becomes."""

    width: float
    height: float
    extension: str


FORMATS = {
    "poster": Format(297, 420, "pdf"),
    "leaflet": Format(148, 210, "pdf"),
    "press_release": Format(210, 297, "pdf"),
    "social_card": Format(108, 108, "png"),
}


@cache
def compiler() -> typst.Compiler:
    return typst.Compiler(str(TEMPLATE), font_paths=FONTS, ignore_system_fonts=True)


def make(
    *, kind: str, motif: str, language: str, direction: str, title: str, headline: str, lines: list[str], call: str, address: str,
    note: str,
) -> tuple[bytes, str]:  # fmt: skip
    """The file of one material in one language, and its extension. PDF is PDF/UA-1 (tagged); a card is PNG of 1,080 pixels."""
    size = FORMATS[kind]
    words = {
        "kind": kind, "motif": motif, "language": language, "direction": direction, "title": title, "headline": headline,
        "lines": lines, "call": call, "address": address, "note": note, "width": size.width, "height": size.height,
    }  # fmt: skip
    inputs = {"material": json.dumps(words, ensure_ascii=False)}
    if size.extension == "png":
        return compiler().compile(format="png", sys_inputs=inputs, ppi=254), "png"
    return compiler().compile(format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"]), "pdf"


def preview(pdf_or_png_of: dict[str, object]) -> bytes:
    """The same material as a picture of about 800 pixels, for lists."""
    kind = str(pdf_or_png_of["kind"])
    size = FORMATS[kind]
    inputs = {"material": json.dumps({**pdf_or_png_of, "width": size.width, "height": size.height}, ensure_ascii=False)}
    return compiler().compile(format="png", sys_inputs=inputs, ppi=800 / (size.width / 25.4))
