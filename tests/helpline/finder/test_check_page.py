"""The page on how to check this site, and the remarks on traces on every help page."""

from pathlib import Path

import pytest
from django.utils import translation

from helpline.finder.publishing import HelpPages
from tests.factories.helpline import CheckPageFactory, FinderPageFactory, GuidePageFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.html import parse
from tests.support.languages import in_language
from tests.support.publishing import publish_page

PROMISES = Path(__file__).parents[2] / "promises"
pytestmark = pytest.mark.django_db


@pytest.fixture
@cached_fixture
def finder(home):
    return FinderPageFactory(parent=home)


@pytest.fixture
@cached_fixture
def check(finder):
    return CheckPageFactory(parent=finder)


@pytest.fixture
def main(read, lines):
    """Return a function that returns the main part of an address."""
    return lambda path: parse(read(path)).one("main")


class TestCheckPage:
    def test_names_each_test_of_a_promise_and_no_other(self, check, main):
        named = [each.text for each in main("/en/help/how-these-pages-work/").all("code")]

        assert sorted(named) == sorted(path.stem for path in PROMISES.glob("test_p*.py"))

    @pytest.mark.parametrize("counted", [True, False])
    def test_says_whether_pages_are_counted(self, check, main, settings, counted):
        settings.ANALYTICS = counted

        assert ("It counts how often" in main("/en/help/how-these-pages-work/").text) is counted

    def test_says_where_to_report_a_fault(self, check, main, read):
        assert read(main("/en/help/how-these-pages-work/").one("a", href="/.well-known/security.txt")["href"])

    @pytest.mark.parametrize("language", ["de", "fr", "ar"])
    def test_is_in_every_language_of_the_interface(self, check, main, home, languages, language):
        there = in_language(home, languages[language])
        in_language(check.get_parent().specific, languages[language])
        in_language(check, languages[language])
        english = {each.text for each in main("/en/help/how-these-pages-work/").all("dd")}
        other = main(f"/{language}/help/how-these-pages-work/")

        assert there.pk
        assert other.one("h1")
        assert english & {each.text for each in other.all("dd")} == set()
        assert len(english) == len(other.all("dd")) == 12

    def test_shows_what_an_operator_adds(self, check, main):
        check.body = [("text", "<p>Our servers stand in Luxembourg.</p>")]
        publish_page(check)

        assert "Our servers stand in Luxembourg." in main("/en/help/how-these-pages-work/").text


class TestTraces:
    @pytest.fixture
    @cached_fixture
    def guide(self, finder):
        return GuidePageFactory(parent=finder, slug="first-steps")

    @pytest.fixture
    def traces(self, main):
        return lambda path: main(path).one("section", class_="finder-traces")

    @pytest.mark.parametrize("path", ["/en/help/", "/en/help/first-steps/", "/en/help/how-these-pages-work/"])
    def test_name_history_and_monitoring_software_on_every_help_page(self, check, guide, traces, path):
        text = traces(path).text

        assert "history" in text
        assert "Monitoring software" in text
        assert "Back button" in text

    @pytest.mark.parametrize("path", ["/en/help/", "/en/help/first-steps/"])
    def test_lead_to_the_pages_that_say_more(self, check, guide, finder, traces, path):
        finder.safety_page = GuidePageFactory(parent=finder, slug="privacy")
        publish_page(finder)
        links = [link["href"] for link in traces(path).all("a")]

        assert links == ["/en/help/privacy/", "/en/help/how-these-pages-work/"]

    def test_lead_to_no_page_that_is_not_public(self, check, guide, traces):
        check.unpublish()

        assert traces("/en/help/first-steps/").all("a") == []

    def test_are_rendered_again_when_there_is_a_page_that_says_more(self, check, guide):
        assert set(HelpPages().invalidated_by(check)) == {"/en/help/", "/en/help/first-steps/"}

    @pytest.mark.parametrize(
        ("language", "monitoring"),
        [("de", "Überwachungssoftware"), ("fr", "surveillance"), ("ar", "برامج المراقبة")],
    )
    def test_name_it_in_every_language(self, check, home, finder, traces, languages, language, monitoring):
        in_language(home, languages[language])
        in_language(finder, languages[language])

        with translation.override(language):
            assert monitoring in traces(f"/{language}/help/").text
