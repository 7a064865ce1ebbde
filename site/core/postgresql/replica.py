"""Reads of the public site from a replica, if there is one (`WAYMARK_REPLICA_URL`).

Searches then work while the primary is unavailable.

    with reading(): ...     # queries of models go to the replica, which refuses to write

Unpublished content must not come back from a replica that is late.
So each process of the site watches both servers: the replica is used while it has everything that the primary had
`LATE` seconds ago.
Positions in the write-ahead log are compared, not clocks: the time of the last replayed change means nothing while
nothing changes, and nothing for a replica that has lost its primary.

If the primary is lost, the replica is used as long as it had everything that the primary was last seen to have.
A process that has never seen the primary cannot check that, and does not use the replica.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.models import Model

from core.background.processes import SCHEDULER
from core.http import SiteKind

log = logging.getLogger(__name__)
REPLICA = "replica"
LOOKS_EVERY = 1.0  # seconds
# It is read from while it has everything that the primary had so many seconds ago.
LATE = 3.0
# Seconds after which a check has expired: longer than one takes while a server hangs.
LOOK_HOLDS = 6.0
# Seconds for which a replica that has failed a request is not used.
PAUSE = 5.0
# Looks at the primary that are remembered.
# A replica that lacks something older is late in any case.
REMEMBERED = 600
UNAVAILABLE = (DatabaseError, InterfaceError)
# Bytes of the write-ahead log, whether the server is a replica, and its start time: no two servers of one site start in
# the same microsecond.
POSITION = """
SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0',
    pg_is_in_recovery(), pg_postmaster_start_time()
"""

_reading: ContextVar[bool] = ContextVar("reading_from_replica", default=False)


class Position(NamedTuple):
    """The position of a server in the write-ahead log."""

    bytes: int
    is_replica: bool
    running_since: Any


def position(alias: str) -> Position:
    """Return the position of a server.

    Raises DatabaseError or InterfaceError.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(POSITION)
        at, is_replica, since = cursor.fetchone()
    return Position(int(at), is_replica, since)


# --- Reading ------------------------------------------------------------------------------------------------------


@contextmanager
def reading() -> Iterator[None]:
    """Read from the replica during the block."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def is_reading() -> bool:
    return _reading.get()


class ReplicaRouter:
    """Router that sends all queries to the replica inside `reading()`, and to the primary elsewhere.

    The database that an object came from does not matter.

    This includes `get_or_create`, with which Wagtail reads its settings: it requests a database for writing.
    """

    def db_for_read(self, model: type[Model], **hints: object) -> str:
        return REPLICA if _reading.get() else DEFAULT_DB_ALIAS

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **hints: object) -> bool:
        return True

    def allow_migrate(self, alias: str, app_label: str, **hints: object) -> bool:
        return alias != REPLICA


# --- Monitoring ---------------------------------------------------------------------------------------------------


class Sample(NamedTuple):
    """The position of the primary, and its time (monotonic)."""

    at: float
    bytes: int


class ReplicaMonitor:
    """The state of the replica, as seen by one process."""

    def __init__(self, *, primary: str = DEFAULT_DB_ALIAS, replica: str = REPLICA) -> None:
        self.primary, self.replica = primary, replica
        self.samples: deque[Sample] = deque(maxlen=REMEMBERED)
        self.primary_found: Position | None = None  # at the last check
        self.replica_found: Position | None = None
        self.looked_at = -LOOK_HOLDS
        self.left_alone_until = 0.0

    def look(self) -> None:
        """Update the positions of both servers."""
        self.primary_found = self.ask(self.primary)
        if (primary := self.primary_found) is not None:
            if self.samples and primary.bytes < self.samples[-1].bytes:
                # Another server has become the primary, and the last changes of the former are lost.
                self.samples.clear()
            self.samples.append(Sample(time.monotonic(), primary.bytes))
        self.replica_found = self.ask(self.replica)
        self.looked_at = time.monotonic()

    def ask(self, alias: str) -> Position | None:
        try:
            return position(alias)
        except UNAVAILABLE:
            connections[alias].close()
            return None

    def lag(self) -> float | None:
        """Return for how many seconds the replica has lacked a change seen on the primary; None if unknown."""
        found = self.replica_found
        if found is None or not self.samples or time.monotonic() - self.looked_at > LOOK_HOLDS:
            return None
        lacking = next((sample.at for sample in self.samples if sample.bytes > found.bytes), None)
        return 0.0 if lacking is None else time.monotonic() - lacking + LOOKS_EVERY

    def is_current(self) -> bool:
        """Return whether the replica may be read from."""
        if time.monotonic() < self.left_alone_until or self.is_another_site():
            return False
        lag = self.lag()
        return lag is not None and lag <= LATE

    def is_another_site(self) -> bool:
        """Return whether the replica was promoted while the primary still runs: their data then diverge."""
        primary, replica = self.primary_found, self.replica_found
        return (
            primary is not None
            and replica is not None
            and not replica.is_replica
            and primary.running_since != replica.running_since
        )

    def leave_alone(self) -> None:
        """Do not use the replica for a while, because it has just failed a request."""
        self.left_alone_until = time.monotonic() + PAUSE
        log.error("The replica cannot be read from. The primary is used for the next %.0f seconds.", PAUSE)

    def poll_loop(self, stopped: threading.Event) -> None:
        """Check the servers each second, until stopped."""
        while not stopped.is_set():
            self.look()
            stopped.wait(LOOKS_EVERY)
        for alias in (self.primary, self.replica):
            connections[alias].close()


monitor = ReplicaMonitor()


def is_there() -> bool:
    """Return whether this site has a replica."""
    return REPLICA in connections.settings


def start_monitoring() -> None:
    """Watch the replica in a thread of this public-site process, and of each process that is forked from it."""
    if is_there() and SiteKind.PRIVATE.value != settings.SITE:
        start_thread()
        os.register_at_fork(after_in_child=start_thread)


def start_thread() -> None:
    threading.Thread(target=monitor.poll_loop, args=[threading.Event()], name="replica", daemon=True).start()


def accompany(process: str) -> None:
    """Monitor the replica in the scheduler, which has the metrics."""
    if process == SCHEDULER and is_there():
        start_thread()


def lag() -> float:
    """Return the lag of the replica in seconds: 0 without a replica; the maximum if it is lost."""
    if not is_there():
        return 0.0
    found = monitor.lag()
    return float(REMEMBERED) if found is None or monitor.is_another_site() else found


# --- Unpublishing -------------------------------------------------------------------------------------------------


def wait_until_replayed() -> bool:
    """After a commit, wait until the replica shows it.

    Returns whether it does.

    Not for longer than it takes until no process of the site reads from a replica that does not.
    """
    if not is_there():
        return True
    until = time.monotonic() + LATE + 2 * LOOKS_EVERY
    try:
        wanted = position(monitor.primary).bytes
        while position(monitor.replica).bytes < wanted:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
    except UNAVAILABLE:
        connections[monitor.replica].close()
        return False
    return True
