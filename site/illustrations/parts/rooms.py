"""Rooms and their furniture: what stands inside. `y` is where a thing stands, if nothing else is said."""

from collections.abc import Iterator
from dataclasses import replace

from illustrations.palette import shade
from illustrations.parts.things import books
from illustrations.shapes import Frame, Outline, circle, ellipse, line, part, path, rect


@part
def room(wall: str, floor: str, *, y: float = 330, skirting: str = "") -> Iterator[Outline]:
    """A wall and a floor that meet at height y."""
    yield rect(0, 0, 640, 400, wall)
    yield rect(0, y, 640, 400 - y, floor)
    if skirting:
        yield rect(0, y - 6, 640, 6, skirting)


@part
def rug(x: float, y: float, width: float, colour: str) -> Iterator[Outline]:
    """A rug on the floor, seen from the side."""
    yield ellipse(x, y, width / 2, width / 16, colour)


@part
def window(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    view: str = "hills",
    frame: str = "paper",
    curtain: str = "",
) -> Iterator[Outline]:
    """A window and what is seen from it: hills, town or evening."""
    sky = "sky-deep" if view == "evening" else "sky"
    yield rect(x - 7, y - 7, width + 14, height + 14, frame, radius=5)
    yield rect(x, y, width, height, sky, radius=2)
    base = y + height
    if view in {"hills", "evening"}:
        near, far = ("pine", "pine-mid") if view == "evening" else ("leaf", "pine-pale")
        yield path(
            f"M{x} {base - height * 0.3} C{x + width * 0.2} {base - height * 0.5} {x + width * 0.4} {base - height * 0.46} {x + width * 0.6} {base - height * 0.26} L{x + width} {base - height * 0.4} L{x + width} {base} L{x} {base}Z",
            far,
        )
        yield path(
            f"M{x} {base - height * 0.12} C{x + width * 0.3} {base - height * 0.2} {x + width * 0.6} {base - height * 0.34} {x + width} {base - height * 0.2} L{x + width} {base} L{x} {base}Z",
            near,
        )
        yield circle(
            x + width * 0.72,
            y + height * 0.26,
            min(width, height) * 0.09,
            "light" if view == "evening" else "blaze",
        )
    elif view == "town":
        for at, wide, high, colour in (
            (0, 0.34, 0.5, "stone"),
            (0.3, 0.28, 0.36, "clay-pale"),
            (0.54, 0.3, 0.6, "pine-pale"),
            (0.8, 0.2, 0.42, "stone"),
        ):
            yield rect(x + width * at, base - height * high, width * wide, height * high, colour)
        yield path(
            f"M{x + width * 0.28} {base - height * 0.36} L{x + width * 0.43} {base - height * 0.5} L{x + width * 0.58} {base - height * 0.36}Z",
            "clay",
        )
    yield line((x + width / 2, y), (x + width / 2, base), stroke=frame, width=6)
    yield rect(x - 14, base + 5, width + 28, 9, frame, radius=3)
    if curtain:
        yield path(
            f"M{x - 28} {y - 14} L{x + 16} {y - 14} C{x + 18} {y + height * 0.5} {x - 2} {base - 10} {x - 8} {base + 24} L{x - 28} {base + 24}Z",
            curtain,
        )
        yield path(
            f"M{x + width + 28} {y - 14} L{x + width - 16} {y - 14} C{x + width - 18} {y + height * 0.5} {x + width + 2} {base - 10} {x + width + 8} {base + 24} L{x + width + 28} {base + 24}Z",
            curtain,
        )
        yield line((x - 36, y - 15), (x + width + 36, y - 15), stroke="wood-deep", width=5)


@part
def table(
    x: float, y: float, width: float, height: float, *, colour: str = "wood", legs: str = "straight"
) -> Iterator[Outline]:
    """A table from the side: x is its left end, y the height of its top, `height` how high it stands."""
    dark = shade(colour)
    if legs == "straight":
        for at in (x + 16, x + width - 16):
            yield line(
                (at, y + 8), (at + (6 if at > x + width / 2 else -6), y + height - 3), stroke=dark, width=8
            )
    elif legs == "panel":
        yield rect(x + 12, y + 6, width - 24, height - 6, dark, radius=3)
    yield rect(x, y, width, 11, colour, radius=5)


@part
def chair(
    x: float, y: float, *, floor: float, way: int = 1, colour: str = "clay", frame: str = "wood-deep"
) -> Iterator[Outline]:
    """A chair from the side: x is the middle of the seat, y its height; its back is behind whoever looks along `way`."""
    place = Frame(x, y, 1, 0, way)
    legs = floor - y
    yield place.path(f"M-24 4 L-30 {legs - 2} M24 4 L28 {legs - 2}", stroke=frame, width=6)
    yield place.path("M-26 4 C-30-20-34-44-36-66", stroke=frame, width=6)
    yield place.path("M-29-30 C-33-44-36-58-37-70 L-29-71 C-27-58-24-44-21-31Z", colour)
    yield place.path("M-32-2 C-32-8-28-9-24-9 L28-7 C34-6 34 6 28 7 L-26 7 C-31 7-32 3-32-2Z", colour)


@part
def armchair(x: float, y: float, *, floor: float, way: int = 1, colour: str = "clay") -> Iterator[Outline]:
    """An armchair from the side, without the arm on our side, which comes after the person: `chair_arm`."""
    place = Frame(x, y, 1, 0, way)
    low = floor - y
    yield place.path(
        f"M-36 {low - 16} L-42 {low - 2} M44 {low - 16} L48 {low - 2}", stroke="wood-deep", width=7
    )
    yield place.path(
        f"M-44 10 C-56-20-66-60-64-88 C-60-104-38-104-34-90 C-32-60-24-24-16 0 L54-4 C62-2 64 10 62 {low - 18} C50 {low - 10} -30 {low - 10} -44 {low - 14}Z",
        colour,
    )
    yield place.path("M-16-4 L54-6 C64-4 64 12 54 12 L-20 12Z", shade(colour))


@part
def chair_arm(x: float, y: float, *, floor: float, way: int = 1, colour: str = "clay") -> Iterator[Outline]:
    """The near arm of an armchair, in front of whoever sits in it."""
    place = Frame(x, y, 1, 0, way)
    low = floor - y
    yield place.path(
        f"M-40-12 C-44-24-34-28-26-27 L44-24 C56-23 56-11 50-9 L52 {low - 18} C40 {low - 12} -28 {low - 12} -38 {low - 18}Z",
        colour,
        stroke=shade(colour),
        width=2.5,
    )


@part
def sofa(
    x: float, y: float, *, floor: float, width: float = 220, colour: str = "pine-mid"
) -> Iterator[Outline]:
    """A sofa from the front; y is the height of its seat."""
    half = width / 2
    low = floor - y
    place = Frame(x, y)
    yield place.path(
        f"M{-half + 14} {low - 14} L{-half + 12} {low - 2} M{half - 14} {low - 14} L{half - 12} {low - 2}",
        stroke="wood-deep",
        width=8,
    )
    yield rect(x - half + 8, y - 66, width - 16, 90, shade(colour), radius=18)
    yield rect(x - half - 6, y - 4, width + 12, low - 10, colour, radius=10)
    yield rect(x - half - 16, y - 34, 34, low + 20, colour, radius=15)
    yield rect(x + half - 18, y - 34, 34, low + 20, colour, radius=15)
    yield line((x, y + 2), (x, floor - 24), stroke=shade(colour), width=2.5)


@part
def stool(x: float, y: float, *, floor: float, colour: str = "wood") -> Iterator[Outline]:
    """A low table or a stool, from the side."""
    yield line((x - 22, y + 4), (x - 28, floor - 3), stroke=shade(colour), width=6)
    yield line((x + 22, y + 4), (x + 28, floor - 3), stroke=shade(colour), width=6)
    yield rect(x - 38, y, 76, 9, colour, radius=4)


@part
def wheelchair(x: float, y: float, *, floor: float, way: int = 1, colour: str = "clay") -> Iterator[Outline]:
    """A wheelchair from the side, to be drawn before the person; the near wheel comes after: `wheel`."""
    place = Frame(x, y, 1, 0, way)
    low = floor - y
    yield place.path("M-36-74 L-28-66 L-22 6 L38 6 L52 46", stroke="ink", width=5)
    yield place.path(f"M52 46 L{60} {low - 10} L84 {low - 8}", stroke="ink", width=5)
    yield place.circle(50, low - 10, 8, stroke="ink", width=5)
    yield place.path("M-32-66 C-22-68-22-66-21-60 L-17-8 L-27-8Z", colour)
    yield place.path("M-24-4 L40-4 C44-4 44 6 40 6 L-24 6Z", colour)


@part
def wheel(x: float, y: float, *, floor: float, way: int = 1) -> Iterator[Outline]:
    """The near wheel of a wheelchair."""
    place = Frame(x, y, 1, 0, way)
    radius = (floor - y) * 0.66
    centre = floor - y - radius
    yield place.circle(-10, centre, radius - 3, stroke="ink", width=6)
    yield place.circle(-10, centre, radius - 11, stroke="stone-deep", width=2.5)
    yield place.circle(-10, centre, 6, "ink")
    yield place.path(
        f"M-10 {centre - radius + 10} L-10 {centre + radius - 10} M{-10 - radius + 10} {centre} L{-10 + radius - 10} {centre}",
        stroke="stone-deep",
        width=1.6,
    )


@part
def pendant(x: float, y: float, *, colour: str = "blaze", lit: bool = False) -> Iterator[Outline]:
    """A lamp that hangs from the ceiling down to y."""
    if lit:
        yield path(f"M{x - 36} {y} L{x - 190} 400 L{x + 190} 400 L{x + 36} {y}Z", "glow")
    yield line((x, 0), (x, y - 34), stroke="ink", width=3)
    yield path(
        f"M{x - 40} {y} C{x - 36} {y - 30} {x - 14} {y - 38} {x} {y - 38} C{x + 14} {y - 38} {x + 36} {y - 30} {x + 40} {y}Z",
        colour,
    )
    yield ellipse(x, y, 18, 5, "light")


@part
def floor_lamp(x: float, y: float, *, height: float = 190, colour: str = "blaze") -> Iterator[Outline]:
    """A standing lamp."""
    yield line((x, y - 4), (x, y - height + 30), stroke="ink", width=4)
    yield path(f"M{x - 24} {y} C{x - 20} {y - 8} {x + 20} {y - 8} {x + 24} {y}Z", "ink")
    yield path(
        f"M{x - 34} {y - height + 44} L{x - 20} {y - height} L{x + 20} {y - height} L{x + 34} {y - height + 44}Z",
        colour,
    )


@part
def desk_lamp(x: float, y: float, *, way: int = 1, colour: str = "blaze") -> Iterator[Outline]:
    """A lamp on a table."""
    place = Frame(x, y, 1, 0, way)
    yield place.path("M-18 0 C-16-8 16-8 18 0Z", "ink")
    yield place.path("M0-5 L-14-46 L20-78", stroke="ink", width=4)
    yield place.path("M8-88 C20-100 38-92 44-72 L12-66 C6-74 4-82 8-88Z", colour)


@part
def shelf(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    rows: int = 4,
    filled: bool = True,
    colour: str = "wood",
) -> Iterator[Outline]:
    """Shelves with books, or empty ones; x and y are the upper left corner."""
    yield rect(x, y, width, height, shade(colour), radius=4)
    step = (height - 8) / rows
    for row in range(rows):
        top = y + 8 + row * step
        yield rect(x + 8, top, width - 16, step - 8, "sand-deep")
        if filled:
            yield from books(x + 10, top + step - 8, width - 20, step - 14, start=row * 3)


@part
def plant(
    x: float, y: float, *, size: float = 1, kind: str = "broad", pot: str = "clay"
) -> Iterator[Outline]:
    """A plant in a pot: broad leaves, long ones, or a small round bush."""
    place = Frame(x, y, size)
    if kind == "broad":
        leaves = ((-42, 84), (38, 88), (16, 100), (-14, 112), (-66, 60), (62, 62))
        stems = " ".join(
            "M{} {} L{} {}".format(
                *place.at(0, -40), *Frame(*place.at(0, -40), size, turn).at(0, -reach * 0.6)
            )
            for turn, reach in leaves
        )
        yield path(stems, stroke="leaf-deep", width=3 * size)
        for index, (turn, reach) in enumerate(leaves):
            leaf = Frame(*place.at(0, -40), size, turn)
            outline = leaf.path(
                f"M0 {-reach * 0.3} C-20 {-reach * 0.5} -18 {-reach * 0.84} 0 {-reach} C18 {-reach * 0.84} 20 {-reach * 0.5} 0 {-reach * 0.3}Z",
                "leaf-deep" if index < 3 else "leaf",
            )
            yield replace(outline, joins=True)
    elif kind == "long":
        for turn, reach, colour in (
            (-12, 112, "leaf-deep"),
            (30, 92, "leaf-deep"),
            (-34, 84, "leaf"),
            (10, 124, "leaf"),
        ):
            leaf = Frame(*place.at(0, -36), size, turn)
            yield replace(
                leaf.path(
                    f"M-6 0 C-10 {-reach * 0.5} -8 {-reach * 0.8} 2 {-reach} C8 {-reach * 0.7} 8 {-reach * 0.4} 6 0Z",
                    colour,
                ),
                joins=True,
            )
    else:
        for across, up, radius, colour in (
            (-16, -54, 20, "leaf-deep"),
            (16, -56, 20, "leaf"),
            (0, -72, 22, "leaf-deep"),
            (2, -50, 18, "leaf"),
        ):
            yield place.circle(across, up, radius, colour)
    yield place.path("M-24-44 L24-44 L18-4 C17 0 14 0 12 0 L-12 0 C-14 0-17 0-18-4Z", pot)
    yield place.path("M-28-48 L28-48 L27-36 L-27-36Z", shade(pot))


@part
def picture(
    x: float, y: float, width: float, height: float, *, colour: str = "pine-pale", kind: str = "hills"
) -> Iterator[Outline]:
    """A framed picture on the wall: hills, or a leaf."""
    yield rect(x - 5, y - 5, width + 10, height + 10, "wood", radius=2)
    yield rect(x, y, width, height, "paper")
    if kind == "hills":
        base = y + height - 8
        yield circle(x + width * 0.66, y + height * 0.34, width * 0.1, "blaze")
        yield path(
            f"M{x + 8} {base} C{x + width * 0.25} {y + height * 0.3} {x + width * 0.45} {y + height * 0.4} {x + width * 0.6} {base}Z",
            colour,
        )
        yield path(
            f"M{x + width * 0.3} {base} C{x + width * 0.55} {y + height * 0.5} {x + width * 0.8} {y + height * 0.5} {x + width - 8} {base}Z",
            shade(colour),
        )
    else:
        middle = x + width / 2
        yield path(
            f"M{middle} {y + height - 10} C{x + 4} {y + height * 0.6} {x + 10} {y + height * 0.3} {middle} {y + 10} C{x + width - 10} {y + height * 0.3} {x + width - 4} {y + height * 0.6} {middle} {y + height - 10}Z",
            colour,
        )
        yield line((middle, y + height - 8), (middle, y + 26), stroke=shade(colour), width=2.5)


@part
def screen(
    x: float, y: float, width: float, height: float, *, shows: str = "hills", stand: bool = False
) -> Iterator[Outline]:
    """A projection screen or a board with a drawing: hills, a round chart, bars, people, or nothing."""
    if stand:
        yield line(
            (x + width * 0.3, y + height), (x + width * 0.2, y + height + 74), stroke="wood-deep", width=6
        )
        yield line(
            (x + width * 0.7, y + height), (x + width * 0.8, y + height + 74), stroke="wood-deep", width=6
        )
    yield rect(x - 5, y - 5, width + 10, height + 10, "stone-deep", radius=6)
    yield rect(x, y, width, height, "paper", radius=3)
    base, middle = y + height * 0.82, x + width / 2
    if shows == "hills":
        yield circle(x + width * 0.7, y + height * 0.3, height * 0.11, "blaze")
        yield path(
            f"M{x + width * 0.08} {base} C{x + width * 0.25} {y + height * 0.24} {x + width * 0.42} {y + height * 0.34} {x + width * 0.64} {base}Z",
            "pine-mid",
        )
        yield path(
            f"M{x + width * 0.36} {base} C{x + width * 0.56} {y + height * 0.44} {x + width * 0.74} {y + height * 0.44} {x + width * 0.92} {base}Z",
            "pine",
        )
    elif shows == "bars":
        for index, high in enumerate((0.26, 0.4, 0.34, 0.56)):
            yield rect(
                x + width * (0.16 + index * 0.18),
                base - height * high,
                width * 0.11,
                height * high,
                ("pine", "blaze", "clay", "pine-mid")[index],
                radius=3,
            )
        yield line((x + width * 0.1, base + 3), (x + width * 0.9, base + 3), stroke="stone-deep", width=3)
    elif shows == "circle":
        radius = height * 0.3
        yield circle(middle, y + height / 2, radius, "pine-mid")
        yield path(
            f"M{middle} {y + height / 2} L{middle} {y + height / 2 - radius} A{radius} {radius} 0 0 1 {middle + radius} {y + height / 2}Z",
            "blaze",
        )


@part
def lectern(x: float, y: float, *, way: int = 1, colour: str = "wood") -> Iterator[Outline]:
    """A lectern with a microphone; y is the floor."""
    place = Frame(x, y, 1, 0, way)
    yield place.path("M-26-104 L26-104 L20 0 L-20 0Z", colour)
    yield place.path("M-36-108 L36-118 L36-106 L-36-96Z", shade(colour))
    yield place.path("M10-110 C14-124 2-130-6-136", stroke="ink", width=3)
    yield place.path("M-4-134 L-12-140", stroke="ink", width=7)


@part
def notice_board(x: float, y: float, width: float, height: float) -> Iterator[Outline]:
    """An empty notice board with a few pins."""
    yield rect(x - 10, y - 10, width + 20, height + 20, "wood-deep", radius=6)
    yield rect(x, y, width, height, "wood")
    yield rect(x, y, width, 7, "wood-shade")
    for across, down, colour in (
        (0.12, 0.2, "blaze"),
        (0.16, 0.26, "clay"),
        (0.1, 0.3, "paper"),
        (0.86, 0.78, "pine"),
    ):
        yield circle(x + width * across, y + height * down, 5, colour)
        yield circle(x + width * across - 1.4, y + height * down - 1.4, 1.6, "paper")
