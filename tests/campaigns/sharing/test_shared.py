"""Campaigns on other sites: share cards and oEmbed descriptions."""

import io

import pytest
from PIL import Image

from campaigns.models import CampaignPage
from campaigns.sharing.routes import OEmbedRoute, ShareCardRoute
from campaigns.studio import cards
from core.typesetting import TypesettingError
from prerender import services as prerender
from prerender.store.files import FileStore
from tests.factories.campaigns import (
    CampaignPageFactory,
    DesignFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
    NewsPageFactory,
    PictureFactory,
    ToolkitPageFactory,
)
from tests.support.html import parse
from tests.support.publishing import render_only


@pytest.fixture
def _nothing_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(cards, "folder", lambda: tmp_path)


@pytest.fixture
def campaign(campaigns) -> CampaignPage:
    return CampaignPageFactory(parent=campaigns, slug="path", title="You can choose")


def card_of(page) -> str:
    return f"/cards/{page.locale.language_code}/pages/{page.pk}.png"


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def head(response) -> dict[str, str]:
    return {tag["property"]: tag["content"] for tag in parse(response.text).all("meta") if tag.get("property")}


class TestCard:
    def test_is_drawn_for_campaigns_news_toolkits_and_materials_in_their_language(
        self, campaign, news, home, in_language, public
    ):
        toolkit = ToolkitPageFactory(parent=campaign, slug="nurses")
        item = NewsPageFactory(parent=news)
        MaterialIndexPageFactory(parent=home)
        material = MaterialFactory(campaign=campaign)
        arabic = in_language(campaign, "ar")

        paths = [card_of(campaign), card_of(toolkit), card_of(item), card_of(arabic)]
        paths.append(f"/cards/en/materials/{material.pk}.png")

        assert set(paths) == {*ShareCardRoute().addresses()}
        for path in paths:
            response = public.get(path)
            assert response["Content-Type"] == "image/png"
            assert picture(response.content).size == (1200, 630)
            assert len(response.content) < 100_000

    def test_is_what_the_page_says_it_looks_like(self, campaign, home, public, settings):
        MaterialIndexPageFactory(parent=home)
        material = MaterialFactory(campaign=campaign)

        story, download = public.get("/en/campaigns/path/"), public.get(f"/en/materials/{material.pk}/")

        assert head(story)["og:image"] == f"{settings.PUBLIC_URL}{card_of(campaign)}"
        assert head(story)["og:image:alt"] == "You can choose"
        assert head(download)["og:image"] == f"{settings.PUBLIC_URL}/cards/en/materials/{material.pk}.png"

    def test_is_not_drawn_for_a_page_with_a_picture(self, campaigns, public):
        page = CampaignPageFactory(parent=campaigns, picture=PictureFactory(), slug="shown")

        assert public.get(card_of(page)).status_code == 404
        assert [*ShareCardRoute().addresses()] == []
        assert "/cards/" not in head(public.get("/en/campaigns/shown/"))["og:image"]

    def test_turns_with_the_direction_of_reading(self):
        drawn = {
            code: picture(
                cards.card(title="Waymark", site="Waymark", language=code, hue="pine", scene="bus-stop")
            ).convert("RGB")
            for code in ("en", "ar")
        }
        blaze = (245, 184, 61)

        assert drawn["en"].getpixel((100, 78)) == drawn["ar"].getpixel((1100, 78)) == blaze
        assert drawn["en"].getpixel((1100, 78)) != blaze

    def test_has_the_colour_of_the_posters(self, campaign, public):
        before = picture(public.get(card_of(campaign)).content).convert("RGB").getpixel((5, 5))
        DesignFactory(material=MaterialFactory(campaign=campaign), hue="clay")
        after = picture(public.get(card_of(campaign)).content).convert("RGB").getpixel((5, 5))

        assert (before, after) == ((0xE0, 0xF1, 0xEF), (0xFC, 0xEC, 0xE4))

    @pytest.mark.usefixtures("_nothing_kept")
    def test_is_drawn_once_and_again_only_for_another_title_language_or_colour(self, monkeypatch):
        drawn = []
        draw = cards.drawer.draw
        monkeypatch.setattr(cards.drawer, "draw", lambda data: drawn.append(data) or draw(data))
        same = {"title": "A", "site": "Waymark", "language": "en", "hue": "pine", "scene": "bus-stop"}

        for change in ({}, {}, {"title": "B"}, {"language": "de"}, {"hue": "clay"}, {}):
            cards.card(**{**same, **change})

        assert len(drawn) == 4

    @pytest.mark.usefixtures("_nothing_kept")
    def test_that_cannot_be_drawn_is_that_of_the_section_and_keeps_no_page_from_being_rendered(
        self, campaign, monkeypatch, public
    ):
        monkeypatch.setattr(cards.drawer, "draw", lambda data: (_ for _ in ()).throw(TypesettingError("too long")))

        outcome = prerender.render_paths(["/en/campaigns/path/", card_of(campaign)])

        assert not outcome.refused
        assert picture(public.get(card_of(campaign)).content).convert("RGB").getpixel((5, 5)) == (16, 60, 63)

    @pytest.mark.usefixtures("_nothing_kept")
    def test_that_takes_too_long_is_given_up(self, monkeypatch):
        monkeypatch.setattr("campaigns.studio.drawing.LONGEST", 0.01)
        cards.drawer.end()

        with pytest.raises(TypesettingError):
            cards.card(title="A", site="Waymark", language="en", hue="pine", scene="bus-stop")

    def test_keeps_the_longest_title_within_its_edges(self):
        drawn = picture(
            cards.card(
                title="Donaudampfschifffahrt " * 11,
                site="Waymark",
                language="de",
                hue="pine",
                scene="bus-stop",
            )
        ).convert("RGB")

        assert len(drawn.crop((0, 0, 70, 630)).getcolors()) == 1
        assert len(drawn.crop((108, 480, 640, 505)).getcolors()) == 1  # between the title and the name of the site

    def test_goes_with_its_page(self, campaign, django_capture_on_commit_callbacks):
        toolkit = ToolkitPageFactory(parent=campaign, slug="nurses")
        paths = [card_of(campaign), card_of(toolkit), f"/oembed/en/pages/{campaign.pk}.json"]
        render_only(*paths)
        files = [FileStore().file(path) for path in paths]
        there = [file.is_file() for file in files]

        with django_capture_on_commit_callbacks(execute=True):
            campaign.unpublish()

        assert there == [True, True, True]
        assert [file.is_file() for file in files] == [False, False, False]


class TestOEmbed:
    REQUIRED = ("type", "version", "title", "provider_name", "provider_url", "cache_age")

    def test_describes_a_page_and_is_found_from_it(self, campaign, home, public, settings):
        MaterialIndexPageFactory(parent=home)
        material = MaterialFactory(campaign=campaign)
        for path, title in (
            ("/en/campaigns/path/", "You can choose"),
            (f"/en/materials/{material.pk}/", f"{material.name} (en)"),
        ):
            page = parse(public.get(path).text)
            [link] = [tag for tag in page.all("link") if tag.get("type") == "application/json+oembed"]
            response = public.get(link["href"].removeprefix(settings.PUBLIC_URL))
            found = response.json()

            assert response["Content-Type"] == "application/json"
            assert set(self.REQUIRED) <= found.keys()
            assert (found["version"], found["type"], found["title"]) == ("1.0", "link", title)
            assert found["url"] == f"{settings.PUBLIC_URL}{path}"
            assert (found["thumbnail_width"], found["thumbnail_height"]) == (1200, 630)
            assert found["thumbnail_url"].startswith(f"{settings.PUBLIC_URL}/cards/en/")

    def test_names_the_picture_that_an_editor_chose_as_it_is_published(self, campaigns):
        page = CampaignPageFactory(parent=campaigns, picture=PictureFactory(), slug="shown")
        path = f"/oembed/en/pages/{page.pk}.json"

        outcome = prerender.render_paths(["/en/campaigns/shown/", path])

        assert not outcome.refused
        assert "/pictures/" in FileStore().file(path).read_text()

    def test_is_there_for_every_public_page_and_for_nothing_else(self, campaign, in_language, languages):
        german = in_language(campaign, "de")
        CampaignPageFactory(parent=campaign.get_parent()).unpublish()

        assert {*OEmbedRoute().addresses()} == {
            f"/oembed/en/pages/{campaign.pk}.json",
            f"/oembed/de/pages/{german.pk}.json",
        }
        asked = [f"/oembed/{code}/pages/{campaign.pk}.json" for code in ("en", "de")]
        assert [*OEmbedRoute().existing(asked)] == asked[:1]

    @pytest.mark.parametrize(
        "path",
        [
            "/oembed/en/pages/9.json",
            "/oembed/xx/pages/1.json",
            "/oembed/en/nothing/1.json",
            "/cards/en/materials/9.png",
        ],
    )
    def test_is_not_there_for_anything_else(self, campaign, public, path):
        assert public.get(path).status_code == 404
