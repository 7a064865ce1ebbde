"""The map of Europe: an outline for each country, or a dot for one that is too small to see, and a place for its name.

Its lines are drawn by `scripts/make_map.py`; README.md says where they come from. A map is a picture of facts that a table on the same page
has in words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from core.languages import names

if TYPE_CHECKING:
    from collections.abc import Container

OUTLINES = Path(__file__).parent / "europe.json"
# How much of a name fits on the map: the height of its letters, and their width as a share of it.
LETTERS, WIDE = 7, 0.58


class Drawing(TypedDict):
    """Paths, dots, and places for names with the room they have, by country code. In units of the drawing, which is `width` by `height`."""

    width: int
    height: int
    outlines: dict[str, str]
    dots: dict[str, tuple[int, int]]
    labels: dict[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryShape:
    """A country as it is drawn: an outline or a dot. `label`: its name, or its code where that does not fit."""

    code: str
    name: str
    outline: str
    dot: tuple[int, int] | None
    label: str
    at: tuple[int, int]

    @classmethod
    def of(cls, code: str) -> CountryShape:
        """Return a country of the drawing, named in the active language. Raises KeyError for one that is not on it."""
        drawing, name = europe(), names.country_name(code)
        dot = drawing["dots"].get(code)
        if dot:
            label, at = code.upper(), (dot[0], dot[1] - LETTERS)
        else:
            x, y, room = drawing["labels"][code]
            label, at = name if len(name) * LETTERS * WIDE <= room else code.upper(), (x, y + LETTERS // 3)
        return cls(
            code=code, name=name, outline=drawing["outlines"].get(code, ""), dot=dot, label=label, at=at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledMap:
    """Europe with the outlines of all countries, and some of them filled (core/filled_map.html)."""

    empty: list[CountryShape]
    filled: list[CountryShape]

    @classmethod
    def of(cls, codes: Container[str]) -> FilledMap:
        shapes = [CountryShape.of(code) for code in drawn()]
        return cls(
            empty=[shape for shape in shapes if shape.code not in codes],
            filled=[shape for shape in shapes if shape.code in codes],
        )

    @property
    def width(self) -> int:
        return europe()["width"]

    @property
    def height(self) -> int:
        return europe()["height"]


def drawn() -> list[str]:
    """Return the codes of the countries on the map, those with a dot last."""
    return [*europe()["outlines"], *europe()["dots"]]


@cache
def europe() -> Drawing:
    drawing: Drawing = json.loads(OUTLINES.read_text())
    return drawing
