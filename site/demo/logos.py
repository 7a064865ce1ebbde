"""Draws the logos of the invented organisations that stand behind the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core import typesetting
from demo.campaigns import picture

if TYPE_CHECKING:
    from core.models import Picture

TEMPLATE = Path(__file__).parent / "typst" / "logo.typ"
# The two lines of each, in English everywhere, as logos are.
LINES = {
    "lantern": ("Lantern", "Counselling Exampletown"),
    "institute": ("Example Institute", "for Prevention"),
    "ministry": ("Fictional Ministry", "of Family Affairs"),
    "parents": ("Invented Councils", "of Parents"),
    "library": ("Public Library", "Exampletown"),
    "family": ("Riverbank", "Family Centre"),
    "sports": ("Fictional", "Sports Clubs"),
    "nursing": ("Example College", "of Nursing"),
    "teachers": ("Imaginary Union", "of Teachers"),
}
PPI = 220


def draw(name: str) -> bytes:
    """Return a logo as PNG on white, three times as large as it is shown."""
    first, second = LINES[name]
    return typesetting.picture(TEMPLATE, {"emblem": name, "first": first, "second": second}, ppi=PPI)


def load() -> dict[str, Picture]:
    """Create the logos. Returns them by name."""
    return {name: picture(" ".join(lines), draw(name), f"{name}.png") for name, lines in LINES.items()}
