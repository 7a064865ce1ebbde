from __future__ import annotations

from xml.etree import ElementTree

import pytest
from wagtail.models import PageViewRestriction

from core.models import LanguageState
from home import sitemap
from home.models import StandardPage
from tests.factories.core import StandardPageFactory
from tests.support.languages import in_language
from tests.support.queries import queries

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture
def german(home, languages):
    return in_language(home, languages["de"])


def entries():
    """For each address its alternates, as (language, address)."""
    tree = ElementTree.fromstring(sitemap.xml())  # noqa: S314  (our own)
    return {
        url.findtext("s:loc", namespaces=NAMES): {
            link.get("hreflang"): link.get("href") for link in url.findall("x:link", NAMES)
        }
        for url in tree.findall("s:url", NAMES)
    }


class TestSitemap:
    def test_names_every_public_page_in_each_language(self, home, german, languages, settings):
        about = StandardPageFactory(parent=home, slug="about")
        in_language(about, languages["de"])
        StandardPageFactory(parent=home, slug="only-english")

        assert set(entries()) == {
            f"{settings.PUBLIC_URL}{path}"
            for path in ("/en/", "/de/", "/en/about/", "/de/about/", "/en/only-english/")
        }

    def test_links_each_page_with_its_counterparts_both_ways(self, home, german, languages):
        about = StandardPageFactory(parent=home, slug="about")
        in_language(about, languages["de"])

        found = entries()

        for url, alternates in found.items():
            assert url in alternates.values()
            for code, other in alternates.items():
                if code != "x-default":
                    assert found[other] == alternates

    def test_sends_everybody_else_to_the_source_and_from_home_to_the_choice(
        self, home, german, languages, settings
    ):
        about = StandardPageFactory(parent=home, slug="about")
        in_language(about, languages["de"])
        site = settings.PUBLIC_URL

        found = entries()

        assert found[f"{site}/de/about/"]["x-default"] == f"{site}/en/about/"
        assert found[f"{site}/de/"]["x-default"] == f"{site}/"

    def test_leaves_out_what_the_public_does_not_see(self, home, german, languages, settings):
        members = StandardPageFactory(parent=home, slug="members")
        StandardPageFactory(parent=members, slug="below")
        StandardPageFactory(parent=home, slug="draft").unpublish()
        PageViewRestriction.objects.create(page=members, restriction_type=PageViewRestriction.LOGIN)
        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.PREPARATION)

        assert set(entries()) == {f"{settings.PUBLIC_URL}/en/"}

    def test_has_the_addresses_below_a_page(self, home, monkeypatch, settings):
        StandardPageFactory(parent=home, slug="help")
        monkeypatch.setattr(StandardPage, "printed_paths", lambda self: ["", "lu/"])

        assert {f"{settings.PUBLIC_URL}/en/help/", f"{settings.PUBLIC_URL}/en/help/lu/"} <= set(entries())

    def test_leaves_out_a_help_page_that_may_not_be_printed(self, home, monkeypatch, settings):
        StandardPageFactory(parent=home, slug="help")
        monkeypatch.setattr(StandardPage, "is_sensitive", True)
        monkeypatch.setattr(StandardPage, "reasons_not_to_print", lambda self: ["No crisis lines."])

        assert set(entries()) == {f"{settings.PUBLIC_URL}/en/"}

    def test_survives_an_address_with_letters_of_its_own(self, home, settings):
        StandardPageFactory(parent=home, slug="über-uns")

        assert f"{settings.PUBLIC_URL}/en/%C3%BCber-uns/" in entries()

    def test_takes_the_same_queries_for_few_pages_and_many(self, home, german, languages):
        in_language(StandardPageFactory(parent=home), languages["de"])
        few = queries(sitemap.xml)
        for _ in range(10):
            in_language(StandardPageFactory(parent=home), languages["de"])

        assert queries(sitemap.xml) == few

    def test_is_sent_as_what_its_address_says(self, home, public, settings):
        settings.PRESS_RENDERS_ON_REQUEST = True

        assert public.get("/sitemap.xml")["Content-Type"] == "application/xml"
