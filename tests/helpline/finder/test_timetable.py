"""Opening times of the next days: by local time, with public holidays, and with unknown hours."""

import datetime as dt
import re
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.finder.content.listing import rows
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.timetable import Timetables
from helpline.models import ContactPoint, Programme
from helpline.vocabulary.codes import Alert, Status

WEDNESDAY = dt.date(2026, 11, 25)
BERLIN = "Europe/Berlin"
# In Germany the 25th and 26th of December are public holidays, the 24th and 27th are not.
CHRISTMAS = dt.date(2026, 12, 22)
HOUR, DAY = 60, 24 * 60


def states(written):
    """Return the state of each minute, decoded from the letters and minutes, which are all that the page has."""
    assert re.fullmatch(r"([ocu][1-9][0-9]*)+", written), written
    return "".join(state * int(minutes) for state, minutes in re.findall(r"([ocu])(\d+)", written))


def timetable(text, timezone=BERLIN, today=WEDNESDAY):
    """Return a function from an instant to the state of these hours, as rendered on a day, or None if unknown."""
    made = Timetables(today)
    if not made.number(text, timezone):
        return None
    minutes = states(str(made))

    def at(*when, zone=timezone):
        instant = dt.datetime(*when, tzinfo=zoneinfo.ZoneInfo(zone))
        return minutes[int(instant.timestamp()) // 60 - made.start]

    return at


class TestTimetable:
    @pytest.mark.parametrize(
        ("text", "timezone", "today", "instants", "states"),
        [
            ("Mo-Fr 09:00-17:00", "America/Toronto", WEDNESDAY, [(25, 8, 59), (25, 9, 0), (25, 17, 0)], "coc"),
            ("Mo-Su 22:00-06:00", BERLIN, WEDNESDAY, [(25, 23, 59), (26, 5, 59), (26, 6, 0)], "ooc"),
            # Closed on public holidays if the text says so, and otherwise not known.
            ("Mo-Fr 09:00-17:00; PH off", BERLIN, CHRISTMAS, [(24, 12, 0), (25, 12, 0)], "oc"),
            ("Mo-Fr 09:00-17:00", BERLIN, CHRISTMAS, [(25, 8, 59), (25, 12, 0)], "cu"),
            # A night is known until the holiday begins and after it has ended, or through one that the text mentions.
            (
                "Mo-Su 22:00-06:00", BERLIN, CHRISTMAS,
                [
                    (24, 21, 59), (24, 22, 0), (24, 23, 59), (25, 0, 0), (25, 5, 59), (25, 6, 0),
                    (26, 23, 59), (27, 0, 0), (27, 5, 59),
                ],
                "coouucuoo",
            ),
            ("Mo-Su,PH 22:00-06:00", BERLIN, CHRISTMAS, [(24, 23, 59), (25, 0, 0), (25, 5, 59)], "ooo"),
            ("Mo-Su 20:00-24:00", BERLIN, CHRISTMAS, [(24, 23, 59), (25, 0, 0), (25, 20, 0)], "ocu"),
            # The library has no holidays of India.
            ("Mo-Fr 09:00-17:00", "Asia/Kolkata", WEDNESDAY, [(25, 12, 0), (25, 17, 0)], "oc"),
            ('Mo-Fr 09:00-17:00 "by appointment"', BERLIN, WEDNESDAY, [(25, 12, 0)], "u"),
        ],
    )  # fmt: skip
    def test_is_read_by_the_clock_and_the_holidays_of_the_place(self, text, timezone, today, instants, states):
        at = timetable(text, timezone, today)

        assert "".join(at(today.year, today.month, *when) for when in instants) == states

    def test_is_read_from_elsewhere_too(self):
        assert timetable("Mo-Fr 09:00-17:00", "America/Toronto")(2026, 11, 25, 15, 0, zone=BERLIN) == "o"

    def test_covers_yesterday_and_eight_days(self):
        made = Timetables(WEDNESDAY)
        made.number("Mo-Fr 09:00-17:00", BERLIN)

        assert len(states(str(made))) == made.length == 9 * DAY
        assert made.start == dt.datetime(2026, 11, 24, tzinfo=dt.UTC).timestamp() // 60

    @pytest.mark.parametrize(
        ("today", "night", "opens"),
        [
            (dt.date(2026, 3, 28), (2026, 3, 29), dt.datetime(2026, 3, 29, 6, tzinfo=dt.UTC)),
            (dt.date(2026, 10, 24), (2026, 10, 25), dt.datetime(2026, 10, 25, 7, tzinfo=dt.UTC)),
        ],
    )
    def test_changes_its_clock_with_the_place(self, today, night, opens):
        at = timetable("Mo-Su 08:00-10:00", today=today)

        assert at(*night, 8, 0) == "o"
        before = opens - dt.timedelta(minutes=1)
        assert at(before.year, before.month, before.day, before.hour, before.minute, zone="UTC") == "c"
        assert at(opens.year, opens.month, opens.day, opens.hour, 0, zone="UTC") == "o"

    def test_takes_the_holidays_of_the_country_whose_clock_it_is(self):
        swiss, german = (
            timetable("Mo-Su 09:00-17:00; PH off", zone, today=dt.date(2026, 7, 30))
            for zone in ("Europe/Zurich", BERLIN)
        )

        assert (swiss(2026, 8, 1, 12, 0), german(2026, 8, 1, 12, 0)) == ("c", "o")

    def test_day_and_night_needs_no_clock(self):
        at = timetable("24/7", "")

        assert at(2026, 11, 25, 3, 0, zone="UTC") == "o"

    @pytest.mark.parametrize(
        ("text", "timezone"),
        [
            ("", BERLIN),
            ("nine to five", BERLIN),
            ("Mo 10:00-12:00", ""),
            ("Mo 10:00-12:00", "Mars/Olympus"),
            ("Mo-Fr 10:00-12:00; SH off", BERLIN),
            ("Mo-Fr 10:00-12:00; PH off", "UTC"),
            ("Mo-Fr 10:00-12:00; PH off", "Asia/Kolkata"),
            ("unknown", BERLIN),
        ],
    )
    def test_is_none_if_hours_are_unknown(self, text, timezone):
        assert timetable(text, timezone) is None

    @settings(deadline=None, max_examples=60)
    @given(
        st.text(alphabet='MoTuWeThFrSaSu0123456789:-,; PHoff24/7"', max_size=40),
        st.sampled_from([BERLIN, "Asia/Kolkata", "Pacific/Apia", ""]),
    )
    def test_never_fails_and_never_has_a_gap(self, text, timezone):
        made = Timetables(WEDNESDAY)

        if made.number(text, timezone):
            assert len(states(str(made))) == made.length


class TestTable:
    def test_holds_each_timetable_once(self):
        made = Timetables(WEDNESDAY)

        numbers = [
            made.number("Mo-Fr 09:00-17:00", BERLIN),
            made.number("24/7", ""),
            made.number("Mo-Fr 09:00-12:00,12:00-17:00", "Europe/Paris"),
            made.number("Mo-Sa 10:00-12:00", BERLIN),
        ]

        assert numbers == ["0", "1", "0", "2"]
        assert [len(states(written)) for written in str(made).split(";")] == [9 * DAY] * 3


@pytest.mark.django_db
class TestListings:
    def numbers(self, **facts):
        """Return the timetables of a programme's phone and chat: those of its points, and those of its contacts."""
        programme = Programme(pk=1, name="x", countries=["de"], **facts)
        programme.contact_points = [
            ContactPoint(channel=channel, opening_hours="24/7", number="116123", number_country="de")
            for channel in ("phone", "chat")
        ]
        row = rows.row(programme, FinderReading(today=WEDNESDAY, timetables=Timetables(WEDNESDAY)))
        return [point.timetable for point in row.points], [one.timetable for one in row.contacts.ways]

    def test_say_when_they_are_open(self):
        assert self.numbers() == (["0", "0"], ["0"])

    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({"status": Status.CLOSED}, ["", ""]),
            ({"status": Status.CLOSED_UNTIL}, ["", ""]),
            ({"checked_on": dt.date(2025, 1, 1), "next_check_due": dt.date(2025, 7, 1)}, ["", ""]),
            ({"alert": Alert.NO_NEW_PEOPLE}, ["", ""]),
            ({"alert": Alert.SHORT_HOURS}, ["", ""]),
            ({"alert": Alert.PHONE_DISTURBED}, ["", "0"]),
            ({"alert": Alert.CHAT_DISTURBED}, ["0", ""]),
            ({"alert": Alert.WAITING_LIST}, ["0", "0"]),
        ],
    )
    def test_never_call_an_unreliable_channel_open(self, facts, expected):
        assert self.numbers(**facts)[0] == expected

    def test_say_nothing_where_no_table_is_kept(self):
        programme = Programme(pk=1, name="x", countries=["de"])
        programme.contact_points = [ContactPoint(channel="phone", opening_hours="24/7")]

        assert [one.timetable for one in rows.row(programme, FinderReading(today=WEDNESDAY)).contacts.ways] == [""]
