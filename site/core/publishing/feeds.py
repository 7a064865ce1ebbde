"""Feeds and calendars that programs subscribe to: the same content gives the same bytes.

Calendars are iCalendar (RFC 5545), of many events or of a single one; the time stamp of an event is the time of its
last change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from icalendar import Calendar, Event, vDuration, vText

from core.http import public_url

if TYPE_CHECKING:
    StillBase = SyndicationFeed
else:
    StillBase = object

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class EmptyIsOld(StillBase):
    """Feed that dates an empty list to the past.

    Django's feeds use the current time, so that each render and each restore would differ.
    """

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else LONG_AGO


class StillAtom(EmptyIsOld, Atom1Feed):
    pass


class StillRss(EmptyIsOld, Rss201rev2Feed):
    pass


CONTENT_TYPE = "text/calendar; charset=utf-8"
ONE_DAY = dt.timedelta(days=1)


def serialize_calendar(events: Iterable[Event], *, product: str) -> bytes:
    """Return a file with these events, for a single import.

    `product` names the generating program, in English.
    """
    return _with(_calendar(product), events)


def serialize_feed(events: Iterable[Event], *, product: str, name: str, path: str, language: str) -> bytes:
    """Return a calendar to subscribe to at a path of the public site.

    Programs reload it each day.
    """
    made = _calendar(product)
    made.add("name", words(name, language))
    made.add("x-wr-calname", name)  # for programs without support of RFC 7986
    made.add("url", public_url(path))
    made.add("refresh-interval", vDuration(ONE_DAY), parameters={"value": "DURATION"})
    made.add("x-published-ttl", vDuration(ONE_DAY))
    return _with(made, events)


def subscribe_url(path: str) -> str:
    """Return the address by which programs subscribe to a calendar instead of importing it once."""
    return f"webcal://{public_url(path).partition('://')[2]}"


def words(text: str, language: str) -> Any:
    """Return a text labelled with its language."""
    return vText(text, params={"language": language})


def _calendar(product: str) -> Calendar:
    made = Calendar()
    made.add("prodid", f"-//Waymark//{product}//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    return made


def _with(made: Calendar, events: Iterable[Event]) -> bytes:
    for event in events:
        made.add_component(event)
    return made.to_ical()
