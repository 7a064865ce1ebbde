"""Opening hours: the OpenStreetMap text is the source of truth, and words are made from it.

Pure: no database, no clock.
https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

import datetime as dt
import re
import zoneinfo
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import get_day_names, get_timezone_location
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext as _
from opening_hours import (  # type: ignore[attr-defined]  # its stubs lack some names
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

from core.languages.names import NOT_COUNTRIES, joined

LONGEST = 255
# Mondays of three ordinary weeks in different seasons: hours that differ between them cannot be described as one week.
SAMPLE_WEEKS = (dt.date(2026, 2, 16), dt.date(2026, 6, 15), dt.date(2026, 11, 16))
DAY = dt.timedelta(days=1)
HOLIDAYS = re.compile(r"\bPH\b")
HOLIDAYS_OFF = re.compile(r"\bPH\s+(off|closed)\b", re.IGNORECASE)
# Text that makes weeks differ, or a span uncertain: dates, weeks, the second Monday, the sun, comments, alternatives.
IRREGULAR = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|week|easter"
    r"|sunrise|sunset|dawn|dusk|unknown|\d{4})\b|\[|\"|\|\|",
    re.IGNORECASE,
)
SCHOOL_HOLIDAYS = re.compile(r"\bSH\b")

# Weekday of the start (Monday is 0), start and end as HH:MM.
Span = tuple[int, str, str]
TO = " \u2013 "


class HoursError(ValueError):
    """Raised if the text is not valid opening hours.

    The message shows an editor where the error is.
    """


def check(text: str) -> list[str]:
    """Return warnings for an editor.

    Raises HoursError if `text` is not valid opening hours.
    """
    if len(text) > LONGEST:
        raise HoursError(_("These opening hours are too long."))
    try:
        OpeningHours(text)
    except ParserError as error:
        raise HoursError(_in_words(text, str(error))) from None
    warnings = []
    if SCHOOL_HOLIDAYS.search(text):
        warnings.append(_("This site does not know school holidays (SH): rules for them are ignored."))
    return warnings


# The place at which the parser failed: line and column.
GAVE_UP = re.compile(r"--> \d+:(\d+)")


def _in_words(text: str, error: str) -> str:
    """Return advice to an editor about a text that the parser rejected."""
    found = GAVE_UP.search(error)
    rest = text[int(found[1]) - 1 :].strip() if found else ""
    says = (
        _("We cannot read these opening hours from “%(rest)s” on.") % {"rest": rest}
        if rest
        else _("These opening hours are incomplete.")
    )
    how = _(
        "Fill in the table of the week, or write days as Mo Tu We Th Fr Sa Su, times with a colon, and a semicolon "
        "between rules: "
        "Mo-Th 09:00-21:00; Fr 09:00-17:00; PH off."
    )
    return f"{says} {how}"


@lru_cache(maxsize=2048)
def week(text: str) -> tuple[Span, ...] | None:
    """Return the spans of an ordinary week, or None where weeks differ (seasons, dates, weeks of the month)."""
    if IRREGULAR.search(text):
        return None
    weeks = {_spans(OpeningHours(text), monday) for monday in SAMPLE_WEEKS}
    return weeks.pop() if len(weeks) == 1 else None


def _spans(hours: OpeningHours, monday: dt.date) -> tuple[Span, ...]:
    start = dt.datetime.combine(monday - DAY, dt.time())
    spans: list[Span] = []
    for begins, ends, state, _comment in hours.intervals(start, start + 9 * DAY):
        if state != State.OPEN or ends is None:
            continue
        for part_begins, part_ends in _days(begins, ends):
            day = (part_begins.date() - monday).days
            if 0 <= day < 7:
                spans.append((day, f"{part_begins:%H:%M}", f"{part_ends:%H:%M}"))
    return tuple(spans)


def _days(begins: dt.datetime, ends: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
    """Split a span of more than a day into one for each day.

    A night (22:00 to 06:00) stays whole.
    """
    parts = []
    while ends - begins > DAY:
        midnight = dt.datetime.combine(begins.date() + DAY, dt.time())
        parts.append((begins, midnight))
        begins = midnight
    return [*parts, (begins, ends)] if ends > begins else parts


def is_always_open(text: str) -> bool:
    """Return whether these hours are day and night, including public holidays."""
    spans = week(text) if text else None
    return (
        spans is not None and spans == tuple((day, "00:00", "00:00") for day in range(7)) and not HOLIDAYS.search(text)
    )


def in_words(text: str) -> str:
    """Return the hours in the active language: Mon to Thu 09:00 to 21:00; Fri … Returns an empty string for no text.

    If weeks differ, return the text itself, which many people can read.
    Words would cover only a part of it.
    """
    if not text:
        return ""
    if is_always_open(text):
        return gettext("day and night, every day")
    spans = week(text)
    if not spans:
        return text
    names = get_day_names("abbreviated", "stand-alone", locale=_cldr())
    by_day = [[(begins, ends) for at, begins, ends in spans if at == day] for day in range(7)]
    parts, day = [], 0
    while day < 7:
        last = day
        while last < 6 and by_day[last + 1] == by_day[day]:
            last += 1
        if by_day[day]:
            days = names[day] if last == day else names[day] + TO + names[last]
            times = joined(begins + TO + _midnight(ends) for begins, ends in by_day[day])
            parts.append(f"{days} {times}")
        day = last + 1
    # Translators: between the hours of two days: “Monday 9 to 17; Tuesday 10 to 12”
    words = pgettext("between the hours of two days", "; ").join(parts)
    if HOLIDAYS_OFF.search(text):
        words = gettext("%(hours)s; closed on public holidays") % {"hours": words}
    return words


# --- The hours of one week, as bits ---------------------------------------------------------------

HOURS = 168
ALL_HOURS = (1 << HOURS) - 1
# Every offset from UTC is a number of quarters of an hour, and clocks change on one.
QUARTER = dt.timedelta(minutes=15)


@lru_cache(maxsize=4096)
def open_hours(text: str, timezone: str, start: dt.datetime) -> int | None:
    """Return the open hours of the week from `start` (in UTC, on the hour) as 168 bits, with bit 0 as the first hour.

    Returns None if unknown.
    The text is in the local time of the time zone, with the public holidays of its country.
    An hour counts only if it is open from beginning to end, so that people are not sent to a phone line that closes
    shortly afterwards.
    When clocks are set back an hour comes twice, and in spring one is missing: the week has 168 hours all the same.
    """
    if not text:
        return None
    try:
        if is_always_open(text):
            return ALL_HOURS
        hours, _country = with_holidays(text, country_of(timezone))
        on_the_wall = _quarters(timezone, start)
    except (ParserError, zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None  # invalid hours, or an unknown time zone
    spans = _open_spans(hours, on_the_wall[0])
    open_then = [any(opens <= at and at + QUARTER <= closes for opens, closes in spans) for at in on_the_wall]
    return sum(1 << hour for hour in range(HOURS) if all(open_then[4 * hour : 4 * hour + 4]))


@lru_cache(maxsize=64)
def _quarters(timezone: str, start: dt.datetime) -> list[dt.datetime]:
    """Return the local time of a time zone at each quarter of an hour in the week from `start`."""
    zone = zoneinfo.ZoneInfo(timezone)
    return [(start + QUARTER * n).astimezone(zone).replace(tzinfo=None) for n in range(4 * HOURS)]


def _open_spans(hours: OpeningHours, start: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return the open spans of about a week, in local time."""
    return [
        (begins, ends)
        for begins, ends, state, _comment in hours.intervals(start - DAY, start + 9 * DAY)
        if state == State.OPEN and ends is not None
    ]


def with_holidays(text: str, country: str, zone: zoneinfo.ZoneInfo | None = None) -> tuple[OpeningHours, str]:
    """Parse opening hours with the public holidays of a country.

    Return the country, too, or an empty string if its holidays are not known.
    """
    try:
        return OpeningHours(text, timezone=zone, country=country.upper() or None), country
    except UnknownCountryError:
        return OpeningHours(text, timezone=zone), ""


@lru_cache
def country_of(timezone: str) -> str:
    """Return the country (a lower-case code) of a time zone, or an empty string if unknown."""
    zone = get_global("zone_aliases").get(timezone, timezone)
    country = str(get_global("zone_territories").get(zone, "")).lower()
    return "" if country in NOT_COUNTRIES else country


@lru_cache
def zone_of(country: str) -> str:
    """Return the time zone of a country whose clocks all agree.

    Returns an empty string for other countries and for anywhere.
    """
    zones = [str(zone) for zone in get_global("territory_zones").get(country.upper(), [])]
    seasons = [dt.datetime.combine(monday, dt.time(12)) for monday in SAMPLE_WEEKS]
    clocks = {tuple(noon.replace(tzinfo=zoneinfo.ZoneInfo(zone)).utcoffset() for noon in seasons) for zone in zones}
    return zones[0] if len(clocks) == 1 else ""


def _midnight(time: str) -> str:
    return "24:00" if time == "00:00" else time


def city(timezone: str) -> str:
    """Return the city of a time zone in the active language: `Europe/Berlin` is Berlin.

    Returns an empty string for no zone.
    """
    return get_timezone_location(timezone, locale=_cldr(), return_city=True) if timezone else ""


def _cldr() -> Locale:
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
