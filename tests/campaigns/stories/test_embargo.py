"""A campaign under embargo is not accessible anywhere, and is published automatically at its go-live time."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from wagtail_localize.operations import translate_object

from campaigns.following import days, feeds
from campaigns.launches import services
from campaigns.materials import catalogue
from campaigns.models import CampaignPage, ToolkitPage
from campaigns.sharing.routes import OEmbedRoute, ShareCardRoute
from core import scheduler
from core.uploads import first_pages
from prerender import services as prerender
from prerender.store.files import FileStore
from tests.campaigns.conftest import NOON
from tests.factories.campaigns import (
    CampaignPageFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
    ThemeFactory,
    ToolkitPageFactory,
)
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import render_only

pytestmark = pytest.mark.usefixtures("without_api", "scheduler_that_publishes")


@pytest.fixture
@cached_fixture
def campaign(now, campaigns) -> CampaignPage:
    return CampaignPageFactory(parent=campaigns, slug="spring", title="Spring", embargo=NOON)


def reload(page: CampaignPage) -> CampaignPage:
    return CampaignPage.objects.get(pk=page.pk)


class TestEmbargo:
    def test_holds_back_what_an_editor_has_published(self, campaign):
        assert not reload(campaign).live
        assert reload(campaign).go_live_at == NOON

    @pytest.mark.parametrize("path", ["spring/", ""])
    def test_keeps_the_campaign_off_its_page_and_off_the_list(self, campaign, public, path):
        response = public.get(f"/en/campaigns/{path}")

        assert response.status_code == (404 if path else 200)
        assert b"Spring" not in response.content

    def test_keeps_it_and_its_files_out_of_the_prerendered_site(self, campaign):
        material = MaterialFactory(campaign=campaign)
        first_pages.draw(material.files.get().document)

        prerender.render_all()

        prerendered = [str(path) for path in FileStore().root.rglob("*") if path.is_file()]
        assert not [path for path in prerendered if "spring" in path or "/documents/" in path or "/pictures/" in path]
        assert material.live

    def test_keeps_it_out_of_everything_that_programs_read(self, campaign, home, public):
        MaterialIndexPageFactory(parent=home)
        CampaignPage.objects.filter(pk=campaign.pk).update(period_start=NOON.date(), live=True)
        theme = ThemeFactory()
        material = MaterialFactory(campaign=campaign, theme=theme)
        MaterialFactory(theme=theme)
        feed = feeds.theme_feed_path(theme.translation_key, "en")
        lists = [
            feed,
            days.calendar_path("en"),
            catalogue.TURTLE,
            catalogue.JSON_LD,
            "/en/feeds/",
            "/en/feeds/campaigns.atom",
        ]
        own = [
            f"/{folder}/en/{kind}/{key}.{extension}"
            for folder, extension in (("cards", "png"), ("oembed", "json"))
            for kind, key in (("pages", campaign.pk), ("materials", material.pk))
        ]

        answers = {path: public.get(path) for path in lists}

        assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(lists, 200)
        assert not [path for path, answer in answers.items() if "Spring" in answer.text or material.name in answer.text]
        assert [public.get(path).status_code for path in own] == [404] * 4
        assert [*ShareCardRoute().existing(own), *OEmbedRoute().existing(own)] == []

    def test_holds_even_if_something_made_the_page_live(self, campaign, public):
        CampaignPage.objects.filter(pk=campaign.pk).update(live=True)

        assert public.get("/en/campaigns/spring/").status_code == 404
        assert b"Spring" not in public.get("/en/campaigns/").content
        assert reload(campaign).render_blockers()

    def test_holds_for_what_is_added_live(self, campaigns, now):
        added = CampaignPage(title="Added", slug="added", introduction="Now.", embargo=NOON, live=True)

        campaigns.add_child(instance=added)

        assert not reload(added).live

    def test_ends_by_itself(self, campaign, public, now):
        now.move_to(NOON + timedelta(seconds=1))

        scheduler.tick()

        assert public.get("/en/campaigns/spring/").status_code == 200
        assert b"Spring" in public.get("/en/campaigns/").content

    def test_renders_the_campaign_and_its_files_when_it_ends(self, campaign, now, django_capture_on_commit_callbacks):
        file = MaterialFactory(campaign=campaign).files.get()
        render_only("/en/campaigns/")
        now.move_to(NOON + timedelta(seconds=1))

        with django_capture_on_commit_callbacks(execute=True):
            scheduler.tick()

        assert FileStore().file("/en/campaigns/spring/").is_file()
        assert FileStore().file(file.document.url).is_file()

    def test_leaves_a_campaign_that_is_public_already_as_it_is_until_then(self, campaigns, public, now):
        page = CampaignPageFactory(parent=campaigns, slug="winter", introduction="The old words.")
        page.embargo, page.introduction = NOON, "The new words."
        page.save_revision().publish()

        before = public.get("/en/campaigns/winter/").content
        now.move_to(NOON + timedelta(seconds=1))
        scheduler.tick()

        assert b"The old words." in before
        assert b"The new words." in public.get("/en/campaigns/winter/").content

    def test_of_the_past_is_no_embargo(self, campaigns, now):
        assert reload(CampaignPageFactory(parent=campaigns, embargo=NOON - timedelta(days=1))).live

    def test_can_be_taken_away(self, campaign):
        campaign.embargo = None

        campaign.save_revision().publish()

        assert reload(campaign).live


class TestExpiry:
    @pytest.fixture
    def pages(self, campaigns, in_language) -> list[CampaignPage | ToolkitPage]:
        """A public campaign in two languages, and its toolkit."""
        page = CampaignPageFactory(parent=campaigns, slug="path")
        return [page, in_language(page, "de"), ToolkitPageFactory(parent=page)]

    def test_is_that_of_every_language_and_of_the_toolkits(self, pages, now):
        english, german, _toolkit = pages
        english.expire_at = NOON
        english.save_revision().publish()
        german = reload(german)
        german.title, german.expire_at = "Der Weg", None
        german.save_revision().publish()

        now.move_to(NOON + timedelta(minutes=1))
        scheduler.tick()

        assert [type(page).objects.get(pk=page.pk).live for page in pages] == [False] * 3

    def test_comes_after_the_embargo(self, campaign):
        campaign.expire_at = NOON

        with pytest.raises(ValidationError, match="not public before"):
            campaign.clean()


class TestEmbargoInOtherLanguages:
    @pytest.fixture
    def german(self, campaign, in_language, languages) -> CampaignPage:
        in_language(campaign.get_parent().specific, "de")
        translate_object(campaign, [languages["de"]])
        page = campaign.get_translation(languages["de"])
        page.title, page.introduction = "Frühling", "Zwei Sätze."
        page.save_revision().publish()
        return CampaignPage.objects.get(pk=page.pk)

    def test_is_the_same(self, german):
        assert (german.embargo, german.live, services.misscheduled()) == (NOON, False, [])

    def test_follows_the_page_that_it_was_translated_from(self, campaign, german, now):
        campaign.embargo = NOON + timedelta(days=1)
        campaign.save_revision()
        now.move_to(NOON + timedelta(seconds=1))

        scheduler.tick()

        assert not reload(german).live
        assert CampaignPage.objects.scheduled_revisions().last().approved_go_live_at == NOON + timedelta(days=1)
        assert reload(german).go_live_at == NOON + timedelta(days=1)

    def test_ends_earlier_with_it(self, campaign, german, now, public):
        campaign.embargo = NOON - timedelta(hours=1)
        campaign.save_revision().publish()
        now.move_to(NOON - timedelta(minutes=59))

        scheduler.tick()

        assert reload(german).live
        assert public.get("/de/campaigns/spring/").status_code == 200

    def test_is_lifted_in_every_language(self, campaign, german, in_language, languages, now):
        for code in ("fr", "ar"):
            in_language(campaign.get_parent().specific, code)
            translate_object(campaign, [languages[code]])
            page = campaign.get_translation(languages[code])
            page.title, page.introduction = f"Spring ({code})", f"Two sentences ({code})."
            page.save_revision().publish()
        assert not CampaignPage.objects.filter(live=True).exists()
        campaign.embargo = None
        campaign.save_revision().publish()

        scheduler.tick()

        live = CampaignPage.objects.filter(live=True)
        assert sorted(live.values_list("locale__language_code", flat=True)) == ["ar", "de", "en", "fr"]
        assert set(live.values_list("go_live_at", flat=True)) == {None}
        assert services.misscheduled() == []

    def test_is_not_lifted_by_a_draft(self, campaign, german, now):
        campaign.embargo = None
        campaign.save_revision()

        scheduler.tick()

        assert not CampaignPage.objects.filter(live=True).exists()

    def test_is_not_lifted_from_unpublished_pages(self, campaign, in_language, languages, now):
        in_language(campaign.get_parent().specific, "de")
        translate_object(campaign, [languages["de"]])
        campaign.embargo = None
        campaign.save_revision().publish()

        scheduler.tick()

        assert not campaign.get_translation(languages["de"]).live
