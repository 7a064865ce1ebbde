"""Campaigns as editors make them and as readers find them, in a real browser on the real site."""

import re

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect

from campaigns.materials.models import Readership
from campaigns.models import MaterialFile
from campaigns.roles import CAMPAIGN_EDITOR
from core.models import UploadedDocument
from demo.campaigns import FILM
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    FileFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
    NewsIndexPageFactory,
    NewsPageFactory,
    PictureFactory,
    ToolkitPageFactory,
)
from tests.factories.users import PASSWORD, UserFactory
from tests.journeys.conftest import open_admin
from tests.support import files
from tests.support.browser import axe, overflow
from tests.support.cached_fixtures import cached_fixture
from users import roles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOOLKIT_STORY = [
    {"type": "heading", "value": "To pass on"},
    {"type": "text_to_copy", "value": {"title": "For a newsletter", "text": "Take this."}},
    {
        "type": "word_guide",
        "value": {
            "items": [
                {
                    "type": "item",
                    "id": "1",
                    "value": {"rather": "abuse", "instead_of": "a label", "why": "It is."},
                }
            ]
        },
    },
]


def in_language(page, locale, title: str):
    """Publish a translation of a page, as if a translator had typed it."""
    copy = page.copy_for_translation(locale)
    copy.title = title
    copy.save_revision().publish()
    return type(page).objects.get(pk=copy.pk)


@pytest.fixture
@cached_fixture
def campaigns(home, languages):
    """The list of campaigns in English, German and Arabic."""
    with transaction.atomic():  # one render for all of it
        page = CampaignIndexPageFactory(parent=home, show_in_menus=True)
        for code, start, title in (("de", "Start", "Kampagnen"), ("ar", "الرئيسية", "الحملات")):
            in_language(home, languages[code], start)
            in_language(page, languages[code], title)
    return page


class TestMakingACampaign:
    @pytest.fixture
    def in_the_admin(self, working_site, open_page, campaigns):
        """The admin, with a campaign editor signed in."""
        roles.sync()
        editor = UserFactory(roles=[CAMPAIGN_EDITOR], with_password=True)
        return open_admin(open_page, working_site, editor.email)

    def create(self, page, campaigns) -> None:
        page.goto(page.url.partition("/admin/")[0] + f"/admin/pages/add/campaigns/campaignpage/{campaigns.pk}/")
        page.get_by_role("textbox", name="Title*").first.fill("Choose your path")
        page.get_by_role("textbox", name="Introduction*").fill("You can choose what you do.")
        page.get_by_role("textbox", name="Audience").fill("Everybody")

    def publish(self, page) -> None:
        page.get_by_role("button", name="More actions").click()
        page.get_by_role("button", name="Publish", exact=True).click()
        page.get_by_role("link", name="Choose your path").first.wait_for()

    def send_to_german(self, page) -> None:
        page.get_by_role("link", name="Choose your path").first.click()
        page.get_by_role("button", name="Actions", exact=True).click()
        page.get_by_role("link", name="Translate this page").click()
        page.get_by_role("checkbox", name="Deutsch").check()
        page.get_by_role("button", name="Submit").click()
        page.get_by_role("button", name="Publish in Deutsch").wait_for()

    def translate(self, page, *texts: str) -> None:
        for number, text in enumerate(texts, start=1):
            page.get_by_role("button", name="Translate", exact=True).first.click()
            page.locator("textarea:visible").fill(text)
            page.get_by_role("button", name="Save", exact=True).click()
            # This shows that the admin has saved it.
            expect(page.get_by_text("Translated manually")).to_have_count(number)

    def test_keeps_a_half_translated_campaign_to_the_admin(self, in_the_admin, working_site, campaigns):
        page = in_the_admin
        self.create(page, campaigns)
        self.publish(page)
        self.send_to_german(page)
        self.translate(page, "Wähle deinen Weg")

        page.get_by_role("button", name="Publish in Deutsch").click()
        page.wait_for_load_state()
        working_site.wait_until_idle()

        assert working_site.get("/de/campaigns/choose-your-path/").status == 404


class TestPlanningALaunch:
    def test_has_every_field_within_the_screen_of_a_phone(self, site_server, open_page, campaigns):
        user = UserFactory(is_superuser=True, with_password=True)
        campaign = CampaignPageFactory(parent=campaigns)
        page = open_page(f"{site_server.private_url}/account/login/", width=390, locale="ar")
        page.locator("[name=login]").fill(user.email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url("**/admin/**")

        page.goto(site_server.private_url + reverse("launch_plan", args=[campaign.pk]))
        page.locator("main details").evaluate_all("all => all.forEach((each) => { each.open = true; })")

        fields = page.locator("main :is(input, select):visible")
        boxes = [box for box in (field.bounding_box() for field in fields.all()) if box]
        assert len(boxes) > 5
        assert [box for box in boxes if box["x"] < 0 or box["x"] + box["width"] > 390] == []


PATHS = (
    "/en/campaigns/",
    "/en/campaigns/path/",
    "/en/campaigns/path/press/",
    "/en/materials/",
    "/ar/campaigns/",
    "/ar/campaigns/path/",
    "/en/news/",
    "/en/news/today/",
)


class TestReadingACampaign:
    @staticmethod
    def add_film(page):
        """Add a film in two languages, each with its captions."""
        film = UploadedDocument.objects.create(title="Film", file=ContentFile(FILM.read_bytes(), name="film.mp4"))
        rows = []
        for code, said in (("en", "You can tell me"), ("ar", "يمكنك إخباري")):
            text = f"WEBVTT\n\n00:00.000 --> 00:04.000\n{said}\n"
            captions = UploadedDocument.objects.create(
                title="Captions", file=ContentFile(text.encode(), name=f"film-{code}.vtt")
            )
            rows.append(MaterialFile(language=code, document=film, captions=captions, transcript=said))
        material = MaterialFactory(campaign=page, name="Film", kind="film", languages=())
        material.files = rows
        material.save()

    @pytest.fixture
    @cached_fixture
    def campaign(self, campaigns, languages):
        """A campaign with everything that one can have, in English and Arabic."""
        with transaction.atomic():
            page = CampaignPageFactory(parent=campaigns, slug="path", title="Choose your path", full=True)
            for name, spoken in (("Poster", ("en", "de", "ar")), ("Leaflet", ("de",))):
                material = MaterialFactory(campaign=page, name=name, languages=spoken, audiences=[Readership.PARENTS])
                material.files.update(preview=PictureFactory())
            in_language(page, languages["ar"], "اختر طريقك")
            poster = MaterialFactory(
                campaign=page, name="Notice", languages=("en", "fr"), audiences=[Readership.HEALTH]
            )
            poster.files.add(MaterialFile(language="fr", country="be", document=FileFactory()))
            poster.save()
            self.add_film(page)
            ToolkitPageFactory(parent=page, slug="press", audience=Readership.JOURNALISTS, body=TOOLKIT_STORY)
            MaterialIndexPageFactory(parent=campaigns.get_parent())
            news = NewsIndexPageFactory(parent=campaigns.get_parent())
            NewsPageFactory(parent=news, slug="today")
        return page

    def test_is_accessible_and_fits_a_large_screen_in_the_dark(self, site_server, campaign, open_page):
        page = open_page(scheme="dark")  # on a small one, in the light: test_every_page
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        faults = {}

        for path in PATHS:
            page.goto(site_server.public_url + path)
            if found := [*axe(page), *overflow(page)]:
                faults[path] = found

        assert faults == {}
        # To the browser, the block of linked data is not a script, so the policy does not apply to it.
        assert errors == []

    def test_downloads_a_poster_without_scripts(self, site_server, campaign, open_page):
        page = open_page(f"{site_server.public_url}/en/campaigns/path/", width=320, scripts=False)
        to_materials = page.get_by_role("link", name="Go to the materials")
        to_materials.click()

        with page.expect_download() as downloading:
            page.get_by_role("link", name=re.compile("Poster .*Download PDF")).click()

        assert downloading.value.path().read_bytes() == files.PDF
        assert downloading.value.suggested_filename.endswith(".pdf")
        page.emulate_media(media="print")
        assert to_materials.is_hidden()

    def test_finds_the_poster_for_nurses_in_french_with_the_number_of_belgium(self, site_server, campaign, open_page):
        page = open_page(f"{site_server.public_url}/en/", width=320, scripts=False)
        clicks = 0

        def click(link):
            nonlocal clicks
            link.click()
            clicks += 1

        click(page.get_by_role("navigation").get_by_role("link", name="Campaigns").first)
        click(page.get_by_role("link", name="All materials"))
        page.get_by_label("Audience").select_option("Nurses and health staff")
        page.get_by_label("Language", exact=True).select_option("French")
        page.get_by_label("Made for the country").select_option("Belgium")
        expect(page.locator(".library-list .card:visible")).to_have_count(1)
        expect(page.locator(".library-count span")).to_be_hidden()  # the style sheet counts
        click(page.locator(".library-list .card:visible a"))
        with page.expect_download() as downloading:
            click(page.get_by_role("link", name=re.compile("français · Belgium|Belgium")))

        assert downloading.value.path().read_bytes() == files.PDF
        assert clicks == 4

    def test_sees_a_film_with_captions_in_the_own_language(self, site_server, campaign, open_page):
        asked: list[str] = []
        page = open_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{site_server.public_url}/en/campaigns/path/#materials")
        video = page.locator("video")
        expect(video).to_be_hidden()
        page.get_by_text("Film in English").click()
        expect(video).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert [url for url in asked if url.endswith(".mp4")] == []  # its size is shown, and it has not been started

        cue = video.evaluate("""async (video) => {
            const track = [...video.textTracks].find((each) => each.language === "en");
            track.mode = "showing";
            video.muted = true;
            await video.play();
            while (!track.cues?.length) await new Promise((done) => setTimeout(done, 50));
            return track.cues[0].text;
        }""")

        assert cue == "You can tell me"
        assert sorted(video.locator("track").evaluate_all("all => all.map((one) => one.srclang)")) == [
            "ar",
            "en",
        ]

    def test_copies_a_text_of_a_toolkit(self, site_server, campaign, open_page):
        page = open_page(f"{site_server.public_url}/en/campaigns/path/press/")

        page.get_by_role("button", name="Copy").click()

        expect(page.get_by_role("button", name=re.compile("Copied"))).to_be_visible()
        assert page.evaluate("getSelection().toString().trim()") == "Take this."
        assert page.locator("[data-exit]").count() == 2

    def test_finds_other_languages_one_tap_away(self, site_server, campaign, open_page):
        page = open_page(f"{site_server.public_url}/en/campaigns/path/", scripts=False)
        poster = page.locator(".download", has_text="Poster (en)")
        arabic = re.compile("العربية")
        expect(poster.get_by_role("link", name=arabic)).to_be_hidden()

        poster.get_by_role("link", name="All files and languages").click()

        expect(page.get_by_role("heading", name=arabic)).to_be_visible()
        expect(page.locator(".material-files a[hreflang=ar]")).to_be_visible()

    def test_finds_help_one_step_away(self, site_server, campaign, open_page):
        page = open_page(f"{site_server.public_url}/en/campaigns/path/")

        expect(page.locator(".to-help").get_by_role("link", name="Find support")).to_have_attribute("href", "/en/help/")

    @pytest.mark.parametrize("name", ["page.pdf", "picture.png"])
    def test_gets_files_that_no_browser_runs(self, site_server, campaign, name):
        content = files.PDF if name.endswith("pdf") else files.picture()
        document = UploadedDocument.objects.create(title="A", file=ContentFile(content, name=name))
        CampaignPageFactory(
            parent=campaign.get_parent(),
            body=[{"type": "text", "value": f'<p><a linktype="document" id="{document.pk}">A</a></p>'}],
        )

        answer = site_server.wait_for(document.url)

        assert answer.header("Content-Security-Policy") == "default-src 'none'; sandbox"
        assert answer.header("Content-Disposition").startswith("attachment")
        assert answer.header("X-Content-Type-Options") == "nosniff"
