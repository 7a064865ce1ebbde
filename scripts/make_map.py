"""Make the outlines of Europe (site/core/maps/europe.json) for our maps.

Run manually, every few years:

    npm pack world-atlas@2.0.2 && tar -xzf world-atlas-2.0.2.tgz
    .venv/bin/python scripts/make_map.py package/countries-50m.json

The result is committed: neither the site nor its tests need this program.
Source and licence: site/core/maps/README.md.
"""

from __future__ import annotations

import heapq
import json
import math
import re
import sys
from pathlib import Path
from typing import Any

from babel.core import get_global

TARGET = Path(__file__).resolve().parents[1] / "site" / "core" / "maps" / "europe.json"
# Lower-case ISO 3166: members of the Council of Europe, Belarus, Russia, the Vatican, Kosovo, and territories drawn
# separately.
COUNTRIES = [
    "ad",
    "al",
    "am",
    "at",
    "az",
    "ba",
    "be",
    "bg",
    "by",
    "ch",
    "cy",
    "cz",
    "de",
    "dk",
    "ee",
    "es",
    "fi",
    "fo",
    "fr",
    "gb",
    "ge",
    "gi",
    "gr",
    "hr",
    "hu",
    "ie",
    "is",
    "it",
    "li",
    "lt",
    "lu",
    "lv",
    "mc",
    "md",
    "me",
    "mk",
    "mt",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "rs",
    "ru",
    "se",
    "si",
    "sk",
    "sm",
    "tr",
    "ua",
    "va",
    "xk",
]
# Areas that Natural Earth draws separately, without a code.
# Cyprus is one country, as in ISO 3166 and the European Union.
WITHOUT_CODE = {"Kosovo": "xk", "N. Cyprus": "cy"}
# Natural Earth draws de facto control; the map follows resolution 68/262 of the United Nations General Assembly.
CRIMEA, CRIMEA_IS = (34.3, 45.3), "ua"
# Position of the dot of a country without an outline (Gibraltar): (longitude, latitude).
PLACES = {"gi": (-5.35, 36.14)}

# The centre of Lambert's azimuthal equal-area projection, as used for European statistics.
CENTRE = (13.0, 52.0)
WIDTH, HEIGHT = 390, 340  # the frame, in units of the drawing
LEFT, TOP, SCALE = (
    -2020,
    2330,
    12.8,
)  # kilometres from the centre to the upper left corner; kilometres per unit
EARTH = 6371.0
LEAST_TRIANGLE = 6.5  # square units: less prominent corners are left out
LEAST_RING = 7.0  # square units: smaller islands are left out, except a country's largest
DOT_BELOW = 25.0  # square units: smaller countries are dots, which are easier to find
LINE = 4  # units above and below the middle of a name that must be land

Point = tuple[float, float]
Ring = list[Point]


def project(longitude: float, latitude: float) -> Point:
    """Project a place to units of the drawing, from the upper left corner."""
    east, north = math.radians(longitude - CENTRE[0]), math.radians(latitude)
    middle = math.radians(CENTRE[1])
    spread = math.sqrt(
        2 / (1 + math.sin(middle) * math.sin(north) + math.cos(middle) * math.cos(north) * math.cos(east))
    )
    x = EARTH * spread * math.cos(north) * math.sin(east)
    y = EARTH * spread * (math.cos(middle) * math.sin(north) - math.sin(middle) * math.cos(north) * math.cos(east))
    return (x - LEFT) / SCALE, (TOP - y) / SCALE


def area(ring: Ring) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def triangle(a: Point, b: Point, c: Point) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def simplified(line: Ring, least: float) -> Ring:
    """Return a line without its least prominent corners (Visvalingam and Whyatt 1993).

    Its ends stay, so that borders still meet.
    """
    before = {at: at - 1 for at in range(len(line))}
    after = {at: at + 1 for at in range(len(line))}
    size = {at: triangle(line[at - 1], line[at], line[at + 1]) for at in range(1, len(line) - 1)}
    heap = [(found, at) for at, found in size.items()]
    heapq.heapify(heap)
    gone: set[int] = set()
    while heap:
        found, at = heapq.heappop(heap)
        if at in gone or found != size[at]:
            continue
        if found >= least:
            break
        gone.add(at)
        left, right = before[at], after[at]
        after[left], before[right] = right, left
        for near in (left, right):
            if near in size:
                size[near] = max(found, triangle(line[before[near]], line[near], line[after[near]]))
                heapq.heappush(heap, (size[near], near))
    return [point for at, point in enumerate(line) if at not in gone]


def clipped(ring: Ring) -> Ring:
    """Return the part of a ring inside the frame (Sutherland and Hodgman 1974)."""
    edges = [(0, 0.0, 1), (0, float(WIDTH), -1), (1, 0.0, 1), (1, float(HEIGHT), -1)]
    for axis, edge, sign in edges:
        kept: Ring = []
        for a, b in zip(ring[-1:] + ring[:-1], ring, strict=True):
            a_in, b_in = (a[axis] - edge) * sign >= 0, (b[axis] - edge) * sign >= 0
            if a_in != b_in:
                part = (edge - a[axis]) / (b[axis] - a[axis])
                kept.append((a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])))
            if b_in:
                kept.append(b)
        ring = kept
        if not ring:
            break
    return ring


def path(rings: list[Ring]) -> str:
    """Return rings as SVG path data: whole units, each corner relative to the one before."""
    parts = []
    at = (0, 0)
    for ring in rings:
        corners = [(round(x), round(y)) for x, y in ring]
        corners = [corner for n, corner in enumerate(corners) if corner != corners[n - 1]]
        steps = []
        for n, corner in enumerate(corners):
            steps.append(f"{'m' if n == 0 else ''}{corner[0] - at[0]} {corner[1] - at[1]}")
            at = corner
        parts.append(" ".join(steps).replace(" -", "-") + "z")
        at = corners[0]
    return "".join(parts)


class Atlas:
    """The countries of a TopoJSON file."""

    def __init__(self, topology: dict[str, Any]) -> None:
        (self.scale_x, self.scale_y), (self.left, self.top) = (
            topology["transform"]["scale"],
            topology["transform"]["translate"],
        )
        self.places = [self.decoded(arc) for arc in topology["arcs"]]
        self.geometries = topology["objects"]["countries"]["geometries"]
        self.full = [[project(*place) for place in places] for places in self.places]
        self.lines = [simplified(line, LEAST_TRIANGLE) for line in self.full]

    def decoded(self, arc: list[list[int]]) -> Ring:
        x = y = 0
        found = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            found.append((x * self.scale_x + self.left, y * self.scale_y + self.top))
        return found

    @staticmethod
    def polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
        found: list[list[list[int]]] = geometry.get("arcs", [])
        return [found] if geometry["type"] == "Polygon" else found  # type: ignore[list-item]

    def ring(self, arcs: list[int], lines: list[Ring]) -> Ring:
        joined: Ring = []
        for at in arcs:
            line = lines[at] if at >= 0 else lines[~at][::-1]
            joined += line[:-1]
        return joined

    def country(self, geometry: dict[str, Any]) -> str:
        number = geometry.get("id")
        alias = get_global("territory_aliases").get(number, [""]) if number else [""]
        return WITHOUT_CODE.get(geometry["properties"]["name"]) or alias[0].lower()

    def land(self) -> dict[str, list[tuple[Ring, Ring]]]:
        """Return the outer rings of each country, in full and as drawn."""
        found: dict[str, list[tuple[Ring, Ring]]] = {code: [] for code in COUNTRIES}
        for geometry in self.geometries:
            for outer, *_holes in self.polygons(geometry):
                places = self.ring(outer, self.places)
                code = self.country(geometry)
                if code == "ru" and inside(CRIMEA, places) and area(places) < 100:
                    code = CRIMEA_IS
                if code in found:
                    found[code].append((self.ring(outer, self.full), clipped(self.ring(outer, self.lines))))
        return found


def inside(place: Point, ring: Ring) -> bool:
    x, y = place
    crossings = 0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            crossings += 1
    return crossings % 2 == 1


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    atlas = Atlas(json.loads(Path(sys.argv[1]).read_text()))
    outlines: dict[str, str] = {}
    dots: dict[str, list[int]] = {}
    for code, land in atlas.land().items():
        land.sort(key=lambda both: area(both[0]), reverse=True)
        if sum(area(full) for full, _drawn in land) < DOT_BELOW:
            x, y = project(*PLACES[code]) if code in PLACES else middle(land[0][0])
            dots[code] = [round(x), round(y)]
            continue
        islands = [
            drawn for n, (_full, drawn) in enumerate(land) if len(drawn) > 2 and (n == 0 or area(drawn) >= LEAST_RING)
        ]
        outlines[code] = path(islands)
    drawing = {"width": WIDTH, "height": HEIGHT, "outlines": outlines, "dots": dots}
    drawing["labels"] = {code: place_of_name(rings(outline)[0]) for code, outline in outlines.items()}
    TARGET.write_text(json.dumps(drawing, indent=1) + "\n")
    print(f"{TARGET}: {len(outlines)} outlines, {len(dots)} dots, {TARGET.stat().st_size} bytes")


def rings(outline: str) -> list[Ring]:
    """Return the corners that `path` wrote down."""
    found: list[Ring] = []
    at = (0.0, 0.0)
    for part in outline.split("z")[:-1]:
        steps = [int(number) for number in re.findall(r"-?[0-9]+", part)]
        ring: Ring = []
        for x, y in zip(steps[::2], steps[1::2], strict=True):
            at = (at[0] + x, at[1] + y)
            ring.append(at)
        at = ring[0]
        found.append(ring)
    return found


def place_of_name(ring: Ring) -> list[int]:
    """Return the position of a country's name, and its room.

    That is the middle of the widest line with land above and below.

    """
    best = (0.0, 0.0, 0.0)
    for y in range(LINE, HEIGHT - LINE):
        for left, right in land_at(y, ring):
            x, room = (left + right) / 2, right - left
            if all(inside((x, y + near), ring) for near in (-LINE, LINE)):
                best = max(best, (room, x, y))
    if not best[0]:
        x, y = middle(ring)
        return [round(x), round(y), 0]
    return [round(best[1]), round(best[2]), round(best[0])]


def land_at(y: float, ring: Ring) -> list[Point]:
    """Return the parts of a horizontal line that are inside a ring."""
    crossings = sorted(
        ax + (y - ay) * (bx - ax) / (by - ay)
        for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True)
        if (ay > y) != (by > y)
    )
    return list(zip(crossings[::2], crossings[1::2], strict=True))


def middle(ring: Ring) -> Point:
    return sum(x for x, _y in ring) / len(ring), sum(y for _x, y in ring) / len(ring)


if __name__ == "__main__":
    main()
