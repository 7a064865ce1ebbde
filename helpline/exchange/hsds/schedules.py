"""Opening hours as HSDS schedules.

Pure: the day is passed in.
A schedule has a numeric offset from UTC and no daylight saving time, so there is one for each period between two clock
changes.
Schedules cover whole periods, so that they stay the same until a period is over.
Public holidays cannot be expressed.
The description mentions them, and each contact point includes the text in OpenStreetMap syntax for programs that can
process it.
"""

import datetime as dt
import uuid
import zoneinfo
from functools import lru_cache
from itertools import pairwise

from helpline.exchange.hsds.taxonomies import Object
from helpline.vocabulary import hours

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = dt.timedelta(days=1)
END_OF_DAY = "23:59"  # midnight, as far as a schedule can express it
Period = tuple[dt.date, dt.date, dt.timedelta]


def schedules(parent: uuid.UUID, text: str, timezone: str, *, today: dt.date) -> list[Object]:
    """Return schedules for at least a year, or one in words if weeks differ.

    Returns an empty list for no hours.
    """
    if not text:
        return []
    words = hours.in_words(text)
    spans = weekly(text)
    if spans is None:
        return [_identified(parent, {"description": words})]
    found = []
    for (opens, closes), days in spans.items():
        week = {"freq": "WEEKLY", "interval": 1, "byday": ",".join(days), "description": words}
        if not timezone:  # the time zone is unknown
            found.append({**week, "opens_at": opens, "closes_at": closes})
            continue
        for begins, ends, offset in periods(timezone, today):
            clock = offset_suffix(offset)
            found.append(
                {
                    "valid_from": begins.isoformat(),
                    "valid_to": ends.isoformat(),
                    "dtstart": begins.isoformat(),
                    "timezone": offset_in_hours(offset),
                    **week,
                    "opens_at": f"{opens}{clock}",
                    "closes_at": f"{closes}{clock}",
                }
            )
    return [_identified(parent, schedule) for schedule in found]


def weekly(text: str) -> dict[tuple[str, str], list[str]] | None:
    """Return the days of each interval, split at midnight, or None if weeks differ."""
    spans = hours.week(text)
    if spans is None:
        return None
    found: dict[tuple[str, str], list[str]] = {}
    by_day: list[tuple[int, str, str]] = []
    for day, opens, closes in spans:
        if closes == "00:00" or closes > opens:
            by_day.append((day, opens, END_OF_DAY if closes == "00:00" else closes))
        else:
            by_day += [(day, opens, END_OF_DAY), ((day + 1) % 7, "00:00", closes)]
    for day, opens, closes in sorted(set(by_day)):
        found.setdefault((opens, closes), []).append(DAYS[day])
    return dict(sorted(found.items()))


def _identified(parent: uuid.UUID, schedule: Object) -> Object:
    canonical = "schedule:" + " ".join(
        str(schedule.get(name, "")) for name in ("valid_from", "valid_to", "timezone", "byday", "opens_at", "closes_at")
    )
    return {"id": str(uuid.uuid5(parent, canonical)), **schedule}


# --- Time zones -----------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def periods(timezone: str, today: dt.date) -> list[Period]:
    """Return first day, last day and offset of each period, from that of today to that of a year from now."""
    year = today.year
    changes = [change for number in (year - 1, year, year + 1, year + 2) for change in _changes(timezone, number)]
    edges = sorted({dt.date(year, 1, 1), dt.date(year + 2, 1, 1)} if not changes else set(changes))
    return [
        (begins, ends - DAY, _offset(timezone, begins))
        for begins, ends in pairwise(edges)
        if ends > today and begins <= today + dt.timedelta(days=365)
    ]


@lru_cache(maxsize=2048)
def _changes(timezone: str, year: int) -> tuple[dt.date, ...]:
    """Return the days of a year whose offset at noon differs from that of the day before."""
    first = dt.date(year, 1, 1)
    days = [first + n * DAY for n in range((dt.date(year + 1, 1, 1) - first).days)]
    return tuple(day for day in days if _offset(timezone, day) != _offset(timezone, day - DAY))


def _offset(timezone: str, day: dt.date) -> dt.timedelta:
    at = dt.datetime.combine(day, dt.time(12), zoneinfo.ZoneInfo(timezone))
    return at.utcoffset() or dt.timedelta()


def offset_in_hours(offset: dt.timedelta) -> float | int:
    """Return an offset in hours: 1, -3.5."""
    found = offset / dt.timedelta(hours=1)
    return int(found) if found.is_integer() else found


def offset_suffix(offset: dt.timedelta) -> str:
    """Return an offset as the suffix of a time: +01:00, -03:30."""
    minutes = round(offset / dt.timedelta(minutes=1))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
