"""The processes that run for ever: the web processes, the worker, the scheduler, the collector. Whether their loops turn, and what runs beside them.

A loop calls `turn()` at least once in `LONGEST_TURN`; so does long work between two of its steps (`core.background.stopping`). An app that has to run
something in each such process declares it as a companion (`core.declarations`): commands that end by themselves never start it.
"""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core import declarations

WORKER, SCHEDULER, COLLECTOR = "worker", "scheduler", "collector"
# Seconds: longer than the longest statement that the database allows in the background (`LIMITS` of core/postgresql), and far longer than a mail server or a website may take.
LONGEST_TURN = 15 * 60.0

_turned_at = time.monotonic()


def started(name: str) -> None:
    """Say that this process is one of those: `worker`, `scheduler`, `collector`, or the site (`public`, `private`, `both`)."""
    turn()
    for start in declarations.collect("companions"):
        start(name)


def turn() -> None:
    """Say that the loop of this process goes on."""
    global _turned_at
    _turned_at = time.monotonic()


def since_turn() -> float:
    """Return for how many seconds the loop has not turned."""
    return time.monotonic() - _turned_at


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Collect nothing during the block, and never what is there at its end: a process that is forked from this one shares it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
