"""Translators' access to texts that are not pages, in their own language only."""

import pytest
from django.urls import reverse
from wagtail.models import Locale

from campaigns.models import Material, Theme
from core.admin import todo
from helpline.models import LawText, ProgrammeText
from network.models import Category
from tests.factories.campaigns import MaterialFactory, ThemeFactory
from tests.factories.helpline import (
    CountryLawFactory,
    LawTextFactory,
    ProgrammeFactory,
    ProgrammeTextFactory,
)
from tests.factories.network import CategoryFactory
from tests.factories.users import UserFactory
from tests.support.queries import queries
from users.admin.wordings import to_do

pytestmark = [
    pytest.mark.django_db,
    # Wagtail 8.0 sends its notifications in a way that Django 6.1 deprecates.
    pytest.mark.filterwarnings("ignore:get_connection\\(\\) is deprecated"),
    pytest.mark.filterwarnings("ignore:.*connection.* is deprecated"),
]


@pytest.fixture
def text(all_roles):
    return ProgrammeTextFactory(
        approved=True, programme=ProgrammeFactory(name="Night line"), summary="People who listen."
    )


@pytest.fixture
def german(private, all_roles):
    """The German translator, in the admin."""
    user = UserFactory(roles=["Translator: German"])
    private.force_login(user)
    return user


def address(row, code="de", key="programmes"):
    return reverse("wording", args=[code, key, row.pk])


class TestWords:
    def test_of_a_programme_are_submitted_to_a_second_person(self, private, german, text):
        page = private.get(reverse("wordings")).content.decode()
        assert "Night line" in page
        assert "not translated" in page

        form = private.get(address(text)).content.decode()
        assert "People who listen." in form
        assert '<textarea name="summary"' in form
        assert 'name="programme"' not in form

        private.post(address(text), {"summary": "Menschen, die zuhören.", "submit_for_review": "yes"})

        written = ProgrammeText.objects.get(locale__language_code="de")
        assert written.programme == text.programme
        assert written.get_latest_revision_as_object().summary == "Menschen, die zuhören."
        assert written.workflow_in_progress
        assert not written.live
        assert "submitted" in private.get(reverse("wordings")).content.decode()

    def test_of_a_law_are_submitted_too(self, private, german):
        law = LawTextFactory(law=CountryLawFactory(country="be"), words="They may speak.")
        assert "Belgium" in private.get(reverse("wordings")).content.decode()

        private.post(address(law, key="laws"), {"words": "Sie dürfen sprechen.", "submit_for_review": "yes"})

        written = LawText.objects.get(locale__language_code="de")
        assert (written.law, written.words) == (law.law, "Sie dürfen sprechen.")
        assert written.workflow_in_progress
        assert not written.live

    def test_of_a_material_are_used_immediately(self, private, german):
        material = MaterialFactory(name="Poster for schools")
        text = material.texts.get()
        assert "Poster for schools" in private.get(reverse("wordings")).content.decode()

        private.post(address(text, key="materials"), {"title": "Plakat", "submit_for_review": "yes"})
        private.post(address(text, key="materials"), {"title": "Plakat für Schulen", "submit_for_review": "yes"})

        material = Material.objects.get()
        assert {each.language: each.title for each in material.texts.all()} == {
            "en": text.title,
            "de": "Plakat für Schulen",
        }
        assert material.live
        assert not material.has_unpublished_changes
        assert material.latest_revision.user == german

    def test_of_a_material_publish_no_draft_of_another_user(self, private, german):
        material = MaterialFactory()
        text = material.texts.get()
        material.kind = Material.Kind.LEAFLET
        material.save_revision()

        private.post(address(text, key="materials"), {"title": "Plakat", "submit_for_review": "yes"})

        shown, draft = Material.objects.get(), Material.objects.get().get_latest_revision_as_object()
        assert (shown.kind, draft.kind) == (Material.Kind.POSTER, Material.Kind.LEAFLET)
        for each in (shown, draft):
            assert each.texts.get(language="de").title == "Plakat"
        assert shown.has_unpublished_changes

    def test_of_a_material_that_is_a_draft_can_wait(self, private, german):
        text = MaterialFactory(live=False).texts.get()

        assert private.get(address(text, key="materials"), follow=True).status_code == 404
        assert to_do(Locale.objects.get(language_code="de")) == []

    def test_of_a_draft_wait_until_it_is_submitted(self, private, german, text):
        private.post(address(text), {"summary": "Menschen."})

        assert not ProgrammeText.objects.get(locale__language_code="de").workflow_in_progress
        assert "a draft, not submitted" in private.get(reverse("wordings")).content.decode()
        assert ">Menschen.</textarea>" in private.get(address(text)).content.decode().replace("\n", "")

    def test_that_are_missing_are_asked_for(self, private, german, text):
        response = private.post(address(text), {"summary": "", "submit_for_review": "yes"})

        assert response.status_code == 200
        assert not ProgrammeText.objects.filter(locale__language_code="de").exists()

    def test_of_themes_and_categories_are_used_immediately(self, private, german):
        theme, field = ThemeFactory(name="Bystanders"), CategoryFactory(name="Treatment", live=True)

        private.post(address(theme, key="themes"), {"name": "Zeugen", "submit_for_review": "yes"})
        private.post(address(field, key="categories"), {"name": "Behandlung", "submit_for_review": "yes"})

        assert Theme.objects.get(locale__language_code="de").name == "Zeugen"
        translated = Category.objects.get(locale__language_code="de", translation_key=field.translation_key)
        assert (translated.name, translated.code, translated.live) == ("Behandlung", field.code, True)

    def test_are_for_those_of_the_language_only(self, private, german, text):
        assert private.get(reverse("wordings", args=["fr"])).status_code in {302, 403}
        assert private.get(reverse("wordings", args=["en"])).status_code in {302, 403}

        private.post(address(text, "fr"), {"summary": "Des gens.", "submit_for_review": "yes"})
        assert not ProgrammeText.objects.filter(locale__language_code="fr").exists()

    @pytest.mark.parametrize("role", ["Campaign editor", "Listing drafter", "Network manager"])
    def test_are_not_for_those_who_translate_nothing(self, private, all_roles, role):
        private.force_login(UserFactory(roles=[role]))

        assert private.get(reverse("wordings")).status_code in {302, 403}
        assert reverse("wordings") not in private.get("/admin/").content.decode()

    @pytest.mark.parametrize("path", ["de/nothing/1/", "de/programmes/999999/", "xx/programmes/1/", "de/programmes/0/"])
    def test_that_do_not_exist_are_no_error(self, private, german, path):
        assert private.get(f"{reverse('wordings')}{path}").status_code in {302, 403, 404}

    def test_are_asked_for_again_when_their_source_changes(self, text, german, private):
        theirs = ProgrammeTextFactory(
            approved=True, programme=text.programme, translation_key=text.translation_key,
            locale=Locale.objects.get(language_code="de"),
        )  # fmt: skip
        assert to_do(theirs.locale) == []

        text.last_published_at = theirs.latest_revision.created_at.replace(year=2099)
        ProgrammeText.objects.filter(pk=text.pk).update(last_published_at=text.last_published_at)

        (row,) = to_do(theirs.locale)
        assert row.state == "changed"

    def test_wait_on_the_start_page_of_their_translators(self, text, german):
        assert [(str(line.title), line.count) for line in todo.lines(german)] == [
            ("Words of listings, materials and themes to translate into German", 1)
        ]

    def test_take_the_same_queries_for_few_and_many(self, private, german, text):
        def read():
            assert private.get(reverse("wordings", args=["de"])).status_code == 200

        private.post(address(text), {"summary": "Menschen.", "submit_for_review": "yes"})
        MaterialFactory()
        LawTextFactory()
        read()
        few = queries(read)
        more = ProgrammeTextFactory.create_batch(3)
        ThemeFactory.create_batch(3)
        MaterialFactory.create_batch(3)
        LawTextFactory.create_batch(3)
        private.post(address(more[0]), {"summary": "Menschen.", "submit_for_review": "yes"})
        read()  # shows the message that it was submitted

        assert queries(read) == few
