"""Schedules equal the opening hours they are made from.

This holds in every time zone, on every day of a year, except holidays.
"""

import datetime as dt
import re
import uuid
from functools import cache
from itertools import pairwise

import pytest
from opening_hours import OpeningHours, State

from helpline.exchange.hsds.schedules import DAYS, periods, schedules

LAST_MINUTE = 1 << 24 * 60 - 1
PARENT = uuid.UUID(int=7)
TODAY = dt.date(2026, 11, 25)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Adelaide", "Asia/Kolkata", "UTC")
WEEKLY = [
    "24/7", "Mo-Su", "Mo-Fr 09:00-17:00", "Mo-Th 09:00-21:00; Fr 09:00-17:00", "Mo-Su 19:00-07:00", "Mo-Su 07:00-22:00",
    "Mo 14:00-16:00; We 17:00-19:00; Fr 10:00-12:00", "Mo-Fr 12:00-18:00", "Mo-Sa 14:00-20:00", "Mo-Fr 08:30-16:00",
    "Mo,We 10:00-12:00", "Mo-Fr 09:00-12:00,13:00-17:00", "Sa,Su 00:00-24:00", "Fr 22:00-04:00", "Su 20:00-02:00",
    "Mo-Fr 09:00-17:00; We off", "Tu 00:00-06:00", "Mo-Fr 18:00-24:00", "Mo-Th 17:00-21:00; Sa-Su 12:00-16:00",
    "Th 23:30-00:30",
    "Mo-Fr 09:00-17:00; PH off", "Mo-Su 10:00-22:00; PH 12:00-18:00", "Mo 09:00-10:00", "Tu 09:00-10:00",
    "We 09:00-10:00",
    "Th 09:00-10:00", "Fr 09:00-10:00", "Sa 09:00-10:00", "Su 09:00-10:00", "Mo-Fr 06:00-23:59", "Mo-Fr 07:15-19:45",
    "Mo-We 13:00-15:30; Th 13:00-18:00", "Su-Th 20:00-01:00", "Mo-Fr 00:00-12:00,14:00-24:00", "Fr-Mo 10:00-18:00",
    "Mo-Fr 10:00-20:00; Sa 10:00-18:00; Su off", "Mo-Su 23:00-05:00", "Sa 12:00-24:00; Su 00:00-12:00",
    "Mo,Tu,Th 08:00-12:00",
    "We,Fr 14:00-18:00", "Mo-Fr 09:30-11:30", "Tu-Th 16:00-20:00", "Mo 18:00-22:00; Th 18:00-22:00",
    "Mo-Sa 08:00-20:00",
    "Mo-Fr 08:00-18:00; Sa 09:00-13:00", "Mo-Su 12:00-12:30", "Fr 17:00-23:00", "Su 18:00-20:00",
    "Mo-Th 10:00-15:00; Fr 10:00-13:00",
    "Mo-Fr 15:00-19:00; PH closed", "off", "Mo-Fr 10:00-14:00; Tu 16:00-18:00",
]  # fmt: skip
IN_WORDS = [
    "Apr-Sep Mo-Fr 09:00-17:00", "Mo[1] 10:00-12:00", "Mo[3] 10:00-12:00", "Mo-Fr 09:00-17:00; Dec 24-26 off",
    "week 1-20 Mo 10:00-12:00",
    "2026 Mo 10:00-12:00", "Mo-Fr sunrise-sunset", 'Mo-Fr 09:00-17:00 "by appointment"',
    "Mo-Fr 09:00-17:00 || \"call\"",
    "easter off; Mo 10:00-12:00",
]  # fmt: skip


def minutes(opens, closes):
    """Return a number with a bit for each of these minutes of a day."""
    return (1 << closes) - (1 << opens)


@cache  # in local time, so it is the same in every zone
def minutes_of(text, first, last):
    """Return the open minutes of each day in local time, according to the text."""
    start = dt.datetime.combine(first, dt.time())
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time())
    found = {}
    for begins, ends, state, _comment in OpeningHours(text).intervals(start, end):
        if state == State.OPEN:
            at, until = begins, min(ends or end, end)
            while at < until:
                midnight = dt.datetime.combine(at.date() + dt.timedelta(days=1), dt.time())
                stops = min(until, midnight)
                begun = at.hour * 60 + at.minute
                open_ = minutes(begun, begun + (stops - at) // dt.timedelta(minutes=1))
                found[at.date()] = found.get(at.date(), 0) | open_
                at = stops
    return found


def expanded(found, first, last):
    """Return the open minutes of each day in local time, according to the schedules."""
    days = {}
    for schedule in found:
        opens, closes = (int(schedule[name][:2]) * 60 + int(schedule[name][3:5]) for name in ("opens_at", "closes_at"))
        closes = 24 * 60 if closes == 23 * 60 + 59 else closes
        day = max(first, dt.date.fromisoformat(schedule["valid_from"]))
        while day <= min(last, dt.date.fromisoformat(schedule["valid_to"])):
            if DAYS[day.weekday()] in schedule["byday"].split(","):
                days[day] = days.get(day, 0) | minutes(opens, closes)
            day += dt.timedelta(days=1)
    return days


class TestSchedules:
    @pytest.mark.parametrize("zone", ZONES)
    def test_say_the_same_minutes_on_every_day_of_a_year(self, zone):
        last = TODAY + dt.timedelta(days=364)
        for text in WEEKLY:
            told = expanded(schedules(PARENT, text, zone, today=TODAY), TODAY, last)
            meant = minutes_of(text, TODAY, last)
            # A text may have 23:59 for midnight, and a schedule cannot distinguish the two.
            for day in {*told, *meant}:
                assert told.get(day, 0) ^ meant.get(day, 0) in {0, LAST_MINUTE}, (text, day)

    def test_that_no_week_can_express_are_given_in_words(self):
        for text in IN_WORDS:
            (schedule,) = schedules(PARENT, text, "Europe/Berlin", today=TODAY)
            assert set(schedule) == {"id", "description"}, text

    def test_have_the_offset_of_their_period(self):
        found = schedules(PARENT, "Mo 09:00-17:00", "Europe/Berlin", today=TODAY)

        assert [(one["valid_from"], one["valid_to"], one["timezone"], one["opens_at"]) for one in found] == [
            ("2026-10-25", "2027-03-27", 1, "09:00+01:00"),
            ("2027-03-28", "2027-10-30", 2, "09:00+02:00"),
            ("2027-10-31", "2028-03-25", 1, "09:00+01:00"),
        ]

    def test_support_half_hours(self):
        (schedule, *_) = schedules(PARENT, "Mo 09:00-17:00", "Asia/Kolkata", today=TODAY)

        assert (schedule["timezone"], schedule["closes_at"]) == (5.5, "17:00+05:30")

    def test_without_a_zone_say_only_the_week(self):
        (schedule,) = schedules(PARENT, "Mo 09:00-17:00", "", today=TODAY)

        assert (schedule["byday"], schedule["opens_at"]) == ("MO", "09:00")
        assert "timezone" not in schedule

    def test_are_the_same_until_a_period_is_over(self):
        for zone in ZONES:
            first, later = (
                schedules(PARENT, "Mo 09:00-17:00", zone, today=TODAY + dt.timedelta(days=days)) for days in (0, 20)
            )
            assert first == later

    def test_cover_a_year_from_any_day(self):
        for zone in ZONES:
            for days in range(0, 730, 31):
                today = TODAY + dt.timedelta(days=days)
                found = periods(zone, today)
                assert found[0][0] <= today
                assert found[-1][1] >= today + dt.timedelta(days=365)
                assert all(a[1] + dt.timedelta(days=1) == b[0] for a, b in pairwise(found))

    def test_have_dates_and_times_in_iso_8601(self):
        found = list(schedules(PARENT, "Mo-Su 19:00-07:00", "Australia/Adelaide", today=TODAY))

        assert len(found) > 1  # clocks in Adelaide change within the year
        for schedule in found:
            assert dt.date.fromisoformat(schedule["valid_from"]) < dt.date.fromisoformat(schedule["valid_to"])
            assert re.fullmatch(r"\d\d:\d\d[+-]\d\d:\d\d", schedule["opens_at"])

    def test_say_what_becomes_of_holidays(self):
        found = list(schedules(PARENT, "Mo 09:00-17:00; PH off", "Europe/Berlin", today=TODAY))

        assert found
        assert all(schedule["description"].endswith("closed on public holidays") for schedule in found)
