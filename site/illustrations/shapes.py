"""What every part is made of: filled and drawn outlines in named colours, and frames that place them."""

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import NamedTuple


class Point(NamedTuple):
    """A place in the picture, which is 640 wide and 400 high."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Outline:
    """One element: its tag, its geometry, and the names of its colours."""

    tag: str
    geometry: tuple[tuple[str, str], ...]
    fill: str = ""
    stroke: str = ""
    width: float = 0
    joins: bool = False  # always drawn the same way round, so that neighbours can be one outline


@dataclass(frozen=True)
class Placed:
    """A part put in its place: drawn when the scene is, so that a scene is a row of data."""

    draw: Callable[..., Iterable[Outline]]
    arguments: tuple[object, ...]
    options: tuple[tuple[str, object], ...]

    def __iter__(self) -> Iterator[Outline]:
        return iter(self.draw(*self.arguments, **dict(self.options)))


def part[**P](draw: Callable[P, Iterable[Outline]]) -> Callable[P, Placed]:
    """Make a function that draws into one that says what shall be drawn."""

    @wraps(draw)
    def place(*args: P.args, **kwargs: P.kwargs) -> Placed:
        return Placed(draw, args, tuple(kwargs.items()))

    return place


UNIT = 4


def number(value: float) -> str:
    """A length as it is written: a whole number of quarters of a pixel."""
    return str(round(value * UNIT))


def path(d: str, fill: str = "", *, stroke: str = "", width: float = 0) -> Outline:
    """An outline in the picture's own coordinates."""
    return Outline("path", (("d", _tight(d)),), fill, stroke, width)


def rect(x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0) -> Outline:
    """A rectangle, with rounded corners if a radius is given."""
    if not radius:
        return Outline(
            "path",
            (("d", f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z"),),
            fill,
            joins=True,
        )
    geometry = (("x", x), ("y", y), ("width", width), ("height", height), ("rx", radius))
    return Outline("rect", tuple((key, number(value)) for key, value in geometry), fill)


def circle(
    x: float, y: float, radius: float, fill: str = "", *, stroke: str = "", width: float = 0
) -> Outline:
    """A circle around a point."""
    return Outline(
        "circle", (("cx", number(x)), ("cy", number(y)), ("r", number(radius))), fill, stroke, width
    )


def ellipse(x: float, y: float, rx: float, ry: float, fill: str) -> Outline:
    """An ellipse around a point."""
    return Outline(
        "ellipse", (("cx", number(x)), ("cy", number(y)), ("rx", number(rx)), ("ry", number(ry))), fill
    )


def line(*points: tuple[float, float], stroke: str, width: float) -> Outline:
    """A line with round ends and corners."""
    return path("M" + " L".join(f"{x} {y}" for x, y in points), stroke=stroke, width=width)


_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)")


_PAIRS = {"M": 1, "L": 1, "C": 3, "Q": 2}


def _tight(d: str) -> str:
    """The same path in fewer letters: each step counted from the last. Steps are whole numbers, so they add up without error."""
    text, x, y, start = "", 0, 0, (0, 0)
    for command, numbers in _commands(d):
        if command == "Z":
            text, (x, y) = text + "z", start
            continue
        if command == "A":
            written = [number(numbers[0]), number(numbers[1]), *(str(round(value)) for value in numbers[2:5])]
        else:
            written = [
                str(round(value * UNIT) - (y if index % 2 else x)) for index, value in enumerate(numbers[:-2])
            ]
        to_x, to_y = round(numbers[-2] * UNIT), round(numbers[-1] * UNIT)
        text += _joined(command.lower() if text else "M", [*written, str(to_x - x), str(to_y - y)])
        x, y = to_x, to_y
        start = (x, y) if command == "M" else start
    return text


def _commands(d: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with the numbers of one step."""
    command, numbers = "", list[float]()
    for token in _TOKEN.findall(d):
        if token.isalpha():
            command, numbers = token, []
            if command == "Z":
                yield command, []
            continue
        numbers.append(float(token))
        if len(numbers) == (7 if command == "A" else 2 * _PAIRS[command]):
            yield command, numbers
            command, numbers = ("L" if command == "M" else command), []


def _joined(text: str, numbers: list[str]) -> str:
    for index, written in enumerate(numbers):
        text += written if index == 0 or written[0] == "-" else f" {written}"
    return text


@dataclass(frozen=True, slots=True)
class Frame:
    """A place with a size, a turn (in degrees) and a direction: 1 as drawn, -1 the other way round."""

    x: float
    y: float
    size: float = 1
    turn: float = 0
    way: int = 1

    def at(self, x: float, y: float) -> Point:
        """Where a point of the frame is in the picture."""
        angle = math.radians(self.turn)
        across = (x * math.cos(angle) - y * math.sin(angle)) * self.way
        down = x * math.sin(angle) + y * math.cos(angle)
        return Point(self.x + across * self.size, self.y + down * self.size)

    def path(self, d: str, fill: str = "", *, stroke: str = "", width: float = 0, wide: float = 1) -> Outline:
        """An outline of absolute commands (M L C Q Z) in the frame's coordinates; `wide` stretches it sideways."""
        placed: list[str] = []
        across: float | None = None
        for token in _TOKEN.findall(d):
            if token.isalpha():
                placed.append(token)
            elif across is None:
                across = float(token) * wide
            else:
                x, y = self.at(across, float(token))
                placed.append(f"{x} {y}")
                across = None
        return path(" ".join(placed), fill, stroke=stroke, width=width * self.size)

    def circle(
        self, x: float, y: float, radius: float, fill: str = "", *, stroke: str = "", width: float = 0
    ) -> Outline:
        """A circle in the frame's coordinates."""
        centre = self.at(x, y)
        return circle(*centre, radius * self.size, fill, stroke=stroke, width=width * self.size)


def bend(
    start: Point, end: Point, upper: float, lower: float, prefer: Callable[[Point], float]
) -> tuple[Point, Point]:
    """Elbow and hand (or knee and ankle) of a limb that reaches from start towards end; of two bends, the preferred."""
    dx, dy = end.x - start.x, end.y - start.y
    distance = math.hypot(dx, dy) or 0.001
    reach = max(abs(upper - lower) + 0.001, min(distance, (upper + lower) * 0.999))
    ux, uy = dx / distance, dy / distance
    along = (upper**2 - lower**2 + reach**2) / (2 * reach)
    aside = math.sqrt(max(upper**2 - along**2, 0))
    bends = [
        Point(start.x + ux * along + side * uy * aside, start.y + uy * along - side * ux * aside)
        for side in (1, -1)
    ]
    return max(bends, key=prefer), Point(start.x + ux * reach, start.y + uy * reach)


def limb(
    joints: list[Point], radii: list[float], fill: str, *, stroke: str = "", width: float = 0
) -> Outline:
    """A limb through its joints, as thick at each as its radius says."""
    there, back = list[str](), list[str]()
    for (a, b), (ra, rb) in zip(itertools.pairwise(joints), itertools.pairwise(radii), strict=True):
        length = math.hypot(b.x - a.x, b.y - a.y) or 0.001
        ux, uy = (b.x - a.x) / length, (b.y - a.y) / length
        tilt = max(-1.0, min(1.0, (ra - rb) / length))
        rise = math.sqrt(1 - tilt**2)
        left = (ux * tilt - uy * rise, uy * tilt + ux * rise)
        right = (ux * tilt + uy * rise, uy * tilt - ux * rise)
        there += [f"{a.x + left[0] * ra} {a.y + left[1] * ra}", f"{b.x + left[0] * rb} {b.y + left[1] * rb}"]
        back += [
            f"{a.x + right[0] * ra} {a.y + right[1] * ra}",
            f"{b.x + right[0] * rb} {b.y + right[1] * rb}",
        ]
    outline = f"M{there[0]}"
    for index in range(1, len(joints)):
        outline += f" L{there[2 * index - 1]}"
        if index < len(joints) - 1:
            outline += _around(joints, index, radii[index], there[2 * index], outer=_turn(joints, index) < 0)
    outline += f" A{radii[-1]} {radii[-1]} 0 0 0 {back[-1]}"
    for index in range(len(joints) - 1, 0, -1):
        outline += f" L{back[2 * index - 2]}"
        if index > 1:
            outline += _around(
                joints, index - 1, radii[index - 1], back[2 * index - 3], outer=_turn(joints, index - 1) > 0
            )
    return path(f"{outline} A{radii[0]} {radii[0]} 0 1 0 {there[0]}Z", fill, stroke=stroke, width=width)


def _turn(joints: list[Point], index: int) -> float:
    """Above zero where the limb bends clockwise."""
    before, here, after = joints[index - 1 : index + 2]
    return (here.x - before.x) * (after.y - here.y) - (here.y - before.y) * (after.x - here.x)


def _around(joints: list[Point], index: int, radius: float, to: str, *, outer: bool) -> str:
    """From one side of a bend to the other: round it outside, through its middle inside."""
    return f" A{radius} {radius} 0 0 0 {to}" if outer else f" L{joints[index].x} {joints[index].y} L{to}"
