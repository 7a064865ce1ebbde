"""A second connection to the database, such as another process would have."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core.background import locks

# PostgreSQL's error code for a lock that was not available in time.
LOCK_NOT_AVAILABLE = "55P03"


@contextmanager
def second_connection() -> Iterator[BaseDatabaseWrapper]:
    """Open a second connection; it is closed at the end of the block, as when its process is killed."""
    other = connections["default"].copy()
    try:
        yield other
    finally:
        other.close()


@contextmanager
def held_elsewhere(name: str) -> Iterator[None]:
    """Hold a named lock during the block, as another process would."""
    with second_connection() as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [locks.key(name)])
        assert cursor.fetchone() == (True,), f"The lock “{name}” is taken already."
        yield
        # Closing a connection notifies the server without waiting for it.
        cursor.execute("SELECT pg_advisory_unlock_all()")


def waits_for_a_lock(action: Callable[[], object]) -> bool:
    """Return whether an action stops to wait for a lock that is not released.

    Call it in a transaction, which cannot be used afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '30ms'")
    try:
        action()
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
            raise
        return True
    return False
