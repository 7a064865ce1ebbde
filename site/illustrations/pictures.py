"""The finished pictures: by name, as files, and for print."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from illustrations.compose import compose
from illustrations.scenes import SCENES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from illustrations.scenes import Scene

FOLDER = Path(__file__).parent / "static" / "illustrations"
BY_NAME: dict[str, Scene] = {scene.name: scene for scene in SCENES}


def path_of(name: str, *, right_to_left: bool = False) -> str:
    """Return the path of a picture among the static files; mirrored where its direction would be wrong. An unknown name is a KeyError."""
    mirrored = right_to_left and BY_NAME[name].directed
    return f"illustrations/{BY_NAME[name].name}{'-mirrored' if mirrored else ''}.svg"


@cache
def for_print(name: str, *, right_to_left: bool = False) -> str:
    """Return a picture as SVG in light colours and without a style sheet, as typst wants it."""
    scene = BY_NAME[name]
    return compose(scene.parts, flat=True, mirrored=right_to_left and scene.directed)


def files() -> Iterator[tuple[Path, str]]:
    """Yield every file of the set with what belongs in it."""
    for scene in SCENES:
        yield FOLDER / f"{scene.name}.svg", compose(scene.parts)
        if scene.directed:
            yield FOLDER / f"{scene.name}-mirrored.svg", compose(scene.parts, mirrored=True)
