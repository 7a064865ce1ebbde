"""Outside: hills and trees, streets and buildings. `y` is the ground a thing stands on."""

from collections.abc import Iterator
from dataclasses import replace

from illustrations.palette import shade
from illustrations.shapes import Frame, Outline, circle, line, part, path, rect


@part
def sky(colour: str = "sky") -> Iterator[Outline]:
    """The sky behind everything."""
    yield rect(0, 0, 640, 400, colour)


@part
def sun(x: float, y: float, radius: float = 30) -> Iterator[Outline]:
    """The sun."""
    yield circle(x, y, radius, "blaze")


@part
def cloud(x: float, y: float, size: float = 1, *, colour: str = "cloud") -> Iterator[Outline]:
    """A flat cloud."""
    place = Frame(x, y, size)
    yield place.path(
        "M-50 0 C-62 0-62-18-48-19 C-46-36-22-40-14-28 C-4-42 24-38 26-20 C44-26 58-2 40 0Z", colour
    )


@part
def hill(points: str, colour: str) -> Iterator[Outline]:
    """Hills: the line of their tops as a path from the left edge to the right; what is below is filled."""
    yield path(f"{points} L640 400 L0 400Z", colour)


@part
def ground(y: float, colour: str) -> Iterator[Outline]:
    """Flat ground below y."""
    yield rect(0, y, 640, 400 - y, colour)


@part
def tree(
    x: float, y: float, *, size: float = 1, kind: str = "round", colour: str = "leaf-deep"
) -> Iterator[Outline]:
    """A tree: round, tall like a poplar, or a fir."""
    place = Frame(x, y, size)
    if kind == "fir":
        yield place.path("M0 0 L0-20", stroke="wood-deep", width=9)
        for low, high, wide in ((-14, -74, 36), (-46, -104, 29), (-80, -132, 21)):
            yield place.path(
                f"M{-wide} {low} C{-wide * 0.3} {low + 6} {wide * 0.3} {low + 6} {wide} {low} L3 {high} C1 {high - 4} -1 {high - 4} -3 {high}Z",
                colour,
            )
        return
    yield place.path("M-6 0 C-4-30-4-60-4-92 L4-92 C4-60 4-30 6 0Z", "wood-deep")
    yield place.path("M0-66 L20-94 M0-54 L-18-82", stroke="wood-deep", width=5)
    if kind == "tall":
        yield place.path("M0-200 C30-170 36-100 22-58 C12-44-12-44-22-58 C-36-100-30-170 0-200Z", colour)
        yield place.path("M0-186 C20-150 24-100 14-62", stroke=shade(colour), width=4)
        return
    yield place.path("M-16-70 C-62-66-72-122-36-136 C-34-176 34-180 42-140 C76-128 68-72 26-70Z", colour)
    yield place.path(
        "M-36-104 C-30-96-18-96-12-104 M10-122 C16-112 30-112 36-122", stroke=shade(colour), width=4
    )


@part
def bush(x: float, y: float, *, size: float = 1, colour: str = "leaf") -> Iterator[Outline]:
    """A bush."""
    yield Frame(x, y, size).path("M-46 0 C-62-18-46-42-28-36 C-22-58 14-58 20-38 C42-44 60-20 46 0Z", colour)


@part
def grass(x: float, y: float, *, colour: str = "leaf-deep") -> Iterator[Outline]:
    """A tuft of grass."""
    yield path(
        f"M{x - 7} {y} C{x - 8} {y - 7} {x - 10} {y - 10} {x - 13} {y - 12} M{x} {y} L{x} {y - 16} M{x + 7} {y} C{x + 8} {y - 7} {x + 10} {y - 10} {x + 13} {y - 12}",
        stroke=colour,
        width=3,
    )


@part
def waymark(x: float, y: float, *, size: float = 1, way: int = 1) -> Iterator[Outline]:
    """A post with a blaze and an arm that points the way."""
    place = Frame(x, y, size, 0, way)
    yield place.path("M-7 0 L-6-128 L6-128 L7 0Z", "wood-deep")
    yield place.path("M-22-116 L44-116 L62-99 L44-82 L-22-82Z", "paper")
    yield place.path("M2-92 L14-108 L21-99 L26-105 L36-92Z", "pine")
    yield place.path("M-8-64 L8-64 L8-40 L-8-40Z", "blaze")


@part
def bench(x: float, y: float, *, size: float = 1, colour: str = "wood") -> Iterator[Outline]:
    """A park bench from the front, 230 wide; the seat is 58 above the ground."""
    place = Frame(x, y, size)
    yield place.path("M-92-104 L-92-3 M92-104 L92-3 M-104-2 L-80-2 M80-2 L104-2", stroke="ink", width=7)
    for up in (99, 79):
        yield place.path(f"M-112 {-up} L112 {-up}", stroke=colour, width=13)
    yield place.path("M-116-52 L116-52", stroke=shade(colour), width=12)


@part
def street_lamp(x: float, y: float, *, height: float = 220) -> Iterator[Outline]:
    """A street lamp."""
    yield line((x, y - 2), (x, y - height), stroke="pine", width=6)
    yield rect(x - 7, y - 26, 14, 26, "pine", radius=3)
    yield path(
        f"M{x - 16} {y - height - 8} L{x + 16} {y - height - 8} L{x + 10} {y - height - 36} L{x - 10} {y - height - 36}Z",
        "light",
    )
    yield path(
        f"M{x - 20} {y - height - 34} C{x - 10} {y - height - 52} {x + 10} {y - height - 52} {x + 20} {y - height - 34}Z M{x - 18} {y - height - 10} L{x + 18} {y - height - 10} L{x + 12} {y - height} L{x - 12} {y - height}Z",
        "pine",
    )


@part
def house(
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
    *,
    roof: str = "",
    rows: int = 2,
    columns: int = 3,
    pane: str = "paper",
    low: float = 0,
) -> Iterator[Outline]:
    """A house from the front; `low` is how much of it stays free of windows below."""
    yield rect(x, y - height, width, height, colour)
    if roof:
        yield path(
            f"M{x - 8} {y - height} L{x + 14} {y - height - 40} L{x + width - 14} {y - height - 40} L{x + width + 8} {y - height}Z",
            roof,
        )
    else:
        yield rect(x - 4, y - height - 6, width + 8, 10, shade(colour), radius=2)
    step_x, step_y = width / columns, (height - low - 14) / rows
    for row in range(rows):
        for column in range(columns):
            yield rect(
                x + step_x * (column + 0.5) - 10,
                y - height + 18 + step_y * row,
                20,
                min(30, step_y - 14),
                pane,
            )


@part
def shop(
    x: float, y: float, width: float, *, awning: str = "clay", shows: str = "plants", front: str = "pine"
) -> Iterator[Outline]:
    """The ground floor of a shop: window, door and awning, 104 high."""
    yield rect(x, y - 104, width, 104, front)
    yield rect(x + 10, y - 78, width * 0.56, 62, "light", radius=3)
    yield rect(x + width * 0.7, y - 80, width * 0.22, 80, shade(front), radius=3)
    yield rect(x + width * 0.73, y - 74, width * 0.16, 44, "light")
    base = y - 16
    if shows == "plants":
        for at, colour in ((0.2, "leaf-deep"), (0.44, "leaf")):
            yield circle(x + width * at, base - 24, 12, colour)
            yield rect(x + width * at - 8, base - 14, 16, 14, "clay", radius=2)
    elif shows == "bread":
        for at in (0.17, 0.32, 0.47):
            yield path(
                f"M{x + width * at - 14} {base - 4} C{x + width * at - 14} {base - 20} {x + width * at + 14} {base - 20} {x + width * at + 14} {base - 4}Z",
                "wood",
            )
        yield rect(x + 10, base - 5, width * 0.56, 5, "wood-deep")
    else:
        for at, colour, high in (
            (0.13, "clay", 34),
            (0.21, "plum", 28),
            (0.29, "blaze", 36),
            (0.4, "pine-mid", 30),
            (0.48, "leaf-deep", 34),
        ):
            yield rect(x + width * at - 5, base - high, 11, high, colour, radius=1)
    stripe = width / 6
    for index in (0, 2, 4, 1, 3, 5):
        at = x + stripe * index
        scallop = path(
            f"M{at} {y - 104} L{at + stripe} {y - 104} L{at + stripe} {y - 82} C{at + stripe} {y - 72} {at} {y - 72} {at} {y - 82}Z",
            awning if index % 2 else "paper",
        )
        yield replace(scallop, joins=True)


@part
def column(x: float, y: float, *, height: float = 170) -> Iterator[Outline]:
    """A poster column with two of the site's posters."""
    yield rect(x - 36, y - 16, 72, 16, "stone-deep", radius=3)
    yield rect(x - 32, y - height, 64, height - 14, "sand-deep")
    yield path(
        f"M{x - 40} {y - height} C{x - 30} {y - height - 26} {x - 12} {y - height - 34} {x} {y - height - 36} C{x + 12} {y - height - 34} {x + 30} {y - height - 26} {x + 40} {y - height}Z",
        "pine",
    )
    yield circle(x, y - height - 38, 5, "pine")


@part
def shelter(x: float, y: float, *, width: float = 260, height: float = 196) -> Iterator[Outline]:
    """A bus shelter: roof, glass, a bench. Its poster case is for the scene to fill."""
    yield rect(x + 10, y - height + 16, width - 20, height - 40, "sky")
    yield path(
        f"M{x + 40} {y - 40} L{x + 110} {y - height + 30} M{x + 70} {y - 40} L{x + 120} {y - height + 70}",
        stroke="cloud",
        width=5,
    )
    for at in (x + 12, x + width - 12):
        yield line((at, y - 3), (at, y - height + 6), stroke="pine", width=8)
    yield rect(x - 14, y - height - 4, width + 28, 16, "pine", radius=6)
    yield rect(x + 28, y - 54, width * 0.48, 9, "wood", radius=4)
    yield line((x + 46, y - 46), (x + 46, y - 3), stroke="ink", width=5)
    yield line((x + 10 + width * 0.42, y - 46), (x + 10 + width * 0.42, y - 3), stroke="ink", width=5)


@part
def bridge(y: float, *, water: float, colour: str = "sand-deep") -> Iterator[Outline]:
    """A stone bridge from edge to edge: its path is at y, its three arches stand in the water."""
    rise = water - y - 26
    arches = " ".join(f"L{at + 84} {water} A84 {rise} 0 0 0 {at - 84} {water}" for at in (534, 320, 106))
    yield path(f"M0 {y} L640 {y} L640 {water} {arches} L0 {water}Z", colour)
    for at in (106, 320, 534):
        yield path(f"M{at - 84} {water} A84 {rise} 0 0 1 {at + 84} {water}", stroke=shade(colour), width=7)
    yield rect(0, y - 4, 640, 10, shade(colour))


@part
def ministry(x: float, y: float, *, width: float = 400) -> Iterator[Outline]:
    """A public building: pediment, six columns, a door; y is the top of its steps."""
    left = x - width / 2
    yield rect(left, y - 150, width, 150, "sand-deep")
    yield rect(x - 28, y - 98, 56, 98, "pine", radius=3)
    yield line((x, y - 94), (x, y - 2), stroke="pine-shade", width=3)
    for index in range(6):
        at = left + 28 + index * (width - 56) / 5
        yield rect(at - 11, y - 140, 22, 138, "paper", radius=2)
        yield rect(at - 16, y - 146, 32, 9, "paper", radius=3)
        yield rect(at - 16, y - 8, 32, 8, "paper", radius=3)
    yield rect(left - 14, y - 168, width + 28, 24, "paper", radius=2)
    yield path(f"M{left - 22} {y - 168} L{x} {y - 226} L{left + width + 22} {y - 168}Z", "sand-deep")
    yield path(f"M{left + 40} {y - 175} L{x} {y - 214} L{left + width - 40} {y - 175}Z", "paper")


@part
def steps(
    x: float, y: float, *, count: int = 4, width: float = 440, colour: str = "stone"
) -> Iterator[Outline]:
    """Steps that lead down from y, each 14 high and wider than the last."""
    for index in range(count):
        grown = width + index * 36
        yield rect(x - grown / 2, y + index * 14, grown, 14, colour if index % 2 else shade(colour))


@part
def hut(x: float, y: float, *, size: float = 1) -> Iterator[Outline]:
    """A mountain hut with light in its windows."""
    place = Frame(x, y, size)
    yield place.path("M-74 0 L-74-64 L74-64 L74 0Z", "wood-deep")
    yield place.path("M-70-20 L70-20 M-70-40 L70-40", stroke="wood-deep-shade", width=2.5)
    yield place.path("M-78-10 L78-10 L78 0 L-78 0Z", "stone-deep")
    yield place.path("M38-118 L38-84 L54-76 L54-118Z", "stone-deep")
    yield place.path("M-96-58 L0-126 L96-58 L88-50 L-88-50Z", "clay")
    yield place.path("M-14-10 L-14-48 L14-48 L14-10Z", "pine")
    for at in (-58, 28):
        yield place.path(f"M{at} -46 L{at + 30} -46 L{at + 30} -22 L{at} -22Z", "light")
        yield place.path(f"M{at + 15} -46 L{at + 15} -22", stroke="wood-deep", width=2.5)
    yield place.circle(0, -80, 9, "light")


@part
def lighthouse(x: float, y: float, *, size: float = 1) -> Iterator[Outline]:
    """A lighthouse by day."""
    place = Frame(x, y, size)
    yield place.path("M-34 0 L-22-180 L22-180 L34 0Z", "paper")
    yield place.path("M-31.3-40 L-28-90 L28-90 L31.3-40Z", "clay")
    yield place.path("M-24.7-140 L-22-180 L22-180 L24.7-140Z", "clay")
    yield place.path("M8-180 L22-180 L34 0 L14 0Z", "mist-deep")
    yield place.path("M10.6-40 L12-90 L28-90 L31.3-40Z M9-140 L10-180 L22-180 L24.7-140Z", "clay-shade")
    yield place.path("M-9 0 L-9-26 C-9-36 9-36 9-26 L9 0Z", "pine")
    yield place.path("M-32-188 L32-188 L32-178 L-32-178Z", "ink")
    yield place.path("M-16-222 L16-222 L16-188 L-16-188Z", "light")
    yield place.path("M0-222 L0-188", stroke="ink", width=2.5)
    yield place.path("M-22-220 C-16-240-6-246 0-248 C6-246 16-240 22-220Z", "clay")
    yield place.path("M0-246 L0-258", stroke="ink", width=3)


@part
def letterbox(x: float, y: float, *, colour: str = "blaze") -> Iterator[Outline]:
    """A letterbox on a post, its door open, and nothing in it."""
    place = Frame(x, y)
    yield place.path("M-7 0 L-7-128 L7-128 L7 0Z", "wood-deep")
    yield place.path("M-84-124 L-84-186 C-84-226-30-226-30-186 L-30-124Z", "ink")
    yield place.path(
        "M-57-216 L52-216 C90-214 92-190 92-180 L92-124 L-30-124 L-30-186 C-30-206-42-216-57-216Z", colour
    )
    yield place.path("M-84-124 L-30-124 L-36-108 C-52-98-76-98-98-106Z", shade(colour))
    yield place.path("M2-150 L66-150", stroke="clay", width=6)
    yield place.path("M40-152 L69-152 L69-176 L40-176Z", "clay")
    yield place.circle(2, -150, 5, "clay-shade")
