"""Freshness is safety: a listing whose check is overdue first warns staff, then sinks, then hides its number.

Pure: the day is passed in. The steps are counted from the day on which the next check was due.
"""

from __future__ import annotations

import datetime as dt
from enum import IntEnum

CHECK_EVERY = dt.timedelta(days=182)
SINKS_AFTER = dt.timedelta(days=30)
HIDES_AFTER = dt.timedelta(days=90)


class Freshness(IntEnum):
    """How far a listing can be relied on, best first."""

    FRESH = 0  # checked, and the next check is not due
    DUE = 1  # a check is due: staff are warned, visitors see no difference
    SUNK = 2  # shown below those that were checked in time
    HIDDEN = 3  # its numbers and addresses are no longer shown
    UNCHECKED = 4  # never checked: shown only in the demonstration, below all others

    @property
    def sinks(self) -> bool:
        return self >= Freshness.SUNK


def due_on(checked_on: dt.date) -> dt.date:
    """Return when the next check is due by default."""
    return checked_on + CHECK_EVERY


def freshness(checked_on: dt.date | None, next_check_due: dt.date | None, today: dt.date) -> Freshness:
    """Return how fresh a listing is on a given day."""
    if checked_on is None:
        return Freshness.UNCHECKED
    late = today - (next_check_due or due_on(checked_on))
    if late >= HIDES_AFTER:
        return Freshness.HIDDEN
    if late >= SINKS_AFTER:
        return Freshness.SUNK
    return Freshness.DUE if late >= dt.timedelta() else Freshness.FRESH
