"""Named advisory locks: one process at a time, whichever machine it runs on.

PostgreSQL knows a lock by a number, which is derived from its name here. It releases a lock when the connection that holds it ends,
so a process that is killed never leaves one behind.
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
    """The number by which PostgreSQL knows the lock of this name: 64 bits, signed."""
    return int.from_bytes(
        blake2b(name.encode(), digest_size=8, person=b"waymark").digest(), "big", signed=True
    )


@contextmanager
def advisory_lock(name: str) -> Iterator[bool]:
    """Hold a lock for the block if it is free, without waiting; yields whether it is held.

    Taking it again inside the block yields False, although PostgreSQL would let the same connection have it twice.
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
        # A lost connection has released the lock already.
        if taken and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key(name)])


def wait_for_lock(name: str) -> None:
    """Wait until a lock is free and hold it until the transaction ends. Raises TransactionManagementError outside of one."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("wait_for_lock() needs a transaction to hold the lock.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key(name)])
