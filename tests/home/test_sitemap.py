from xml.etree import ElementTree

import pytest
from django.contrib.sitemaps import Sitemap
from django.utils import timezone
from wagtail.models import PageViewRestriction

from core import sitemaps
from core.models import LanguageState
from home.models import StandardPage
from prerender import services
from prerender.rendering.renderer import PageRenderer, RenderRejectedError
from tests.factories.core import StandardPageFactory
from tests.support import sitemap
from tests.support.languages import in_language
from tests.support.queries import queries
from tests.support.sitemap import LOCATION

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture
def german(home, languages):
    return in_language(home, languages["de"])


def entries():
    """Return the alternates of each address, as {language: address}."""
    trees = [ElementTree.fromstring(part) for part in sitemap.parts()]  # noqa: S314  (our own)
    return {
        url.findtext("s:loc", namespaces=NAMES): {
            link.get("hreflang"): link.get("href") for link in url.findall("x:link", NAMES)
        }
        for tree in trees
        for url in tree.findall("s:url", NAMES)
    }


class TestSitemap:
    def test_names_every_public_page_in_each_language(self, home, german, languages, settings):
        about = StandardPageFactory(parent=home, slug="about")
        in_language(about, languages["de"])
        StandardPageFactory(parent=home, slug="über-uns")

        assert set(entries()) == {
            f"{settings.PUBLIC_URL}{path}"
            for path in ("/en/", "/de/", "/en/about/", "/de/about/", "/en/%C3%BCber-uns/")
        }
        assert f"<lastmod>{timezone.localdate()}</lastmod>" in sitemap.text()

    def test_links_each_page_with_its_translations_both_ways(self, settings, home, german, languages):
        about = StandardPageFactory(parent=home, slug="about")
        in_language(about, languages["de"])

        found = entries()

        assert found.keys() >= {f"{settings.PUBLIC_URL}{path}" for path in ("/en/about/", "/de/about/")}
        for url, alternates in found.items():
            assert url in alternates.values()
            for code, other in alternates.items():
                if code != "x-default":
                    assert found[other] == alternates

    def test_sends_other_languages_to_the_source_and_from_home_to_the_choice(self, home, german, languages, settings):
        about = StandardPageFactory(parent=home, slug="about")
        in_language(about, languages["de"])
        site = settings.PUBLIC_URL

        found = entries()

        assert found[f"{site}/de/about/"]["x-default"] == f"{site}/en/about/"
        assert found[f"{site}/de/"]["x-default"] == f"{site}/"

    def test_leaves_out_pages_that_are_not_public(self, home, german, languages, settings):
        members = StandardPageFactory(parent=home, slug="members")
        StandardPageFactory(parent=members, slug="below")
        StandardPageFactory(parent=home, slug="draft").unpublish()
        PageViewRestriction.objects.create(page=members, restriction_type=PageViewRestriction.LOGIN)
        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.PREPARATION)

        assert set(entries()) == {f"{settings.PUBLIC_URL}/en/"}

    def test_has_the_addresses_below_a_page(self, home, monkeypatch, settings):
        StandardPageFactory(parent=home, slug="help")
        monkeypatch.setattr(StandardPage, "prerendered_paths", lambda self: ["", "lu/"])

        assert {f"{settings.PUBLIC_URL}/en/help/", f"{settings.PUBLIC_URL}/en/help/lu/"} <= set(entries())

    def test_leaves_out_a_help_page_that_may_not_be_rendered(self, home, monkeypatch, settings):
        StandardPageFactory(parent=home, slug="help")
        monkeypatch.setattr(StandardPage, "is_sensitive", True)
        monkeypatch.setattr(StandardPage, "render_blockers", lambda self: ["No crisis lines."])

        assert set(entries()) == {f"{settings.PUBLIC_URL}/en/"}

    def test_takes_the_same_queries_for_few_pages_and_many(self, home, german, languages):
        in_language(StandardPageFactory(parent=home), languages["de"])
        few = queries(sitemap.text)
        for _ in range(10):
            in_language(StandardPageFactory(parent=home), languages["de"])

        assert queries(sitemap.text) == few

    def test_is_sent_with_the_type_of_its_address(self, home, public, settings):
        settings.RENDER_ON_REQUEST = True

        for path in ("/sitemap.xml", "/sitemaps/1.xml"):
            assert public.get(path)["Content-Type"] == "application/xml"


class TestManyPages:
    @pytest.fixture
    def pages(self, home, german, languages, monkeypatch):
        """Seven pages, with no more than two in each part of the sitemap."""
        monkeypatch.setattr(sitemaps, "PAGES", 2)
        monkeypatch.setattr(sitemaps, "MARGIN", 1)
        for number in range(5):
            StandardPageFactory(parent=home, slug=f"page-{number}")

    def test_are_listed_completely_in_several_parts(self, pages, settings):
        found = [LOCATION.findall(part) for part in sitemap.parts()]

        assert len(found) == 4
        assert all(found)
        assert sorted(address for part in found for address in part) == sorted(
            f"{settings.PUBLIC_URL}{path}" for path in ("/en/", "/de/", *(f"/en/page-{number}/" for number in range(5)))
        )

    def test_have_an_index_that_names_each_part(self, pages, settings):
        index = PageRenderer().render("/sitemap.xml").decode()

        assert LOCATION.findall(index) == [f"{settings.PUBLIC_URL}/sitemaps/{n}.xml" for n in (1, 2, 3, 4)]

    @pytest.mark.usefixtures("without_api")
    def test_are_rendered_whole_and_parts_that_are_one_too_many_go(
        self, pages, home, public, django_capture_on_commit_callbacks
    ):
        services.render_all()
        assert public.get("/sitemaps/4.xml").status_code == 200

        with django_capture_on_commit_callbacks(execute=True):
            StandardPage.objects.get(slug="page-0").delete()

        assert public.get("/sitemaps/4.xml").status_code == 404
        assert "page-0" not in sitemap.text()
        assert "/sitemaps/4.xml" not in public.get("/sitemap.xml").text

    def test_are_refused_where_a_part_would_be_longer_than_the_protocol_allows(self, pages, monkeypatch):
        monkeypatch.setattr(Sitemap, "limit", 1)

        with pytest.raises(RenderRejectedError, match=r"TooLongError: 2 addresses in /sitemaps/4\.xml"):
            PageRenderer().render("/sitemaps/4.xml")

    def test_have_no_part_beyond_the_last(self, home, public, settings):
        settings.RENDER_ON_REQUEST = True

        assert [public.get(f"/sitemaps/{n}.xml").status_code for n in (0, 1, 2)] == [404, 200, 404]
