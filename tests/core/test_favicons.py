"""Icons of the site, in tabs, bookmarks and on home screens: the same for every page, so that none is revealing."""

import io
import json
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from PIL import Image

from core.assets import generated_files
from home.routes import ManifestRoute, PlainFiles
from tests.factories.core import StandardPageFactory
from tests.support.html import parse
from tests.support.palette import colour, tokens

SOURCE = (settings.ROOT / "site" / "static" / generated_files.SOURCE).read_text()


@pytest.fixture(autouse=True)
def _shown_without_being_rendered(settings):
    settings.RENDER_ON_REQUEST = True


def icons(response) -> list[tuple[str, str]]:
    links = parse(response.text).all("link")
    return [(link["rel"], link["href"]) for link in links if "icon" in link["rel"]]


class TestTheDrawing:
    def test_has_colours_of_the_design(self):
        drawn = (
            SOURCE + generated_files.TEMPLATE.read_text() + (generated_files.TEMPLATE.parent / "card.typ").read_text()
        )
        light = tokens("light")
        known = {colour(name, light) for name in ("pine", "pine-raised", "on-pine", "blaze")}

        assert set(re.findall(r"#[0-9a-f]{6}\b", drawn)) <= known


class TestIcons:
    @pytest.mark.parametrize("icon", generated_files.ICONS, ids=lambda icon: icon.name)
    def test_have_the_size_that_programs_ask_for(self, icon):
        file = finders.find(icon.name)
        assert file is not None
        with Image.open(file) as picture:
            size, corner = picture.size, picture.convert("RGBA").getpixel((0, 0))

        assert size == (icon.width, icon.width)
        # Systems crop icons that fill the square; the others have rounded corners already.
        assert corner[3] == (255 if icon.fills else 0)

    def test_that_are_cut_to_a_circle_lose_nothing(self):
        picture = Image.open(io.BytesIO(generated_files.drawn(generated_files.MASKABLE))).convert("L")
        ground, middle = picture.getpixel((0, 0)), generated_files.MASKABLE.width / 2
        painted = [(x, y) for x in range(0, 512, 4) for y in range(0, 512, 4) if picture.getpixel((x, y)) > ground + 50]

        assert painted
        assert all((x - middle) ** 2 + (y - middle) ** 2 <= (0.4 * 512) ** 2 for x, y in painted)

    def test_are_the_same_on_every_page(self, home, finder, public):
        StandardPageFactory(parent=home, slug="about")
        answers = [public.get(path) for path in ("/", "/en/", "/en/about/", "/en/help/", "/en/nowhere/")]
        found = [icons(answer) for answer in answers]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404]
        assert [rel for rel, _address in found[0]] == ["icon"]
        assert found == [found[0]] * len(found)

    def test_are_at_the_root_for_those_that_ask_there(self, home, public):
        response = public.get("/apple-touch-icon.png")

        assert response["Content-Type"] == "image/png"
        assert Image.open(io.BytesIO(response.content)).size == (180, 180)
        assert "/apple-touch-icon.png" in PlainFiles().addresses()


class TestTheManifest:
    def test_has_the_name_of_the_site_and_opens_its_home_page(self, languages, public):
        response = public.get("/manifests/ar.webmanifest")
        found = json.loads(response.text)

        assert response["Content-Type"] == "application/manifest+json"
        assert (found["name"], found["short_name"], found["display"]) == ("Waymark", "Waymark", "browser")
        assert (found["lang"], found["dir"], found["start_url"]) == ("ar", "rtl", "/ar/")
        assert {(icon["sizes"], icon["purpose"]) for icon in found["icons"]} == {
            ("192x192", "any"),
            ("512x512", "any"),
            ("512x512", "maskable"),
        }
        light = tokens("light")
        assert (found["theme_color"], found["background_color"]) == (
            colour("pine", light),
            colour("paper", light),
        )

    def test_is_rendered_in_each_public_language(self, languages):
        assert "/manifests/de.webmanifest" in set(ManifestRoute().addresses())

    def test_is_named_by_pages_but_not_by_help_pages(self, finder, public):
        def named(path):
            links = parse(public.get(path).text).all("link")
            return [link["href"] for link in links if link["rel"] == "manifest"]

        assert named("/en/") == ["/manifests/en.webmanifest"]
        assert named("/en/help/") == []

    def test_may_be_read_by_the_page_that_names_it(self, home, public):
        assert "manifest-src 'self'" in public.get("/en/")["Content-Security-Policy"]
