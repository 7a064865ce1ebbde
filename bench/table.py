"""What a benchmark prints: for each thing that was measured both sides, their ratio, and what the ratio or the figure should be."""

from __future__ import annotations

import os
import platform
from typing import NamedTuple


class Row(NamedTuple):
    """One comparison. `unit` is that of both sides; the ratio is the second through the first."""

    what: str
    first: float
    second: float
    unit: str
    goal: str = ""

    @property
    def ratio(self) -> float:
        return self.second / self.first if self.first else 0.0


def table(rows: list[Row], *, first: str, second: str) -> str:
    """The rows below the names of the two sides."""
    width = max(len(row.what) for row in rows)
    lines = [f"{'':<{width}}  {first:>16}  {second:>16}  {'ratio':>7}  goal"]
    for row in rows:
        sides = "  ".join(
            f"{f'{side:,.2f}' if side < 100 else f'{side:,.0f}'} {row.unit}".rjust(16) for side in row[1:3]
        )
        lines.append(f"{row.what:<{width}}  {sides}  {f'{row.ratio:.2f} x':>7}  {row.goal}".rstrip())
    return "\n".join(lines)


def machine() -> str:
    """Which machine, and how busy it was with other things at the end: seconds on a clock mean little on a busy one."""
    busy = os.getloadavg()[0]
    return (
        f"machine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}; "
        f"load {busy:.1f}"
    )
