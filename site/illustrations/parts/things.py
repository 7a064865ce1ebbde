"""Small things: on tables, in hands, on walls. `y` is what they stand on."""

from collections.abc import Iterator

from illustrations.palette import shade
from illustrations.shapes import Frame, Outline, circle, ellipse, line, part, path, rect

_SPINES = ("pine", "clay", "blaze", "pine-mid", "plum", "paper", "leaf-deep", "sky-deep")


def books(x: float, y: float, width: float, height: float, *, start: int = 0) -> Iterator[Outline]:
    """A row of books with a gap, in the colours of the house."""
    spines: dict[str, list[Outline]] = {}
    at, index = x, start
    while at < x + width - 24:
        thick = (13, 10, 16, 11, 14)[index % 5]
        if index % 9 == 6:
            at += 26
        else:
            high = height * (0.86, 0.7, 0.94, 0.78, 0.62, 0.9)[index % 6]
            colour = _SPINES[index * 3 % len(_SPINES)]
            spines.setdefault(colour, []).append(rect(at, y - high, thick, high, colour))
            at += thick + 1
        index += 1
    for alike in spines.values():
        yield from alike


@part
def mug(x: float, y: float, *, colour: str = "blaze", steam: bool = True, way: int = 1) -> Iterator[Outline]:
    """A mug of tea."""
    place = Frame(x, y, 1, 0, way)
    yield place.path("M9-16 C20-16 19-4 8-5", stroke=colour, width=3.4)
    yield place.path("M-10-21 L10-21 L9-3 C9-1 7 0 6 0 L-6 0 C-7 0-9-1-9-3Z", colour)
    if steam:
        yield place.path("M-4-27 C-8-32 0-35-4-41 M4-27 C0-32 8-35 4-41", stroke="stone", width=2.4)


@part
def pot(x: float, y: float, *, colour: str = "pine") -> Iterator[Outline]:
    """A teapot."""
    yield path(f"M{x + 20} {y - 12} L{x + 38} {y - 28}", stroke=colour, width=6)
    yield path(
        f"M{x - 20} {y - 26} C{x - 40} {y - 30} {x - 38} {y - 6} {x - 20} {y - 8}", stroke=colour, width=4.5
    )
    yield path(
        f"M{x - 24} {y - 16} C{x - 24} {y - 36} {x + 24} {y - 36} {x + 24} {y - 16} C{x + 24} {y - 6} {x + 18} {y} {x + 14} {y} L{x - 14} {y} C{x - 18} {y} {x - 24} {y - 6} {x - 24} {y - 16}Z",
        colour,
    )
    yield circle(x, y - 35, 4.5, shade(colour))


@part
def papers(x: float, y: float, *, width: float = 54) -> Iterator[Outline]:
    """A small pile of paper lying on a table, from the side."""
    yield rect(x - width / 2 + 6, y - 12, width - 12, 4, "paper")
    yield rect(x - width / 2 + 2, y - 8, width - 6, 4, "stone")
    yield rect(x - width / 2, y - 4, width, 4, "paper")


@part
def book_pile(
    x: float, y: float, *, colours: tuple[str, ...] = ("clay", "pine", "blaze")
) -> Iterator[Outline]:
    """Books lying on one another."""
    for index, colour in enumerate(colours):
        width = 58 - index * 7
        yield rect(x - width / 2 + index * 2, y - 10 * (index + 1), width, 9.4, colour, radius=2)


@part
def open_book(x: float, y: float) -> Iterator[Outline]:
    """A book open on a table, from the side."""
    yield path(
        f"M{x - 34} {y} L{x + 34} {y} L{x + 31} {y - 7} C{x + 18} {y - 13} {x + 6} {y - 10} {x} {y - 5} C{x - 6} {y - 10} {x - 18} {y - 13} {x - 31} {y - 7}Z",
        "paper",
    )
    yield line((x - 34, y - 1), (x + 34, y - 1), stroke="clay", width=3)


@part
def laptop_back(x: float, y: float, *, colour: str = "stone") -> Iterator[Outline]:
    """A laptop from behind its lid, with the mark of the site."""
    yield rect(x - 36, y - 48, 72, 48, colour, radius=5)
    yield path(
        f"M{x - 13} {y - 18} L{x - 4} {y - 31} L{x + 2} {y - 23} L{x + 6} {y - 28} L{x + 14} {y - 18}Z",
        "paper",
    )
    yield rect(x - 44, y - 4, 88, 5, shade(colour), radius=2.5)


@part
def monitor(x: float, y: float, width: float, height: float, *, back: bool = False) -> Iterator[Outline]:
    """A screen on its foot, which stands at y. From the front its picture is put over it by the scene."""
    yield rect(x - 8, y - 26, 16, 24, "stone-deep")
    yield path(f"M{x - 34} {y} C{x - 30} {y - 8} {x + 30} {y - 8} {x + 34} {y}Z", "stone-deep")
    yield rect(x - width / 2, y - 22 - height, width, height, "stone" if back else "ink", radius=7)


@part
def telephone(x: float, y: float, *, colour: str = "clay") -> Iterator[Outline]:
    """A telephone with its receiver on."""
    yield path(
        f"M{x - 24} {y} C{x - 26} {y - 18} {x - 14} {y - 24} {x} {y - 24} C{x + 14} {y - 24} {x + 26} {y - 18} {x + 24} {y}Z",
        colour,
    )
    yield circle(x, y - 10, 6.5, "paper")
    yield path(
        f"M{x - 27} {y - 22} C{x - 20} {y - 33} {x + 20} {y - 33} {x + 27} {y - 22}",
        stroke=shade(colour),
        width=8,
    )


@part
def microphone(x: float, y: float, *, way: int = 1) -> Iterator[Outline]:
    """A microphone on a table."""
    place = Frame(x, y, 1, 0, way)
    yield place.path("M-9 0 C-7-5 7-5 9 0Z", "ink")
    yield place.path("M0-3 C0-18 4-26 10-32", stroke="ink", width=2.6)
    yield place.path("M9-31 L15-38", stroke="ink", width=7)


@part
def bowl(x: float, y: float, *, colour: str = "sky-mid") -> Iterator[Outline]:
    """A bowl of fruit."""
    for across, up, colour_of in ((-13, -19, "clay"), (2, -22, "blaze"), (15, -18, "leaf")):
        yield circle(x + across, y + up, 9, colour_of)
    yield path(
        f"M{x - 32} {y - 17} L{x + 32} {y - 17} C{x + 30} {y - 2} {x + 14} {y} {x + 10} {y} L{x - 10} {y} C{x - 14} {y} {x - 30} {y - 2} {x - 32} {y - 17}Z",
        colour,
    )


@part
def pencils(x: float, y: float) -> Iterator[Outline]:
    """A jar of coloured pencils."""
    for across, up, colour in (
        (-13, -56, "clay"),
        (-4, -64, "blaze"),
        (5, -58, "leaf-deep"),
        (14, -62, "sky-deep"),
    ):
        yield line((x + across * 0.6, y - 20), (x + across, y + up), stroke=colour, width=5)
        yield line((x + across, y + up), (x + across * 1.04, y + up - 4), stroke="ink", width=2.5)
    yield path(
        f"M{x - 17} {y - 36} L{x + 17} {y - 36} L{x + 15} {y - 4} C{x + 15} {y - 1} {x + 13} {y} {x + 11} {y} L{x - 11} {y} C{x - 13} {y} {x - 15} {y - 1} {x - 15} {y - 4}Z",
        "sky-mid",
    )


@part
def vase(x: float, y: float, *, colour: str = "plum", flowers: str = "blaze") -> Iterator[Outline]:
    """Flowers in a vase."""
    for across, up in ((-16, -62), (0, -72), (15, -60)):
        yield line((x, y - 28), (x + across, y + up), stroke="leaf-deep", width=2.6)
        yield circle(x + across, y + up, 8.5, flowers)
        yield circle(x + across, y + up, 3.2, "clay")
    yield path(
        f"M{x - 8} {y - 36} L{x + 8} {y - 36} C{x + 6} {y - 24} {x + 14} {y - 18} {x + 12} {y - 6} C{x + 11} {y} {x - 11} {y} {x - 12} {y - 6} C{x - 14} {y - 18} {x - 6} {y - 24} {x - 8} {y - 36}Z",
        colour,
    )


@part
def clock(x: float, y: float, radius: float) -> Iterator[Outline]:
    """A clock on the wall, at noon past a little: it looks the same mirrored."""
    yield circle(x, y, radius, "paper", stroke="pine", width=5)
    yield line((x, y), (x, y - radius * 0.6), stroke="ink", width=3)
    yield line((x, y), (x, y + radius * 0.4), stroke="ink", width=3)


@part
def poster(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    turn: float = 0,
    ground: str = "pine",
    hill: str = "pine-mid",
    sun: str = "blaze",
) -> Iterator[Outline]:
    """A poster of the site: two hills, a path and a blaze. It says nothing; around its middle."""
    place = Frame(x, y, 1, turn)
    w, h = width / 2, height / 2
    yield place.path(f"M{-w} {-h} L{w} {-h} L{w} {h} L{-w} {h}Z", ground)
    yield place.circle(w * 0.4, -h * 0.5, w * 0.24, sun)
    yield place.path(
        f"M{-w} {h} L{-w} {h * 0.1} C{-w * 0.5} {-h * 0.3} {w * 0.1} {-h * 0.1} {w} {h * 0.6} L{w} {h}Z", hill
    )
    yield place.path(
        f"M{-w} {h} C{-w * 0.2} {h * 0.3} {w * 0.5} {h * 0.2} {w} {h * 0.3} L{w} {h}Z",
        "paper" if hill == "pine" else "leaf-pale",
    )
    yield place.path(
        f"M{-w * 0.2} {h * 0.96} C{w * 0.3} {h * 0.7} {-w * 0.2} {h * 0.55} {w * 0.2} {h * 0.36}",
        stroke=sun,
        width=w * 0.1,
    )


@part
def cloth(x: float, y: float, width: float, *, colour: str = "clay") -> Iterator[Outline]:
    """A cushion."""
    yield path(
        f"M{x - width / 2} {y} C{x - width / 2 - 4} {y - width * 0.3} {x - width / 2 - 2} {y - width * 0.7} {x - width / 2 + 2} {y - width * 0.8} C{x} {y - width * 0.88} {x + width * 0.3} {y - width * 0.86} {x + width / 2} {y - width * 0.78} C{x + width / 2 + 4} {y - width * 0.4} {x + width / 2 + 2} {y - width * 0.2} {x + width / 2} {y}Z",
        colour,
    )


@part
def spot(x: float, y: float, rx: float, ry: float, colour: str) -> Iterator[Outline]:
    """A plain ellipse: a shadow on the ground, a puddle of light."""
    yield ellipse(x, y, rx, ry, colour)


@part
def box(
    x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0
) -> Iterator[Outline]:
    """A plain rectangle."""
    yield rect(x, y, width, height, colour, radius=radius)


@part
def outline(d: str, fill: str = "", *, stroke: str = "", width: float = 0) -> Iterator[Outline]:
    """An outline that only one scene has."""
    yield path(d, fill, stroke=stroke, width=width)
