"""From a scene to SVG text: the one place that writes markup."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from xml.sax.saxutils import quoteattr

from illustrations.palette import values
from illustrations.shapes import UNIT, Outline, number

WIDTH, HEIGHT = 640, 400

_HEAD = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * UNIT} {HEIGHT * UNIT}" width="{WIDTH}" height="{HEIGHT}"'
# Every shape inherits these.
_LINES = ' fill="none" stroke-linecap="round" stroke-linejoin="round" paint-order="stroke">'


def compose(parts: Iterable[Iterable[Outline]], *, flat: bool = False, mirrored: bool = False) -> str:
    """The scene as SVG. Colours follow the reader's preference for light or dark; flat, they are literal, for print."""
    shapes = list(_joined(shape for piece in parts for shape in piece))
    names = _short_names(shapes)
    body = "".join(_element(shape, {} if flat else names) for shape in shapes)
    if mirrored:
        body = f'<g transform="matrix(-1 0 0 1 {WIDTH * UNIT} 0)">{body}</g>'
    return _HEAD + _LINES + ("" if flat else _style(names)) + body + "</svg>\n"


def _joined(shapes: Iterable[Outline]) -> Iterator[Outline]:
    """Neighbours that are painted alike as one element: lines, and what is drawn the same way round and so cannot cancel out."""
    waiting: Outline | None = None
    for shape in shapes:
        if waiting and waiting.tag == shape.tag == "path" and _alike(waiting, shape):
            waiting = replace(waiting, geometry=(("d", waiting.geometry[0][1] + shape.geometry[0][1]),))
            continue
        if waiting:
            yield waiting
        waiting = shape
    if waiting:
        yield waiting


def _alike(one: Outline, two: Outline) -> bool:
    same = (one.fill, one.stroke, number(one.width)) == (two.fill, two.stroke, number(two.width))
    return same and ((one.joins and two.joins) or not one.fill)


def _short_names(shapes: list[Outline]) -> dict[tuple[str, str], str]:
    """A class for each way of painting: what it is filled with, what it is drawn with."""
    found: dict[tuple[str, str], str] = {}
    for shape in shapes:
        index = len(found)
        letters = chr(97 + index % 26) + (str(index // 26) if index >= 26 else "")
        found.setdefault((shape.fill, shape.stroke), letters)
    return found


def _paint(fill: str, stroke: str, dark: bool) -> str:
    rules = [f"fill:{values(fill)[dark]}"] if fill else []
    rules += [f"stroke:{values(stroke)[dark]}"] if stroke else []
    return ";".join(rules)


def _style(names: dict[tuple[str, str], str]) -> str:
    light = [f".{name}{{{_paint(*paint, dark=False)}}}" for paint, name in names.items()]
    dark = [f".{name}{{{_paint(*paint, dark=True)}}}" for paint, name in names.items()]
    return f"<style>{''.join(light)}@media(prefers-color-scheme:dark){{{''.join(dark)}}}</style>"


def _element(shape: Outline, names: dict[tuple[str, str], str]) -> str:
    if names:
        attributes = [("class", names[shape.fill, shape.stroke])]
    else:
        paints = (("fill", shape.fill), ("stroke", shape.stroke))
        attributes = [(name, values(colour)[0]) for name, colour in paints if colour]
    if shape.stroke:
        attributes.append(("stroke-width", number(shape.width)))
    written = "".join(f" {name}={quoteattr(value)}" for name, value in [*attributes, *shape.geometry])
    return f"<{shape.tag}{written}/>"
