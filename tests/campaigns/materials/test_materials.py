import datetime as dt
import json

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from wagtail_localize.operations import translate_object

from campaigns.following import feeds
from campaigns.materials import catalogue
from campaigns.models import Material, MaterialFile, MaterialText
from campaigns.sharing import linked_data
from campaigns.studio import batches
from core.models import Picture, UploadedDocument
from core.uploads import first_pages
from prerender import services as prerender
from prerender.invalidation import expand_changes
from prerender.models import PendingPath
from prerender.store.files import FileStore
from tests.factories.campaigns import (
    CampaignPageFactory,
    DesignFactory,
    FileFactory,
    MaterialFactory,
    NewsPageFactory,
    PictureFactory,
    ThemeFactory,
)
from tests.support import documents, files
from tests.support.cached_fixtures import cached_fixture

pytestmark = pytest.mark.usefixtures("without_api")


@pytest.fixture
@cached_fixture
def campaign(campaigns):
    return CampaignPageFactory(parent=campaigns, slug="path")


def words(element) -> str:
    return " ".join(element.get_text(" ", strip=True).split())


class TestDownloadList:
    def test_says_what_each_file_is(self, campaign, read):
        file = MaterialFactory(name="You can tell me", campaign=campaign).files.get()

        link = read().select_one(".download-files a")

        assert words(link) == f"You can tell me (en): Download PDF ({len(files.PDF)} bytes, English)"
        assert link["href"] == f"/documents/{file.document.pk}/{file.document.filename}"
        assert (link["hreflang"], link["type"]) == ("en", "application/pdf")
        assert link.has_attr("download")

    def test_offers_the_readers_language_first_and_the_others_at_hand(self, campaign, read):
        MaterialFactory(campaign=campaign, languages=("de", "en", "ar"))

        html = read()

        assert [link["hreflang"] for link in html.select(".download-files a")] == ["en"]
        others = html.select(".download-more ul a")
        assert [(link["hreflang"], words(link.bdi)) for link in others] == [
            ("de", "Deutsch"),
            ("ar", "العربية"),
        ]
        assert not html.select_one(".download-more").has_attr("open")

    def test_says_of_each_output_in_another_language_which_it_is(self, campaign, read):
        design = DesignFactory(
            material=MaterialFactory(campaign=campaign, languages=("en",)),
            languages=("fr",),
            formats=("poster-a4", "blank-a4"),
        )
        design.material.save_revision().publish()
        for _done, _total in batches.redraw(design):
            pass

        others = [words(link).partition(" · PDF")[0] for link in read().select(".download-more ul a")]

        assert others == ["français · Poster A4", "français · Poster A4 with an empty place for a logo"]

    def test_says_when_there_is_nothing_in_the_readers_language(self, campaign, read):
        MaterialFactory(campaign=campaign, languages=("de", "fr"))

        html = read()

        assert "no file in this language yet" in html.select_one(".download-none").get_text()
        assert "German" in html.select_one(".download-none").get_text()
        assert [link["hreflang"] for link in html.select(".download-files a")] == ["de"]
        assert html.select_one(".download-more").has_attr("open")
        assert html.select_one(".download [lang]")["lang"] == "de"

    def test_marks_words_of_another_language_with_their_direction(self, campaign, read):
        MaterialFactory(campaign=campaign, languages=("ar",))

        assert read().select_one(".download [lang=ar]")["dir"] == "rtl"

    def test_shows_the_same_material_to_readers_of_every_language(self, campaign, read, in_language):
        MaterialFactory(campaign=campaign, languages=("en", "ar"))
        in_language(campaign, "ar")

        html = read("/ar/campaigns/path/")

        assert [link["hreflang"] for link in html.select(".download-files a")] == ["ar"]
        assert Material.objects.count() == 1

    def test_shows_no_draft_nothing_without_a_file_and_nothing_of_another_campaign(self, campaign, campaigns, read):
        MaterialFactory(campaign=campaign, live=False)
        MaterialFactory(campaign=campaign, languages=())
        MaterialFactory(campaign=CampaignPageFactory(parent=campaigns))

        assert not read().select(".download")

    def test_offers_two_formats_of_one_language(self, campaign, read):
        material = MaterialFactory(campaign=campaign)
        card = UploadedDocument.objects.create(title="Card", file=ContentFile(files.picture(), name="card.png"))
        MaterialFile.objects.create(material=material, language="en", document=card, alt_text="Two colours.")

        assert [link["type"] for link in read().select(".download-files a")] == [
            "application/pdf",
            "image/png",
        ]

    def test_gives_them_once_if_several_files_show_the_same(self, campaign, read):
        material = MaterialFactory(campaign=campaign)
        for words in ("What it shows (en)", "Something else", ""):
            MaterialFile.objects.create(material=material, language="en", document=FileFactory(), alt_text=words)

        said = [words.p.get_text() for words in read().select(".download-more:has(p)")]

        assert said == ["What it shows (en)", "Something else"]

    def test_shows_licence_and_terms(self, campaign, read):
        material = MaterialFactory(campaign=campaign, licence="CC-BY-SA-4.0")
        MaterialText.objects.filter(material=material).update(terms="There is room for one logo.")

        terms = read().select_one(".download-terms")

        assert terms.a["href"] == "https://creativecommons.org/licenses/by-sa/4.0/"
        assert "There is room for one logo." in terms.get_text()

    def test_names_the_theme_in_the_readers_language(self, campaign, read, in_language, languages):
        theme = ThemeFactory(name="Bystanders")
        german = theme.copy_for_translation(languages["de"])
        german.name = "Menschen, die etwas merken"
        german.save()
        MaterialFactory(campaign=campaign, theme=theme, languages=("en", "de"))
        in_language(campaign, "de")

        assert "Bystanders" in words(read().select_one(".download .tags"))
        assert "Menschen, die etwas merken" in words(read("/de/campaigns/path/").select_one(".download .tags"))

    def test_shows_its_first_page_in_the_words_of_its_language(self, campaign, read):
        material = MaterialFactory(campaign=campaign, languages=("de",))
        PictureFactory(first_page_of=material.files.get().document)

        shown = read().select_one(".download-picture")

        assert (shown["lang"], shown.img["alt"]) == ("de", "What it shows (de)")

    def test_shows_the_picture_that_an_editor_chose_before_its_first_page(self, campaign, read):
        material = MaterialFactory(campaign=campaign)
        PictureFactory(first_page_of=material.files.get().document)
        MaterialFile.objects.filter(material=material).update(
            preview=PictureFactory(file=ContentFile(files.picture(size=(33, 11)), name="chosen.png"))
        )

        assert read().select_one(".download-picture img")["width"] == "33"

    def test_shows_of_what_kind_it_is_where_there_is_no_picture(self, campaign, read):
        MaterialFactory(campaign=campaign, kind=Material.Kind.AUDIO)

        assert words(read().select_one(".download-tile")) == "Audio"

    def test_groups_materials_by_kind(self, campaign, read):
        for kind in (Material.Kind.AUDIO, Material.Kind.POSTER, Material.Kind.AUDIO):
            MaterialFactory(campaign=campaign, kind=kind)

        kinds = read().select(".kinds > section")

        assert [(kind.h3.get_text(), len(kind.select(".download"))) for kind in kinds] == [
            ("Poster", 1),
            ("Audio", 2),
        ]

    def test_stands_in_the_text_where_an_editor_has_placed_it(self, news, read):
        material = MaterialFactory()
        body = [{"type": "download", "value": material.pk}]
        NewsPageFactory(parent=news, slug="today", body=body)

        assert len(read("/en/news/today/").select(".download")) == 1

    def test_leaves_the_place_empty_where_the_material_is_gone(self, news, read):
        material = MaterialFactory()
        page = NewsPageFactory(parent=news, slug="today", body=[{"type": "download", "value": material.pk}])
        material.delete()

        assert not read("/en/news/today/").select(".download")
        assert page.live


class TestMaterial:
    def test_is_not_copied_when_the_campaign_is_translated(self, campaign, in_language, languages):
        MaterialFactory(campaign=campaign, languages=("en", "de"))
        in_language(campaign.get_parent().specific, "de")

        translate_object(campaign, [languages["de"]])

        assert (Material.objects.count(), MaterialFile.objects.count()) == (1, 2)
        assert len(campaign.get_translation(languages["de"]).downloads) == 1

    def test_keeps_its_files_when_a_page_of_the_campaign_is_deleted(self, campaign, in_language, read):
        MaterialFactory(campaign=campaign, languages=("en", "de"))
        in_language(campaign, "de")

        campaign.delete()

        assert len(read("/de/campaigns/path/").select(".download")) == 1

    @pytest.mark.parametrize(
        ("name", "content"), [("a.png", files.picture()), ("a.mp3", files.MP3), ("a.mp4", documents.film())]
    )
    def test_asks_for_words_that_stand_for_pictures_and_sound(self, db, name, content):
        document = UploadedDocument.objects.create(title="A", file=ContentFile(content, name=name))

        with pytest.raises(ValidationError):
            MaterialFile(material=MaterialFactory(), language="en", document=document).clean()

    @pytest.mark.parametrize(("code", "direction"), [("en", "ltr"), ("ar", "rtl"), ("nonsense", "ltr")])
    def test_is_previewed_in_every_language_that_it_speaks(self, home, code, direction):
        material = MaterialFactory(languages=("en", "ar"))

        response = material.make_preview_request(preview_mode=code)

        html = BeautifulSoup(response.content, "html.parser")
        assert response.status_code == 200
        assert html.html["dir"] == direction
        assert len(html.find_all("h1")) == 1
        assert ("ar", "العربية") in material.preview_modes

    def test_may_be_of_a_kind_of_its_own_only_once_in_a_language(self, db):
        material = MaterialFactory()
        with pytest.raises(ValidationError, match="two texts"):
            MaterialText(material=material, language="en", title="Again").validate_constraints()


@pytest.mark.usefixtures("campaigns")
class TestRender:
    """A change renders only the addresses that show it."""

    @pytest.fixture
    @cached_fixture
    def site(self, campaign, campaigns, news):
        other = CampaignPageFactory(parent=campaigns, slug="other")
        theme = ThemeFactory(name="Bystanders")
        material = MaterialFactory(campaign=campaign, theme=theme)
        today = NewsPageFactory(parent=news, slug="today", body=[{"type": "download", "value": material.pk}])
        prerender.render_all()
        return other, theme, material, today

    @pytest.fixture
    def prerendered(self, campaign, site):
        self.campaign = campaign
        self.other, self.theme, self.material, self.news = site

    @pytest.fixture
    def committed(self, django_capture_on_commit_callbacks):
        return lambda: django_capture_on_commit_callbacks(execute=True)

    def to_render(self) -> set[str]:
        """Return the addresses that are prerendered after the commit."""
        expand_changes()
        return {*PendingPath.objects.values_list("path", flat=True)}

    @pytest.mark.parametrize("what", ["material", "text", "file", "document", "theme", "translated theme"])
    def test_follows_a_change(self, prerendered, languages, what):
        text, file = self.material.texts.get(), self.material.files.get()

        match what:
            case "material":
                self.material.name = "Renamed"
                self.material.save_revision().publish()
            case "text":
                text.title = "Renamed"
                text.save()
            case "file":
                file.alt_text = "Other words"
                file.save()
            case "document":
                file.document.title = "Renamed"
                file.document.save()
            case "theme":
                self.theme.name = "Renamed"
                self.theme.save()
            case _:
                self.theme.copy_for_translation(languages["de"]).save()

        rerendered = self.to_render()
        assert rerendered >= {"/en/campaigns/path/"}
        # A campaign without a picture has its poster in the list, and on campaigns that link to it.
        listed = {"/en/campaigns/", "/en/campaigns/other/"}
        kit = "/en/campaigns/path/kits/all.zip"
        # The catalogue and the feeds of themes have it, too.
        described = {catalogue.TURTLE, catalogue.JSON_LD}
        followed = {feeds.ways_to_follow_path(code) for code in languages}
        assert described <= rerendered
        where = {"/en/campaigns/path/", "/en/news/today/", kit, file.document.url}
        assert rerendered <= {*where, *listed, *described, *followed}
        assert "/en/news/today/" in rerendered or what in {"text", "file", "translated theme"}

    def test_follows_a_material_to_another_campaign(self, prerendered):
        self.material.save_revision()
        self.material.campaign_key = self.other.translation_key
        self.material.save_revision().publish()

        assert {"/en/campaigns/path/", "/en/campaigns/other/"} <= self.to_render()

    def test_offers_files_while_something_offers_them(self, prerendered, committed):
        url = self.material.files.get().document.url
        assert FileStore().file(url).is_file()

        with committed():
            self.news.unpublish()
        assert FileStore().file(url).is_file()

        with committed():
            self.campaign.unpublish()
        assert not FileStore().file(url).exists()

    @pytest.mark.parametrize("how", ["unpublish", "delete"])
    def test_takes_files_back_with_their_material(self, prerendered, committed, how):
        url = self.material.files.get().document.url

        with committed():
            getattr(Material.objects.get(), how)()

        assert not FileStore().file(url).exists()

    def test_follows_the_picture_of_its_first_page(self, prerendered, committed):
        with committed():
            first_pages.draw(self.material.files.get().document)

        assert "/pictures/" in FileStore().file("/en/campaigns/path/").read_text()
        with committed():
            Picture.objects.get().delete()
        assert "/pictures/" not in FileStore().file("/en/campaigns/path/").read_text()

    def test_keeps_what_was_only_uploaded_to_itself(self, prerendered, committed):
        with committed():
            file = FileFactory()
        prerender.render_all()

        assert not FileStore().file(file.url).exists()

    def test_offers_a_file_that_a_page_links_to(self, prerendered, committed, campaigns):
        with committed():
            file = FileFactory()
        link = f'<p><a linktype="document" id="{file.pk}">Guide</a></p>'
        with committed():
            CampaignPageFactory(parent=campaigns, slug="guide", body=[{"type": "text", "value": link}])

        assert f'href="{file.url}"' in FileStore().file("/en/campaigns/guide/").read_text()
        assert FileStore().file(file.url).is_file()


class TestLinkedData:
    def test_describes_the_campaign_and_its_files(self, campaign, read):
        MaterialFactory(campaign=campaign, languages=("en", "ar"))

        thing = json.loads(read().find("script", type="application/ld+json").string)

        assert thing["@type"] == "CreativeWork"
        assert [part["inLanguage"] for part in thing["hasPart"]] == ["en"]  # the library has all of them
        assert {part["license"] for part in thing["hasPart"]} == {"https://creativecommons.org/licenses/by/4.0/"}

    def test_says_the_day_that_it_is_where_the_site_is_at_home(self, campaign):
        campaign.first_published_at = campaign.last_published_at = dt.datetime(2026, 11, 27, 23, 30, tzinfo=dt.UTC)

        thing = linked_data.story(campaign)

        assert thing["datePublished"] == thing["dateModified"] == "2026-11-28"

    def test_cannot_be_broken_out_of(self, campaigns, read):
        CampaignPageFactory(parent=campaigns, slug="path", title="</script><script>alert(1)</script>")

        html = read()

        assert [script.get("type") for script in html.find_all("script")] == ["module", "application/ld+json"]
        assert json.loads(html.find("script", type="application/ld+json").string)["name"].startswith("</script>")
