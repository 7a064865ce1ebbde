"""The map of Europe: an outline for each country, or a dot for one that is too small to see, and a place for its name.

Its lines are drawn by `scripts/make_map.py`; README.md names their sources.
A map illustrates facts that a table on the same page has as text.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil, log
from pathlib import Path
from typing import TypedDict

from django.utils.formats import number_format

from core.languages import names

OUTLINES = Path(__file__).parent / "europe.json"
# Metrics of names on the map: the height of their letters, and the width as a share of it.
LETTERS, WIDE = 7, 0.58
# The opacity of countries that are filled by a count.
# Each is distinguishable from the paper, and from the next.
SHADES = ("0.25", "0.45", "0.7", "1")


class Drawing(TypedDict):
    """Paths, dots, and places for names with their maximum width, by country code.

    In units of the drawing, which is `width` by `height`.
    """

    width: int
    height: int
    outlines: dict[str, str]
    dots: dict[str, tuple[int, int]]
    labels: dict[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryShape:
    """A country as it is drawn: an outline or a dot.

    `label`: its name, or its code where that does not fit.
    """

    code: str
    name: str
    outline: str
    dot: tuple[int, int] | None
    label: str
    at: tuple[int, int]

    @classmethod
    def of(cls, code: str, number: str = "") -> CountryShape:
        """Return a country of the drawing, named in the active language, with a number.

        Raises KeyError for one that is not on it.
        """
        drawing, name = europe(), names.country_name(code)
        long, short = (f"{text} {number}".rstrip() for text in (name, code.upper()))
        dot = drawing["dots"].get(code)
        if dot:
            label, at = short, (dot[0], dot[1] - LETTERS)
        else:
            x, y, room = drawing["labels"][code]
            label, at = long if len(long) * LETTERS * WIDE <= room else short, (x, y + LETTERS // 3)
        return cls(code=code, name=name, outline=drawing["outlines"].get(code, ""), dot=dot, label=label, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledMap:
    """Europe with the outlines of all countries, and some of them filled (core/filled_map.html)."""

    empty: list[CountryShape]
    # How opaque each shade is, from 0 to 1 as SVG writes it, and the countries that have it.
    shades: list[tuple[str, list[CountryShape]]]

    @classmethod
    def of(cls, codes: Container[str]) -> FilledMap:
        """Fill these countries with the same shade."""
        shapes = [CountryShape.of(code) for code in drawn() if code in codes]
        return cls(empty=unfilled(codes), shades=[("1", shapes)] if shapes else [])

    @classmethod
    def counting(cls, counts: Mapping[str, int]) -> FilledMap:
        """Fill the countries that have a count, in darker shades for higher counts, and write it beside the name."""
        on_map = {code: counts[code] for code in drawn() if counts.get(code)}
        # On a logarithmic scale, since ten and a hundred look as far apart as one and ten.
        most = log(max(on_map.values(), default=1) + 1)
        shades: dict[str, list[CountryShape]] = {}
        for code, count in on_map.items():
            step = ceil(log(count + 1) / most * len(SHADES)) - 1
            shape = CountryShape.of(code, number_format(count, force_grouping=True))
            shades.setdefault(SHADES[step], []).append(shape)
        return cls(empty=unfilled(on_map), shades=sorted(shades.items()))

    @property
    def filled(self) -> list[CountryShape]:
        return [shape for _opacity, shapes in self.shades for shape in shapes]

    @property
    def width(self) -> int:
        return europe()["width"]

    @property
    def height(self) -> int:
        return europe()["height"]


def unfilled(codes: Container[str]) -> list[CountryShape]:
    return [CountryShape.of(code) for code in drawn() if code not in codes]


def drawn() -> list[str]:
    """Return the codes of the countries on the map, those with a dot last."""
    return [*europe()["outlines"], *europe()["dots"]]


@cache
def europe() -> Drawing:
    drawing: Drawing = json.loads(OUTLINES.read_text())
    return drawing
