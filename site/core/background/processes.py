"""Long-running processes (web processes, worker, scheduler, collector), their liveness, and their companions.

A loop calls `turn()` at least once in `LONGEST_TURN`; so does long work between two of its steps
(`core.background.stopping`).
An app that has to run a thread or server in each such process declares it as a companion (`core.declarations`).
Commands that end by themselves never start it.
"""

import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core import declarations

WORKER, SCHEDULER, COLLECTOR = "worker", "scheduler", "collector"
# Seconds: longer than the longest statement that the database allows in the background (`LIMITS` of core/postgresql),
# and far longer than a mail server or a website may take.
LONGEST_TURN = 15 * 60.0

# By thread: a loop that hangs is noticed although another one in the same process turns.
_turned_at: dict[int, float] = {}


def started(name: str) -> None:
    """Start the companions of this process: `worker`, `scheduler`, `collector`, `public`, `private` or `both`."""
    turn()
    for start in declarations.collect("companions"):
        start(name)


def turn() -> None:
    """Record that the loop in this thread is alive."""
    _turned_at[threading.get_ident()] = time.monotonic()


def since_turn() -> float:
    """Return for how many seconds the loop has not turned; of several, the one that is furthest behind."""
    now = time.monotonic()
    return now - min(_turned_at.values(), default=now)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Disable garbage collection during the block, and freeze all objects at its end.

    A process forked from this one shares their memory.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
