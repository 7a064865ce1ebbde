"""When an event is, in words: in its own time zone, whose name says whether it is summer there, and in UTC."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext

from core.languages import names
from network.events.facts import EventState

if TYPE_CHECKING:
    import datetime as dt

    from network.events.facts import EventFacts


def lines(event: EventFacts) -> list[str]:
    """Return when an event is: first as the clock shows it there, with the name of the zone, then in UTC."""
    begins, ends = event.begins, event.ends
    there = gettext("%(time)s (%(zone)s)") % {"time": span(begins, ends), "zone": names.zone_name(begins)}
    if not begins.utcoffset():
        return [there]
    at_utc = span(event.starts_at.astimezone(UTC), event.ends_at.astimezone(UTC), beside=begins.date())
    return [there, gettext("%(time)s (%(zone)s)") % {"time": at_utc, "zone": "UTC"}]


def span(begins: dt.datetime, ends: dt.datetime, *, beside: dt.date | None = None) -> str:
    """Return from when to when, with each day once. `beside` is a day that is said already."""
    first = time_format(begins, "TIME_FORMAT")
    if begins.date() != beside:
        first = f"{date_format(begins, 'DATE_FORMAT')}, {first}"
    last = time_format(ends, "TIME_FORMAT")
    if ends.date() != begins.date():
        last = f"{date_format(ends, 'DATE_FORMAT')}, {last}"
    return f"{first}–{last}"  # noqa: RUF001


def moment(event: EventFacts, when: dt.datetime) -> str:
    """Return a moment as the clock shows it where the event is, with the name of the zone."""
    there = when.astimezone(event.zone)
    time = f"{date_format(there, 'DATE_FORMAT')}, {time_format(there, 'TIME_FORMAT')}"
    return gettext("%(time)s (%(zone)s)") % {"time": time, "zone": names.zone_name(there)}


def closing(event: EventFacts) -> str:
    """Return until when one can register."""
    return moment(event, event.closes_at)


def meta(event: EventFacts) -> str:
    """Return the day of an event and what has become of it, for a card."""
    day = date_format(event.begins, "DATE_FORMAT")
    if event.state == EventState.PLANNED:
        return day
    return f"{day} · {EventState(event.state).label}"
