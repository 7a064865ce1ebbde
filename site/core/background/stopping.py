"""A process that is told to stop (SIGTERM, Ctrl-C) stops within seconds, whatever it is doing.

Work that takes long asks `requested()` between two steps, or calls `check()`. What does not ask, such as a mail server that hangs, is cut
off after GRACE: less than the ten seconds after which a container engine kills. That is safe, for it is what happens when the machine
fails: transactions are rolled back, the renderer finishes or discards what it had begun, and the task goes to the next worker.
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
    """This process is to stop: what is not finished is left to the next."""


class Flag(Protocol):
    """An event of `threading` or `multiprocessing`."""

    def is_set(self) -> bool: ...
    def set(self) -> None: ...


_flag: Flag = threading.Event()


def requested() -> bool:
    """Whether this process has been told to stop. Whatever asks is at work, and not stuck."""
    processes.turn()
    return _flag.is_set()


def check() -> None:
    """Raise ShutdownRequestedError if this process has been told to stop."""
    if requested():
        raise ShutdownRequestedError


def share(flag: Flag) -> None:
    """Stop when another process says so, which set this flag."""
    global _flag
    _flag = flag


@contextmanager
def on_signals() -> Iterator[threading.Event]:
    """Obey SIGTERM and SIGINT during the block. Yields the event that they set, to wait for."""
    global _flag
    told = threading.Event()
    outer, _flag = _flag, told
    cut_off = threading.Timer(GRACE, os._exit, [1])
    cut_off.daemon = True

    def stop(number: int, frame: FrameType | None) -> None:
        if not told.is_set():
            told.set()
            cut_off.start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        cut_off.cancel()
        _flag = outer
