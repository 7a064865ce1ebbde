"""Toolkits (a campaign for one audience) and kits (its files as a ZIP), which are public with the campaign only."""

import io
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile

from campaigns.materials.kits import Kit, all_paths
from campaigns.materials.models import Readership
from campaigns.models import CampaignPage, MaterialFile, MaterialText, ToolkitPage
from core import scheduler
from core.http import public_url
from home.search import Search
from prerender import services as prerender
from prerender.invalidation import patterns_for_change
from prerender.models import PendingPath
from prerender.store.files import FileStore
from tests.campaigns.conftest import NOON
from tests.factories.campaigns import (
    CampaignPageFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
    ToolkitPageFactory,
)
from tests.support import files
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import render_only

pytestmark = pytest.mark.usefixtures("without_api", "scheduler_that_publishes")
TOOLKIT = "/en/campaigns/path/nurses/"
KIT = "/en/campaigns/path/kits/health.zip"
EVERYTHING = "/en/campaigns/path/kits/all.zip"


def items(*values: object) -> dict[str, object]:
    return {"items": [{"type": "item", "id": "1", "value": value} for value in values]}


STORY = {
    "messages": items("You do not need proof to ask."),
    "text_to_copy": {"title": "For a newsletter", "text": "First line.\nSecond line."},
    "announcement": {
        "title": "Three steps",
        "lead": "Who.",
        "html": "<p>What.</p>",
        "about": "We.",
        "contact": "Press office",
    },
    "ideas": items(
        {"effort": "weeks", "title": "A series", "text": "Six evenings."},
        {"effort": "minutes", "title": "A poster", "text": "Put it up."},
    ),
    "word_guide": items({"rather": "abuse material", "instead_of": "a label", "why": "It is abuse."}),
}


@pytest.fixture
@cached_fixture
def campaign(campaigns):
    return CampaignPageFactory(parent=campaigns, slug="path", title="Choose your path", introduction="Why it is there.")


@pytest.fixture
@cached_fixture
def toolkit(campaign):
    body = [{"type": name, "value": value} for name, value in STORY.items()]
    return ToolkitPageFactory(parent=campaign, slug="nurses", title="Toolkit for nurses", body=body)


def unpacked(data: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return {name: archive.read(name) for name in archive.namelist()}


def prerendered(path: str) -> bool:
    return FileStore().file(path).is_file()


class TestToolkit:
    def test_has_everything_to_pass_the_campaign_on(self, toolkit, read):
        html = read(TOOLKIT)

        assert html.select_one(".key-messages li").get_text(strip=True) == "You do not need proof to ask."
        assert html.select_one(".to-copy-text").get_text() == "First line.\nSecond line."
        assert html.select_one(".announcement h3").get_text() == "Three steps"
        assert [term.get_text() for term in html.select(".ideas dt")] == ["A poster", "A series"]
        assert html.select_one("table th[scope=row]").get_text() == "abuse material"

    def test_lists_the_materials_for_its_readers(self, campaign, toolkit, read):
        MaterialFactory(name="For nurses", campaign=campaign, audiences=[Readership.HEALTH])
        MaterialFactory(name="For anybody", campaign=campaign)
        MaterialFactory(name="For parents", campaign=campaign, audiences=[Readership.PARENTS])

        found = [title.get_text(strip=True) for title in read(TOOLKIT).select(".download-title")]

        assert found == ["For anybody (en)", "For nurses (en)"]

    def test_is_offered_by_its_campaign(self, toolkit, read):
        link = read().select_one(".toolkits a")

        assert (link["href"], link.get_text(strip=True)) == (TOOLKIT, "Nurses and health staff")

    @pytest.mark.parametrize(("audience", "ways"), [("journalists", 2), ("health", 0)])
    def test_has_a_way_out_for_those_who_may_not_want_to_be_seen(self, toolkit, read, audience, ways):
        ToolkitPage.objects.filter(pk=toolkit.pk).update(audience=audience)

        assert len(read(TOOLKIT).select("[data-exit]")) == ways

    def test_is_there_once_for_each_audience(self, campaign, toolkit):
        again = ToolkitPageFactory.build(audience=toolkit.audience)
        campaign.refresh_from_db()
        campaign.add_child(instance=again)

        with pytest.raises(Exception, match="already has a toolkit"):
            again.full_clean()

    def test_goes_with_its_campaign(self, campaign, toolkit, public):
        CampaignPage.objects.get(pk=campaign.pk).unpublish()

        assert not ToolkitPage.objects.get(pk=toolkit.pk).live
        assert public.get(TOOLKIT).status_code == 404

    def test_is_not_published_before_its_campaign(self, campaigns):
        draft = CampaignPage(title="Draft", slug="draft", introduction="Later.", live=False)
        campaigns.add_child(instance=draft)

        toolkit = ToolkitPageFactory(parent=draft, live=False)

        assert not ToolkitPage.objects.get(pk=toolkit.pk).live


class TestKit:
    def test_holds_what_is_public_in_the_language_and_says_what_it_is(self, campaign, toolkit, public):
        material = MaterialFactory(
            name="Path", campaign=campaign, languages=("en", "de"), audiences=[Readership.HEALTH]
        )
        MaterialFactory(name="Draft", campaign=campaign, audiences=[Readership.HEALTH], live=False)
        MaterialFactory(name="For parents", campaign=campaign, audiences=[Readership.PARENTS])
        file = material.files.get(language="en")

        found = unpacked(public.get(KIT).content)

        assert list(found) == ["READ ME.html", f"poster/{file.document.filename}"]
        assert found[f"poster/{file.document.filename}"] == files.PDF
        read_me = found["READ ME.html"].decode()
        for said in ("Path (en)", "What it shows (en)", "CC BY 4.0", "Why it is there.", public_url(TOOLKIT)):
            assert said in read_me
        assert "Draft" not in read_me

    def test_is_in_the_language_of_its_page(self, campaign, in_language, public):
        MaterialFactory(name="Path", campaign=campaign, languages=("en", "ar"), audiences=[Readership.HEALTH])
        in_language(campaign, "ar")

        found = unpacked(public.get("/ar/campaigns/path/kits/health.zip").content)

        read_me = next(iter(found))
        assert read_me.endswith(".html")
        assert 'lang="ar" dir="rtl"' in found[read_me].decode()
        assert "Path (ar)" in found[read_me].decode()

    def test_is_the_same_for_the_same_content(self, campaign):
        MaterialFactory(campaign=campaign)
        MaterialFactory(campaign=campaign)

        with time_machine.travel(NOON):
            first = Kit(campaign, "all").write()
        with time_machine.travel(NOON + timedelta(days=400)):
            second = Kit(campaign, "all").write()

        assert first == second
        assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}

    def test_leaves_out_what_is_too_large_and_says_where_it_is(self, campaign, public, monkeypatch):
        file = MaterialFactory(campaign=campaign).files.get()
        monkeypatch.setattr("campaigns.materials.kits.LARGEST_FILE", 10)

        [(_name, read_me)] = unpacked(public.get(EVERYTHING).content).items()

        assert public_url(file.document.url) in read_me.decode()

    def test_has_a_largest_size(self, campaign, public, monkeypatch):
        files_ = [MaterialFactory(campaign=campaign).files.get() for _ in range(3)]
        monkeypatch.setattr("campaigns.materials.kits.LARGEST_KIT", 2 * files_[0].size)

        assert len(unpacked(public.get(EVERYTHING).content)) == 1 + 2

    def test_has_both_of_two_files_of_one_name(self, campaign, public):
        for folder in ("one", "two"):
            document = MaterialFactory(campaign=campaign).files.get().document
            name = document.file.storage.save(f"documents/{folder}/same.pdf", ContentFile(folder.encode()))
            type(document).objects.filter(pk=document.pk).update(file=name)

        found = unpacked(public.get(EVERYTHING).content)

        assert {b"one", b"two"} <= {*found.values()}

    def test_is_not_there_while_its_page_may_not_be_public(self, campaign, public, monkeypatch):
        MaterialFactory(campaign=campaign)
        assert EVERYTHING in all_paths()
        monkeypatch.setattr(CampaignPage, "render_blockers", lambda self: ["It is not translated."])

        assert public.get(EVERYTHING).status_code == 404
        assert [*all_paths()] == []

    @pytest.mark.parametrize("name", ["teachers", "nonsense"])
    def test_is_not_there_without_materials_for_the_audience(self, campaign, public, name):
        MaterialFactory(campaign=campaign, audiences=[Readership.HEALTH])

        assert public.get(f"/en/campaigns/path/kits/{name}.zip").status_code == 404

    def test_is_offered_with_its_size(self, campaign, toolkit, read):
        MaterialFactory(campaign=campaign, audiences=[Readership.HEALTH])

        for page, path in ((TOOLKIT, KIT), ("/en/campaigns/path/", EVERYTHING)):
            link = read(page).select_one(f"a[href='{path}']")
            assert "1 file" in link.get_text()

    def test_is_rendered_and_follows_its_materials(self, campaign):
        material = MaterialFactory(name="Path", campaign=campaign, audiences=[Readership.HEALTH])
        render_only(KIT, EVERYTHING)
        assert unpacked(FileStore().file(KIT).read_bytes())

        MaterialText.objects.filter(material=material).update(title="Another name")
        material.save()
        prerender.render_due()
        assert b"Another name" in unpacked(FileStore().file(KIT).read_bytes())["READ ME.html"]

        material.unpublish()
        prerender.render_due()
        assert not prerendered(KIT)
        assert not prerendered(EVERYTHING)

    def test_and_files_are_rendered_together_with_their_page(self, campaign):
        MaterialFactory(campaign=campaign)
        [file] = MaterialFile.objects.public()

        urgency = patterns_for_change("campaigns.campaignpage", str(campaign.pk), moved=True)

        assert {urgency[EVERYTHING], urgency[file.document.url]} == {PendingPath.Urgency.NOW}


class TestEmbargo:
    @pytest.fixture
    def secret(self, now, campaigns):
        """A scheduled campaign, with a toolkit and a material that are published already."""
        campaign = CampaignPageFactory(parent=campaigns, slug="spring", title="Canary", embargo=NOON)
        MaterialFactory(name="Canary poster", campaign=campaign, audiences=[Readership.HEALTH])
        ToolkitPageFactory(parent=campaign, slug="canary-toolkit", title="Canary toolkit", live=False)
        return campaign

    def test_lets_nothing_of_toolkits_and_kits_be_known(self, secret, campaign, home):
        MaterialIndexPageFactory(parent=home)
        MaterialFactory(name="Path", campaign=campaign, audiences=[Readership.HEALTH])

        prerender.render_all()

        there = [path for path in FileStore().root.rglob("*") if path.is_file()]
        assert prerendered(KIT)
        assert [path for path in there if "spring" in str(path) or "canary" in str(path)] == []
        assert [path for path in there if b"anary" in path.read_bytes()] == []
        for path in (KIT, EVERYTHING):
            assert not [
                name for name, data in unpacked(FileStore().file(path).read_bytes()).items() if b"anary" in data
            ]
        assert not len(Search(query="canary", code="en").results)

    @pytest.mark.parametrize("path", ["canary-toolkit/", "kits/all.zip", "kits/health.zip"])
    def test_answers_that_there_is_nothing(self, secret, public, path):
        assert public.get(f"/en/campaigns/spring/{path}").status_code == 404

    def test_ends_for_all_of_them_together(self, secret, now):
        now.move_to(NOON + timedelta(seconds=1))

        scheduler.tick()

        parts = ("", "canary-toolkit/", "kits/all.zip", "kits/health.zip")
        paths = [f"/en/campaigns/spring/{part}" for part in parts]
        render_only(*paths)
        assert all(prerendered(path) for path in paths)

    def test_is_one_time_for_the_campaign_and_its_toolkits(self, secret, now):
        secret.embargo = NOON + timedelta(days=1)
        secret.save_revision()

        scheduler.tick()

        waiting = ToolkitPage.objects.get(slug="canary-toolkit")
        assert not waiting.live
        assert waiting.go_live_at == NOON + timedelta(days=1)
