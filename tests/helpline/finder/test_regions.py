"""Regions to choose from, and their listings.

A region hides no listing that may fit a reader.
"""

import pytest

from helpline.finder.content.filters.regions import MOST_COUNTRIES, MOST_REGIONS, REGION_CODES, Regions
from helpline.vocabulary.codes import Status
from tests.helpline.unsaved import PHONE, programme

HERE = {"channel": "face_to_face", "languages": ["de"]}
TOWNS = ("Ulm", "Kiel", "Mainz", "Äpfelstadt", "Bonn", "Trier")


def location(region, *points, country="de", **facts):
    return programme(*(points or (HERE,)), countries=[country], reach="regional", region=region, **facts)


def locations(*regions, country="de"):
    return [location(region, country=country) for region in regions]


def offered(found):
    return {country: [name for _code, name in each.regions] for country, each in Regions.of(found).by_country.items()}


class TestRegions:
    def test_are_offered_in_the_order_of_the_alphabet_where_there_are_more_than_five(self):
        found = [*locations(*TOWNS), *locations(*TOWNS[1:], country="at")]

        assert offered(found) == {"de": ["Äpfelstadt", "Bonn", "Kiel", "Mainz", "Trier", "Ulm"]}

    def test_are_those_of_locations_that_are_open(self):
        closed = location("Worms", status=Status.CLOSED)

        assert "Worms" not in offered([*locations(*TOWNS), closed])["de"]
        assert offered([*locations(*TOWNS[1:]), closed]) == {}

    def test_are_no_more_than_the_style_sheet_has_rules_for(self):
        towns = [f"Town {number}" for number in range(MOST_REGIONS // 2)]
        found = [each for country in ("at", "ch", "de") for each in locations(*towns, country=country)]
        few = [
            each
            for country in ("at", "be", "ch", "de", "dk", "fr", "nl")
            for each in locations(*TOWNS, country=country)
        ]

        assert list(Regions.of(found).by_country) == ["at", "ch"]
        assert len(Regions.of(few).by_country) == MOST_COUNTRIES


class TestCodesOfAListing:
    @pytest.fixture
    def regions(self):
        return Regions.of(locations(*TOWNS))

    def test_are_those_of_its_country_and_its_region(self, regions):
        assert regions.codes_of(location("Bonn")) == f"c1 {REGION_CODES[1]}"

    def test_name_each_region_that_its_own_names(self, regions):
        assert regions.codes_of(location("Bonn and Trier")) == "c1 r2 r5"
        assert regions.codes_of(location("Bonner Umland")) == "c1"

    def test_include_what_lies_within_a_region_and_what_it_lies_in(self):
        cantons = ["ch-ag", "ch-ge", "ch-sg", "ch-ti", "ch-zh"]
        regions = Regions.of(location("", country="ch", regions=[code]) for code in (*cantons, "ch-x-de"))
        names = dict(regions.by_country["ch"].regions)

        def found(*codes):
            return [names[code] for code in regions.codes_of(location("", country="ch", regions=codes)).split()[1:]]

        assert found("ch05") == ["German-speaking Switzerland", "St. Gallen"]
        assert found("ch-x-de") == ["Aargau", "German-speaking Switzerland", "St. Gallen", "Zurich"]
        assert found("ch-ge", "ch-ti") == ["Geneva", "Ticino"]

    @pytest.mark.parametrize(
        "facts",
        [
            {"reach": "national"},
            {"region": ""},
            {"countries": ["xx"]},
            {"countries": ["at", "de"]},
            {"countries": ["at"]},
        ],
        ids=["whole country", "unknown", "anywhere", "two countries", "a country without regions"],
    )
    def test_are_none_where_it_works_elsewhere_too(self, regions, facts):
        given = {"countries": ["de"], "reach": "regional", "region": "Bonn", **facts}

        assert regions.codes_of(programme(HERE, **given)) == ""

    def test_are_none_if_it_can_be_used_from_home(self, regions):
        assert regions.codes_of(location("Bonn", HERE, PHONE)) == ""
