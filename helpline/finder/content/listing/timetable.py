"""Opening times of listings over the next few days, encoded compactly enough for a page of a thousand listings.

A page only shows what is open now with a script, as a prerendered page has no current time.
So the phases are computed when it is prerendered, in minutes from one instant, and the script needs no parser, time
zones or holidays.
Most listings share a few timetables: each is written once, and listings refer to it by index.
"""

import datetime as dt
import zoneinfo
from functools import lru_cache
from itertools import groupby, pairwise
from typing import NamedTuple

from opening_hours import (  # type: ignore[attr-defined]  # its stubs forget some
    OpeningHours,
    ParserError,
    State,
)

from helpline.vocabulary import hours

# A page is rendered again every day.
# If that fails, it has the opening times for another week.
AHEAD = dt.timedelta(days=8)
# A page is also read in time zones where the day before has not ended.
BEHIND = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
UTC = zoneinfo.ZoneInfo("UTC")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
OPEN, CLOSED, UNKNOWN = "o", "c", "u"


class Phase(NamedTuple):
    """Period of time, in UTC, with one state: open, closed or unknown."""

    begins: dt.datetime
    ends: dt.datetime
    state: str


class Timetables:
    """The distinct timetables of a page, from the day before it is rendered until eight days after."""

    def __init__(self, today: dt.date) -> None:
        midnight = dt.datetime.combine(today, dt.time(), tzinfo=UTC)
        self.begins, self.ends = midnight - BEHIND, midnight + AHEAD
        self._numbers: dict[str, int] = {}

    def number(self, text: str, timezone: str) -> str:
        """Return the index of a timetable, from 0, or an empty string if the opening times are not known."""
        written = encode(phases(text, timezone, self.begins, self.ends))
        return str(self._numbers.setdefault(written, len(self._numbers))) if written else ""

    @property
    def start(self) -> int:
        """Return the instant from which all of them count, in minutes since 1970."""
        return (self.begins - EPOCH) // MINUTE

    @property
    def length(self) -> int:
        """Return the number of minutes from `start` for which the page has opening times."""
        return (self.ends - self.begins) // MINUTE

    def __str__(self) -> str:
        """Encode all of them as one string.

        `c540o480c…;o12960` is closed for 540 minutes, then open for 480 …, and u stands for unknown.
        """
        return ";".join(self._numbers)


def encode(found: tuple[Phase, ...]) -> str:
    """Encode phases as letters and minutes, or as an empty string if nothing is known."""
    lasting = [
        (state, sum((one.ends - one.begins for one in same), dt.timedelta()) // MINUTE)
        for state, same in groupby(found, key=lambda one: one.state)
    ]
    if all(state == UNKNOWN for state, _minutes in lasting):
        return ""
    return "".join(f"{state}{minutes}" for state, minutes in lasting)


@lru_cache(maxsize=4096)
def phases(text: str, timezone: str, begins: dt.datetime, ends: dt.datetime) -> tuple[Phase, ...]:
    """Return the consecutive phases between two instants, or none if they cannot be computed.

    Public holidays are those of the country of the time zone.
    If the opening hours do not mention them, it is not known whether the service is open on such a day.
    The same goes for hours with a condition ("by appointment"), and for everything that depends on school holidays, for
    which this site has no data.
    """
    if not text or hours.SCHOOL_HOLIDAYS.search(text):
        return ()
    speaks_of_holidays = bool(hours.HOLIDAYS.search(text))
    try:
        if hours.is_always_open(text):
            return (Phase(begins, ends, OPEN),)
        zone = zoneinfo.ZoneInfo(timezone)
        read, country = hours.with_holidays(text, hours.country_of(timezone), zone)
        found = _phases(read, begins, ends)
    except (ParserError, zoneinfo.ZoneInfoNotFoundError, ValueError):
        return ()  # not opening hours, or in an unknown time zone
    if not country and speaks_of_holidays:
        return ()
    if not country or speaks_of_holidays:
        return tuple(found)
    holidays, _country = hours.with_holidays("PH 00:00-24:00", country, zone)
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
    """Return the phases, split where holidays begin and end.

    What is open on a holiday becomes unknown.
    """
    cuts = {instant for phase in holidays for instant in (phase.begins, phase.ends)}
    off = [phase for phase in holidays if phase.state == OPEN]
    made = []
    for phase in found:
        inside = sorted(cut for cut in cuts if phase.begins < cut < phase.ends)
        for begins, ends in pairwise([phase.begins, *inside, phase.ends]):
            doubt = phase.state == OPEN and any(day.begins <= begins < day.ends for day in off)
            made.append(Phase(begins, ends, UNKNOWN if doubt else phase.state))
    return made
