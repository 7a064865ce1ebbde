import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from PIL import Image
from wagtail.models import Site

from core.models import LanguageState, SiteSettings
from tests.factories.core import StandardPageFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import in_language


@pytest.fixture(autouse=True)
def _on_request(settings):
    settings.RENDER_ON_REQUEST = True


@pytest.fixture
@cached_fixture
def homes(home, languages):
    return {"en": home} | {code: in_language(home, languages[code]) for code in ("de", "ar")}


class TestChoiceOfLanguages:
    def test_names_each_language_in_itself(self, homes, public):
        html = public.get("/").content.decode()

        assert re.findall(r'<li lang="(\w+)" dir="(\w+)">\s*<h2><a href="([^"]+)" hreflang="\w+">([^<]+)<', html) == [
            ("de", "ltr", "/de/", "Deutsch"),
            ("en", "ltr", "/en/", "English"),
            ("ar", "rtl", "/ar/", "العربية"),
        ]

    def test_describes_each_as_its_home_page_does(self, homes, public):
        homes["ar"].search_description = "مكان للعثور على الدعم."
        homes["ar"].save_revision().publish()

        [arabic] = re.findall(r'<li lang="ar" dir="rtl">.*?</li>', public.get("/").content.decode(), re.DOTALL)

        assert "<p>مكان للعثور على الدعم.</p>" in arabic

    def test_does_not_offer_a_language_that_is_not_public(self, homes, languages, public):
        LanguageState.objects.filter(locale=languages["ar"]).update(state=LanguageState.State.RETIRED)

        assert "/ar/" not in public.get("/").content.decode()

    def test_leads_people_who_were_harmed_to_their_page_in_the_words_of_each_language(self, homes, languages, public):
        apart = StandardPageFactory(parent=homes["en"], slug="you-are-not-alone")
        in_language(apart, languages["ar"])
        SiteSettings.objects.update_or_create(
            site=Site.objects.get(is_default_site=True), defaults={"after_harm": apart}
        )

        html = public.get("/").content.decode()

        assert re.findall(
            r'<li lang="(\w+)" dir="(\w+)">(?:(?!</li>).)*?<p class="choice-apart">\s*<a href="([^"]+)">([^<]+)<',
            html,
            re.DOTALL,
        ) == [
            ("en", "ltr", "/en/you-are-not-alone/", "Has someone harmed you? There is support for you."),
            ("ar", "rtl", "/ar/you-are-not-alone/", "هل آذاكم أحد؟ هناك دعم لكم."),
        ]

    def test_does_not_redirect_by_the_language_of_the_browser(self, homes, public):
        german, english = (public.get("/", headers={"accept-language": code}) for code in ("de", "en"))

        assert german.status_code == 200
        assert german.content == english.content
        assert not german.cookies
        assert "Vary" not in german or "cookie" not in german["Vary"].lower()

    def test_is_the_default_alternate_for_search_engines(self, homes, public, settings):
        html = public.get("/").content.decode()

        assert f'<link rel="alternate" hreflang="x-default" href="{settings.PUBLIC_URL}/">' in html
        assert f'<link rel="alternate" hreflang="ar" href="{settings.PUBLIC_URL}/ar/">' in html

    def test_is_not_there_before_it_is_rendered(self, homes, public, settings):
        settings.RENDER_ON_REQUEST = False

        assert public.get("/").status_code == 404

    def test_is_a_page_even_when_there_is_no_language_yet(self, db, public):
        assert public.get("/").status_code == 200


class TestRobots:
    def test_may_read_the_public_site_but_no_answers_to_queries(self, db, public, settings):
        text = public.get("/robots.txt").content.decode()

        assert text == f"User-agent: *\nDisallow: /*?\n\nSitemap: {settings.PUBLIC_URL}/sitemap.xml\n"

    def test_may_not_read_the_private_site(self, db, private):
        assert private.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"


class TestSecurity:
    @pytest.mark.parametrize("host", ["public", "private"])
    def test_names_the_contact_on_both_sites(self, db, host, request, settings):
        settings.SECURITY_CONTACT = "mailto:security@example.org"

        response = request.getfixturevalue(host).get("/.well-known/security.txt")

        fields = [line.partition(": ")[::2] for line in response.content.decode().splitlines()]
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert ("Contact", "mailto:security@example.org") in fields
        assert ("Canonical", f"{settings.PUBLIC_URL}/.well-known/security.txt") in fields
        assert ("Canonical", f"{settings.PRIVATE_URL}/.well-known/security.txt") in fields
        assert [name for name, _ in fields].count("Expires") == 1

    def test_does_not_expire_within_thirty_days_of_a_build(self, db, public):
        text = public.get("/.well-known/security.txt").content.decode()

        until = datetime.strptime(re.search(r"^Expires: (\S+)$", text, re.MULTILINE)[1], "%Y-%m-%dT%H:%M:%SZ").replace(
            tzinfo=UTC
        )
        assert timedelta(days=30) < until - timezone.now() < timedelta(days=366)


class TestFavicon:
    @pytest.mark.parametrize("host", ["public", "private"])
    def test_is_an_icon(self, db, host, request):
        response = request.getfixturevalue(host).get("/favicon.ico")

        assert response["Content-Type"] == "image/vnd.microsoft.icon"
        assert Image.open(io.BytesIO(response.content)).format == "ICO"
