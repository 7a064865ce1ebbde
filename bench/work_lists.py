"""Measure how long it takes to read a list of works that somebody imports, compared with one of a quarter of its length, however bad it is.

    python bench/work_lists.py [--characters 80000]

The time should grow with the list and no faster: the ratio of both sides is about four, and well below the sixteen of a square. Lists that are
refused before they are read take no time at all.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.table import Row, machine, table  # noqa: E402
from bench.terms import prepare  # noqa: E402

GOAL = "below 8 x"
ROUNDS = 3
# What is repeated, between what it begins and ends with.
LISTS = {
    "BibTeX: entries": ("", '@article{k, title={{\\"U}ber}, author={M{\\"u}ller, J and B}, year=2020}\n', ""),
    "BibTeX: nested braces": ("@misc{x, title={", "{", ""),
    "BibTeX: nested accents": ("@misc{x, title={", "\\'", "}}"),
    "BibTeX: fields": ("@misc{x", ",t={x}", "}"),
    "BibTeX: names": ("@misc{x, title={t}, author={", "A and ", "B}}"),
    "RIS: entries": ("", "TY  - JOUR\nTI  - T\nER  - \n", ""),
    "RIS: one without end": ("TY  - JOUR\nTI  - T\n", "x\n", ""),
    "CSL-JSON: mark-up": ('[{"title":"', "<i ", '"}]'),
    "CSL-JSON: nested": ("", "[", ""),
    "DOIs": ("", "10.5555/a ", ""),
}


def measure(characters: int = 80_000) -> str:
    """Return the table: milliseconds of processor time for a quarter of each list, and for all of it."""
    short = characters
    rows = [
        Row(name, took(made(parts, short)), took(made(parts, 4 * short)), "ms", GOAL)
        for name, parts in LISTS.items()
    ]
    return table(rows, first=f"{short:,} characters", second=f"{4 * short:,} characters")


def made(parts: tuple[str, str, str], characters: int) -> str:
    begin, repeated, end = parts
    return begin + repeated * (characters // len(repeated)) + end


def took(text: str) -> float:
    """Return the milliseconds that the fastest of several rounds takes."""
    from network.publications.reading import NotReadable, read

    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        with suppress(NotReadable):
            read(text)
        best = min(best, time.process_time() - started)
    return best * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--characters", type=int, default=80_000)
    options = parser.parse_args()
    prepare()
    print(measure(options.characters))
    print(machine())
