"""A reader chooses a language, switches to another, and searches; without scripts, from the prerendered pages."""

import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.models import Locale

from campaigns.models import Term
from core.models import LanguageState
from tests.factories.campaigns import CampaignIndexPageFactory, CampaignPageFactory
from tests.factories.core import StandardPageFactory
from tests.factories.users import UserFactory
from tests.journeys.conftest import open_admin
from tests.support.browser import axe, overflow, wait_for_document
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import in_language
from tests.translating.conftest import translated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
@cached_fixture
def tree(home, languages, site_server):
    """Home in four languages, a page in three, one below it in English alone."""
    with transaction.atomic():  # one render for all of it
        for code, title in {"de": "Start", "fr": "Accueil", "ar": "الرئيسية"}.items():
            in_language(home, languages[code], title=title)
        about = StandardPageFactory(parent=home, slug="about", title="About", show_in_menus=True)
        in_language(about, languages["de"], title="Über uns")
        in_language(about, languages["ar"], title="من نحن")
        StandardPageFactory(
            parent=about, slug="team", title="Our team", body=[("text", "<p>People who know prevention.</p>")]
        )
    return site_server


class TestReading:
    def test_in_one_language_and_then_another(self, tree, any_browser):
        page = any_browser(f"{tree.public_url}/", scripts=False, locale="de-DE", width=320)

        page.get_by_role("link", name="العربية").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert page.url == f"{tree.public_url}/ar/"

        wait_for_document(page)  # Firefox takes one page after the other
        page.goto(f"{tree.public_url}/ar/about/")
        page.locator(".languages summary").click()
        page.get_by_role("group").get_by_role("link", name="Deutsch").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Über uns")
        assert page.url == f"{tree.public_url}/de/about/"

        page.goto(f"{tree.public_url}/en/about/team/")
        page.locator(".languages summary").click()
        expect(page.get_by_text("This page is not available in the languages below yet.")).to_be_visible()
        page.get_by_role("link", name="Deutsch Über uns").click()
        assert page.url == f"{tree.public_url}/de/about/"

        assert page.context.cookies() == []


class TestSearching:
    def test_finds_pages_in_two_scripts_and_is_never_kept(self, tree, open_page):
        page = open_page(f"{tree.public_url}/en/search/", scripts=False, width=320)

        page.get_by_role("searchbox").fill("preventi")
        page.get_by_role("searchbox").press("Enter")
        page.get_by_role("link", name="Our team").click()
        assert page.url == f"{tree.public_url}/en/about/team/"

        page.goto(f"{tree.public_url}/ar/search/")
        page.get_by_role("searchbox").fill("من")
        page.get_by_role("searchbox").press("Enter")
        expect(page.get_by_role("link", name="من نحن").last).to_be_visible()

        assert page.context.cookies() == []
        assert tree.get("/en/search/").header("Cache-Control") == "no-cache"
        assert tree.get("/en/search/?q=x").header("Cache-Control") == "no-store"


class TestEverybody:
    """Prerendered pages are tested in test_every_page."""

    def test_can_read_search_results(self, tree, open_page):
        for path in ("/en/search/?q=team", "/ar/search/?q=x"):
            page = open_page(f"{tree.public_url}{path}", width=320)

            assert (path, axe(page), overflow(page)) == (path, [], [])


class TestALanguageThatBecomesPublic:
    def test_is_rendered_and_offered_and_taken_away_again(self, tree, open_page, languages):
        user = UserFactory(is_superuser=True, with_password=True)
        LanguageState.objects.get(locale=languages["de"]).delete()
        tree.wait_for("/de/about/", status=404)
        page = open_admin(open_page, tree, user.email)
        german = Locale.objects.get(language_code="de")

        page.goto(tree.private_url + reverse("wagtaillocales:edit", args=[german.pk]))
        page.get_by_label("State").select_option("public")
        page.get_by_role("button", name="Save").click()

        assert tree.wait_for("/de/about/", contains="Über uns").status == 200
        assert tree.wait_for("/", contains="Deutsch").status == 200
        assert tree.wait_for("/sitemaps/1.xml", contains="/de/about/").status == 200
        page.goto(tree.private_url + reverse("wagtaillocales:edit", args=[german.pk]))
        page.get_by_label("State").select_option("retired")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/locales/")
        assert tree.wait_for("/de/about/", status=404).status == 404
        assert "Deutsch" not in tree.get("/").text


@pytest.fixture
def story(home, languages, site_server):
    """A campaign in four languages, with a slip of the pen in each."""
    with transaction.atomic():
        index = CampaignIndexPageFactory(parent=home)
        campaign = CampaignPageFactory(parent=index, title="Speak up", introduction="Speek up early.")
        for page in (home, index, campaign):
            for code in ("de", "fr", "ar"):
                translated(page, languages[code])
    return campaign


class TestATypo:
    def test_is_corrected_in_four_languages_in_twelve_clicks(self, story, site_server, open_page):
        user = UserFactory(is_superuser=True, with_password=True)
        page = open_admin(open_page, site_server, user.email)
        clicked = []

        def click(what):
            clicked.append(what)
            what.click()

        click(page.get_by_role("link", name="Translations", exact=True))
        click(page.get_by_role("link", name="Speak up", exact=True))
        click(page.locator("[name=introduction]"))
        page.locator("[name=introduction]").fill("Speak up early.")
        click(page.locator("footer [data-w-dropdown-target=toggle]").first)
        click(page.get_by_role("button", name="Publish").last)
        click(page.get_by_role("link", name="Compare"))
        for language in ("ar", "de", "fr"):
            field = page.locator(f"textarea[lang={language}]")
            expect(field).to_have_value(f"Speek up early. ({language})")
            click(field)
            field.fill(f"Speak up early. ({language})")
            click(page.get_by_role("button", name="Save and publish"))
        expect(page).to_have_url(f"{site_server.private_url}/admin/translations/translate/fr/")

        assert len(clicked) == 12
        for code in ("ar", "de", "fr"):
            path = story.get_translation(Locale.objects.get(language_code=code)).path_at_public
            assert site_server.wait_for(path, contains=f"Speak up early. ({code})").status == 200


class TestAWordToAvoid:
    def test_is_named_as_soon_as_its_translator_has_saved_it(self, story, site_server, open_page):
        with transaction.atomic():
            user = UserFactory(is_superuser=True, with_password=True)
            Term.objects.create(language="de", level="avoid", word="Unwort", forms="Unwort", concept="x")
        german = story.get_translation(Locale.objects.get(language_code="de"))
        page = open_admin(open_page, site_server, user.email)
        page.goto(site_server.private_url + reverse("wagtailadmin_pages:edit", args=[german.pk]))
        checks = page.get_by_role("region", name="Checks")
        expect(checks).to_contain_text("Nothing was found")
        text = page.locator(".js-translation-editor li", has_text="Speek up early. (de)").last

        text.get_by_role("button", name="Edit").click()
        page.locator(".js-translation-editor textarea:visible").fill("Ein Unwort.")
        page.locator(".js-translation-editor button:visible", has_text="Save").click()

        expect(checks).to_contain_text("1 thing to look at")
        checks.locator("summary").click()
        expect(checks.get_by_text("A word to avoid: Unwort")).to_be_in_viewport()
        assert axe(page, within=".translation-checks") == []
