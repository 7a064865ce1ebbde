"""Freshness is safety: a listing that nobody has checked for too long warns staff, then sinks, then hides its number.

Pure: the day is given. The steps are counted from the day on which the next check was due.
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
    SUNK = 2  # stands below those that were checked in time
    HIDDEN = 3  # its numbers and addresses are not shown any more
    UNCHECKED = 4  # nobody has ever checked it: seen in the demonstration only, below all others

    @property
    def sinks(self) -> bool:
        return self >= Freshness.SUNK


def due_on(checked_on: dt.date) -> dt.date:
    """When the next check is due, where nobody has said so."""
    return checked_on + CHECK_EVERY


def freshness(checked_on: dt.date | None, next_check_due: dt.date | None, today: dt.date) -> Freshness:
    """How fresh a listing is on a given day."""
    if checked_on is None:
        return Freshness.UNCHECKED
    late = today - (next_check_due or due_on(checked_on))
    if late >= HIDES_AFTER:
        return Freshness.HIDDEN
    if late >= SINKS_AFTER:
        return Freshness.SUNK
    return Freshness.DUE if late >= dt.timedelta() else Freshness.FRESH
