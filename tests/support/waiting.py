"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], *, seconds: float = 90) -> float:
    """Return the seconds after which `condition` was true.

    Raises AssertionError after `seconds` of them.
    """
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began
