import gc
import logging
import tracemalloc
import urllib.parse

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from wagtail.models import Locale, PageViewRestriction, Site

from core.http import SiteKind, errors
from core.languages import catalogues, tree
from core.languages.tree import is_public, public_codes
from core.models import LanguageState, SiteSettings
from core.publishing.navigation import Navigation
from tests.factories.campaigns import CampaignIndexPageFactory, MaterialIndexPageFactory
from tests.factories.core import StandardPageFactory
from tests.factories.network import DirectoryPageFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import in_language
from tests.support.queries import queries


@pytest.fixture
@cached_fixture
def homes(home, languages):
    """Return the home page in the four languages of the demonstration."""
    return {"en": home} | {
        code: in_language(home, languages[code], title=title)
        for code, title in {"de": "Start", "fr": "Accueil", "ar": "الرئيسية"}.items()
    }


def navigation(page, path=None):
    request = RequestFactory(headers={"host": "localhost"}).get(path or tree.page_path(page))
    request.site_kind = SiteKind.PUBLIC
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

        assert (found["de"].state, found["de"].url, found["de"].title) == (
            "elsewhere",
            "/de/about/",
            "Über uns",
        )
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

    @pytest.mark.parametrize("state", [LanguageState.State.PREPARATION, LanguageState.State.RETIRED, None])
    def test_do_not_offer_a_language_that_is_not_public(self, homes, languages, state):
        found = LanguageState.objects.filter(locale=languages["fr"])
        found.update(state=state) if state else found.delete()

        assert "fr" not in links(homes["en"])

    def test_do_not_offer_a_language_without_a_home_page(self, homes):
        homes["fr"].unpublish()

        assert "fr" not in links(homes["en"])

    def test_show_an_editor_the_language_that_is_being_prepared(self, homes, languages):
        LanguageState.objects.filter(locale=languages["fr"]).update(state=LanguageState.State.PREPARATION)

        assert links(homes["fr"])["fr"].state == "current"

    def test_keep_the_requested_part_of_a_page(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        in_language(about, languages["de"])

        found = links(about, "/en/about/lu/")

        assert (found["de"].url, found["fr"].url) == ("/de/about/lu/", "/fr/")

    def test_never_leave_the_site_through_the_requested_part(self, homes, languages):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        in_language(about, languages["de"])

        assert (
            links(about, '/en/about//evil.example/"><script>')["de"].url == "/de/about//evil.example/%22%3E%3Cscript%3E"
        )

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

    def test_marks_the_current_page_and_its_section(self, homes):
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

    def test_has_the_section_that_the_type_of_the_page_names(self, homes):
        materials = MaterialIndexPageFactory(parent=homes["en"], slug="materials", title="Materials")
        campaigns = CampaignIndexPageFactory(parent=homes["en"], slug="campaigns", title="Campaigns")

        with translation.override("en"):
            assert navigation(materials).breadcrumb == [("Home", "/en/")]
            campaigns.show_in_menus = True
            campaigns.save()
            shown = navigation(materials)

            assert shown.breadcrumb == [("Home", "/en/"), ("Campaigns", "/en/campaigns/")]
            assert [(item.is_section, item.is_current) for item in shown.menu] == [(True, False)]

    def test_has_the_page_itself_for_an_address_below_it(self, homes):
        network = DirectoryPageFactory(parent=homes["en"], title="Network", show_in_menus=True)

        with translation.override("en"):
            shown = navigation(network, "/en/network/practices/")

            assert shown.breadcrumb == [("Home", "/en/"), ("Network", "/en/network/")]
            assert [(item.is_section, item.is_current) for item in shown.menu] == [(True, False)]

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
        privacy = StandardPageFactory(parent=homes["en"], slug="privacy", title="Privacy")
        SiteSettings.objects.update_or_create(
            site=Site.objects.get(is_default_site=True), defaults={"privacy": privacy}
        )
        return privacy

    def test_shows_the_page_in_the_language_of_the_reader(self, chosen, homes, languages):
        in_language(chosen, languages["de"], title="Datenschutz")

        with translation.override("de"):
            (link,) = navigation(homes["de"]).footer
        assert (link.title, link.url, link.language) == ("Datenschutz", "/de/privacy/", "")

    def test_falls_back_to_the_source_with_its_language(self, chosen, homes):
        with translation.override("fr"):
            (link,) = navigation(homes["fr"]).footer
        assert (link.title, link.url, link.language) == ("Privacy", "/en/privacy/", "en")

    def test_leaves_out_a_page_that_is_not_public(self, chosen, homes):
        chosen.unpublish()

        with translation.override("en"):
            assert navigation(homes["en"]).footer == []

    def test_is_empty_before_there_is_a_site(self, db):
        Site.objects.all().delete()

        assert navigation(None, "/").footer == []


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

    def test_give_whole_addresses_on_the_private_site(self, homes, settings, rf):
        with translation.override("de"):
            places = tag("{% help_url %}", request=rf.get("/de/members/"))

        assert places == f"{settings.PUBLIC_URL}/de/help/"

    @pytest.mark.parametrize("translations", [0, 1])
    def test_head_the_languages_in_the_footer_only_where_there_are_some(self, homes, languages, translations):
        about = StandardPageFactory(parent=homes["en"], slug="about")
        for code in ("de",)[:translations]:
            in_language(about, languages[code])

        footer = render_to_string("components/footer.html", {"page": about}, navigation(about, "/en/about/").request)

        assert footer.count('id="footer-languages"') == footer.count('href="/de/about/"') == translations

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


class TestFallbacks:
    @pytest.mark.parametrize(
        ("code", "chain"),
        [("en", ["en"]), ("de", ["de", "en"]), ("ca", ["ca", "es", "en"]), ("nonsense", ["nonsense", "en"])],
    )
    def test_end_with_the_source(self, code, chain):
        assert tree.fallbacks(code) == chain


class TestPublicCodes:
    def test_are_in_the_order_of_the_table(self, languages):
        assert public_codes() == ["en", "de", "fr", "ar"]

    def test_leave_out_what_the_table_does_not_know(self, languages):
        LanguageState.objects.create(
            locale=Locale.all_objects.create(language_code="tlh"), state=LanguageState.State.PUBLIC
        )

        assert "tlh" not in public_codes()
        assert not is_public("tlh")


class TestLanguageStateForm:
    """The panel on Wagtail's screen for a locale."""

    @pytest.fixture
    def administrator(self, private, django_user_model):
        private.force_login(django_user_model.objects.create_superuser("administrator@example.org", "x"))
        private.defaults["wsgi.url_scheme"] = "https"
        return private

    @pytest.fixture
    def whole(self, monkeypatch):
        """Give every language a complete catalogue."""
        monkeypatch.setattr(catalogues, "gaps", lambda code: catalogues.Gaps())

    def post(self, client, locale, state):
        return client.post(
            reverse("wagtaillocales:edit", args=[locale.pk]),
            {"language_code": locale.language_code, "component-core_languagestate-state": state},
            follow=True,
        )

    def test_makes_a_language_public(self, administrator, homes, languages, whole):
        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.PREPARATION)

        self.post(administrator, languages["de"], "public")

        assert languages["de"].language_state.state == LanguageState.State.PUBLIC

    def test_retires_a_language(self, administrator, homes, languages):
        self.post(administrator, languages["de"], "retired")

        assert LanguageState.objects.get(locale=languages["de"]).state == LanguageState.State.RETIRED

    def test_refuses_a_language_without_a_home_page(self, administrator, home, languages, whole):
        LanguageState.objects.all().delete()

        html = self.post(administrator, languages["fr"], "public").content.decode()

        assert "There is no published home page in this language." in html
        assert not LanguageState.objects.filter(locale=languages["fr"]).exists()

    @pytest.mark.parametrize(
        ("gaps", "sentence"),
        [
            (catalogues.Gaps(absent=True), "There is no catalogue of interface texts in this language."),
            (
                catalogues.Gaps(unreadable=True),
                "The catalogue of interface texts in this language cannot be read.",
            ),
            (catalogues.Gaps(missing=("a", "b")), "2 interface texts are missing."),
            (catalogues.Gaps(fuzzy=("a",)), "1 interface text is marked as fuzzy"),
            (catalogues.Gaps(fuzzy_header=True), "The header of the catalogue is marked as fuzzy"),
        ],
    )
    def test_refuses_a_language_whose_interface_is_not_whole(
        self, administrator, homes, languages, monkeypatch, gaps, sentence
    ):
        monkeypatch.setattr(catalogues, "gaps", lambda code: gaps)

        assert sentence in self.post(administrator, languages["de"], "public").content.decode()

    def test_stands_in_the_list_of_languages(self, administrator, home, languages):
        LanguageState.objects.filter(locale=languages["de"]).update(state=LanguageState.State.RETIRED)
        LanguageState.objects.filter(locale=languages["fr"]).delete()

        rows = administrator.get(reverse("wagtaillocales:index")).content.decode().split("<tr>")

        states = {
            name: next(row for row in rows if f">{name}</a>" in row).split("<td>")[1].split("</td>")[0]
            for name in ("English", "Deutsch", "français")
        }
        assert states == {"English": "public", "Deutsch": "retired", "français": "in preparation"}

    def test_shows_the_state_of_a_new_language_as_in_preparation(self, administrator, home):
        html = administrator.get(reverse("wagtaillocales:add")).content.decode()

        assert "Who sees this language" in html
        assert '<option value="preparation" selected>' in html

    def test_refuses_to_publish_a_new_language_without_pages(self, administrator, home, whole):
        response = administrator.post(
            reverse("wagtaillocales:add"),
            {"language_code": "sv", "component-core_languagestate-state": "public"},
        )

        assert "There is no published home page" in response.content.decode()
        assert not Locale.objects.filter(language_code="sv").exists()


FEW_EXAMPLES = hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NASTY = ["xx", "XX", "DE", "De", "de_DE", "de-DE-1996-x-y", "d\u0435", "\u202ede", "de\u200f", "\u200bde",
         "\uff44\uff45", "zh-hans", "..",
         "%", "%00", "\0", "-", "--", "de-", "a" * 10_000, "de-" * 3_000, "de" + "\u0301" * 5_000]  # fmt: skip
CODES = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=200),
    st.from_regex(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8}){0,30}", fullmatch=True),
)


def path_of(*segments):
    """Return a path of these segments, without a query or a fragment."""
    return "/" + "/".join(segment.replace("?", "").replace("#", "") for segment in segments) + "/"


class TestLanguageCodesFromOutside:
    @pytest.fixture
    def no_records(self):
        """Disable logging: pytest keeps every log record, with its request."""
        logging.disable()
        yield
        logging.disable(logging.NOTSET)

    @FEW_EXAMPLES
    @given(code=CODES, rest=st.sampled_from(["", "about", "help", "search", "admin"]))
    def test_that_are_unknown_lead_nowhere_on_the_public_site(self, homes, public, code, rest):
        response = public.get(path_of(code, rest) if rest else path_of(code), headers={"accept-language": "de"})

        assert response.status_code in {301, 404}, response.status_code

    @FEW_EXAMPLES
    @given(code=CODES)
    def test_that_are_unknown_never_break_the_private_site(self, homes, private, code):
        assert private.get(path_of(code, "about")).status_code in {301, 302, 404}

    @FEW_EXAMPLES
    @given(
        header=st.one_of(
            CODES,
            st.lists(CODES, max_size=20).map(", ".join),
            CODES.map(lambda code: f"{code};q=0.{len(code)}"),
        )
    )
    def test_in_accept_language_never_break_anything(self, homes, public, private, header):
        header = header.replace("\n", "").replace("\r", "")

        for client in (public, private):
            assert client.get("/nothing-here/", headers={"accept-language": header}).status_code in {302, 404}

    def test_of_a_language_that_is_not_public_lead_nowhere_in_a_language_that_is_spoken(self, homes, public):
        response = public.get("/sv/")

        assert response.status_code == 404
        assert '<html lang="en"' in response.content.decode()

    @pytest.mark.parametrize("code", ["en", "ar"])
    def test_lead_to_an_error_page_in_the_language_of_the_path(self, homes, public, code, monkeypatch):
        monkeypatch.setattr(errors, "interface_language", lambda code: code)

        assert (
            f'<html lang="{code}"'
            in public.get(f"/{code}/nothing/", headers={"accept-language": "fr"}).content.decode()
        )

    def test_take_no_memory_that_lasts(self, homes, public, no_records):
        def ask(number):
            long = "x" * 5_000 + str(number)
            public.get(f"/{long}/", headers={"accept-language": long})

        def kept():
            urllib.parse.clear_cache()  # the test client's
            gc.collect()
            return tracemalloc.get_traced_memory()[0]

        ask("warm")
        tracemalloc.start()
        before = kept()
        for number in range(60):
            ask(number)
        grown = kept() - before
        tracemalloc.stop()

        assert grown < 100_000
