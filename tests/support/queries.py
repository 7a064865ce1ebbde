"""Queries are tested by slope: the same number for two rows as for twenty."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries(action: Callable[[], object]) -> int:
    """Return the number of queries of `action`."""
    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)
