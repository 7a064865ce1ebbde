"""One press for one database, whichever machine the process runs on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = 0x57_41_59_50  # any number that nobody else uses as an advisory lock: "WAYP"


@contextmanager
def press_lock() -> Iterator[bool]:
    """Whether this process may print now. PostgreSQL gives the lock back when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
        (taken,) = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [KEY])
