"""Makes the files of the demonstration's campaign materials with typst: real posters, leaflets, cards and press releases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from core.typesetting import compiler
from illustrations import pictures

TEMPLATE = Path(__file__).parent / "typst" / "material.typ"
MILLIMETRES_PER_INCH = 25.4


class Format(NamedTuple):
    """The paper size in millimetres, and the type of the file."""

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


class Motif(NamedTuple):
    """The picture of a material, and its colours."""

    scene: str  # the name of an illustration
    tone: str  # `leaf`, `clay` or `sky`


class Copy(NamedTuple):
    """The text of one material in one language, and its motif."""

    kind: str  # one of FORMATS
    motif: Motif
    language: str
    direction: str
    title: str = ""
    headline: str = ""
    lines: tuple[str, ...] = ()
    call: str = ""
    address: str = ""
    note: str = ""


def make(copy: Copy) -> bytes:
    """Return the file of a material: PDF/UA-1 (tagged), or PNG of 1,080 pixels for a card. Raises TypstError if the text does not fit."""
    if FORMATS[copy.kind].extension == "png":
        return draw(copy, pixels=1080)
    return one_page(compiler(TEMPLATE).compile(format="pdf", sys_inputs=inputs(copy), pdf_standards=["ua-1"]))


def draw(copy: Copy, *, pixels: int) -> bytes:
    """Return the same material as a PNG, `pixels` wide."""
    ppi = pixels / (FORMATS[copy.kind].width / MILLIMETRES_PER_INCH)
    return one_page(compiler(TEMPLATE).compile(format="png", sys_inputs=inputs(copy), ppi=ppi))


def one_page(made: object) -> bytes:
    """Return the output of typst as bytes. For several pages, which no material has, it is a list of pictures."""
    if not isinstance(made, bytes):
        raise TypeError("A material has one page.")
    return made


def inputs(copy: Copy) -> dict[str, str]:
    size = FORMATS[copy.kind]
    drawing = pictures.for_print(copy.motif.scene, right_to_left=copy.direction == "rtl")
    return {
        "material": json.dumps(
            {
                **copy._asdict(),
                "tone": copy.motif.tone,
                "drawing": drawing,
                "width": size.width,
                "height": size.height,
            },
            ensure_ascii=False,
        )
    }
