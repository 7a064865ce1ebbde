from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from wagtail.models import Locale, PageViewRestriction

from core import languages
from core.models import LanguageState, SiteSettings
from core.navigation import Navigation
from tests.factories.core import StandardPageFactory
from tests.support.languages import in_language
from tests.support.queries import queries


@pytest.fixture
def homes(home, languages):
    """The home page in the four languages of the demonstration."""
    return {"en": home} | {
        code: in_language(home, languages[code], title=title)
        for code, title in {"de": "Start", "fr": "Accueil", "ar": "الرئيسية"}.items()
    }


def navigation(page, path=None, settings=None):
    request = RequestFactory(headers={"host": "localhost"}).get(path or languages.address(page))
    from core.doors import Door

    request.door = Door.PUBLIC
    return Navigation(request, page)


def links(page, path=None):
    with translation.override(page.locale.language_code):
        return {link.code: link for link in navigation(page, path).language_links}


def tag(text, **context):
    return Template(text).render(Context(context))


class TestLanguageLinks:
    def test_lead_to_the_same_page_where_it_is_translated(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        in_language(about, languages["de"], title="Über uns")

        link = links(about)["de"]

        assert (link.state, link.url, link.title) == ("translated", "/de/about/", "Über uns")

    def test_name_the_language_in_itself_with_its_direction(self, homes):
        link = links(homes["en"])["ar"]

        assert (link.autonym, link.direction, link.url) == ("العربية", "rtl", "/ar/")

    def test_mark_the_language_of_the_page(self, homes):
        states = {code: link.state for code, link in links(homes["de"]).items()}

        assert states == {"en": "translated", "de": "current", "fr": "translated", "ar": "translated"}

    def test_lead_to_the_nearest_page_above_that_exists(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        team = StandardPageFactory(parent=about, slug="team")
        in_language(about, languages["de"], title="Über uns")

        found = links(team)

        assert (found["de"].state, found["de"].url, found["de"].title) == ("elsewhere", "/de/about/", "Über uns")
        assert (found["fr"].state, found["fr"].url, found["fr"].title) == ("elsewhere", "/fr/", "Accueil")

    def test_do_not_lead_to_a_draft(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        in_language(about, languages["de"]).unpublish()

        assert links(about)["de"].state == "elsewhere"

    def test_do_not_lead_to_a_page_that_is_only_for_some_people(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        team = StandardPageFactory(parent=about, slug="team")
        german = in_language(about, languages["de"])
        in_language(team, languages["de"])
        PageViewRestriction.objects.create(page=german, restriction_type=PageViewRestriction.LOGIN)

        assert links(team)["de"].url == "/de/"

    @pytest.mark.parametrize("state", [LanguageState.State.PREPARATION, LanguageState.State.RETIRED])
    def test_do_not_offer_a_language_that_is_not_public(self, homes, languages, state):
        LanguageState.objects.filter(locale=languages["fr"]).update(state=state)

        assert "fr" not in links(homes["en"])

    def test_do_not_offer_a_language_without_a_state(self, homes, languages):
        LanguageState.objects.filter(locale=languages["fr"]).delete()

        assert "fr" not in links(homes["en"])

    def test_do_not_offer_a_language_without_a_home_page(self, homes):
        homes["fr"].unpublish()

        assert "fr" not in links(homes["en"])

    def test_show_an_editor_the_language_that_is_being_prepared(self, homes, languages):
        LanguageState.objects.filter(locale=languages["fr"]).update(state=LanguageState.State.PREPARATION)

        assert links(homes["fr"])["fr"].state == "current"

    def test_stay_on_the_part_of_a_page_that_was_asked_for(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        in_language(about, languages["de"])

        found = links(about, "/en/about/lu/")

        assert (found["de"].url, found["fr"].url) == ("/de/about/lu/", "/fr/")

    def test_never_leave_the_site_by_the_part_that_was_asked_for(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        in_language(about, languages["de"])

        assert links(about, '/en/about//evil.example/"><script>')["de"].url == "/de/about//evil.example/%22%3E%3Cscript%3E"

    def test_lead_home_from_an_address_that_is_no_page(self, homes):
        with translation.override("de"):
            found = {link.code: link for link in navigation(None, "/de/nothing/").language_links}

        assert {code: (link.state, link.url) for code, link in found.items()} == {
            "en": ("elsewhere", "/en/"),
            "de": ("current", "/de/"),
            "fr": ("elsewhere", "/fr/"),
            "ar": ("elsewhere", "/ar/"),
        }

    def test_take_the_same_queries_for_few_languages_and_many(self, homes):
        page = StandardPageFactory(parent=homes["en"], slug="about")

        def switch():
            with translation.override("en"):
                assert navigation(page).language_links

        switch()
        few = queries(switch)
        for code in ("bg", "cs", "da", "el", "es", "et", "fi", "ga", "hr", "hu"):
            locale = Locale.objects.create(language_code=code)
            LanguageState.objects.create(locale=locale, state=LanguageState.State.PUBLIC)
            in_language(page.get_parent().specific, locale)
            in_language(page, locale)

        with translation.override("en"):
            assert len(navigation(page).language_links) == 14
        assert queries(switch) == few


class TestMenu:
    def test_shows_what_editors_put_into_it_in_their_order(self, homes):
        StandardPageFactory(parent=homes["en"], slug="about", title="About", show_in_menus=True)
        StandardPageFactory(parent=homes["en"], slug="news", title="News", show_in_menus=True)
        StandardPageFactory(parent=homes["en"], slug="hidden", title="Hidden")

        with translation.override("en"):
            assert [(item.title, item.url) for item in navigation(homes["en"]).menu] == [
                ("About", "/en/about/"),
                ("News", "/en/news/"),
            ]

    def test_says_where_the_reader_is(self, homes):
        about = StandardPageFactory(parent=homes["en"], slug="about", show_in_menus=True)
        team = StandardPageFactory(parent=about, slug="team")

        with translation.override("en"):
            assert navigation(about).menu[0].is_current
            assert not navigation(team).menu[0].is_current
            assert navigation(team).menu[0].is_section

    def test_is_there_on_an_address_that_is_no_page(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about", show_in_menus=True)
        in_language(about, languages["de"], title="Über uns")

        with translation.override("de"):
            assert [item.url for item in navigation(None, "/de/search/").menu] == ["/de/about/"]

    def test_leaves_out_what_is_only_for_some_people(self, homes):
        about = StandardPageFactory(parent=homes["en"], slug="about", show_in_menus=True)
        PageViewRestriction.objects.create(page=about, restriction_type=PageViewRestriction.LOGIN)

        with translation.override("en"):
            assert navigation(homes["en"]).menu == []


class TestBreadcrumb:
    def test_leads_from_home_to_the_page_above(self, homes):
        about = StandardPageFactory(parent=homes["en"], slug="about", title="About")
        team = StandardPageFactory(parent=about, slug="team")

        with translation.override("en"):
            assert navigation(team).breadcrumb == [("Home", "/en/"), ("About", "/en/about/")]

    def test_is_empty_at_home(self, homes):
        with translation.override("en"):
            assert navigation(homes["en"]).breadcrumb == []

    def test_leaves_out_what_is_not_live(self, homes):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        team = StandardPageFactory(parent=about, slug="team")
        about.unpublish()

        with translation.override("en"):
            assert navigation(team).breadcrumb == [("Home", "/en/")]


class TestFooter:
    @pytest.fixture
    def chosen(self, homes):
        from wagtail.models import Site

        privacy = StandardPageFactory(parent=homes["en"], slug="privacy", title="Privacy")
        SiteSettings.objects.update_or_create(site=Site.objects.get(is_default_site=True), defaults={"privacy": privacy})
        return privacy

    def test_shows_the_page_in_the_language_of_the_reader(self, chosen, homes, languages):
        in_language(chosen, languages["de"], title="Datenschutz")

        with translation.override("de"):
            (link,) = navigation(homes["de"]).footer
        assert (link.title, link.url, link.language) == ("Datenschutz", "/de/privacy/", "")

    def test_falls_back_to_the_source_and_says_so(self, chosen, homes):
        with translation.override("fr"):
            (link,) = navigation(homes["fr"]).footer
        assert (link.title, link.url, link.language) == ("Privacy", "/en/privacy/", "en")

    def test_leaves_out_a_page_that_nobody_may_read(self, chosen, homes):
        chosen.unpublish()

        with translation.override("en"):
            assert navigation(homes["en"]).footer == []


class TestAlternates:
    def test_name_every_language_that_has_the_page_itself_included(self, homes, languages, settings):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        german = in_language(about, languages["de"])

        with translation.override("de"):
            found = {alternate.code: alternate.url for alternate in navigation(german).alternates}

        assert found == {
            "en": f"{settings.PUBLIC_URL}/en/about/",
            "de": f"{settings.PUBLIC_URL}/de/about/",
            "x-default": f"{settings.PUBLIC_URL}/en/about/",
        }

    def test_send_everybody_else_from_a_home_page_to_the_choice_of_languages(self, homes, settings):
        with translation.override("fr"):
            found = {alternate.code: alternate.url for alternate in navigation(homes["fr"]).alternates}

        assert found["x-default"] == f"{settings.PUBLIC_URL}/"

    def test_are_the_same_seen_from_each_language(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        pages = [about, in_language(about, languages["de"]), in_language(about, languages["ar"])]

        seen = []
        for page in pages:
            with translation.override(page.locale.language_code):
                seen.append(navigation(page).alternates)

        assert seen[0] == seen[1] == seen[2]

    def test_are_none_for_an_address_that_is_no_page(self, homes):
        assert navigation(None, "/en/search/").alternates == []


class TestTags:
    def test_give_the_places_that_every_language_has(self, homes):
        with translation.override("ar"):
            places = tag("{% home_url %} {% help_url %} {% search_url %}")

        assert places == "/ar/ /ar/help/ /ar/search/"

    def test_give_whole_addresses_at_the_desk(self, homes, settings, rf):
        with translation.override("de"):
            places = tag("{% help_url %}", request=rf.get("/de/members/"))

        assert places == f"{settings.PUBLIC_URL}/de/help/"

    def test_ask_the_database_once_for_each_page(self, homes):
        StandardPageFactory(parent=homes["en"], slug="about", show_in_menus=True)
        everything = (
            "{% language_links page as a %}{% menu_pages as b %}{% breadcrumb page as c %}{% footer_pages as d %}"
            "{% hreflang page as e %}{% language_links page as f %}"
        )
        page = type(homes["en"]).objects.get(pk=homes["en"].pk)

        def show():
            request = navigation(None, "/en/").request
            tag(everything, request=request, page=page)

        show()
        assert queries(show) <= 4
