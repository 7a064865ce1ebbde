"""The table that a benchmark prints: both sides of each measurement, their ratio, and the goal."""

from __future__ import annotations

import os
import platform
from typing import NamedTuple


class Row(NamedTuple):
    """One comparison.

    Both sides have the same `unit`; the ratio is second / first.
    """

    what: str
    first: float
    second: float
    unit: str
    goal: str = ""

    @property
    def ratio(self) -> float:
        return self.second / self.first if self.first else 0.0


def table(rows: list[Row], *, first: str, second: str) -> str:
    """Format the rows below the names of the two sides."""
    width = max(len(row.what) for row in rows)
    lines = [f"{'':<{width}}  {first:>16}  {second:>16}  {'ratio':>7}  goal"]
    for row in rows:
        sides = "  ".join(
            f"{f'{side:,.2f}' if side < 100 else f'{side:,.0f}'} {row.unit}".rjust(16) for side in row[1:3]
        )
        lines.append(f"{row.what:<{width}}  {sides}  {f'{row.ratio:.2f} x':>7}  {row.goal}".rstrip())
    return "\n".join(lines)


def machine() -> str:
    """Describe the machine and its load at the end: wall-clock seconds mean little on a busy machine."""
    busy = os.getloadavg()[0]
    return (
        f"machine: {os.cpu_count()} cores, {platform.machine()}, "
        f"{platform.system()}, Python {platform.python_version()}; "
        f"load {busy:.1f}"
    )
