"""Measure how long matching takes: many needs among many members.

    python bench/matching.py [--needs 100] [--members 10000]

Members are invented here, each with some codes of each group; no database is used, because the rules need none.
A need has one or two codes of each group; the best twenty matches of each are returned with reasons and missing codes.
A tenth as many members is the other side of the comparison.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "site"))

from bench.table import Row, machine, table  # noqa: E402
from network.opportunities import matching  # noqa: E402

GOAL = "5 s"
TAKEN = 20
# Group → how many codes there are, and how many a member shows at most.
GROUPS = {"language": (30, 4), "population": (8, 4), "method": (13, 5), "field": (14, 3), "setting": (11, 3)}
# Per cent of members who have experience, were matched lately, or are at the limit, blocked or overloaded.
EXPERIENCED, MATCHED, LEFT_OUT = 5, 30, 3


def some(group: str, most: int, chance: random.Random) -> list[str]:
    count, _shown = GROUPS[group]
    return [f"{group}-{number}" for number in chance.sample(range(count), chance.randint(1, most))]


def pool(count: int, chance: random.Random) -> matching.CandidatePool:
    """Return members with some codes of each group, some of them with experience."""
    shown: dict[str, dict[str, int]] = {group: {} for group in GROUPS}
    done: dict[str, dict[str, int]] = {"population": {}}
    for place in range(count):
        for group, (_count, most) in GROUPS.items():
            for code in some(group, most, chance):
                shown[group][code] = shown[group].get(code, 0) | 1 << place
        if chance.randrange(100) < EXPERIENCED:
            code = some("population", 1, chance)[0]
            done["population"][code] = done["population"].get(code, 0) | 1 << place
    return matching.CandidatePool(owners=range(count), shown=shown, done=done)


def standing(count: int, chance: random.Random) -> matching.MemberStanding:
    members = range(count)
    left_out = [frozenset(chance.sample(members, count * LEFT_OUT // 100)) for _each in range(3)]
    last = {key: chance.random() for key in chance.sample(members, count * MATCHED // 100)}
    return matching.MemberStanding(blocked=left_out[0], overloaded=left_out[1], at_limit=left_out[2], last=last)


def need(number: int, chance: random.Random) -> matching.Asked:
    return matching.Asked(
        owner=number,
        languages=frozenset(some("language", 2, chance)),
        codes={group: frozenset(some(group, 2, chance)) for group in GROUPS if group != "language"},
    )


def seconds(needs: int, members: int) -> tuple[float, float, int]:
    """Return clock and processor seconds for these needs, and how many matches were made."""
    chance = random.Random(1)  # noqa: S311  (nothing here is a secret)
    everybody, state = pool(members, chance), standing(members, chance)
    asked = [need(number, chance) for number in range(needs)]
    clock, processor, found = time.perf_counter(), sum(os.times()[:2]), 0
    for number, each in enumerate(asked):
        for ranked in islice(matching.rank(each, everybody, state, start=number * 7919), TAKEN):
            matching.explain(each, everybody, ranked.place)
            found += 1
    return time.perf_counter() - clock, sum(os.times()[:2]) - processor, found


def measure(needs: int, members: int) -> str:
    few, many = seconds(needs, members // 10), seconds(needs, members)
    rows = [
        Row(f"{needs} needs, clock", few[0], many[0], "s", GOAL),
        Row(f"{needs} needs, processor", few[1], many[1], "s"),
    ]
    said = table(rows, first=f"{members // 10:,} members", second=f"{members:,} members")
    return f"{said}\n{many[2]:,} matches with reasons; {machine()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--needs", type=int, default=100)
    parser.add_argument("--members", type=int, default=10_000)
    options = parser.parse_args()
    sys.stdout.write(measure(options.needs, options.members) + "\n")


if __name__ == "__main__":
    main()
