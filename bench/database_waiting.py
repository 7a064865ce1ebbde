"""Measure the cost of limiting the wait for the database: our own wait (core/postgresql) against libpq's.

    python bench/database_waiting.py [--queries 5000]

Uses the database of `DATABASE_URL`, or the embedded one.
Reads only.
The goal is the cost of a query of one row; a page takes about ten.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.table import Row, machine, table  # noqa: E402

ONE_ROW = "SELECT 1"
MANY_ROWS = "SELECT number, repeat('words ', 50) FROM generate_series(1, 1000) AS number"


def seconds(statement: str, queries: int) -> float:
    """Return the seconds for one query."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        started = time.perf_counter()
        for _ in range(queries):
            cursor.execute(statement)
            cursor.fetchall()
        return (time.perf_counter() - started) / queries


def measure(queries: int) -> str:
    from django.db import connection
    from psycopg2.extensions import set_wait_callback

    from core.postgresql import waiting

    rows = []
    for what, statement, times in (
        ("one row", ONE_ROW, queries),
        ("a thousand rows", MANY_ROWS, max(1, queries // 20)),
    ):
        connection.ensure_connection()
        try:
            set_wait_callback(None)
            plain = min(seconds(statement, times) for _ in range(3))
        finally:
            waiting.install()
        watched = min(seconds(statement, times) for _ in range(3))
        rows.append(Row(what, plain * 1e6, watched * 1e6, "µs", "20 µs more" if what == "one row" else ""))
    return f"{table(rows, first='libpq waits', second='we wait')}\n{machine()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=5000)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    import django

    django.setup()
    print(measure(given.queries))


if __name__ == "__main__":
    main()
