from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest
import time_machine
from wagtail.models import PageViewRestriction

from campaigns.following.routes import FeedRoute
from core.models import LanguageState
from core.publishing import routes
from prerender.store.files import FileStore
from tests.factories.campaigns import (
    CampaignPageFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
    NewsPageFactory,
    ThemeFactory,
)
from tests.support.publishing import render_only

pytestmark = pytest.mark.usefixtures("without_api")
ATOM = {"a": "http://www.w3.org/2005/Atom"}
XML = "{http://www.w3.org/XML/1998/namespace}"


def atom(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314  (our own)


@pytest.fixture
def feed(public):
    def get(path: str) -> ET.Element:
        response = public.get(path)
        assert response.status_code == 200
        return atom(response.content)

    return get


class TestFeeds:
    @pytest.mark.parametrize(("code", "title"), [("en", "Path"), ("ar", "Path (ar)")])
    def test_speak_their_language_and_name_themselves_and_their_page(self, campaigns, feed, in_language, code, title):
        in_language(CampaignPageFactory(parent=campaigns, title="Path"), "ar")

        root = feed(f"/{code}/feeds/campaigns.atom")

        links = {link.get("rel", "alternate"): link.get("href") for link in root.findall("a:link", ATOM)}
        assert root.get(f"{XML}lang") == code
        assert root.findtext("a:entry/a:title", namespaces=ATOM) == title
        assert links["self"].startswith("http://localhost")
        assert links["self"].endswith(f"/{code}/feeds/campaigns.atom")
        assert links["alternate"].endswith(f"/{code}/campaigns/")

    def test_hold_the_newest_first_with_plain_words(self, news, feed):
        for day in (1, 3, 2):
            NewsPageFactory(parent=news, title=f"Day {day} & more", introduction="<b> & so on", date=date(2026, 1, day))

        entries = feed("/en/feeds/news.atom").findall("a:entry", ATOM)

        titles = [entry.findtext("a:title", namespaces=ATOM) for entry in entries]
        assert titles == [f"Day {day} & more" for day in (3, 2, 1)]
        assert entries[0].findtext("a:summary", namespaces=ATOM) == "&lt;b&gt; &amp; so on"
        assert entries[0].findtext("a:published", namespaces=ATOM).startswith("2026-01-03")
        assert entries[0].findtext("a:id", namespaces=ATOM).startswith("urn:uuid:")

    def test_of_a_list_that_is_not_for_everybody_are_not_there(self, campaigns, public):
        CampaignPageFactory(parent=campaigns)
        PageViewRestriction.objects.create(page=campaigns, restriction_type="login")

        assert public.get("/en/feeds/campaigns.atom").status_code == 404
        assert "/en/feeds/campaigns.atom" not in [*FeedRoute().addresses()]

    def test_come_as_rss_as_well(self, campaigns, feed):
        CampaignPageFactory(parent=campaigns, title="Path")

        channel = feed("/en/feeds/campaigns.rss").find("channel")

        assert channel.findtext("language") == "en"
        assert channel.findtext("item/title") == "Path"
        assert channel.find("{http://www.w3.org/2005/Atom}link").get("rel") == "self"

    @pytest.mark.parametrize("path", ["/en/feeds/campaigns.atom", "/en/feeds/campaigns.rss"])
    def test_without_entries_are_the_same_whenever_they_are_rendered(self, campaigns, public, path):
        """After a restore, the site is compared with the previous one, address by address."""
        found = []
        for day in (1, 2):
            with time_machine.travel(datetime(2026, 1, day, tzinfo=UTC), tick=False):
                found.append(public.get(path).content)

        assert found[0] == found[1]
        assert b"1970" in found[0]

    def test_are_the_same_entry_after_a_page_has_moved(self, campaigns, feed):
        page = CampaignPageFactory(parent=campaigns)
        before = feed("/en/feeds/campaigns.atom").findtext("a:entry/a:id", namespaces=ATOM)
        page.slug = "elsewhere"
        page.save_revision().publish()

        assert feed("/en/feeds/campaigns.atom").findtext("a:entry/a:id", namespaces=ATOM) == before

    def test_are_not_there_where_their_page_is_not(self, home, public):
        assert public.get("/en/feeds/campaigns.atom").status_code == 404
        assert public.get("/en/feeds/nonsense.atom").status_code == 404

    def test_are_announced_on_their_page(self, campaigns, public):
        assert b'href="/en/feeds/campaigns.atom"' in public.get("/en/campaigns/").content


class TestRender:
    def test_has_every_feed_of_every_public_language(self, campaigns, news, in_language, languages):
        in_language(campaigns, "de")
        in_language(campaigns, "fr")
        LanguageState.objects.filter(locale=languages["fr"]).update(state=LanguageState.State.PREPARATION)

        found = {path for route in routes.declared() for path in route.addresses()}
        assert {path for path in found if path.endswith((".atom", ".rss"))} == {
            f"{path}.{extension}"
            for path in ("/en/feeds/campaigns", "/en/feeds/news", "/de/feeds/campaigns")
            for extension in ("atom", "rss")
        }

    @pytest.mark.parametrize("kind", ["campaigns", "news"])
    def test_follows_what_is_published(self, campaigns, news, kind, django_capture_on_commit_callbacks):
        render_only("/en/feeds/campaigns.atom", "/en/feeds/news.atom")

        with django_capture_on_commit_callbacks(execute=True):
            if kind == "campaigns":
                CampaignPageFactory(parent=campaigns, title="Brand new")
            else:
                NewsPageFactory(parent=news, title="Brand new")

        assert "Brand new" in FileStore().file(f"/en/feeds/{kind}.atom").read_text()
        other = {"campaigns": "news", "news": "campaigns"}[kind]
        assert "Brand new" not in FileStore().file(f"/en/feeds/{other}.atom").read_text()

    def test_says_nothing_of_other_pages(self, home):
        assert [
            path
            for kind in routes.declared()
            if type(kind).__module__.startswith("campaigns.")
            for path in kind.invalidated_by(home)
        ] == []


class TestFeedOfATheme:
    @pytest.fixture
    def theme(self):
        return ThemeFactory(name="Online safety")

    @pytest.fixture
    def campaign(self, campaigns, home):
        MaterialIndexPageFactory(parent=home)
        return CampaignPageFactory(parent=campaigns, title="Path", slug="path")

    @pytest.fixture
    def material(self, campaign, theme):
        return MaterialFactory(campaign=campaign, theme=theme)

    def path(self, theme, code="en") -> str:
        return f"/{code}/feeds/themes/{theme.translation_key}.atom"

    def test_has_the_materials_and_campaigns_of_the_theme_and_no_others(self, campaigns, material, theme, feed):
        CampaignPageFactory(parent=campaigns, title="Other")
        MaterialFactory(theme=ThemeFactory())

        root = feed(self.path(theme))
        entries = {entry.findtext("a:title", namespaces=ATOM): entry for entry in root.findall("a:entry", ATOM)}

        assert root.findtext("a:title", namespaces=ATOM) == "Online safety"
        assert entries.keys() == {"Path", f"{material.name} (en)"}
        found = entries[f"{material.name} (en)"]
        assert found.find("a:link", ATOM).get("href").endswith(f"/en/materials/{material.pk}/")
        assert "CC BY 4.0" in found.findtext("a:rights", namespaces=ATOM)
        assert [each.get("term") for each in found.findall("a:category", ATOM)] == ["Online safety", "Poster"]

    def test_names_itself_its_page_and_its_author(self, material, theme, feed):
        root = feed(self.path(theme))

        links = {link.get("rel"): link.get("href") for link in root.findall("a:link", ATOM)}
        assert links["self"].endswith(self.path(theme))
        assert links["alternate"].endswith("/en/materials/")
        assert root.findtext("a:id", namespaces=ATOM).startswith("urn:uuid:")
        assert root.findtext("a:author/a:name", namespaces=ATOM) == "Waymark"
        assert root.get(f"{XML}lang") == "en"

    def test_is_the_same_entry_after_the_theme_has_another_name(self, material, theme, feed):
        before = [each.text for each in feed(self.path(theme)).iterfind(".//a:id", ATOM)]
        theme.name = "Safety online"
        theme.save()

        assert [each.text for each in feed(self.path(theme)).iterfind(".//a:id", ATOM)] == before

    def test_is_announced_by_the_library(self, material, theme, public):
        assert f'title="Online safety" href="{self.path(theme)}"' in public.get("/en/materials/").text

    def test_is_there_only_in_a_language_that_has_the_theme(self, material, theme, public):
        assert public.get(self.path(theme, "de")).status_code == 404
        assert public.get(self.path(ThemeFactory())).status_code == 404

    def test_is_rendered_and_goes_with_its_last_material(self, material, theme, django_capture_on_commit_callbacks):
        render_only(self.path(theme))
        file = FileStore().file(self.path(theme))
        was_there = file.is_file()

        with django_capture_on_commit_callbacks(execute=True):
            material.unpublish()

        assert was_there
        assert not file.is_file()
