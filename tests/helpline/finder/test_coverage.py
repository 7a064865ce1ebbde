"""Every country, language and hour has an answer."""

import datetime as dt
import zoneinfo
from functools import cache

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from opening_hours import OpeningHours

from core.languages import names
from helpline.finder.content.coverage.answers import AnswerLevel, Answers, Coverage, week_of
from helpline.models import Programme, SupportLine
from helpline.vocabulary import hours
from helpline.vocabulary.codes import ANYWHERE, LANGUAGES, Alert, Audience, Channel, LineKind, Status, YesNo
from helpline.vocabulary.hours import ALL_HOURS, HOURS, open_hours
from tests.helpline.unsaved import CHAT, MAIL, MONDAY, PHONE, SCREEN, TODAY, line, programme

# The weeks in which the clocks of Europe change, and one with public holidays.
SPRING = dt.datetime(2026, 3, 23, tzinfo=dt.UTC)
AUTUMN = dt.datetime(2026, 10, 19, tzinfo=dt.UTC)
CHRISTMAS = dt.datetime(2026, 12, 21, tzinfo=dt.UTC)


def coverage(*listings, start=MONDAY, lines=()):
    return Coverage.of(programmes=listings, lines=lines, start=start, today=start.date())


def counts(answers: Answers) -> dict[str, int]:
    return {level.name: answers.count(level) for level in AnswerLevel if answers.count(level)}


def open_through(text, timezone="Europe/Berlin", start=MONDAY):
    """Return the open hours of a week, numbered from its beginning."""
    bits = open_hours(text, timezone, start)
    assert bits is not None
    return [hour for hour in range(HOURS) if bits >> hour & 1]


class TestOpenHours:
    @pytest.mark.parametrize(
        ("text", "timezone", "start", "found"),
        [
            ("Mo 09:00-12:00", "Europe/Berlin", MONDAY, [8, 9, 10]),
            ("Mo 09:00-12:00", "Europe/London", MONDAY, [9, 10, 11]),
            ("Mo 09:00-12:00", "America/New_York", MONDAY, [14, 15, 16]),
            # A Monday in Auckland begins on Sunday in Greenwich.
            ("Mo 09:00-11:00", "Pacific/Auckland", MONDAY, [6 * 24 + 20, 6 * 24 + 21]),
            # Whole hours only, also in a zone between the hours.
            ("Mo 09:30-12:15", "Europe/Berlin", MONDAY, [9, 10]),
            ("Mo 09:00-12:00", "Asia/Kolkata", MONDAY, [4, 5]),
            # Over midnight and over the end of the week.
            ("Su 22:00-02:00", "UTC", MONDAY, [0, 1, 6 * 24 + 22, 6 * 24 + 23]),
            ("Mo-Su 00:00-24:00 unknown", "Europe/Berlin", MONDAY, []),
            # The library has no holidays of India.
            ("Mo 09:30-11:30; PH off", "Asia/Kolkata", MONDAY, [4, 5]),
            # In spring an hour is missing, in autumn it comes twice.
            ("Su 02:00-03:00", "Europe/Berlin", SPRING, []),
            ("Su 02:00-03:00", "Europe/Berlin", AUTUMN, [6 * 24, 6 * 24 + 1]),
        ],
    )
    def test_are_read_by_the_clock_of_their_time_zone(self, text, timezone, start, found):
        assert open_through(text, timezone, start) == found

    def test_of_day_and_night_need_no_clock(self):
        assert open_hours("24/7", "", MONDAY) == ALL_HOURS

    @pytest.mark.parametrize(
        ("text", "timezone"),
        [
            ("", "Europe/Berlin"),
            ("Mo-Fr 09:00-17:00", ""),
            ("Mo 09:00-17:00", "Nowhere/Land"),
            ("rubbish", "UTC"),
        ],
    )
    def test_that_are_not_recorded_are_not_known(self, text, timezone):
        assert open_hours(text, timezone, MONDAY) is None

    def test_leave_out_the_public_holidays_of_the_country_whose_clock_it_is(self):
        friday = 4 * 24 + 9
        assert friday not in open_through("Mo-Fr 10:00-17:00; PH off", "Europe/Berlin", CHRISTMAS)
        assert friday in open_through("Mo-Fr 10:00-17:00; PH off", "Europe/Istanbul", CHRISTMAS)
        assert friday in open_through("Mo-Fr 10:00-17:00", "Europe/Berlin", CHRISTMAS)

    def test_of_day_and_night_leave_out_holidays_too(self):
        found = open_through("24/7; PH off", "Europe/Berlin", CHRISTMAS)

        # Christmas and the day after it, from midnight to midnight in Berlin.
        assert sorted(set(range(HOURS)) - set(found)) == list(range(4 * 24 - 1, 6 * 24 - 1))

    @pytest.mark.parametrize(("start", "night"), [(SPRING, 7), (MONDAY, 8), (AUTUMN, 9)])
    def test_of_the_night_when_clocks_change_are_as_many_as_it_has(self, start, night):
        saturday_evening = range(5 * 24 + 19, 5 * 24 + 32)

        found = [hour for hour in open_through("Mo-Su 22:00-06:00", start=start) if hour in saturday_evening]

        assert len(found) == night

    @pytest.mark.parametrize("start", [SPRING, AUTUMN])
    def test_day_and_night_is_every_hour_of_the_week_despite_clock_changes(self, start):
        assert open_hours("Mo-Su 00:00-24:00", "Europe/Berlin", start) == ALL_HOURS


class TestClocks:
    def test_a_time_zone_belongs_to_a_country(self):
        assert [hours.country_of(zone) for zone in ("Europe/Berlin", "Europe/Kiev", "", "UTC")] == [
            "de",
            "ua",
            "",
            "",
        ]

    def test_a_country_with_one_clock_needs_no_word_about_it(self):
        assert [hours.zone_of(country) for country in ("mt", "au", "xx")] == ["Europe/Malta", "", ""]


class TestOrder:
    """Open services come first, then writing, self-help, services for anywhere, crisis lines, the emergency number."""

    def test_each_answer_counts_for_the_hours_without_a_better_one(self):
        found = coverage(
            programme(PHONE),
            programme(MAIL, countries=["de", "at"]),
            programme(SCREEN, countries=[ANYWHERE]),
            programme({**SCREEN, "languages": ["en"]}, countries=[ANYWHERE]),
            lines=[line(opening_hours="24/7"), line(country="mt", kind=LineKind.EMERGENCY, number="112")],
        )

        assert counts(found.answers("de", "de")) == {"OPEN": 40, "WRITE": 128}
        assert counts(found.answers("at", "de")) == {"WRITE": 168}
        assert counts(found.answers("mt", "de")) == {"SELF_HELP": 168}
        assert counts(found.answers("mt", "tr")) == {"ANYWHERE": 168}

    def test_without_a_service_that_works_anywhere_there_are_crisis_lines(self):
        found = coverage(
            programme(PHONE),
            lines=[
                line(opening_hours="Mo-Su 08:00-20:00"),
                line(country="mt", kind=LineKind.EMERGENCY, number="112"),
            ],
        )

        assert counts(found.answers("de", "de")) == {"OPEN": 40, "CRISIS": 44, "EMERGENCY": 84}
        assert counts(found.answers("mt", "de")) == {"CRISIS": 168}
        assert counts(found.answers("jp", "de")) == {"EMERGENCY": 168}

    def test_an_anywhere_service_answers_in_its_hours_only(self):
        found = coverage(programme({**PHONE, "languages": ["en"]}, countries=[ANYWHERE]))

        assert counts(found.answers("jp", "tr")) == {"ANYWHERE": 40, "EMERGENCY": 128}

    def test_an_anywhere_service_whose_number_is_reached_from_one_country_answers_there(self):
        phone = {**PHONE, "from_abroad": YesNo.NO, "opening_hours": "24/7"}
        found = coverage(programme(phone, countries=["de", ANYWHERE]))

        assert counts(found.answers("de", "tr")) == {"ANYWHERE": 168}
        assert counts(found.answers("at", "tr")) == {"EMERGENCY": 168}

    def test_an_hour_has_the_best(self):
        found = coverage(programme(PHONE, SCREEN)).answers("de", "de")

        assert (found.at(7), found.at(8), found.at(15), found.at(16)) == (
            AnswerLevel.SELF_HELP,
            AnswerLevel.OPEN,
            AnswerLevel.OPEN,
            AnswerLevel.SELF_HELP,
        )


class TestWeek:
    @pytest.mark.parametrize("day", [dt.date(2026, 6, 1), dt.date(2026, 6, 3), dt.date(2026, 6, 7)])
    def test_begins_on_monday_at_midnight(self, day):
        assert week_of(day) == dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


class TestCountries:
    def test_are_those_that_have_something_of_their_own(self):
        found = coverage(
            programme(PHONE, countries=["de"]),
            programme(PHONE, countries=[ANYWHERE]),
            lines=[line(country="at", number="142")],
        )

        assert found.countries() == {"de", "at"}


SMS = {**PHONE, "channel": "sms"}
SHORT = {**PHONE, "number": "0800", "number_country": "de"}
NOT_ABROAD = {**PHONE, "from_abroad": YesNo.NO}
WEBSITE = {"website": "https://service.example/"}
LATE = {"checked_on": TODAY - dt.timedelta(400), "next_check_due": TODAY - dt.timedelta(90)}


class TestWhatCounts:
    def best(self, *points, language="de", country="de", **facts):
        """Return the names of the levels of a listing, except for the last."""
        found = counts(coverage(programme(*points, **facts)).answers(country, language))
        return [name for name in found if name != "EMERGENCY"]

    @pytest.mark.parametrize(
        ("point", "facts", "levels"),
        [
            # Hours that are not known are never open.
            ({**PHONE, "opening_hours": ""}, {}, []),
            ({**CHAT, "opening_hours": ""}, {}, []),
            # A chat and a text message answer as a phone does.
            (CHAT, {}, ["OPEN"]),
            (SMS, {}, ["OPEN", "WRITE"]),
            # Services that need an appointment or a stamp are no answer now.
            *(
                ({**PHONE, "channel": channel, "url": "https://service.example/"}, {}, [])
                for channel in (Channel.FACE_TO_FACE, Channel.VIDEO, Channel.POST, "")
            ),
            ({**PHONE, "number": ""}, WEBSITE, []),
            # An email channel without an address counts if there is a website.
            ({**MAIL, "email": ""}, WEBSITE, ["WRITE"]),
            ({**MAIL, "email": ""}, {}, []),
            # A language that is not known counts only for services that work anywhere.
            ({**MAIL, "languages": []}, {}, []),
            ({**MAIL, "languages": []}, {"countries": [ANYWHERE]}, ["ANYWHERE"]),
            # A problem with the phone line also affects its text messages.
            (SMS, {"alert": Alert.PHONE_DISTURBED}, []),
            # Services for others only are no answer for people who worry about themselves.
            (PHONE, {"audiences": ["professional", "family_or_friend"]}, []),
            # Neither are closed ones, or those with hidden numbers.
            (PHONE, {"status": Status.CLOSED}, []),
            (MAIL, {"status": Status.CLOSED_UNTIL}, []),
            *((point, LATE, []) for point in (PHONE, MAIL, SCREEN)),
            # A short number works only in its own country.
            (SHORT, {"countries": [ANYWHERE]}, ["OPEN"]),
            (SHORT, {"countries": [ANYWHERE], "country": "mt"}, []),
            (SHORT, {"countries": ["at"], "country": "at"}, []),
            # Neither does a number that cannot be dialled from abroad.
            (NOT_ABROAD, {"countries": ["de", "at"]}, ["OPEN"]),
            (NOT_ABROAD, {"countries": ["de", "at"], "country": "at"}, []),
            (
                {**NOT_ABROAD, "number_from_abroad": "+493023125001"},
                {"countries": ["de", "at"], "country": "at"},
                ["OPEN"],
            ),
        ],
    )
    def test_is_what_people_can_use_now(self, point, facts, levels):
        assert self.best(point, **facts) == levels

    @pytest.mark.parametrize(
        ("alert", "left"),
        [
            (Alert.NONE, ["OPEN", "WRITE"]),
            (Alert.WAITING_LIST, ["OPEN", "WRITE"]),
            (Alert.PHONE_DISTURBED, ["WRITE"]),
            (Alert.CHAT_DISTURBED, ["OPEN", "WRITE"]),
            (Alert.SHORT_HOURS, ["WRITE"]),
            (Alert.NO_NEW_PEOPLE, []),
            (Alert.IN_DOUBT, []),
        ],
    )
    def test_an_alert_takes_away_what_it_is_about(self, alert, left):
        assert self.best(PHONE, MAIL, alert=alert) == left

    @pytest.mark.parametrize("number", ["+80012345678", "+15550001234"])
    def test_a_number_of_no_country_that_cannot_be_dialled_from_abroad_answers_nowhere(self, number):
        found = coverage(programme({**PHONE, "number": number, "from_abroad": YesNo.NO}, countries=[ANYWHERE]))

        assert found.countries() == set()
        assert counts(found.answers("de", "de")) == {"EMERGENCY": 168}

    def test_the_clock_of_a_country_with_one_is_known(self):
        assert self.best({**PHONE, "timezone": ""}) == ["OPEN"] or hours.zone_of("de") == ""
        assert self.best({**PHONE, "timezone": ""}, countries=["mt"], country="mt") == ["OPEN"]
        assert self.best({**PHONE, "timezone": ""}, countries=["au"], country="au") == []

    def test_lines_that_are_closed_or_cannot_be_called_are_none(self):
        lines = [
            line(status=Status.CLOSED, opening_hours="24/7"),
            line(number="", opening_hours="24/7"),
            line(opening_hours=""),
            line(kind=LineKind.VICTIM_SUPPORT, opening_hours="24/7"),
        ]

        assert counts(coverage(lines=lines).answers("de", "de")) == {"EMERGENCY": 168}

    def test_a_line_that_cannot_be_called_hides_no_other(self):
        lines = [line(number=""), line(opening_hours="24/7")]

        assert coverage(lines=lines).crisis == {"de": ALL_HOURS}

    def test_an_emergency_number_answers_even_with_an_overdue_check(self):
        late = {"checked_on": TODAY - dt.timedelta(500), "next_check_due": TODAY - dt.timedelta(300)}

        assert coverage(lines=[line(opening_hours="24/7", **late)]).crisis == {}
        assert coverage(lines=[line(kind=LineKind.EMERGENCY, **late)]).crisis == {"de": ALL_HOURS}


# --- The same, hour by hour -----------------------------------------------------------------------


@cache
def is_open(text: str, timezone: str, begins: dt.datetime) -> bool:
    """Return whether it is open for a whole hour, checked quarter by quarter."""
    if text == "24/7":
        return True
    if not text or not timezone:
        return False
    country = hours.country_of(timezone).upper()
    # The library has no holidays of India.
    parsed = OpeningHours(text, country=None if country == "IN" else country)
    zone = zoneinfo.ZoneInfo(timezone)
    quarters = (begins + dt.timedelta(minutes=15 * n) for n in range(4))
    return all(parsed.is_open(at.astimezone(zone).replace(tzinfo=None)) for at in quarters)


def reference(listings, lines, country, language, begins) -> AnswerLevel:
    """Return the best answer in one hour, found by going through every listing, from the best kind to the last."""
    usable = [
        (one, point)
        for one in listings
        if one.status not in (Status.CLOSED, Status.CLOSED_UNTIL, Status.DELISTED)
        and {"self_thoughts", "self_behaviour"} & set(one.audiences)
        and one.alert not in ("no_new_people", "in_doubt")
        and (one.next_check_due is None or (TODAY - one.next_check_due).days < 90)
        for point in one.contact_points.all()
    ]

    def reach(one, point):
        here = country in one.countries or "xx" in one.countries
        if point.channel in ("phone", "sms"):
            return here and bool(point.number) and (point.from_abroad != "no" or country == "de")
        return here and bool(point.url or point.email or one.website)

    def answers_now(one, point):
        return (
            point.channel in ("phone", "chat", "sms")
            and one.alert != "short_hours"
            and is_open(point.opening_hours, point.timezone, begins)
        )

    def disturbed(one, point):
        # A text message uses the same line as a call.
        taken = {"phone_disturbed": ("phone", "sms"), "chat_disturbed": ("chat",)}
        return point.channel in taken.get(one.alert, ())

    here = [(one, point) for one, point in usable if reach(one, point) and not disturbed(one, point)]
    spoken = [(one, point) for one, point in here if language in point.languages]
    if any(answers_now(*pair) for pair in spoken):
        return AnswerLevel.OPEN
    if any(point.channel in ("email", "sms") for _one, point in spoken):
        return AnswerLevel.WRITE
    if any(point.channel in ("online_self_help", "app") for _one, point in spoken):
        return AnswerLevel.SELF_HELP
    if any(
        answers_now(one, point) or point.channel in ("email", "sms", "online_self_help", "app")
        for one, point in here
        if "xx" in one.countries
    ):
        return AnswerLevel.ANYWHERE
    if any(
        country in each.countries
        and each.kind in ("emergency", "suicide_crisis")
        and each.status != "closed"
        and each.number
        and (each.kind == "emergency" or is_open(each.opening_hours, each.timezone, begins))
        for each in lines
    ):
        return AnswerLevel.CRISIS
    return AnswerLevel.EMERGENCY


TEXTS = [
    "",
    "24/7",
    "Mo-Fr 09:00-17:00",
    "Mo-Su 22:00-06:00",
    "Sa-Su 01:30-03:30",
    "Mo-Fr 10:15-18:45; PH off",
]
ZONES = ["Europe/Berlin", "Europe/London", "Asia/Kolkata", "America/New_York"]
points = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["phone", "chat", "sms", "email", "online_self_help", "face_to_face"]),
        "number": st.sampled_from(["", "+493023125000"]),
        "url": st.sampled_from(["", "https://service.example/"]),
        "languages": st.lists(st.sampled_from(["de", "en", "tr"]), unique=True),
        "opening_hours": st.sampled_from(TEXTS),
        "timezone": st.sampled_from(ZONES),
        "from_abroad": st.sampled_from([*YesNo.values]),
    }
)
listings = st.builds(
    lambda made, countries, audience, status, alert, due: programme(
        *made,
        countries=countries,
        audiences=[audience],
        status=status,
        alert=alert,
        next_check_due=TODAY - dt.timedelta(days=due),
    ),
    st.lists(points, max_size=3),
    st.lists(st.sampled_from(["de", "at", "xx"]), min_size=1, unique=True),
    st.sampled_from([*Audience.values]),
    st.sampled_from([Status.VERIFIED, Status.VERIFIED, Status.CLOSED]),
    st.sampled_from([Alert.NONE, *Alert.values]),
    st.sampled_from([-100, 89, 90]),
)
support = st.builds(
    lambda kind, country, status, text: line(
        kind=kind, country=country, status=status, opening_hours=text, timezone="Europe/Berlin"
    ),
    st.sampled_from([LineKind.EMERGENCY, LineKind.SUICIDE_CRISIS, LineKind.CHILD_HELPLINE]),
    st.sampled_from(["de", "at"]),
    st.sampled_from([Status.VERIFIED, Status.CLOSED]),
    st.sampled_from(TEXTS),
)


class TestAgainstTheReference:
    @given(
        found=st.lists(listings, max_size=4),
        lines=st.lists(support, max_size=3),
        start=st.sampled_from([MONDAY, SPRING, AUTUMN, CHRISTMAS]),
        data=st.data(),
    )
    @tries(max_examples=60, deadline=None)
    def test_equals_the_best_answer_among_all_listings(self, found, lines, start, data):
        made = Coverage.of(programmes=found, lines=lines, start=start, today=TODAY)
        country = data.draw(st.sampled_from(["de", "at", "mt"]))
        language = data.draw(st.sampled_from(["de", "en", "tr"]))
        answers = made.answers(country, language)

        # Each hour of the night on which clocks change, and some of the rest of the week.
        for hour in [*range(0, 6 * 24 - 4, 11), *range(6 * 24 - 4, 6 * 24 + 8)]:
            begins = start + dt.timedelta(hours=hour)
            assert answers.at(hour) == reference(found, lines, country, language, begins), hour


@pytest.fixture(scope="module")
def starter(django_db_setup, django_db_blocker):
    """Return the starter data as the demonstration shows it: listings and support lines."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        call_command("import_listings", "programmes", verbosity=0)
        call_command("import_listings", "support-lines", verbosity=0)
        found = (
            list(Programme.objects.shown().prefetch_related("contact_points")),
            list(SupportLine.objects.shown()),
        )
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
class TestEveryCombination:
    """All countries, all languages and all hours, on the starter data."""

    @pytest.fixture
    def everywhere(self):
        countries = [code for code, _name in names.countries("en")]
        return countries, sorted({*LANGUAGES, *settings.LANGUAGE_TABLE})

    @pytest.mark.parametrize("start", [MONDAY, SPRING, AUTUMN, CHRISTMAS])
    def test_gives_exactly_one_answer(self, starter, everywhere, start):
        programmes, lines = starter
        found = Coverage.of(programmes=programmes, lines=lines, start=start, today=TODAY)
        countries, languages = everywhere
        assert len(countries) >= 249
        assert len(languages) >= 49

        wrong = []
        for country in countries:
            for language in languages:
                parts = found.answers(country, language).hours
                if sum(parts) != ALL_HOURS or sum(part.bit_count() for part in parts) != HOURS:
                    wrong.append((country, language))

        assert wrong == []

    @pytest.mark.parametrize("hour", [2, 10])
    def test_is_the_one_that_reading_every_listing_finds(self, starter, hour):
        programmes, lines = starter
        found = Coverage.of(programmes=programmes, lines=lines, start=MONDAY, today=TODAY)
        named = {code for one in programmes for code in one.countries} | {"mt", "jp"}
        spoken = {code for one in programmes for point in one.contact_points.all() for code in point.languages}

        wrong = [
            (country, language)
            for country in sorted(named - {ANYWHERE})
            for language in sorted(spoken | {"tr"})
            if found.answers(country, language).at(hour)
            != reference(programmes, lines, country, language, MONDAY + dt.timedelta(hours=hour))
        ]

        assert wrong == []

    def test_at_night_in_malta_in_maltese_a_service_from_anywhere_and_a_line_of_the_country(self, starter):
        programmes, lines = starter
        found = Coverage.of(programmes=programmes, lines=lines, start=MONDAY, today=TODAY)

        assert found.answers("mt", "mt").at(2) is AnswerLevel.ANYWHERE
        assert found.crisis["mt"] == ALL_HOURS
