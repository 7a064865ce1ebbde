"""Loads a process without looking for unreachable objects.

The thousands of modules that are loaded stay until the end, and Python would look through them again and again: while they are loaded, and
once more when the process ends. `manage.py` does the same.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Collect nothing during the block, and never what is there at its end: a process that is forked from this one shares it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
