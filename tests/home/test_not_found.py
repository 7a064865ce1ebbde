"""The page for missing addresses has the menu and the languages, and is served without a database."""

import pytest
from wagtail.models import Site

from core.models import LanguageState, SiteSettings
from helpline.finder.pages import FinderPage
from home.models import StandardPage
from prerender import services
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import FinderPageFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.html import Element, parse
from tests.support.languages import in_language

pytestmark = pytest.mark.usefixtures("without_api")


@pytest.fixture
def _two_languages(settings):
    settings.INTERFACE_LANGUAGES = ["en", "ar"]


@pytest.fixture
@cached_fixture
def tree(_two_languages, home, languages):
    """Home and a page in the menu in English and Arabic, a finder's address in English; the 404 page is rendered."""
    in_language(home, languages["ar"], title="الرئيسية")
    about = StandardPageFactory(parent=home, slug="about", title="About us", show_in_menus=True)
    in_language(about, languages["ar"], title="من نحن")
    FinderPageFactory(parent=home, title="Support")
    chosen = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    chosen.after_harm = about
    chosen.save()
    services.render_all()
    return about


def menu(page: Element) -> dict[str, str]:
    return {link.text: link["href"] for nav in page.all("nav", class_="menu") for link in nav.all("a")}


def switch(page: Element) -> dict[str, str]:
    return {
        link["hreflang"]: link["href"]
        for details in page.all("details", class_="languages")
        for link in details.all("a")
    }


class TestTheAnswer:
    def test_has_the_menu_and_the_languages_without_a_query(self, tree, public, django_assert_num_queries):
        with django_assert_num_queries(0):
            response = public.get("/en/nowhere/")
        page = parse(response.content.decode())

        assert response.status_code == 404
        assert menu(page) == {"About us": "/en/about/", "Search": "/en/search/"}
        assert switch(page) == {"en": "/en/", "ar": "/ar/"}

    def test_leads_people_who_were_harmed_to_their_page(self, tree, public):
        page = parse(public.get("/en/help/nowhere/").content.decode())

        assert {link["href"]: link.text for link in page.one("footer").all("a")} == {
            "/en/about/": "Has someone harmed you? There is support for you."
        }

    def test_has_the_language_of_the_address(self, tree, public):
        page = parse(public.get("/ar/nowhere/").content.decode())

        assert page.one("html")["dir"] == "rtl"
        assert menu(page)["من نحن"] == "/ar/about/"
        assert page.one("details", class_="languages").one("a", hreflang="ar")["aria-current"] == "true"

    def test_of_a_view_has_them_too(self, tree, public):
        response = public.get("/en/feeds/nothing.atom")

        assert menu(parse(response.content.decode()))["About us"] == "/en/about/"
        assert response["Content-Length"] == str(len(response.content))

    def test_on_the_helpline_leads_to_the_finder_of_each_language_that_has_one(self, tree, public):
        page = parse(public.get("/en/help/nowhere/").content.decode())

        assert switch(page) == {"en": "/en/help/", "ar": "/ar/"}
        assert menu(page) == {}
        assert page.one("a", class_="exit-button")
        assert page.one("a", href="tel:112")

    def test_cannot_be_requested_by_name(self, tree, public):
        assert public.get("/errors/en/404.html").status_code == 404
        assert public.get("/errors/en/help/404.html").status_code == 404

    def test_is_the_plain_page_where_nothing_was_rendered(self, home, public):
        page = parse(public.get("/en/nowhere/").content.decode())

        assert (page.one("h1").text, menu(page)) == ("Page not found", {})


class TestTheRender:
    @pytest.fixture
    def commit(self, django_capture_on_commit_callbacks):
        return lambda: django_capture_on_commit_callbacks(execute=True)

    def shown(self, public, path: str = "/en/nowhere/") -> Element:
        return parse(public.get(path).content.decode())

    def test_follows_the_menu(self, tree, public, commit):
        with commit():
            StandardPageFactory(parent=tree.get_parent().specific, slug="news", title="News", show_in_menus=True)
        assert menu(self.shown(public))["News"] == "/en/news/"

        with commit():
            page = StandardPage.objects.get(slug="news")
            page.title = "What is new"
            page.save_revision().publish()
        assert menu(self.shown(public))["What is new"] == "/en/news/"

        with commit():
            StandardPage.objects.get(slug="news").unpublish()
        assert list(menu(self.shown(public))) == ["About us", "Search"]

    def test_follows_the_public_languages(self, tree, public, commit, languages):
        with commit():
            state = LanguageState.objects.get(locale=languages["ar"])
            state.state = LanguageState.State.RETIRED
            state.save()

        assert switch(self.shown(public)) == {"en": "/en/"}
        assert menu(self.shown(public, "/ar/nowhere/")) == {}

    def test_follows_a_finder_that_appears(self, tree, public, commit, languages):
        with commit():
            in_language(FinderPage.objects.get(), languages["ar"], title="مساعدة")

        assert switch(self.shown(public, "/en/help/nowhere/"))["ar"] == "/ar/help/"

    def test_leaves_it_alone_when_a_page_deeper_in_the_tree_changes(self, tree, commit, folder_dates):
        before = folder_dates()
        with commit():
            StandardPageFactory(parent=tree, slug="team", title="Team")

        assert folder_dates() == before

    @pytest.fixture
    def folder_dates(self, settings):
        return lambda: {
            path: path.stat().st_mtime_ns for path in sorted(settings.PRERENDER_ROOT.glob("errors/**/404.html"))
        }
