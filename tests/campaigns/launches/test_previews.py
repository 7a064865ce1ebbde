"""Previews for partners: the contents of a link, its end, and the lack of access to anything else."""

import io
import zipfile
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.test import Client

from campaigns.launches import previews, services
from campaigns.models import CampaignPage, Material, PreviewLink
from tests.campaigns.conftest import NOON, soup
from tests.factories.campaigns import (
    CampaignPageFactory,
    FileFactory,
    MaterialFactory,
    PictureFactory,
    ToolkitPageFactory,
)
from tests.support import documents
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import opened

pytestmark = pytest.mark.django_db
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:02.000\nYou can talk to somebody.\n"


@pytest.fixture
@cached_fixture
def campaign(now, campaigns, in_language) -> CampaignPage:
    page = CampaignPageFactory(
        parent=campaigns,
        slug="spring",
        title="Spring",
        embargo=NOON,
        picture=PictureFactory(),
        picture_alt="A path.",
    )
    in_language(page, "de")
    in_language(page, "fr")
    ToolkitPageFactory(parent=page, title="For nurses")
    MaterialFactory(campaign=page, languages=["en", "de", "fr"])
    MaterialFactory(languages=["en"])
    return CampaignPage.objects.get(pk=page.pk)


@pytest.fixture
def token(campaign) -> str:
    return services.make_preview_link(
        campaign_key=campaign.translation_key,
        name="Lantern",
        languages=["en", "de"],
        until=NOON,
        by=None,
    )


@pytest.fixture
def address(private: Client, token: str) -> str:
    """Open a link and return the address that it leads to."""
    return opened(private, f"/previews/{token}/")


def page_of(private: Client, address: str, title: str) -> BeautifulSoup:
    [link] = [a for a in soup(private.get(address)).select("main a") if a.text == title]
    return soup(private.get(link["href"]))


class TestPreview:
    def test_shows_the_pages_and_files_of_its_languages_and_no_others(self, private, address):
        links = {a.text: a["href"] for a in soup(private.get(address)).select("main a")}

        assert {"Spring", "For nurses", "Spring (de)"} <= links.keys()
        assert "Spring (fr)" not in links
        assert sum("/files/" in href for href in links.values()) == 2

    def test_shows_a_page_as_it_will_be_and_says_when(self, private, address):
        page = page_of(private, address, "Spring")

        assert page.h1.text == "Spring"
        assert "not public before" in page.select_one(".preview-note").text
        assert page.select_one("meta[name=robots]")["content"].startswith("noindex")

    def test_has_no_language_that_was_called_off_until_it_is_published_again(self, private, address):
        german = CampaignPage.objects.get(locale__language_code="de")
        path = next(a["href"] for a in soup(private.get(address)).select("main a") if a.text == german.title)

        services.call_off(page=german, by=None)

        assert german.title not in {a.text for a in soup(private.get(address)).select("main a")}
        assert "Spring" in {a.text for a in soup(private.get(address)).select("main a")}
        assert private.get(path).status_code == 410
        german.refresh_from_db()
        german.latest_revision.publish()
        assert private.get(path).status_code == 200

    def test_leads_nowhere_else(self, private, address):
        page = page_of(private, address, "Spring")

        for a in page.select("a[href]"):
            assert a["href"].startswith(("#", "/previews/opened/"))
        assert not page.select("form, script, [action], iframe")

    def test_gives_its_files_and_pictures_and_no_others(self, private, address, campaign):
        page = page_of(private, address, "Spring")
        files = {a["href"] for a in page.select("a[href*='/files/']")}
        pictures = {img["src"] for img in page.select("img[src*='/pictures/']")}

        assert files
        assert pictures
        for each in (*files, *pictures):
            answer = private.get(each)
            assert answer.status_code == 200
            assert answer.getvalue()  # which also closes the file
        french = campaign.materials.get().files.get(language="fr").document
        assert private.get(f"{address}files/{french.pk}/{french.filename}").status_code == 410
        other = next(iter(pictures))
        assert private.get(other[:-3] + "AAA").status_code == 410

    def test_gives_the_kit_of_each_language_and_no_other(self, private, address, campaign):
        material = campaign.materials.get()
        for title, code in (("Spring", "en"), ("Spring (de)", "de")):
            [kit] = page_of(private, address, title).select("main a[href$='/all.zip']")
            answer = private.get(kit["href"])

            names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
            assert answer["Content-Disposition"] == f'attachment; filename="spring-{code}-all.zip"'
            files = [name for name in names if not name.endswith(".html")]
            own = material.files.get(language=code).document.filename
            assert [name.rpartition("/")[2] for name in files] == [own]
        french = CampaignPage.objects.get(locale__language_code="fr")
        english = kit["href"].rpartition("/kits/")[0]
        assert private.get(f"{english}/kits/{french.pk}/all.zip").status_code == 410
        assert private.get(f"{english}/kits/{campaign.pk}/nurses.zip").status_code == 410

    def test_plays_its_films_with_their_captions(self, private, address, campaign):
        film = FileFactory(file=ContentFile(documents.film(), name="film.mp4"))
        captions = FileFactory(file=ContentFile(CAPTIONS, name="film.vtt"))
        material = MaterialFactory(campaign=campaign, kind=Material.Kind.FILM, languages=["en"])
        material.files.update(document=film, captions=captions)

        [video] = page_of(private, address, "Spring").select("video")

        assert video["preload"] == "none"
        for part in video.select("source, track"):
            assert part["src"].startswith(address)
            answer = private.get(part["src"])
            assert answer.status_code == 200
            assert answer.getvalue()
            assert "media-src 'self'" in answer["Content-Security-Policy"]
        assert len(video.select("source, track")) == 2

    def test_is_not_cached_or_indexed_and_sends_no_referrer(self, private, address):
        for each in (address, soup(private.get(address)).select_one("main a")["href"]):
            answer = private.get(each)

            assert "no-store" in answer["Cache-Control"]
            assert answer["X-Robots-Tag"] == "noindex"
            assert answer["Referrer-Policy"] == "no-referrer"

    def test_writes_nothing_about_who_looks(self, private, address):
        before = PreviewLink.objects.values().get()

        page_of(private, address, "Spring")

        assert PreviewLink.objects.values().get() == before
        assert not Session.objects.exists()
        assert {name for name in private.cookies if not name.startswith("__Host-link-")} == set()

    def test_is_not_to_be_had_on_the_public_site(self, public, token, address):
        assert public.get(f"/previews/{token}/").status_code == 404
        assert public.get(address).status_code == 404

    def test_takes_no_form(self, private, address):
        assert private.post(address).status_code == 405


class TestEnd:
    def gone(self, private: Client, address: str) -> bytes:
        answer = private.get(address)
        assert answer.status_code == 410
        return answer.content

    def test_is_the_same_for_all_that_do_not_work(self, private, now, token, campaign, address):
        link = PreviewLink.objects.get()
        link.revoke()
        revoked = self.gone(private, address)
        PreviewLink.objects.update(revoked_at=None, expires_at=NOON - timedelta(days=3))
        expired = self.gone(private, address)
        link.delete()
        never = self.gone(private, address)
        forged = self.gone(private, opened(private, f"/previews/{token[:-2]}xx/"))
        closed = self.gone(private, "/previews/opened/0123456789abcdef/")

        assert revoked == expired == never == forged == closed

    def test_comes_immediately_for_pages_files_and_pictures(self, private, address):
        page = page_of(private, address, "Spring")
        file = page.select_one("a[href*='/files/']")["href"]
        picture = page.select_one("img[src*='/pictures/']")["src"]

        PreviewLink.objects.get().revoke()

        assert {private.get(each).status_code for each in (file, picture, address)} == {410}

    def test_comes_after_thirty_days_at_the_latest(self, campaign):
        with pytest.raises(ValueError, match="2027"):
            services.make_preview_link(
                campaign_key=campaign.translation_key,
                name="x",
                languages=["en"],
                until=NOON + timedelta(days=30),
                by=None,
            )

    def test_is_forgotten_a_month_later(self, now, token):
        now.move_to(NOON + timedelta(days=29))
        services.forget_partners()
        kept = PreviewLink.objects.count()
        now.move_to(NOON + timedelta(days=31))

        services.forget_partners()

        assert (kept, PreviewLink.objects.count()) == (1, 0)

    def test_has_a_limit_of_requests(self, private, address, monkeypatch):
        monkeypatch.setattr(previews, "FROM_ADDRESS", previews.Limit(name="few", times=2, seconds=600))

        assert [private.get(address).status_code for _ in range(3)] == [200, 200, 429]
