"""Measure the merge of two categories: from the button until it is committed, over all members of a large network.

    python bench/vocabulary.py [--members 100000]

Runs in a temporary folder, with the settings of the demonstration.
The members are those of the demonstration, repeated.
Every one has the category that is merged, shows it, and a third has the other one, too.
A tenth as many members is the other side of the comparison.
During the merge, a reader counts members with either category: how often, and how long the slowest count took, is
printed below.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import psutil  # noqa: E402

from bench import scratch  # noqa: E402
from bench.table import Row, machine, table  # noqa: E402

if TYPE_CHECKING:
    from network.models import Category
    from users.models import User

GOAL = "10 s"
# Members that are invented; all others are copies of them.
INVENTED = 500
OLD, NEW = "old", "new"
# Seconds between two counts of the reader.
PAUSE = 0.5


class Merge(NamedTuple):
    """One merge: wall-clock time, processor time of the database, members changed, durations of a reader's counts."""

    seconds: float
    processor: float
    changed: int
    waited: list[float]


def fill(count: int) -> None:
    """Replace all members by `count` who have the method that is merged."""
    from django.db import connection

    from demo.members import members
    from network.models import Member
    from network.vocabulary.details import Detail

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE network_member CASCADE")
    made = [Member(**data) for data in members(min(count, INVENTED))]
    for number, member in enumerate(made):
        member.state, member.shown = Member.State.LISTED, list(Detail.values)
        member.methods = [OLD, *member.methods, *([NEW] if number % 3 == 0 else [])]
        member.derive()
    Member.objects.bulk_create(made)
    own = {"id", "uuid", "email"}
    columns = [field.column for field in Member._meta.concrete_fields if field.column not in own]
    copied = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO network_member (uuid, email, {copied}) SELECT gen_random_uuid(), copy || email, {copied} "  # noqa: S608
            "FROM network_member CROSS JOIN generate_series(2, %s) AS copy ORDER BY copy LIMIT %s",
            [count // len(made) + 1, count - len(made)],
        )
        cursor.execute("ANALYZE network_member, network_memberwords")


def count_on(over: threading.Event, waited: list[float]) -> None:
    """Count members who show either category until the event is set.

    Fails if a member shows neither.
    """
    from django.db import connection

    from network.models import Member

    whole = Member.objects.count()
    while not over.wait(PAUSE):
        started = time.perf_counter()
        shown = Member.objects.filter(facets__overlap=[f"method:{OLD}", f"method:{NEW}"]).count()
        waited.append(time.perf_counter() - started)
        if shown != whole:
            raise RuntimeError(f"{whole - shown} members had neither.")
    connection.close()


def merge(category: Category, into: Category, by: User) -> Merge:
    from django.db import connection

    from network.vocabulary import services as vocabulary

    over, waited = threading.Event(), list[float]()
    database = psutil.Process(connection.cursor().connection.info.backend_pid)
    before = sum(database.cpu_times()[:2])
    reader = threading.Thread(target=count_on, args=(over, waited))
    reader.start()
    started = time.perf_counter()
    changed = vocabulary.merge(category=category, into=into, by=by)
    took = time.perf_counter() - started
    processor = sum(database.cpu_times()[:2]) - before
    over.set()
    reader.join()
    return Merge(took, processor, changed, waited)


def merges(members: int = 100_000) -> tuple[Merge, Merge]:
    """Merge over a tenth of these members, and over all of them.

    Replaces all members: use only with a scratch database.
    """
    from network.models import Category
    from tests.factories.network import CategoryFactory
    from tests.factories.users import UserFactory

    by = UserFactory()
    found = []
    for count in (members // 10, members):
        fill(count)
        Category.objects.filter(code__in=[OLD, NEW]).delete()
        old, new = (CategoryFactory(group="method", code=code) for code in (OLD, NEW))
        found.append(merge(old, new, by))
        if found[-1].changed != count:
            raise RuntimeError(f"{found[-1].changed} of {count} members were changed.")
    return found[0], found[1]


def measure(members: int = 100_000) -> str:
    """Return the table.

    Replaces all members: use only with a scratch database.
    """
    few, many = merges(members)
    counts = len(many.waited)
    rows = [
        Row("two categories are merged: clock", few.seconds, many.seconds, "s", GOAL),
        Row("two categories are merged: processor", few.processor, many.processor, "s"),
    ]
    return (
        table(rows, first=f"{members // 10:,} members", second=f"{members:,} members")
        + f"\nmeanwhile a reader counted {counts} times; the slowest count took {max(many.waited, default=0):.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=100_000)
    chosen = parser.parse_args()
    with scratch.site():
        print(f"\n{measure(chosen.members)}\n\n{machine()}")


if __name__ == "__main__":
    main()
