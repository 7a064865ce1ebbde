"""Public search of the helpline: countries, listings, and the finder in people's own words."""

import pytest

from helpline.finder.sharing import addresses
from helpline.vocabulary.codes import LineKind
from home.search import Search
from tests.factories.helpline import FinderPageFactory, ProgrammeFactory, SupportLineFactory
from tests.helpline.rows import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import in_language

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("search_index")]


@pytest.fixture
@cached_fixture
def finder(home, languages):
    """English finder with two listings, and a French one."""
    in_language(home, languages["fr"])
    page = FinderPageFactory(parent=home)
    in_language(page, languages["fr"], title="Trouver une aide")
    for kind, number in ((LineKind.EMERGENCY, "112"), (LineKind.SUICIDE_CRISIS, "116123")):
        SupportLineFactory(approved=True, country="de", kind=kind, number=number, name=f"Line {number}")
    ProgrammeFactory(
        approved=True,
        name="Kein Anfang",
        operator="Charité",
        countries=["de"],
        contacts=[
            {
                "channel": "phone",
                "number": "+493023125000",
                "languages": ["de"],
                "timezone": "Europe/Berlin",
                "address": "Hauptstraße 1, Potsdam",
            }
        ],
    )
    return page


def found(query, code="en"):
    return {hit.title: hit.url for hit in Search(query=query, code=code).page(1)}


class TestCountry:
    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("Germany", "en"),
            ("germny", "en"),
            ("help in germany", "en"),
            ("Deutschland", "en"),
            ("germ", "en"),
            ("allemagne", "fr"),
        ],
    )
    def test_leads_to_its_page_by_any_of_its_names(self, finder, query, code):
        assert addresses.country_path(code, "de") in found(query, code).values()

    def test_without_services_leads_to_the_finder(self, finder):
        assert found("Iceland") == {"Support: Iceland": "/en/help/"}

    def test_is_named_only_by_whole_words(self, finder):
        assert not any("Mali" in title for title in found("malicious"))

    def test_is_not_found_where_there_is_no_finder(self, home):
        assert found("Germany") == {}


class TestListing:
    @pytest.mark.parametrize(
        "query", ["Kein Anfang", "kein anfagn", "charite", "Potsdam", "+49 30 23125000", "(030) 23125-000"]
    )
    def test_is_found_by_what_it_is_called_and_where_and_by_its_number(self, finder, query):
        (listing,) = [url for title, url in found(query).items() if title == "Kein Anfang"]

        assert listing.startswith("/en/help/listing/")

    def test_of_a_country_precedes_what_works_from_anywhere(self, finder):
        ProgrammeFactory(approved=True, name="Anfang", countries=["xx"])

        assert [title for title in found("Anfang") if "Anfang" in title] == ["Kein Anfang", "Anfang"]

    def test_is_found_by_a_short_number(self, finder):
        assert "Line 116123" in found("116 123")

    def test_is_not_found_before_it_is_approved(self, finder):
        ProgrammeFactory(name="Not yet", countries=["de"])

        assert "Not yet" not in found("Not yet")


class TestFinder:
    @pytest.mark.parametrize("query", ["helpline", "I am attracted to children", "therapy"])
    def test_is_found_in_the_words_of_people_who_need_it(self, finder, query):
        assert found(query).get("Find support") == "/en/help/"

    @pytest.mark.parametrize(
        ("query", "url"),
        [("open data", "/en/open-data/"), ("API", "/en/open-data/"), ("embed", "/en/embed/")],
    )
    def test_is_not_the_only_address_that_is_no_page(self, finder, query, url):
        assert url in found(query).values()


def test_takes_the_same_queries_for_few_listings_and_many(finder):
    def search():
        assert found("Germany")

    with same_queries(search):
        ProgrammeFactory.create_batch(3, approved=True, countries=["de", "at"])
