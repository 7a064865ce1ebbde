"""Previews of pages in shared links and search results."""

import io

import pytest
from PIL import Image

from core.publishing import sharing
from home.routes import CardRoute
from prerender import services
from prerender.store.files import FileStore
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import GuidePageFactory
from tests.support.html import parse
from tests.support.languages import in_language
from tests.support.publishing import render_only

pytestmark = pytest.mark.usefixtures("without_api")


@pytest.fixture(autouse=True)
def _shown_without_being_rendered(settings):
    settings.RENDER_ON_REQUEST = True


def metadata(response) -> dict[str, str]:
    """Return a page's metadata for other programs, by name."""
    tags = parse(response.text).all("meta")
    return {name: tag["content"] for tag in tags if (name := tag.get("property") or tag.get("name"))}


@pytest.fixture
def about(home):
    introduction = "Who we are, " + "and what we do, " * 20 + "in the end."
    return StandardPageFactory(parent=home, slug="about", title="About us & you", introduction=introduction)


class TestPreviewOfPage:
    def test_has_metadata_for_previews(self, about, languages, public, settings):
        in_language(about.get_parent().specific, languages["ar"])
        in_language(about, languages["ar"])

        found = metadata(public.get("/en/about/"))

        assert found["og:type"] == "website"
        assert found["og:site_name"] == "Waymark"
        assert found["og:title"] == "About us & you"
        assert found["og:description"] == found["description"]
        assert found["og:url"] == f"{settings.PUBLIC_URL}/en/about/"
        assert (found["og:locale"], found["og:locale:alternate"]) == ("en_GB", "ar_EG")
        assert found["og:image"] == f"{settings.PUBLIC_URL}/cards/en/about.png"
        assert found["og:image:alt"] == "About us & you"
        assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
        assert found["twitter:card"] == "summary_large_image"

    def test_is_described_by_its_editor_or_by_its_first_words(self, about, public):
        first = metadata(public.get("/en/about/"))["description"]
        about.search_description = "What an editor wrote."
        about.save()

        assert first.startswith("Who we are, and what we do, and")
        assert first.endswith(" …")
        assert len(first) <= 160
        assert metadata(public.get("/en/about/"))["description"] == "What an editor wrote."

    def test_below_a_section_has_the_picture_of_the_section(self, about, public, settings):
        StandardPageFactory(parent=about, slug="team")

        assert metadata(public.get("/en/about/team/"))["og:image"].endswith("/cards/en/about.png")
        assert metadata(public.get("/en/search/"))["og:image"].endswith("/cards/en.png")

    @pytest.mark.parametrize("path", ["/en/help/", "/en/help/first-steps/"])
    def test_about_help_is_shown_nowhere_by_itself(self, finder, public, path):
        GuidePageFactory(parent=finder, slug="first-steps", introduction="Where to begin.")

        response = public.get(path)
        found = metadata(response)

        assert response.status_code == 200
        assert [name for name in found if name.startswith(("og:", "twitter:"))] == []
        assert "description" not in found  # only a description that an editor has written

    @pytest.mark.parametrize(("code", "locale"), [("de", "de_DE"), ("nb", "nb_NO"), ("eu", "eu_ES"), ("xx", "xx")])
    def test_names_the_country_of_its_language(self, code, locale):
        assert sharing.open_graph_locale(code) == locale


class TestDescriptions:
    def test_keep_the_spaces_of_french_punctuation(self):
        assert sharing.shortened("<p>Le prix\u202f:\n  gratuit</p>") == "Le prix\u202f: gratuit"


class TestSharingCard:
    def test_is_rendered_for_home_pages_and_sections_but_not_for_help(self, about, finder, languages):
        home = about.get_parent().specific
        StandardPageFactory(parent=about, slug="team")
        StandardPageFactory(parent=home, slug="draft").unpublish()
        in_language(home, languages["de"])

        assert sorted(CardRoute().addresses()) == ["/cards/de.png", "/cards/en.png", "/cards/en/about.png"]
        assert list(CardRoute().existing(["/cards/en.png", "/cards/en/help.png", "/en/"])) == ["/cards/en.png"]

    def test_is_a_picture_of_the_declared_size(self, about, public):
        render_only("/cards/en/about.png", "/cards/en.png")
        response = public.get("/cards/en/about.png")
        picture = Image.open(io.BytesIO(response.getvalue()))

        assert response["Content-Type"] == "image/png"
        assert (picture.format, picture.size) == ("PNG", (1200, 630))

    @pytest.mark.parametrize("path", ["/cards/en/help.png", "/cards/en/nothing.png", "/cards/fr.png"])
    def test_is_not_there_for_other_pages(self, about, finder, public, path):
        assert public.get(path).status_code == 404

    def test_goes_with_its_page(self, about):
        render_only("/cards/en/about.png")
        about.slug = "about-us"
        about.save_revision().publish()
        services.render_due()

        there = [path for path in ("/cards/en/about.png", "/cards/en/about-us.png") if FileStore().file(path).exists()]
        assert there == ["/cards/en/about-us.png"]

    def test_keeps_the_title_within_its_edges(self, about):
        about.title = "Donaudampfschifffahrtsgesellschaft " * 6
        drawn = Image.open(io.BytesIO(sharing.drawn_card(about, site="Waymark"))).convert("RGB")

        # The margin at the start of the lines has only the background.
        assert len(drawn.crop((0, 0, 80, 630)).getcolors()) == 1
