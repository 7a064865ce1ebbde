"""Prompt shutdown: a process stops within seconds of SIGTERM or Ctrl-C.

Long work checks `requested()` between two steps, or calls `check()`.
Work that does not, such as a call to a mail server that hangs, is cut off after GRACE: less than the ten seconds after
which a container engine kills.
That is safe, for it equals a failure of the machine: transactions are rolled back, the renderer finishes or discards
what it had begun, and the task goes to the next worker.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from core.background import processes

GRACE = 8.0  # seconds


class ShutdownRequestedError(Exception):
    """This process has to stop: unfinished work is left to the next."""


class Flag(Protocol):
    """An event of `threading` or `multiprocessing`."""

    def is_set(self) -> bool: ...
    def set(self) -> None: ...


_flag: Flag = threading.Event()


def requested() -> bool:
    """Return whether this process has to stop.

    Also records that the caller's loop is alive.
    """
    processes.turn()
    return _flag.is_set()


def check() -> None:
    """Raise ShutdownRequestedError if this process has to stop."""
    if requested():
        raise ShutdownRequestedError


def share(flag: Flag) -> None:
    """Use a flag that another process sets to stop this one."""
    global _flag
    _flag = flag


@contextmanager
def on_signals() -> Iterator[threading.Event]:
    """Handle SIGTERM and SIGINT during the block.

    Yields the event that they set, to wait for.
    """
    global _flag
    stopped = threading.Event()
    outer, _flag = _flag, stopped
    cut_off = threading.Timer(GRACE, os._exit, [1])
    cut_off.daemon = True

    def stop(number: int, frame: FrameType | None) -> None:
        if not stopped.is_set():
            stopped.set()
            cut_off.start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        cut_off.cancel()
        _flag = outer
