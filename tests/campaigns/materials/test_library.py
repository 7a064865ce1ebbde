"""The library: all public materials, filtered without a script, and a page for each material."""

import json
import re
from random import Random

import brotli
import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command

from campaigns.materials.models import Readership
from campaigns.models import CampaignPage, Material, MaterialFile, MaterialText
from home.search import Search
from prerender import services as prerender
from prerender.store.files import FileStore
from tests.factories.campaigns import (
    CampaignPageFactory,
    FileFactory,
    MaterialFactory,
    MaterialIndexPageFactory,
    PictureFactory,
    ThemeFactory,
)
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import render_only
from tests.support.queries import queries

pytestmark = pytest.mark.usefixtures("without_api")
LIBRARY = "/en/materials/"


@pytest.fixture
@cached_fixture
def campaign(campaigns):
    return CampaignPageFactory(parent=campaigns, slug="path", title="Choose your path")


@pytest.fixture
@cached_fixture
def library(home):
    return MaterialIndexPageFactory(parent=home)


# Kinds with titles of realistic length, which differ in their words.
KINDS = ("poster", "leaflet", "social_card", "lesson")
WHAT = (
    "A calm question",
    "You can tell me",
    "Ten minutes a week",
    "Hard to say out loud",
    "Three small steps",
    "What to say first",
)
WHERE = (
    "the staff room",
    "evenings with parents",
    "the waiting room",
    "sports clubs",
    "a school newsletter",
    "the library",
    "night shifts",
)


def many_materials(campaign: CampaignPage, numbers: range) -> None:
    """Create posters, leaflets, cards and lessons with a text and a file in four languages, sharing a few documents."""
    picture = PictureFactory()
    documents = {code: FileFactory() for code in ("en", "de", "fr", "ar")}
    for document in documents.values():
        document.get_file_size()  # as it is after an upload
    themes = [ThemeFactory(name=f"People who notice, part {number}") for number in range(3)]
    materials = Material.objects.bulk_create(
        Material(
            name=f"Material {number}",
            kind=KINDS[number % 4],
            campaign_key=campaign.translation_key,
            theme=themes[number % 3],
            audiences=[Readership.values[number % 8], Readership.values[(number + 3) % 8]],
        )
        for number in numbers
    )
    MaterialText.objects.bulk_create(
        MaterialText(material=each, language="en", title=f"{WHAT[number % 6]}: for {WHERE[number % 7]}, {number}")
        for number, each in zip(numbers, materials, strict=True)
    )
    MaterialFile.objects.bulk_create(
        MaterialFile(material=each, language=code, document=document, preview=picture)
        for each in materials
        for code, document in documents.items()
    )


def titles(html: BeautifulSoup) -> list[str]:
    return [heading.get_text(strip=True) for heading in html.select(".library-list h2")]


def words(element) -> str:
    return " ".join(element.get_text(" ", strip=True).split())


def facts(html: BeautifulSoup) -> list[str]:
    """Return the lines below the titles of the cards."""
    return [words(line) for line in html.select(".library-list .card-meta")]


class TestLibrary:
    def test_lists_public_materials_in_all_languages(self, campaign, library, read):
        MaterialFactory(name="Poster", campaign=campaign, languages=("en",))
        MaterialFactory(name="Leaflet", campaign=campaign, languages=("de",))
        MaterialFactory(name="Of no campaign")
        MaterialFactory(name="Draft", campaign=campaign, live=False)
        MaterialFactory(name="Without a file", campaign=campaign, languages=())

        assert titles(read(LIBRARY)) == ["Leaflet (de)", "Of no campaign (en)", "Poster (en)"]

    def test_says_of_each_in_one_line_what_it_is_and_for_whom(self, campaign, library, read):
        MaterialFactory(name="You can tell me", campaign=campaign, audiences=[Readership.PARENTS, Readership.EVERYBODY])

        assert facts(read(LIBRARY)) == ["Poster · PDF · The general public · Parents and carers"]

    def test_says_the_kind_only_if_the_title_does_not(self, campaign, library, read):
        MaterialFactory(name="Poster: You can tell me", campaign=campaign)

        assert facts(read(LIBRARY)) == ["PDF"]

    def test_names_the_languages_once_if_they_are_the_same_for_all(self, campaign, library, read):
        for name in ("Poster B", "Poster C"):
            MaterialFactory(name=name, campaign=campaign, languages=("en", "ar"))

        html = read(LIBRARY)
        assert words(html.select_one(".library-note")) == "All in 2 languages: English · العربية"
        assert "العربية" not in words(html.select_one(".library-list"))

        MaterialFactory(name="Poster A", campaign=campaign)

        html = read(LIBRARY)
        assert not html.select(".library-note")
        assert facts(html) == ["PDF", "English", "PDF", "English · العربية", "PDF", "English · العربية"]

    def test_has_the_codes_of_each_file_together(self, campaign, library, read):
        material = MaterialFactory(campaign=campaign, languages=("en", "fr"), audiences=[Readership.HEALTH])
        material.files.filter(language="fr").update(country="be")

        row = read(LIBRARY).select_one(".library-list > li")

        assert (row["data-k"], row["data-a"]) == ("poster", "health")
        assert [(code["data-l"], code["data-f"], code["data-c"]) for code in row.select("i")] == [
            ("en", "pdf", ""),
            ("fr", "pdf", "1"),
        ]

    def test_asks_nothing_that_has_one_answer_and_says_how_many_there_are(self, campaign, library, read):
        MaterialFactory(campaign=campaign)
        page = read(LIBRARY)
        assert page.select("[data-facet]") == []
        assert page.select_one(".library-count").get_text() == "1 material"

        MaterialFactory(campaign=campaign, kind="leaflet", languages=("de",))

        page = read(LIBRARY)
        facets = {each["data-facet"]: each for each in page.select("[data-facet]")}
        assert page.select_one(".library-count").get_text() == "2 materials"
        assert set(facets) == {"k", "l"}
        assert [option["data-code"] for option in facets["k"].select("option")] == [
            "any",
            "k-poster",
            "k-leaflet",
        ]

    def test_keeps_nothing_telling_in_what_a_browser_saves(self, campaign, library, read):
        MaterialFactory(campaign=campaign)
        MaterialFactory(campaign=campaign, kind="leaflet")

        form = read(LIBRARY).select_one("form.filters")

        assert not form.has_attr("action")
        assert not form.select("[name]")
        assert all(option["value"].isdigit() for option in form.select("option"))

    def test_has_a_style_sheet_that_is_up_to_date(self):
        call_command("library_css", check=True)

    def test_takes_the_same_queries_for_few_and_many(self, campaign, public, library):
        def visit():
            assert public.get(LIBRARY).status_code == 200

        many_materials(campaign, range(3))
        visit()
        few = queries(visit)
        many_materials(campaign, range(3, 30))
        visit()  # draws the pictures

        assert queries(visit) == few

    def test_weighs_30_kb_with_300_materials(self, campaign, public, library):
        many_materials(campaign, range(300))
        numbers = Random(7)

        html = public.get(LIBRARY).content.decode()
        # Once prerendered, each has a different picture, named by its digest.
        html, pictures = re.subn(
            r'src="/media/images/[^"]+"',
            lambda _: f'src="/pictures/{numbers.getrandbits(96):024x}.webp"',
            html,
        )

        assert pictures == 300
        weight = len(brotli.compress(html.encode()))
        assert weight <= 30_000


class TestPageOfAMaterial:
    def test_has_all_its_files_and_leads_to_its_campaign(self, campaign, library, read):
        material = MaterialFactory(name="Path", campaign=campaign, languages=("en", "de"))

        html = read(f"{LIBRARY}{material.pk}/")

        assert html.h1.get_text(strip=True) == "Path (en)"
        assert html.title.get_text().startswith("Path (en)")
        assert [words(heading) for heading in html.select(".material-files h3")] == ["English", "Deutsch"]
        assert [link["hreflang"] for link in html.select(".material-files a")] == ["en", "de"]
        assert html.select_one(".material .button")["hreflang"] == "en"
        assert html.select_one(".material a[href='/en/campaigns/path/']")
        assert html.select_one(f"#main a[href='{LIBRARY}']")

    def test_has_the_files_of_the_readers_language_first(self, campaign, library, read, in_language):
        material = MaterialFactory(campaign=campaign, languages=("en", "fr", "ar"))
        in_language(library, "ar")

        html = read(f"/ar/materials/{material.pk}/")

        assert [section.h3["lang"] for section in html.select(".material-files section")] == ["ar", "en", "fr"]
        assert html.select_one(".material .button")["hreflang"] == "ar"

    def test_is_described_for_machines(self, campaign, library, read):
        material = MaterialFactory(name="Path", campaign=campaign, audiences=[Readership.HEALTH])

        data = json.loads(read(f"{LIBRARY}{material.pk}/").select_one("[type='application/ld+json']").string)

        assert data["name"] == "Path (en)"
        assert data["audience"] == [{"@type": "Audience", "audienceType": "Nurses and health staff"}]
        assert [part["encodingFormat"] for part in data["encoding"]] == ["application/pdf"]

    def test_is_at_the_same_address_in_every_language(self, campaign, library, read, in_language):
        material = MaterialFactory(name="Path", campaign=campaign, languages=("en", "ar"))
        in_language(library, "ar")

        html = read(f"/ar/materials/{material.pk}/")

        assert html.h1.get_text(strip=True) == "Path (ar)"
        assert html.select_one(f"a[hreflang=en][href='{LIBRARY}{material.pk}/']")

    @pytest.mark.parametrize("change", [{"live": False}, {"campaign_key": "7d0c7c52-7f70-4d4c-9d5e-3f7d6e5f0a11"}])
    def test_is_there_for_public_materials_only(self, campaign, public, library, change):
        material = MaterialFactory(campaign=campaign)
        type(material).objects.filter(pk=material.pk).update(**change)

        assert public.get(f"{LIBRARY}{material.pk}/").status_code == 404

    def test_is_found_by_search(self, campaign, library):
        material = MaterialFactory(name="Calm questions", campaign=campaign)

        [hit] = Search(query="question", code="en").results.answers

        assert (hit.title, hit.url) == ("Calm questions (en)", f"{LIBRARY}{material.pk}/")


class TestRender:
    def test_follows_the_materials(self, campaign, library):
        material = MaterialFactory(name="Path", campaign=campaign)
        own = FileStore().file(f"{LIBRARY}{material.pk}/")
        render_only(LIBRARY, f"{LIBRARY}{material.pk}/")
        assert own.is_file()

        material.texts.update(title="Another name")
        material.save()
        prerender.render_due()
        assert "Another name" in own.read_text()
        assert "Another name" in FileStore().file(LIBRARY).read_text()

        CampaignPage.objects.get(pk=campaign.pk).unpublish()
        prerender.render_due()
        assert not own.exists()
        assert "Another name" not in FileStore().file(LIBRARY).read_text()

    def test_offers_the_files_of_materials_without_a_campaign(self, library):
        url = MaterialFactory().files.get().document.url
        render_only(url)
        assert FileStore().file(url).is_file()

        library.unpublish()
        prerender.render_due()
        assert not FileStore().file(url).exists()

    def test_has_the_pages_of_materials_in_the_sitemap(self, campaign, library):
        material = MaterialFactory(campaign=campaign)

        render_only("/sitemaps/1.xml")

        assert f"{LIBRARY}{material.pk}/" in FileStore().file("/sitemaps/1.xml").read_text()
        assert MaterialFile.objects.public().count() == 1
