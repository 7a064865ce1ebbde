"""Linked data on the page of a country, for search engines."""

import json

import pytest
from rdflib import SDO

from helpline.finder.sharing import linked_data, lookups
from helpline.vocabulary.codes import Status
from tests.factories.helpline import (
    FinderPageFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
    days_ago,
)
from tests.support.html import parse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
POINT = {
    "channel": "phone",
    "number": "+493023125000",
    "languages": ["de", "en"],
    "cost": "free",
    "opening_hours": "Mo 09:00-24:00",
    "timezone": "Europe/Berlin",
}


def graph():
    return linked_data.country(lookups.place("de"), title="Support: Germany", description="Words.")["@graph"]


def service(listing):
    return next(thing for thing in graph() if thing["@id"] == f"urn:uuid:{listing.uuid}")


def things(value):
    """Yield every object in the data, from the outside in."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from things(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from things(inner)


class TestTerms:
    def test_exist(self, lines):
        text = ProgrammeTextFactory(programme=ProgrammeFactory(approved=True, contacts=[POINT]), approved=True)
        ProgrammeFactory(countries=["xx"], approved=True)
        assert text.live

        used = {term for thing in things(graph()) for term in (*thing, thing.get("@type")) if not term.startswith("@")}

        assert {
            "Service",
            "ServiceChannel",
            "ContactPoint",
            "OpeningHoursSpecification",
            "areaServed",
        } <= used
        assert [term for term in used if term not in SDO] == []

    def test_one_that_does_not_exist_would_be_found(self):
        assert "servicePhoneNumber" not in SDO


class TestProgramme:
    def test_is_a_service_with_its_ways_to_make_contact(self, lines):
        programme = ProgrammeFactory(name="Somebody listens", operator="Charité", approved=True, contacts=[POINT])

        found = service(programme)

        assert found["provider"] == {
            "@type": "Organization",
            "name": "Charité",
            "url": "https://programme.example/",
        }
        assert found["areaServed"] == [{"@type": "Country", "identifier": "DE", "name": "Germany"}]
        (channel,) = found["availableChannel"]
        assert channel["availableLanguage"] == ["de", "en"]
        phone = channel["servicePhone"]
        assert (phone["telephone"], phone["contactOption"]) == ("+493023125000", "TollFree")
        assert phone["hoursAvailable"] == [
            {"@type": "OpeningHoursSpecification", "dayOfWeek": "Monday", "opens": "09:00", "closes": "23:59"}
        ]

    def test_says_no_number_that_the_page_does_not_show(self, lines):
        late = ProgrammeFactory(approved=True, checked_on=days_ago(400), next_check_due=days_ago(200))
        closed = ProgrammeFactory(approved=True, status=Status.CLOSED)

        assert "telephone" not in str(service(late))
        assert "availableChannel" not in service(closed)

    def test_marks_it_as_unchecked_in_the_demonstration(self, lines, settings):
        settings.DEMO = True

        assert "nothing here has been checked" in service(ProgrammeFactory())["disambiguatingDescription"]
        assert "disambiguatingDescription" not in service(ProgrammeFactory(approved=True))


class TestLine:
    def test_is_a_service_that_answers(self, lines):
        (channel,) = service(lines[1])["availableChannel"]

        assert channel["servicePhone"]["telephone"] == "116123"
        assert len(channel["servicePhone"]["hoursAvailable"]) == 7


class TestPage:
    def test_a_name_cannot_break_out_of_it(self, read, home, lines):
        FinderPageFactory(parent=home)
        name = "</script><script>alert(1)</script>"
        ProgrammeFactory(name=name, approved=True)

        page = parse(read("/en/help/de/"))

        (data,) = [script for script in page.all("script") if script.get("type") == "application/ld+json"]
        assert name in {thing.get("name") for thing in json.loads(data.text)["@graph"]}
        assert [script.get("type") for script in page.all("script")] == ["module", "application/ld+json"]
