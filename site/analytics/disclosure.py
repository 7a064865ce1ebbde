"""Disclosure control: which numbers of a week are published, and which are left out so that they cannot be derived.

The table has a line for each language, a column for each page, and totals of both.
Numbers are rounded to 5.
A number from 1 to 9 is left out.
So that it does not follow from the others by subtraction, more are left out beside it: a table of two dimensions gives
a missing number away exactly when the missing numbers, taken as the edges of a graph between lines and columns, have a
bridge there (Gusfield 1988, doi 10.1137/0217034).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from core.publishing.counted import ALL, OTHER, Cell

# A line or a column, by its code.
type Node = tuple[str, str]

ROUNDED_TO = 5
# Numbers below are left out, unless they are 0.
THRESHOLD = 10
# A page that is shown less often than this in all languages together is counted among the others.
RARE = 20


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """The published numbers of one kind of page: (language, page) → the number, or None if it is left out.

    With totals (`ALL`).
    """

    numbers: Mapping[Cell, int | None]

    @property
    def languages(self) -> list[str]:
        return sorted({language for language, _page in self.numbers} - {ALL})

    @property
    def pages(self) -> list[str]:
        return sorted({page for _language, page in self.numbers} - {ALL, OTHER}) + (
            [OTHER] if (ALL, OTHER) in self.numbers else []
        )


def table(numbers: Mapping[Cell, int], *, named: Iterable[str] = ()) -> PublishedTable:
    """Return what may be published of these numbers.

    `named`: pages that keep their name however rarely they are shown.
    """
    whole = with_totals(rolled_up({cell: max(n, 0) for cell, n in numbers.items()}, frozenset(named)))
    hidden = suppressed(whole)
    return PublishedTable({cell: None if cell in hidden else rounded(n) for cell, n in sorted(whole.items())})


def rounded(n: int) -> int:
    return (n + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def rolled_up(numbers: Mapping[Cell, int], named: frozenset[str]) -> dict[Cell, int]:
    """Add up the pages that are shown rarely, as `OTHER`."""
    of_page: dict[str, int] = defaultdict(int)
    for (_language, page), n in numbers.items():
        of_page[page] += n
    found: dict[Cell, int] = defaultdict(int)
    for (language, page), n in numbers.items():
        is_rare = of_page[page] < RARE and page not in named
        found[language, OTHER if is_rare else page] += n
    return dict(found)


def with_totals(numbers: Mapping[Cell, int]) -> dict[Cell, int]:
    """Return a complete table: a number for each language and page, and the totals of lines, of columns and of all."""
    pages = sorted({page for _language, page in numbers})
    found: dict[Cell, int] = {}
    for language in sorted({language for language, _page in numbers}):
        for page in pages:
            n = numbers.get((language, page), 0)
            for cell in ((language, page), (language, ALL), (ALL, page), (ALL, ALL)):
                found[cell] = found.get(cell, 0) + n
    return found


# --- Secondary suppression ------------------------------------------------------------------------


def suppressed(whole: Mapping[Cell, int]) -> set[Cell]:
    """Return the small numbers of a table with totals, and the secondary suppressions that they need."""
    hidden = {cell for cell, n in whole.items() if 0 < n < THRESHOLD}
    while (bridge := _bridge(hidden)) is not None:
        hidden |= _detour(whole, hidden, bridge)
    return hidden


def _ends(cell: Cell) -> tuple[Node, Node]:
    return ("language", cell[0]), ("page", cell[1])


def _bridge(hidden: set[Cell]) -> Cell | None:
    """Return a number that can be derived from those that are not hidden, or None."""
    beside: dict[Node, set[Node]] = defaultdict(set)
    for cell in hidden:
        line, column = _ends(cell)
        beside[line].add(column)
        beside[column].add(line)
    for cell in sorted(hidden):
        line, column = _ends(cell)
        reached, todo = {line}, [line]
        while todo and column not in reached:
            here = todo.pop()
            for there in beside[here] - reached:
                if (here, there) != (line, column):
                    reached.add(there)
                    todo.append(there)
        if column not in reached:
            return cell
    return None


def _detour(whole: Mapping[Cell, int], hidden: set[Cell], bridge: Cell) -> set[Cell]:
    """Return the cheapest numbers to hide as well, so that the bridge becomes part of a cycle.

    With the totals, there always is one.
    """
    beside: dict[Node, list[tuple[Node, Cell]]] = defaultdict(list)
    for cell in whole:
        if cell != bridge:
            line, column = _ends(cell)
            beside[line].append((column, cell))
            beside[column].append((line, cell))
    start, end = _ends(bridge)
    # By cost, then by the path itself, so that the same numbers give the same table.
    open_ways: list[tuple[int, Node, tuple[Cell, ...]]] = [(0, start, ())]
    done: set[Node] = set()
    while True:
        lost, here, way = heappop(open_ways)
        if here == end:
            return {*way} - hidden
        if here in done:
            continue
        done.add(here)
        for there, cell in beside[here]:
            if there not in done:
                heappush(open_ways, (lost + _cost(whole[cell], is_hidden=cell in hidden), there, (*way, cell)))


def _cost(n: int, *, is_hidden: bool) -> int:
    """Return the cost of hiding a number.

    A zero hides nothing behind it, so it is the last choice among the small ones.
    """
    if is_hidden:
        return 0
    return n or 10 * THRESHOLD
