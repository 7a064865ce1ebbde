"""Queries are tested by slope: the same number for two rows as for twenty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from collections.abc import Callable


def queries(action: Callable[[], object]) -> int:
    """How many queries `action` takes."""
    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)
