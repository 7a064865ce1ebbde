"""Pages for people who were harmed: a step from every page, one per country, and never the list of programmes."""

import pytest
from django.utils import timezone
from wagtail.models import Site

from core.models import SiteSettings
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.rows import row
from helpline.finder.sharing import addresses, linked_data
from helpline.vocabulary.codes import Audience, LineKind
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    SupportLineFactory,
)
from tests.support.cached_fixtures import cached_fixture
from tests.support.html import parse
from tests.support.languages import in_language

pytestmark = pytest.mark.django_db


@pytest.fixture
@cached_fixture
def site(home, languages):
    """Site in English and German with a finder and two guides, one of them for people who were harmed."""
    finder = FinderPageFactory(parent=home)
    apart = GuidePageFactory(parent=finder, slug="apart", title="You are not alone")
    titles = ("If something has happened", "What helps", "And later")
    GuidePageFactory(parent=finder, slug="other", body=[{"type": "heading", "value": title} for title in titles])
    about = StandardPageFactory(parent=home, slug="about")
    for page in (home, finder, apart, about):
        in_language(page, languages["de"])
    for kind, number, name in (
        (LineKind.EMERGENCY, "112", "Emergency"),
        (LineKind.SUICIDE_CRISIS, "116123", "Night line"),
        (LineKind.VICTIM_SUPPORT, "116006", "Listening"),
        (LineKind.CHILD_HELPLINE, "116111", "For children"),
        (LineKind.CHILD_HELPLINE, "116000", "Missing children"),
    ):
        SupportLineFactory(approved=True, kind=kind, number=number, name=name, country="de")
    SupportLineFactory(approved=True, kind=LineKind.EMERGENCY, number="112", country="at")
    programme = ProgrammeFactory(
        approved=True, name="Programme", audiences=[Audience.SELF_THOUGHTS, Audience.VICTIM_SURVIVOR]
    )
    chosen = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    chosen.after_harm = apart
    chosen.save()
    return programme


@pytest.fixture
def read(read):
    """Return a function that renders an address as the renderer does."""
    return lambda path, **options: parse(read(path, **options))


def links(page):
    return [href for link in page.all("a") if (href := link.get("href"))]


class TestTheWayThere:
    def test_is_one_step_from_every_page(self, read, site):
        for path in (
            "/en/", "/en/about/", "/en/search/", "/en/help/", "/en/help/other/", "/en/help/de/", "/en/help/lines/de/",
            "/en/embed/de/",
            addresses.listing_path("en", site.uuid),
        ):  # fmt: skip
            page = read(path)
            assert "/en/help/apart/" in links(page), path

    def test_is_in_the_language_of_the_page(self, read, site):
        assert "/de/help/apart/" in links(read("/de/about/"))


class TestTheirPage:
    def test_has_their_lines_before_all_others_and_leads_to_the_page_of_the_country(self, read, site):
        countries = {
            each["data-country"]: links(each) for each in read("/en/help/apart/").all("section", class_="finder-lines")
        }

        assert countries == {
            "at": ["tel:112"],
            "de": ["tel:116006", "tel:116111", "tel:112", "tel:116123", "/en/help/lines/de/"],
        }

    def test_leads_to_its_parts_without_saying_in_the_history_which(self, read, site):
        page = read("/en/help/other/")
        parts = [heading["id"] for heading in page.all("h2") if (heading.get("id") or "").startswith("h-")]

        assert len(parts) == 3
        assert {f"#{part}" for part in parts} <= {*links(page)}
        assert not [part for part in parts if len(part) != len("h-0000")]

    def test_does_not_say_how_long_it_takes(self, read, site):
        assert "to read" not in read("/en/help/apart/").one("main").text.split("Other ways")[0]
        assert "1 minute to read" in read("/en/help/other/").one("main").text

    def test_is_the_only_one_that_does(self, read, site):
        assert [link for link in links(read("/en/help/other/")) if "/lines/" in link] == []

    def test_has_words_only_as_every_help_page(self, read, site):
        """A file that only some pages load tells an observer which page was opened."""
        pictures = {
            path: read(path).all("img", class_="illustration")
            for path in ("/en/help/apart/", "/en/help/other/", "/en/help/")
        }

        assert {path: found for path, found in pictures.items() if found} == {}


class TestLinesOfACountry:
    def test_are_those_for_people_who_were_harmed(self, read, site):
        page = read("/en/help/lines/de/")

        assert page.one("h1").text == "Numbers: Germany"
        assert [heading.text for heading in page.all("h2")][1:3] == ["Support for you", "If you are under 18"]
        numbers = [link for link in links(page) if link.startswith("tel:")]
        assert numbers == ["tel:112", "tel:116123", "tel:116006", "tel:116111"]

    def test_lead_to_no_programme(self, read, site):
        page = read("/en/help/lines/de/")

        assert site.name not in page.text
        assert "/en/help/" not in links(page)

    def test_have_no_page_in_countries_without_a_line(self, read, site):
        read("/en/help/lines/at/", status=404)
        assert addresses.lines_path("en", "at") not in set(addresses.all_paths(["en"]))

    def test_are_rendered_in_every_language_and_known_by_name(self, site):
        asked = {addresses.lines_path(code, "de") for code in ("en", "de")}

        assert asked <= set(addresses.all_paths(["en", "de"]))
        assert addresses.existing_paths([*asked, "/en/help/lines/at/"]) == asked


class TestTheListOfProgrammes:
    def test_does_not_say_that_a_programme_is_for_them(self, site):
        assert (
            row(site, FinderReading(today=timezone.localdate())).audience.people
            == "People worried about their thoughts"
        )
        assert linked_data.programme(site, timezone.localdate())["audience"] == [
            {"@type": "Audience", "audienceType": "people worried about their thoughts"}
        ]
