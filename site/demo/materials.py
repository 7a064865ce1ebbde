"""Makes the files of the demonstration's campaign materials: real posters, leaflets, cards and press texts, by typst."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from core.typesetting import compiler

TEMPLATE = Path(__file__).parent / "typst" / "material.typ"
MILLIMETRES_PER_INCH = 25.4


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
    "picture": Format(160, 90, "png"),
}


class Copy(NamedTuple):
    """What one material says in one language, and what it looks like."""

    kind: str  # one of FORMATS
    motif: str  # `path`, `table` or `circles`
    language: str
    direction: str
    title: str = ""
    headline: str = ""
    lines: tuple[str, ...] = ()
    call: str = ""
    address: str = ""
    note: str = ""


def make(copy: Copy) -> bytes:
    """The file of a material: PDF/UA-1 (tagged), or PNG of 1,080 pixels for a card. Raises TypstError where the words do not fit."""
    if FORMATS[copy.kind].extension == "png":
        return draw(copy, pixels=1080)
    return one_page(compiler(TEMPLATE).compile(format="pdf", sys_inputs=inputs(copy), pdf_standards=["ua-1"]))


def draw(copy: Copy, *, pixels: int) -> bytes:
    """The same material as a PNG, `pixels` wide."""
    ppi = pixels / (FORMATS[copy.kind].width / MILLIMETRES_PER_INCH)
    return one_page(compiler(TEMPLATE).compile(format="png", sys_inputs=inputs(copy), ppi=ppi))


def one_page(made: object) -> bytes:
    """What typst has made: a list of pictures where there are several pages, which no material has."""
    if not isinstance(made, bytes):
        raise TypeError("A material has one page.")
    return made


def inputs(copy: Copy) -> dict[str, str]:
    size = FORMATS[copy.kind]
    return {
        "material": json.dumps(
            {**copy._asdict(), "width": size.width, "height": size.height}, ensure_ascii=False
        )
    }
