"""Phones, opening hours, freshness, neutral words: facts that need no database."""

import csv
import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from core.languages import names
from helpline.exchange.imports.kinds import DATA
from helpline.models import ContactPoint, Programme, SupportLine
from helpline.records.visibility import (
    CHECK_EVERY,
    Freshness,
    freshness,
)
from helpline.vocabulary import codes, hours, phones
from helpline.vocabulary.codes import Audience, Channel
from helpline.vocabulary.phones import PhoneError, PhoneKind
from helpline.vocabulary.wording import revealing_words

# Opening hours as people write them: months or days or weeks, then times or a word.
RULES = st.builds(
    "{} {} {}".format,
    st.sampled_from(["", "Jan-Mar", "Dec 24-Jan 02", "week 01-53/2", "2026-2028", "PH", "SH", "easter"]),
    st.sampled_from(["", "Mo-Fr", "Sa,Su", "Mo[1]", "We-Mo", "PH,Mo", "Fr[-1]"]),
    st.sampled_from(
        [
            "08:00-12:00",
            "22:00-06:00",
            "00:00-24:00",
            "09:00+",
            "sunrise-sunset",
            "off",
            "closed",
            '"by appointment"',
            "24/7",
            "25:00-26:00",
        ]
    ),
)


def starter(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestPhones:
    @pytest.mark.parametrize(
        ("text", "country", "uri", "national", "international"),
        [
            ("+32 800 14 112", "", "tel:+3280014112", "0800 14 112", "+32 800 14 112"),
            ("\u2066+32 800 14 112\u2069", "", "tel:+3280014112", "0800 14 112", "+32 800 14 112"),
            ("116 123", "de", "tel:116123", "116 123", ""),
            ("3919", "fr", "tel:3919", "3919", ""),
            ("112", "at", "tel:112", "112", ""),
            ("000", "au", "tel:000", "000", ""),
            ("9-1-1", "us", "tel:911", "911", ""),
            ("+44 800 1111", "gb", "tel:+448001111", "0800 1111", "+44 800 1111"),
        ],
    )
    def test_writes_it_as_people_do(self, text, country, uri, national, international):
        phone = phones.parse(text, country)

        assert (phone.uri, phone.national(), phone.international()) == (uri, national, international)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "1",
            "help",
            "0800 REVENT",
            "+0123456",
            "+49",
            "\uff11\uff11\uff12",
            "123456789",
            "+" + "1" * 40,
        ],
    )
    def test_says_what_is_no_number(self, text):
        with pytest.raises(PhoneError):
            phones.parse(text, "de")

    @pytest.mark.parametrize("country", ["", "xx"])
    def test_a_short_number_works_in_one_country(self, country):
        with pytest.raises(PhoneError, match="one country"):
            phones.parse("116123", country)

    def test_parses_every_number_of_the_starter_data(self):
        rows = [*starter("programmes.csv"), *starter("support_lines.csv")]
        numbers = [phones.parse(row["phone"], row["country"].lower()) for row in rows if row["phone"]]

        assert len(numbers) > 100
        assert all(number.national() and number.uri for number in numbers)

    @settings(deadline=None)
    @given(st.text(max_size=60), st.sampled_from(["", "de", "xx", "zz"]))
    def test_never_fails_in_another_way(self, text, country):
        try:
            phone = phones.parse(text, country)
        except PhoneError:
            return
        assert phone.kind in PhoneKind
        assert phones.parse(phone.digits, country) == phone


class TestAudiences:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", "family, friends and professionals"),
            ("de", "Angehörige, Freunde und Fachleute"),
            ("fr", "famille, amis et professionnels"),
            ("ar", "العائلة والأصدقاء والمهنيون"),
        ],
    )
    def test_are_one_list_with_one_and(self, language, words):
        with translation.override(language):
            assert names.joined(Audience.in_words([Audience.FAMILY_OR_FRIEND, Audience.PROFESSIONAL])) == words


class TestOpeningHours:
    @pytest.mark.parametrize(
        ("text", "language", "words"),
        [
            ("24/7", "en", "day and night, every day"),
            ("Mo-Su 00:00-24:00", "en", "day and night, every day"),
            (
                "Mo-Th 09:00-21:00; Fr 09:00-17:00",
                "en",
                "Mon to Thu 09:00 to 21:00; Fri 09:00 to 17:00",
            ),
            ("Mo-Fr 08:00-12:00,13:00-17:00", "de", "Mo to Fr 08:00 to 12:00 und 13:00 to 17:00"),
            ("Mo-Su 19:00-07:00", "en", "Mon to Sun 19:00 to 07:00"),
            ("Mo 14:00-16:00; We 17:00-19:00", "fr", "lun. 14:00 to 16:00\u202f; mer. 17:00 to 19:00"),
            ("Sa-Su 00:00-24:00", "en", "Sat to Sun 00:00 to 24:00"),
            ("Mar-Oct Mo-Fr 10:00-12:00", "en", "Mar-Oct Mo-Fr 10:00-12:00"),
            ("Mo[1] 10:00-12:00", "en", "Mo[1] 10:00-12:00"),
            ("off", "en", "off"),
            ("", "en", ""),
        ],
    )
    def test_are_given_in_words(self, text, language, words):
        with translation.override(language):
            assert hours.in_words(text).replace(hours.TO, " to ") == words

    def test_say_that_it_is_closed_on_holidays(self):
        assert hours.in_words("Mo-Fr 09:00-17:00; PH off").endswith("closed on public holidays")

    def test_are_given_in_arabic(self):
        with translation.override("ar"):
            assert hours.in_words("Mo 10:00-12:00").startswith("الاثنين")

    def test_are_separated_in_arabic_as_arabic_is_written(self):
        with translation.override("ar"):
            words = hours.in_words("Mo-Fr 08:00-12:00,13:00-17:00; Sa 09:00-10:00")

        assert not set(",;") & set(words)
        assert "؛ " in words

    def test_name_the_city_of_the_clock(self):
        with translation.override("de"):
            assert hours.city("Europe/Brussels") == "Brüssel"

    @pytest.mark.parametrize("text", ["Mo-Fr 9-17", "nine to five", "25:00-26:00", "x" * 300, "Mo-Fr 09:00-17:00;;;;"])
    def test_show_where_they_are_wrong(self, text):
        with pytest.raises(hours.HoursError):
            hours.check(text)

    def test_warn_of_school_holidays(self):
        assert hours.check("SH off; Mo 10:00-12:00")
        assert not hours.check("PH off; Mo 10:00-12:00")

    @settings(deadline=None)
    @given(st.text(alphabet="MoTuWeThFrSaSu0123456789:-,; PHoffSHJanDec/[]+", max_size=40))
    def test_never_fail_in_another_way(self, text):
        try:
            hours.check(text)
        except hours.HoursError:
            return
        assert isinstance(hours.in_words(text), str)

    @settings(max_examples=80, deadline=None)
    @given(
        text=st.lists(RULES, min_size=1, max_size=4).map("; ".join),
        zone=st.sampled_from(["Europe/Luxembourg", "Asia/Kolkata", "Pacific/Chatham", "UTC", "", "Nowhere/Nowhere"]),
        day=st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)),
        hour=st.integers(0, 23),
    )
    def test_that_are_well_formed_are_given_for_every_week(self, text, zone, day, hour):
        try:
            hours.check(text)
        except hours.HoursError:
            return
        opens = hours.open_hours(text, zone, dt.datetime.combine(day, dt.time(hour), dt.UTC))

        assert isinstance(hours.in_words(text), str)
        assert opens is None or 0 <= opens <= hours.ALL_HOURS


class TestFreshness:
    CHECKED = dt.date(2026, 1, 15)

    @pytest.mark.parametrize(
        ("due", "steps"),
        [
            (
                None,
                {
                    0: "FRESH", 181: "FRESH", 182: "DUE", 211: "DUE",
                    212: "SUNK", 271: "SUNK", 272: "HIDDEN", 2000: "HIDDEN",
                },
            ),
            (100, {99: "FRESH", 100: "DUE", 129: "DUE", 130: "SUNK", 189: "SUNK", 190: "HIDDEN"}),
        ],
    )  # fmt: skip
    def test_goes_from_a_warning_to_a_hidden_number(self, due, steps):
        """Half a year, then 30 and 90 days: the figures in docs/editors/listings.md."""
        next_check = None if due is None else self.CHECKED + dt.timedelta(days=due)
        found = {day: freshness(self.CHECKED, next_check, self.CHECKED + dt.timedelta(days=day)) for day in steps}

        assert {day: step.name for day, step in found.items()} == steps
        assert freshness(None, next_check, self.CHECKED) is Freshness.UNCHECKED

    def test_never_grows_younger(self):
        steps = [freshness(self.CHECKED, None, self.CHECKED + dt.timedelta(days=day)) for day in range(400)]

        assert steps == sorted(steps)
        assert set(steps[: CHECK_EVERY.days]) == {Freshness.FRESH}

    def test_sinks_step_by_step(self):
        """The numbers are stored in the database, and worse states have higher ones."""
        steps = [(step.value, step.name, step.sinks) for step in Freshness]

        assert steps == [
            (0, "FRESH", False),
            (1, "DUE", False),
            (2, "SUNK", True),
            (3, "HIDDEN", True),
            (4, "UNCHECKED", True),
        ]


class TestCodes:
    def test_every_country_and_language_has_a_name_in_every_language_of_the_interface(self):
        for language in ("en", "de", "fr", "ar"):
            with translation.override(language):
                assert all(name and name.lower() != code for code, name in names.countries() if code != "xx")
                assert all(name for _code, name in codes.languages())

    def test_people_who_were_harmed_are_no_audience_of_the_finder(self):
        assert Audience.VICTIM_SURVIVOR not in Audience.in_finder()

    def test_no_code_means_two_things(self):
        shared = [*codes.LANGUAGES, *Channel.values, *Audience.values, "any"]

        assert len(shared) == len(set(shared))

    def test_refuse_what_is_not_in_the_vocabulary(self):
        programme = Programme(name="x", countries=["de", "qq"], audiences=["self_thoughts"])

        with pytest.raises(ValidationError) as error:
            programme.clean_fields(exclude=["latest_revision", "live_revision"])

        assert "qq" in str(error.value)


class TestFieldsOfContacts:
    def test_a_number_is_kept_as_it_is_dialled(self):
        point = ContactPoint(channel="phone", number="+49 (30) 23125-000")
        point.clean()

        assert point.number == "+493023125000"

    def test_a_short_number_needs_its_country(self):
        with pytest.raises(ValidationError, match="one country"):
            ContactPoint(channel="phone", number="116123").clean()

    def test_a_support_line_gives_it_its_own(self):
        line = SupportLine(name="x", countries=["de"], kind="suicide_crisis", number="116 123")
        line.clean()

        assert line.phone.uri == "tel:116123"

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example/", "//x.example/", "x"]
    )
    def test_a_link_is_a_web_address(self, url):
        with pytest.raises(ValidationError):
            ContactPoint(channel="chat", url=url).clean_fields(exclude=["programme"])

    def test_what_is_taken_off_the_list_says_why(self):
        with pytest.raises(ValidationError, match="Say why"):
            Programme(name="x", status="delisted").clean()


class TestNeutralWords:
    @pytest.mark.parametrize(
        "title",
        [
            "Find support",
            "First steps",
            "For young people",
            "Erste Schritte",
            "Was kann ich tun?",
            "Premiers pas",
            "البحث عن دعم",
        ],
    )
    def test_lets_a_neutral_title_be(self, title):
        assert revealing_words(title) == []

    @pytest.mark.parametrize(
        "title",
        [
            "Child sexual abuse",
            "Help for offenders",
            "Missbrauch verhindern",
            "Für Täter",
            "Aide aux auteurs",
            "pedo-help",
            "اعتداء",
        ],
    )
    def test_finds_revealing_words(self, title):
        assert revealing_words(title)
