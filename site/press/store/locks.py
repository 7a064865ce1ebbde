"""The lock that allows one press for each folder of printed files, whichever machine it runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.background.locks import advisory_lock
from press.models import this_host

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

NAME = "press"


def press_lock() -> AbstractContextManager[bool]:
    """Hold the press lock; yields whether this process may print. PostgreSQL releases it when the process dies."""
    return advisory_lock(f"{NAME} {this_host()}".strip())
