"""Permitted pairs of ink and surface, and the tokens in each mode.

The tests, the specimen and docs/design.md follow this table.
"""

import re
from typing import NamedTuple

from django.conf import settings

HUES = ("pine", "leaf", "blaze", "sand", "clay", "brick", "plum", "sky")
PAGES = ("surface-1", "surface-2", "surface-3")
SOFT = tuple(f"{hue}-soft" for hue in HUES)
STRONG = tuple(hue for hue in HUES if hue != "blaze")


class Pair(NamedTuple):
    """An ink, a surface, and whether the ink makes words (or only lines, icons and large letters)."""

    ink: str
    surface: str
    words: bool = True


PAIRS = [
    *(Pair(ink, surface) for surface in (*PAGES, *SOFT) for ink in ("ink", "muted", "link")),
    *(Pair(f"{hue}-edge", surface) for hue in HUES for surface in (*PAGES, f"{hue}-soft")),
    *(Pair("on-pine", surface) for surface in (*STRONG, "pine-raised")),
    Pair("on-blaze", "blaze"),
    Pair("blaze", "pine", words=False),
    Pair("on-action", "action"),
    Pair("on-action", "action-hover"),
    *(Pair("action", surface, words=False) for surface in PAGES),
    *(Pair("edge", surface, words=False) for surface in PAGES),
    *(Pair("error", surface) for surface in (*PAGES, "brick-soft")),
    Pair("surface-1", "ink"),
]

# The media features that hold in each mode.
MODES = {
    "light": frozenset(),
    "dark": frozenset({"prefers-color-scheme: dark"}),
    "light, more contrast": frozenset({"prefers-contrast: more"}),
    "dark, more contrast": frozenset({"prefers-contrast: more", "prefers-color-scheme: dark"}),
}

BLOCK = re.compile(r"(?:@media (?P<media>[^{]+)\{\s*)?:root \{(?P<body>[^}]*)\}")
TOKEN = re.compile(r"--(?P<name>[\w-]+): (?P<value>[^;]+);")


def tokens(mode: str) -> dict[str, str]:
    """Return the value of each token in a mode, in the order in which the style sheet sets them."""
    folder = settings.ROOT / "site" / "static" / "css"
    css = "".join((folder / name).read_text() for name in ("tokens.css", "hues.css"))
    found: dict[str, str] = {}
    for block in BLOCK.finditer(css):
        features = set(re.findall(r"\((.+?)\)", block["media"] or ""))
        if "print" not in (block["media"] or "") and features <= MODES[mode]:
            found |= {token["name"]: token["value"] for token in TOKEN.finditer(block["body"])}
    return found


def colour(name: str, values: dict[str, str]) -> str:
    """Return the colour of a token as `#rgb` or `#rrggbb`, through what it refers to."""
    value = values[name]
    refers = re.fullmatch(r"var\(--([\w-]+)\)", value)
    return colour(refers[1], values) if refers else value


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2), from 1 to 21."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)
