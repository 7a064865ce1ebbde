"""When listings are open in the days to come, written so that a page of a thousand listings can carry it.

Only with script does a page say what is open now: a printed page does not know when it is read. So the phases are prepared when it is
printed, counted from one instant in minutes, and the script needs no parser, no time zone and no holiday. Most listings keep one of a
few timetables: each is written once, and a listing says which.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from opening_hours import (  # type: ignore[attr-defined]  # its stubs forget some
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

from helpline.vocabulary import hours

# A page is printed anew every day; should that fail, it knows for a week more what is open.
AHEAD = dt.timedelta(days=8)
# It is read where yesterday is not over yet, too.
BEHIND = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
UTC = zoneinfo.ZoneInfo("UTC")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
OPEN, CLOSED, UNKNOWN = "o", "c", "u"


class Phase(NamedTuple):
    """A stretch of time, in UTC, in which it stays the same whether somebody answers."""

    begins: dt.datetime
    ends: dt.datetime
    state: str


class Timetables:
    """The different timetables of one page, from the day before it is printed to the eighth after it."""

    def __init__(self, today: dt.date) -> None:
        midnight = dt.datetime.combine(today, dt.time(), tzinfo=UTC)
        self.begins, self.ends = midnight - BEHIND, midnight + AHEAD
        self._numbers: dict[str, int] = {}

    def number(self, text: str, timezone: str) -> str:
        """Which timetable it is, counted from 0; empty where nobody can say when it is open."""
        written = write(phases(text, timezone, self.begins, self.ends))
        return str(self._numbers.setdefault(written, len(self._numbers))) if written else ""

    @property
    def start(self) -> int:
        """The instant that all are counted from, in minutes since 1970."""
        return (self.begins - EPOCH) // MINUTE

    @property
    def length(self) -> int:
        """For how many minutes from there the page knows what is open."""
        return (self.ends - self.begins) // MINUTE

    def __str__(self) -> str:
        """All of them, `c540o480c…;o12960`: closed for 540 minutes, then open for 480 …; u is for what is not known."""
        return ";".join(self._numbers)


def write(found: tuple[Phase, ...]) -> str:
    """Phases as letters and minutes; empty where nothing is known."""
    lasting = [
        (state, sum((one.ends - one.begins for one in same), dt.timedelta()) // MINUTE)
        for state, same in groupby(found, key=lambda one: one.state)
    ]
    if all(state == UNKNOWN for state, _minutes in lasting):
        return ""
    return "".join(f"{state}{minutes}" for state, minutes in lasting)


@lru_cache(maxsize=4096)
def phases(text: str, timezone: str, begins: dt.datetime, ends: dt.datetime) -> tuple[Phase, ...]:
    """When it is open and closed between two instants, one phase after the other; nothing where that cannot be said.

    Public holidays are those of the country whose clock the time zone is. Where a text does not speak of them, nobody knows whether
    it is open on such a day; the same goes for what is open only under a condition ("by appointment"), and for all that depends on
    school holidays, which this site does not know.
    """
    if not text or hours.SCHOOL_HOLIDAYS.search(text):
        return ()
    speaks_of_holidays = bool(hours.HOLIDAYS.search(text))
    country = hours.country_of(timezone).upper()
    try:
        if hours.is_always_open(text):
            return (Phase(begins, ends, OPEN),)
        zone = zoneinfo.ZoneInfo(timezone)
        try:
            found = _phases(OpeningHours(text, timezone=zone, country=country or None), begins, ends)
        except UnknownCountryError:
            country = ""
            found = _phases(OpeningHours(text, timezone=zone), begins, ends)
    except (ParserError, zoneinfo.ZoneInfoNotFoundError, ValueError):
        return ()  # no hours, or nobody knows by which clock
    if not country:  # whose holidays nobody has written down
        return () if speaks_of_holidays else tuple(found)
    if speaks_of_holidays:
        return tuple(found)
    holidays = OpeningHours("PH 00:00-24:00", timezone=zone, country=country)
    return tuple(_doubtful(found, _phases(holidays, begins, ends)))


def _phases(read: OpeningHours, begins: dt.datetime, ends: dt.datetime) -> list[Phase]:
    found = []
    for opens, closes, state, comment in read.intervals(begins, ends):
        start = max(opens.astimezone(UTC), begins)
        end = min(closes.astimezone(UTC), ends) if closes else ends
        if start < end:
            sure = OPEN if state == State.OPEN and not comment else UNKNOWN
            found.append(Phase(start, end, CLOSED if state == State.CLOSED else sure))
    return found


def _doubtful(found: list[Phase], holidays: list[Phase]) -> list[Phase]:
    """The phases, cut where holidays begin and end; whatever is open on a holiday is not known to be."""
    cuts = {instant for phase in holidays for instant in (phase.begins, phase.ends)}
    off = [phase for phase in holidays if phase.state == OPEN]
    made = []
    for phase in found:
        inside = sorted(cut for cut in cuts if phase.begins < cut < phase.ends)
        for begins, ends in pairwise([phase.begins, *inside, phase.ends]):
            doubt = phase.state == OPEN and any(day.begins <= begins < day.ends for day in off)
            made.append(Phase(begins, ends, UNKNOWN if doubt else phase.state))
    return made
