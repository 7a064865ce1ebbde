"""Urgent lines in special cases: two lines, two countries, one of them without a number."""

import pytest
from django.core.management import call_command
from django.utils import translation

from helpline.finder.content import crisis
from helpline.records.support_lines import SupportLine
from helpline.vocabulary.codes import LineKind
from tests.helpline.unsaved import TODAY, line

NIGHT = {"name": "Z, day and night", "opening_hours": "24/7"}
DAY = {"name": "A, some hours", "number": "+493023125000", "opening_hours": "Mo-Fr 09:00-17:00"}
NO_EMERGENCY = "we cannot name the emergency number of"


def urgent(*lines, **options):
    return crisis.by_country(lines, crisis.URGENT, TODAY, **options)


def emergency(**facts):
    return line(**{"kind": LineKind.EMERGENCY, "number": "112", "name": "Emergency", **facts})


class TestTwoLines:
    def test_lines_open_day_and_night_precede_lines_with_hours(self):
        (germany,) = urgent(line(**DAY), line(**NIGHT))

        assert [each.name for each in germany.lines] == [NIGHT["name"], DAY["name"]]
        assert [each.uri for each in germany.first] == ["tel:116123"]

    def test_numbers_to_call_precede_a_website_for_day_and_night(self):
        website = line(name="Website", number="", website="https://line.example/", opening_hours="24/7")

        (germany,) = urgent(website, line(**DAY))

        assert [each.name for each in germany.lines] == [DAY["name"], "Website"]
        assert [each.name for each in germany.first] == [DAY["name"]]


class TestTwoLanguages:
    """Belgium has crisis lines in Dutch and in French, and no line in both."""

    SUICIDE = {"country": "be", "about": "suicide", "opening_hours": "24/7"}
    FRENCH = {**SUICIDE, "name": "Écoute", "number": "+3280032123", "languages": ["fr"]}
    DUTCH = {**SUICIDE, "name": "Zelfmoordlijn", "number": "1813", "languages": ["nl"]}
    MORE = {**DUTCH, "about": "", "name": "Tele-Onthaal", "number": "106"}

    @pytest.mark.parametrize(
        ("language", "kinds"),
        [
            ("fr", ["Crise et suicide"]),
            ("en", ["Crisis and suicide (French)", "Crisis and suicide (Dutch)"]),
            ("ar", ["الأزمات والانتحار (الفرنسية)", "الأزمات والانتحار (الهولندية)"]),
        ],
    )
    def test_the_first_lines_are_in_the_readers_or_say_theirs(self, language, kinds):
        with translation.override(language):
            (belgium,) = urgent(line(**self.MORE), line(**self.DUTCH), line(**self.FRENCH))

            assert [each.kind for each in belgium.first] == kinds
            assert "106" not in {each.number for each in belgium.first}

    def test_a_line_in_an_official_language_of_the_reader_precedes_one_that_is_always_open(self):
        dutch = {**self.DUTCH, "opening_hours": "Mo-Fr 09:00-17:00"}
        with translation.override("nl"):
            (belgium,) = urgent(line(**self.FRENCH), line(**dutch))

            assert [each.name for each in belgium.first] == ["Zelfmoordlijn"]


class TestServices:
    """Of some countries, police, ambulance and fire brigade have numbers of their own."""

    def test_precede_the_number_that_works_in_a_part_of_the_country(self):
        found = [
            emergency(country="ua", about=about, number=number)
            for about, number in (("fire", "101"), ("police", "102"), ("ambulance", "103"))
        ]

        (ukraine,) = urgent(emergency(countries=["de", "ua"]), *found, within={"ua"})

        assert [(each.kind, each.number) for each in ukraine.first] == [
            ("Police", "102"), ("Ambulance", "103"), ("Emergency", "112"),
        ]  # fmt: skip
        assert "call 102." in " ".join(ukraine.missing)

    def test_of_the_fire_brigade_alone_are_better_than_none(self):
        (country,) = urgent(emergency(about="fire", number="101"))

        assert [each.number for each in country.first] == ["101"]


class TestMissing:
    def test_of_two_countries_each_says_what_it_has_not(self):
        found = urgent(line(country="at"), emergency(country="de"), line(country="fr"), emergency(country="fr"))

        said = {group.country: " ".join(group.missing) for group in found}
        assert f"{NO_EMERGENCY} Austria" in said["at"]
        assert "do not currently list a crisis line for Germany" in said["de"]
        assert "112" in said["de"]
        assert said["fr"] == ""

    def test_an_emergency_number_without_a_number_is_missing_beside_a_crisis_line(self):
        (germany,) = urgent(emergency(number="", website="https://police.example/"), line(**NIGHT))

        assert NO_EMERGENCY in " ".join(germany.missing)


class TestTwoCountries:
    def test_of_one_listing_have_their_own_lines(self):
        found = urgent(
            emergency(country="at", number="133"), emergency(country="de", number="110"), emergency(country="fr"),
            within=["at", "de"],
        )  # fmt: skip

        assert [(group.country, group.first[0].number) for group in found] == [("at", "133"), ("de", "110")]


# The line that answers the questions of children, by country: the European number where it works, or the national one.
CHILDREN = {
    **dict.fromkeys(
        ["al", "bg", "cy", "cz", "de", "dk", "ee", "es", "fi", "gr", "hr", "hu", "lt", "lu", "lv", "md", "mt", "no"],
        "116111",
    ),
    **dict.fromkeys(["pl", "pt", "ro", "rs", "se", "si", "sk", "ua"], "116111"),
    "at": "147", "au": "+611800551800", "be": "102", "ca": "+18006686868", "ch": "147", "fr": "119",
    "gb": "+448001111", "ie": "+3531800666666", "it": "19696", "nl": "+318000432", "nz": "+64800376633",
    "us": "+18004224453",
}  # fmt: skip
# Lines for adults who are worried about a child, where a country has one of its own.
CONCERN = {"gb": "+448088005000", "hu": "+3680630155", "it": "114", "ro": "119"}


class TestInstead:
    """Where no service is, a child gets the line for the questions of children, an adult the one for concerns."""

    @pytest.fixture
    def groups(self, db, settings):
        settings.DEMO = True
        call_command("import_listings", "support-lines", verbosity=0)
        lines = crisis.without_missing_children(SupportLine.objects.shown())
        return {group.country: group for group in crisis.by_country(lines, crisis.INSTEAD, TODAY)}

    def test_in_every_country_the_first_is_the_one_for_the_reader(self, groups):
        for_children = {code: next((line for line, adults in each.instead if not adults), None)
                        for code, each in groups.items()}  # fmt: skip
        for_adults = {code: [line.uri for line, adults in each.instead if adults] for code, each in groups.items()}

        called = {code: line.uri.removeprefix("tel:") for code, line in for_children.items() if line and line.uri}
        assert {code: uri for code, uri in called.items() if code != "tr"} == CHILDREN
        assert {code: uris for code, uris in for_adults.items() if uris} == {
            code: [f"tel:{number}"] for code, number in CONCERN.items()
        }
        assert all(each.instead[0][1] for code, each in groups.items() if code in CONCERN)

    def test_is_a_website_where_no_line_has_a_number(self, groups):
        assert next((line.uri, line.host) for line, _adults in groups["li"].instead) == ("", "147.ch")

    @pytest.mark.parametrize(
        ("language", "kinds"),
        [
            ("fr", ["Enfants et jeunes"]),
            ("en", ["Children and young people (Dutch)", "Children and young people (French)"]),
        ],
    )
    def test_in_belgium_is_in_the_language_of_the_reader_or_says_its_own(self, language, kinds, db, settings):
        settings.DEMO = True
        call_command("import_listings", "support-lines", verbosity=0)
        with translation.override(language):
            lines = crisis.without_missing_children(SupportLine.objects.shown())
            (belgium,) = crisis.by_country(lines, (LineKind.CHILD_HELPLINE,), TODAY, within=["be"])

            assert [line.kind for line, _adults in belgium.instead] == kinds
