"""Template tags and filters of the network: evidence of practices, digests and worksheets, times of events."""

import datetime as dt

from django import template
from django.utils.formats import time_format
from django.utils.safestring import SafeString

from core.languages import names
from network.digests import handouts
from network.digests.models import Certainty
from network.directory.listing import CountryRow
from network.events import facts
from network.events.facts import EventFacts
from network.models import DigestPage
from network.open_data import linked_data
from network.practices.codes import EvidenceRating

register = template.Library()
register.filter("facts_of_digest", handouts.facts_of_digest)
register.filter("facts_of_work", handouts.facts_of_work)
register.filter("facts_of_worksheet", handouts.facts_of_worksheet)
register.filter("linked_digest", linked_data.digest)
register.filter("linked_event", linked_data.event)
register.filter("event_times", facts.lines)
register.filter("event_notice", facts.notice)
register.filter("closing_time", facts.closing)
register.filter("zone_name", names.zone_name)


@register.simple_tag(name="evidence_ratings")
def evidence_ratings() -> list[EvidenceRating]:
    """Return all evidence ratings, strongest first."""
    return list(EvidenceRating)


@register.simple_tag
def cells(row: CountryRow, below: str) -> SafeString:
    return row.cells(below)


@register.filter
def levels(page: DigestPage) -> list[tuple[str, str]]:
    """Return each level of certainty with its meaning, from most to least."""
    return [(str(level.label), level.meaning) for level in Certainty]


@register.filter
def clock(moment: dt.datetime) -> str:
    """Return the time of a datetime in its own zone; Django's filter would convert it to that of the site."""
    return time_format(moment, "TIME_FORMAT")


@register.filter
def in_zone(moment: dt.datetime, event: EventFacts) -> str:
    return facts.moment(event, moment)


@register.filter
def offset_minutes(event: EventFacts) -> int:
    """Return the offset of an event's time zone from UTC, in minutes."""
    offset = event.begins.utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0
