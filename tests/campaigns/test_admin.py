"""Admin views for editors of campaigns."""

import uuid

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield
from wagtail.users.models import UserProfile
from wagtail_localize.models import StringTranslation, Translation
from wagtail_localize.operations import translate_object

from campaigns.materials.models import Readership
from campaigns.models import (
    CampaignPage,
    Material,
    Theme,
    ToolkitPage,
)
from core.models import UploadedDocument
from tests.campaigns.conftest import soup
from tests.factories.campaigns import (
    CampaignPageFactory,
    FileFactory,
    MaterialFactory,
    NewsPageFactory,
    PartnerFactory,
    PictureFactory,
    ThemeFactory,
    ToolkitPageFactory,
)
from tests.support import files
from tests.support.cached_fixtures import cached_fixture
from tests.support.queries import queries
from users.models import User

LIST, ADD = (reverse(f"wagtailsnippets_campaigns_material:{name}") for name in ("list", "add"))


@pytest.fixture
@cached_fixture
def campaign(campaigns):
    return CampaignPageFactory(parent=campaigns, slug="path", title="Choose your path")


def form(campaign: CampaignPage, document: UploadedDocument, **changes):
    data = {
        "name": "Poster: Path",
        "campaign_key": str(campaign.translation_key),
        "kind": "poster",
        "theme": "",
        "licence": "CC-BY-4.0",
        "texts": inline_formset([{"language": "en", "title": "Path", "description": "", "terms": ""}]),
        "files": inline_formset([one_file("en", document)]),
    }
    return nested_form_data({**data, **changes})


def one_file(language: str, document: UploadedDocument):
    return {
        "language": language,
        "document": document.pk,
        "alt_text": "A path.",
        "transcript": "",
        "preview": "",
    }


@pytest.mark.usefixtures("search_index")
class TestListOfMaterials:
    @pytest.fixture
    def materials(self, campaign):
        MaterialFactory(name="Poster A", campaign=campaign, languages=("en", "de"))
        MaterialFactory(name="Film B", kind="film", languages=("fr",))
        MaterialFactory(name="Draft C", live=False)

    def rows(self, editor, **query) -> list[str]:
        table = soup(editor.get(LIST, query)).select("table.listing tbody tr")
        return [" ".join(row.get_text(" ", strip=True).split()) for row in table]

    def test_says_kind_campaign_languages_and_state(self, editor, materials):
        draft, film, poster = self.rows(editor)

        assert "Choose your path" in poster
        assert "de en" in poster
        assert "Film" in film
        assert "draft" in draft.lower()

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ({"kind": "film"}, ["Film B"]),
            ({"language": "de"}, ["Poster A"]),
            ({"missing": "en"}, ["Film B"]),
            ({"live": "false"}, ["Draft C"]),
            ({"q": "poster"}, ["Poster A"]),
            ({"kind": "nonsense"}, None),
            ({"campaign_key": "nonsense"}, None),
            ({"language": "zz"}, None),
        ],
    )
    def test_can_be_filtered(self, editor, materials, query, names):
        rows = self.rows(editor, **query)

        if names is not None:
            assert all(row.startswith(name) for row, name in zip(rows, names, strict=True))

    def test_can_be_filtered_to_a_campaign(self, editor, materials, campaign):
        assert len(self.rows(editor, campaign_key=str(campaign.translation_key))) == 1

    def test_takes_the_same_queries_for_few_and_many(self, editor, campaign):
        MaterialFactory.create_batch(2, campaign=campaign)
        self.rows(editor)
        few = queries(lambda: self.rows(editor))
        MaterialFactory.create_batch(4, campaign=campaign, languages=("en", "de"))

        assert queries(lambda: self.rows(editor)) == few


class TestFormOfAMaterial:
    def test_preselects_the_campaign_that_the_editor_came_from(self, editor, campaign):
        page = soup(editor.get(ADD, {"campaign_key": campaign.translation_key}))

        chosen = page.select_one("#id_campaign_key option[selected]")
        assert (chosen["value"], chosen.get_text()) == (str(campaign.translation_key), "Choose your path")
        assert editor.get(ADD, {"campaign_key": "nonsense"}).status_code == 200

    def test_presets_the_language_of_the_admin(self, editor, campaign):
        UserProfile.objects.create(user=User.objects.get(email="editor@example.org"), preferred_language="de")

        page = soup(editor.get(ADD))

        assert page.select_one("#id_texts-0-language option[selected]")["value"] == "de"

    def test_offers_each_campaign_once(self, editor, campaign, in_language):
        in_language(campaign, "de")

        options = soup(editor.get(ADD)).select("#id_campaign_key option")

        assert [option.get_text() for option in options] == [
            "None: it belongs to no campaign",
            "Choose your path",
        ]

    def test_saves_a_draft_that_is_not_public(self, editor, campaign, public):
        editor.post(ADD, form(campaign, FileFactory()))

        assert not Material.objects.get().live
        assert b"Poster" not in public.get("/en/campaigns/path/").content

    def test_publishes_it_with_its_files(self, editor, campaign, public):
        editor.post(ADD, {**form(campaign, FileFactory()), "action-publish": "publish"})

        assert Material.objects.get().campaign_key == campaign.translation_key
        assert b"Download PDF" in public.get("/en/campaigns/path/").content

    def test_keeps_a_change_to_itself_until_it_is_published(self, editor, campaign, public):
        editor.post(ADD, {**form(campaign, FileFactory()), "action-publish": "publish"})
        material = Material.objects.get()
        address = reverse("wagtailsnippets_campaigns_material:edit", args=[material.pk])
        none = {"texts": inline_formset([]), "files": inline_formset([])}

        editor.post(address, form(campaign, FileFactory(), name="Renamed", **none | {"texts": inline_formset([])}))

        material.refresh_from_db()
        assert material.name == "Poster: Path"

    def test_takes_one_file_of_a_format_for_each_language(self, editor, campaign):
        twice = inline_formset([one_file("en", FileFactory()), one_file("en", FileFactory())])

        response = editor.post(ADD, form(campaign, FileFactory(), files=twice))

        assert "Two files have the same format, language and country." in response.content.decode()
        assert not Material.objects.exists()

    def test_takes_another_for_a_country(self, editor, campaign):
        belgian = {**one_file("fr", FileFactory()), "country": "be"}
        twice = inline_formset([one_file("fr", FileFactory()), belgian])

        editor.post(ADD, {**form(campaign, FileFactory(), files=twice), "action-publish": "publish"})

        assert [file.made_for for file in Material.objects.get().files.all()] == [
            "français",
            "français · Belgium",
        ]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"texts": inline_formset([{"language": "en", "title": "Path", "description": "", "terms": ""}] * 2)},
            {"kind": "x", "campaign_key": "nonsense"},
        ],
    )
    def test_takes_one_text_for_each_language_a_kind_and_a_campaign_that_exists(self, editor, campaign, wrong):
        response = editor.post(ADD, form(campaign, FileFactory(), **wrong))

        assert response.status_code == 200
        assert not Material.objects.exists()

    @pytest.mark.parametrize("code", ["en", "ar"])
    def test_is_previewed(self, editor, campaign, code):
        material = MaterialFactory(campaign=campaign, languages=("en", "ar"))
        address = reverse("wagtailsnippets_campaigns_material:preview_on_edit", args=[material.pk])

        response = editor.get(address, {"mode": code, "in_preview_panel": "true"})

        assert response.status_code == 200


class TestFilesInTheAdmin:
    def test_are_for_those_who_work_here(self, editor, db):
        file = FileFactory()

        response = editor.get(file.url)

        assert (response.status_code, b"".join(response.streaming_content)) == (200, files.PDF)

    @pytest.mark.parametrize("has_account", [False, True])
    def test_are_refused_to_all_others(self, private, db, settings, has_account):
        if has_account:  # without a role
            private.force_login(User.objects.create_user("member@example.org"))
        file = FileFactory()

        assert private.get(file.url)["Location"] == f"{settings.PUBLIC_URL}{file.url}"


class TestFormOfAToolkit:
    def test_makes_no_second_one_for_the_same_readers(self, editor, campaign):
        toolkit = ToolkitPageFactory(parent=campaign)
        address = reverse("wagtailadmin_pages:add", args=["campaigns", "toolkitpage", campaign.pk])
        data = nested_form_data(
            {
                "title": "Again",
                "slug": "again",
                "audience": toolkit.audience,
                "introduction": "Two sentences.",
                "content_note": "",
                "picture": "",
                "picture_alt": "",
                "body": streamfield([]),
                "seo_title": "",
                "search_description": "",
            }
        )

        page = editor.post(address, data)

        assert "This campaign already has a toolkit for these readers." in page.content.decode()
        assert [*ToolkitPage.objects.child_of(campaign)] == [toolkit]

        other = next(code for code in Readership.values if code != toolkit.audience)
        assert editor.post(address, {**data, "audience": other}).status_code == 302


class TestFormOfACampaign:
    def test_lists_its_materials_and_leads_to_them(self, editor, campaign):
        material = MaterialFactory(campaign=campaign, name="Poster A")

        html = soup(editor.get(reverse("wagtailadmin_pages:edit", args=[campaign.pk])))

        assert "Times are in the time zone of your account: Europe/Brussels." in html.text
        assert html.find("a", string="Poster A")["href"].endswith(f"/edit/{material.pk}/")
        assert html.find("a", string="Add a material")["href"] == f"{ADD}?campaign_key={campaign.translation_key}"

    def test_opens_before_the_campaign_is_saved(self, editor, campaigns):
        address = reverse("wagtailadmin_pages:add", args=["campaigns", "campaignpage", campaigns.pk])

        assert "Save the page first." in editor.get(address).content.decode()

    def test_publishes_what_it_is_given(self, editor, campaigns, public):
        document = FileFactory()
        address = reverse("wagtailadmin_pages:add", args=["campaigns", "campaignpage", campaigns.pk])
        data = nested_form_data(
            {
                "title": "Listen",
                "slug": "listen",
                "introduction": "Two sentences.",
                "content_note": "",
                "picture": PictureFactory().pk,
                "picture_alt": "A path.",
                "audience": "Parents",
                "period_start": "2026-10-01",
                "period_end": "",
                "embargo": "",
                "key_messages": streamfield([("message", "Listen first.")]),
                "body": streamfield([("text", rich_text(f'<p><a linktype="document" id="{document.pk}">A</a></p>'))]),
                "partners": streamfield([("partner", PartnerFactory(name="Lantern").pk)]),
                "terms": rich_text("<p>Name the source.</p>"),
                "seo_title": "",
                "search_description": "",
            }
        )

        response = editor.post(address, {**data, "action-publish": "publish"})

        assert response.status_code == 302, response.context["form"].errors
        assert "Listen first." in public.get("/en/campaigns/listen/").content.decode()


class TestTranslation:
    """wagtail-localize, as the admin uses it: submit, translate, publish."""

    @pytest.fixture
    def translated(self, languages, django_capture_on_commit_callbacks):
        """Submit a page for translation into German, translate every text, and publish it."""

        def translate(page):
            translate_object(page, [languages["de"]])
            translation = Translation.objects.get(source__object_id=page.translation_key, target_locale=languages["de"])
            for segment in translation.source.stringsegment_set.all():
                StringTranslation.objects.create(
                    translation_of=segment.string,
                    locale=languages["de"],
                    context=segment.context,
                    data=f"DE {segment.string.data}",
                )
            with django_capture_on_commit_callbacks(execute=True):
                translation.save_target(publish=True)
            return page.get_translation(languages["de"])

        return translate

    @pytest.fixture(autouse=True)
    def _german_home(self, home, in_language, nothing_is_rendered):
        in_language(home, "de")

    def test_of_lists_and_news(self, campaigns, news, translated, public):
        for index in (campaigns, news):
            german = translated(index)
            assert german.live
            assert f"DE {german.slug.capitalize()}" in public.get(f"/de/{german.slug}/").text

        assert translated(NewsPageFactory(parent=news, slug="today", title="Today")).slug == "today"
        assert "DE Today" in public.get("/de/news/today/").text

    def test_of_a_campaign_with_everything(self, campaigns, translated, public):
        translated(campaigns)
        material = MaterialFactory(languages=("de",))
        hill = {"image": PictureFactory().pk, "alt_text": "A hill", "decorative": False}
        picture = {"type": "item", "id": str(uuid.uuid4()), "value": hill}
        campaign = CampaignPageFactory(
            parent=campaigns,
            slug="path",
            title="Path",
            full=True,
            body=[
                {"type": "heading", "value": "Why"},
                {"type": "text", "value": "<p>Because.</p>"},
                {"type": "download", "value": material.pk},
                {"type": "gallery", "value": {"title": "Seen", "pictures": [picture]}},
            ],
        )

        german = translated(campaign)

        html = soup(public.get("/de/campaigns/path/"))
        text = " ".join(html.get_text(" ", strip=True).split())
        for words in ("Path", "Why", "Because.", "Seen", "You can choose", "Name the"):
            assert f"DE {words}" in text
        assert html.select_one(".gallery img")["alt"] == "DE A hill"
        assert html.select_one("main figure img")["alt"] == "DE A path in the open country."
        assert len(html.select(".download")) == 1
        assert german.slug == "path"
        assert Material.objects.count() == 1

    def test_of_a_theme(self, translated):
        translated(ThemeFactory(name="Bystanders"))

        assert Theme.objects.get(locale__language_code="de").name == "DE Bystanders"
