"""The numbers of the running week, in the memory of one process, with noise from the first moment."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from counting.counter import noise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from core.publishing.counted import Cell

    type Draw = Callable[[], int]


class WeekInMemory:
    """The numbers of a week, one for each page that is printed, shown or not: what is there tells nothing about what was asked for."""

    def __init__(self, week: str, cells: Iterable[Cell] = (), *, draw: Draw = noise.draw) -> None:
        self.week = week
        self.draw = draw
        self.numbers: dict[Cell, int] = {}
        self.lock = Lock()
        self.extend(cells)

    def extend(self, cells: Iterable[Cell]) -> None:
        """Begin to count pages that have been printed since, with noise."""
        with self.lock:
            for cell in sorted({*cells} - self.numbers.keys()):
                self.numbers[cell] = self.draw()

    def add(self, numbers: Mapping[Cell, int]) -> None:
        """Add what is in the database of this week: the counter was started again."""
        with self.lock:
            for cell, n in sorted(numbers.items()):
                self.numbers[cell] = self.numbers.get(cell, 0) + n

    def count(self, cell: Cell) -> None:
        """Count a page that was shown. What is not printed is not counted."""
        with self.lock:
            if cell in self.numbers:
                self.numbers[cell] += 1

    def with_noise(self) -> dict[Cell, int]:
        """Return all numbers with noise drawn anew: the difference of two nights tells as little as a number itself."""
        with self.lock:
            return {cell: n + self.draw() for cell, n in sorted(self.numbers.items())}
