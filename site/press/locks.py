"""One press for one database, whichever machine the process runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.locks import advisory_lock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

NAME = "press"


def press_lock() -> AbstractContextManager[bool]:
    """Whether this process may print now. PostgreSQL gives the lock back when the process dies."""
    return advisory_lock(NAME)
