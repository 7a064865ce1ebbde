"""Formats of outputs: their names and, in `FORMATS`, paper, template and file type.

Colours are RGB. Formats with bleed are PDF/X-4 if the system has the profile of the output condition (decision 0085).
"""

from pathlib import Path
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

MILLIMETRES_PER_INCH = 25.4
# Offset on coated paper (ISO 12647-2), the usual one in Europe. The profile is in Debian's package colord-data.
OUTPUT_CONDITION = "FOGRA39"
PROFILE = Path("/usr/share/color/icc/colord/FOGRA39L_coated.icc")


def print_profile() -> bytes:
    """Return the profile of the output condition; empty if the system has none for four inks."""
    try:
        profile = PROFILE.read_bytes()
    except OSError:
        return b""
    # Its class and colour space (ICC.1:2022, 7.2).
    return profile if (profile[12:16], profile[16:20]) == (b"prtr", b"CMYK") else b""


class Hue(models.TextChoices):
    """The hues of docs/design.md except brick, which is kept for errors."""

    PINE = "pine", _("Pine (dark green)")
    LEAF = "leaf", _("Leaf (green)")
    SKY = "sky", _("Sky (blue)")
    PLUM = "plum", _("Plum (violet)")
    CLAY = "clay", _("Clay (reddish brown)")
    SAND = "sand", _("Sand (brown)")
    BLAZE = "blaze", _("Blaze (yellow)")


class DesignFormat(models.TextChoices):
    """Formats of a design: a name here, and a row in `FORMATS`."""

    POSTER_A4 = "poster-a4", _("Poster A4 (PDF)")
    POSTER_A3 = "poster-a3", _("Poster A3 for a print shop, with bleed (PDF)")
    LEAFLET = "leaflet-a5", _("Leaflet A5 (PDF)")
    TEXT_A4 = "text-a4", _("Sheet of text A4 (PDF)")
    CARD_SQUARE = "card-square", _("Card 1:1 (PNG)")
    CARD_STORY = "card-story", _("Card 9:16 (PNG)")
    CARD_LINK = "card-link", _("Card 1.91:1 (PNG)")
    BANNER = "banner", _("Banner for a website (PNG)")
    MAIL_HEADER = "mail-header", _("Header of a mail (PNG)")
    BLANK_A4 = "blank-a4", _("Poster A4 with an empty place for a logo (PDF)")
    BLANK_SVG = "blank-svg", _("Poster A4 with an empty place for a logo, as a drawing (SVG)")


class Format(NamedTuple):
    """Sizes in millimetres; `pixels` is the width of a picture."""

    template: str
    width: float
    height: float
    extension: str
    bleed: float = 0
    pixels: int = 0
    has_code: bool = True
    has_pages: bool = False
    is_blank: bool = False

    @property
    def ppi(self) -> float | None:
        return self.pixels / (self.width / MILLIMETRES_PER_INCH) if self.pixels else None


F = DesignFormat
FORMATS: dict[str, Format] = {
    F.POSTER_A4: Format("poster", 210, 297, "pdf"),
    F.POSTER_A3: Format("poster", 297, 420, "pdf", bleed=3),
    F.LEAFLET: Format("leaflet", 148, 210, "pdf", bleed=3, has_pages=True),
    F.TEXT_A4: Format("letter", 210, 297, "pdf"),
    F.CARD_SQUARE: Format("poster", 108, 108, "png", pixels=1080),
    F.CARD_STORY: Format("poster", 108, 192, "png", pixels=1080),
    F.CARD_LINK: Format("wide", 120, 62.8, "png", pixels=1200, has_code=False),
    F.BANNER: Format("wide", 160, 40, "png", pixels=1600, has_code=False),
    F.MAIL_HEADER: Format("wide", 120, 40, "png", pixels=1200, has_code=False),
    F.BLANK_A4: Format("poster", 210, 297, "pdf", is_blank=True),
    F.BLANK_SVG: Format("poster", 210, 297, "svg", is_blank=True),
}


class Colours(NamedTuple):
    """A hue as in tokens.css and hues.css: text, surface, lines. Text is dark, surfaces are light."""

    strong: str
    soft: str
    edge: str


HUES: dict[str, Colours] = {
    Hue.PINE: Colours("#103c3f", "#e0f1ef", "#2f6b6c"),
    Hue.LEAF: Colours("#1b4827", "#e3f2e6", "#2c7a45"),
    Hue.SKY: Colours("#0f4262", "#e4f2fc", "#226a95"),
    Hue.PLUM: Colours("#572953", "#f7ecf5", "#844c7f"),
    Hue.CLAY: Colours("#602c12", "#fcece4", "#904f31"),
    Hue.SAND: Colours("#473b2c", "#f6efe6", "#70604e"),
    # Its strong surface is yellow, so its text has the ink colour used on it.
    Hue.BLAZE: Colours("#16292b", "#fdf1d6", "#8a5c00"),
}
