"""A shorter limit than that of the process (`core.postgresql.base`) for statements that strangers choose."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, Error, connections

from core.postgresql import replica


@contextmanager
def statement_limit(milliseconds: int) -> Iterator[None]:
    """Limit each statement of the block, on the server that the request reads from.

    Raises OperationalError when PostgreSQL stops one; the visitor gets the 503 page (core/http/middleware.py).
    """
    connection = connections[replica.REPLICA if replica.is_reading() else DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, false)",
            [str(milliseconds)],
        )
        before, _now = cursor.fetchone()
    try:
        yield
    finally:
        # In an aborted transaction, PostgreSQL takes the limit back by itself.
        with contextlib.suppress(Error), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [before])
