"""Coordination of processes by the database: named advisory locks, snapshots, and work that goes through stages.

A lock is held by one process at a time, on any machine.
PostgreSQL identifies it by a number, which is derived from its name here, and releases it when the connection that
holds it ends, so a killed process never leaves a lock behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

_held: ContextVar[frozenset[str]] = ContextVar("held_locks", default=frozenset())


def key(name: str) -> int:
    """Return PostgreSQL's number for the lock of this name: a signed 64-bit integer."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8, person=b"waymark").digest(), "big", signed=True)


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
    """Wait until a lock is free and hold it until the transaction ends.

    Raises TransactionManagementError outside of one.

    Several processes may hold a shared lock at the same time, but it excludes the exclusive lock.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("wait_for_lock() needs a transaction to hold the lock.")
    with connection.cursor() as cursor:
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        cursor.execute(f"SELECT {function}(%s)", [key(name)])


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all queries of the block see the data committed before the first of them, and no later data.

    Inside an open transaction this has no effect: the code that began the transaction chose its isolation level.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def move_stage(row: Model, before: Iterable[str], after: str, **values: object) -> bool:
    """Move from one of the stages `before` to another, and set other values.

    Return False if another process has moved it meanwhile.
    """
    there = type(row)._default_manager.filter(pk=row.pk, stage__in=list(before))
    moved = bool(there.update(stage=after, changed_at=timezone.now(), **values))
    if moved:
        row.refresh_from_db()
    return moved
