"""Named advisory locks: one process at a time, whichever machine it runs on.

PostgreSQL identifies a lock by a number, which is derived from its name here. It releases a lock when the connection that holds it
ends, so a killed process never leaves one behind.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from typing import TYPE_CHECKING

from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

_held: ContextVar[frozenset[str]] = ContextVar("held_locks", default=frozenset())


def key(name: str) -> int:
    """Return PostgreSQL's number for the lock of this name: a signed 64-bit integer."""
    return int.from_bytes(
        blake2b(name.encode(), digest_size=8, person=b"waymark").digest(), "big", signed=True
    )


@contextmanager
def advisory_lock(name: str) -> Iterator[bool]:
    """Try to take a lock for the block, without waiting; yields whether it is held.

    Taking it again inside the block yields False, although PostgreSQL would grant it to the same connection twice.
    """
    if name in _held.get():
        yield False
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key(name)])
        taken = bool(cursor.fetchone()[0])
    token = _held.set(_held.get() | {name} if taken else _held.get())
    try:
        yield taken
    finally:
        _held.reset(token)
        # A lost connection has already released the lock.
        if taken and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key(name)])


def wait_for_lock(name: str, *, shared: bool = False) -> None:
    """Wait until a lock is free and hold it until the transaction ends. Raises TransactionManagementError outside of one.

    Several may hold a shared lock at the same time, but nobody beside them the lock itself.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("wait_for_lock() needs a transaction to hold the lock.")
    with connection.cursor() as cursor:
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        cursor.execute(f"SELECT {function}(%s)", [key(name)])
