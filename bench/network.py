"""Measure everything for which the network has a goal, in one run.

    python bench/network.py [--few 1000] [--many 100000]

Matching, the directory, mistyped words, new and leaving members, and a merge.
Runs in a temporary folder, with the settings of the demonstration.
Each row compares a small number with a large one: ten times as many members for matching, merging and words, a hundred
times as many members for the directory.
The last column is the used part of each goal: 1.00 and less is reached.
"""

from __future__ import annotations

import argparse
import random
import string
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import directory, matching, scratch, vocabulary  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402


class Goal(NamedTuple):
    """Goal for the large number: at most `most`, and at most `times` the value of the small number; 0: no such goal."""

    most: float = 0.0
    times: float = 0.0

    def of(self, what: str, few: float, many: float, unit: str) -> Row:
        """Return the row of a measurement."""
        used = [f"{many / self.most:.2f} of {self.most:,g} {unit}"] if self.most else []
        if self.times:
            ratio = many / few if few else 0.0
            used.append(f"{ratio / self.times:.2f} of {self.times:,.0f} x")
        return Row(what, few, many, unit, ", ".join(used))


# Measurements of `bench/directory.py` that have a goal.
OF_DIRECTORY = {
    "p95 of all pages": Goal(100, 5),
    "p95 of all pages, processor": Goal(100, 5),
    "one approval until public": Goal(2000),
    "one approval until public, processor": Goal(2000),
    "one member hidden until gone": Goal(60_000),
    "one member paused until gone": Goal(60_000),
    "one member who leaves until gone": Goal(60_000),
    "queries of a page": Goal(times=1),
}
OF_MATCHING = Goal(5)
OF_MERGE = Goal(10)
OF_WORDS = Goal(3.5)
# The quickest of so many counts.
ROUNDS = 3


def measure(
    *,
    few: int = 1_000,
    many: int = 100_000,
    needs: int = 100,
    candidates: int = 10_000,
    rounds: int = 20,
    words: int = 50_000,
) -> str:
    """Return the table.

    Replaces all pages and members: use only with a scratch database.
    """
    matched = [matching.seconds(needs, count)[0] for count in (candidates // 10, candidates)]
    rows = [
        OF_MATCHING.of(f"{needs:,} needs among {candidates:,} members", matched[0], matched[1], "s"),
        *of_directory(few, many, rounds),
    ]
    merged = [found.seconds for found in vocabulary.merges(many)]
    rows += [
        OF_MERGE.of(f"a merge over {many:,} members", merged[0], merged[1], "s"),
        OF_WORDS.of(f"the nearest of {words:,} words", nearest(words // 10), nearest(words), "ms"),
    ]
    return table(rows, first="few", second="many")


def of_directory(few: int, many: int, rounds: int) -> list[Row]:
    sides = directory.sides(few, many, rounds)
    pages = [Row(name, sides[0][name], sides[1][name], "ms") for name in directory.ASKED]
    goals = [goal.of(name, sides[0][name], sides[1][name], directory.unit(name)) for name, goal in OF_DIRECTORY.items()]
    return [*(row._replace(what=f"{row.what}, {many:,} members") for row in goals), *pages]


def nearest(count: int) -> float:
    """Return the milliseconds of correcting a mistyped word among so many invented ones."""
    from core.search import spelling

    chance = random.Random(1)  # noqa: S311  (nothing here is a secret)
    invented = {"".join(chance.choices(string.ascii_lowercase, k=chance.randint(4, 14))) for _word in range(count)}
    known = spelling.Lexicon(invented | {"evaluation"})

    def look() -> None:
        meant = spelling.nearest("evaluaton", known)
        assert meant == "evaluation", meant  # noqa: S101

    look()  # builds the index
    return min(directory.timed(look).clock for _round in range(ROUNDS))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    options = parser.parse_args()
    with scratch.site():
        print(measure(few=options.few, many=options.many))
    print(machine())
