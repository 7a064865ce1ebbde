"""Texts of a material: translators, translation memory and history by language."""

import itertools
from typing import Any

import pytest
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from campaigns.materials.admin import MaterialForm, MaterialViewSet
from campaigns.models import Material, MaterialText
from home.models import HomePage
from tests.factories.campaigns import MaterialFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.users import addresses

pytestmark = pytest.mark.django_db

ROLES = {
    "Administrator": {"de", "fr", "ar"},
    "Campaign editor": set(),
    "Translator: German": {"de"},
    "Translator: French": {"fr"},
    "Listing drafter": set(),
    "Listing approver": set(),
    "Network manager": set(),
}
LANGUAGES = ("en", "de", "fr", "ar")
FIELDS = ("title", "description", "terms")
# Fields that translators may not change: facts of the material, texts of its files, and metadata of a text.
FORGED = {
    "name": "Forged", "kind": "film", "licence": "cc0", "language": "fr", "material": "1", "made_from": "{}",
    "live": "",
    "alt_text": "Forged", "transcript": "Forged", "texts-0-title": "Forged", "texts-0-language": "fr",
    "files-0-alt_text": "Forged",
}  # fmt: skip


@pytest.fixture
@cached_fixture
def poster(all_roles: HomePage) -> Material:
    """A poster with texts in English, German and French."""
    material = MaterialFactory(name="Poster", languages=("en", "de", "fr"))
    material.texts = [
        MaterialText(language=code, title=f"Title {code}", description="One. Two.", terms="Keep it.")
        for code in ("en", "de", "fr")
    ]
    material.save_revision().publish()
    return Material.objects.get()


def said(language: str) -> MaterialText | None:
    return MaterialText.objects.filter(language=language).first()


def english(**words: str) -> None:
    """Publish changed English texts, as an editor does."""
    material = Material.objects.get().get_latest_revision_as_object()
    for text in material.texts.all():
        if text.language == "en":
            for name, value in words.items():
                setattr(text, name, value)
            material.texts.add(text)
    material.save_revision().publish()


def everything() -> dict[str, Any]:
    """Return all stored data of the material and of its newest version, by language and field."""
    material = Material.objects.get()
    found: dict[str, Any] = {"facts": model_to_dict(material, exclude=["texts", "files"])}
    for text in [*material.texts.all(), *material.get_latest_revision_as_object().texts.all()]:
        for name in FIELDS:
            found[f"{text.language} {name}"] = getattr(text, name)
    for file in material.files.all():
        found[f"file {file.language}"] = (file.alt_text, file.transcript, file.document_id)
    return found


def address(language: str) -> str:
    return reverse("wording", args=[language, "materials", said("en").pk])


def save(private: Client, into: str, **words: str) -> Any:
    given = {
        "title": "Titel",
        "description": "Eins. Zwei.",
        "terms": "So lassen.",
        "submit_for_review": "yes",
    }
    return private.post(address(into), given | words)


def sign_in(private: Client, role: str) -> Any:
    user = UserFactory(roles=[role])
    private.force_login(user)
    return user


class TestWhoMayWrite:
    @pytest.mark.parametrize("role", ROLES)
    def test_is_decided_by_language(self, private, poster, role):
        sign_in(private, role)
        expected = everything()
        for language, field in itertools.product(LANGUAGES, FIELDS):
            words = {name: f"{name} {language}" for name in FIELDS} | {field: f"Written here, {language} {field}"}

            save(private, language, **FORGED | words)

            if language in ROLES[role]:
                expected |= {f"{language} {name}": words[name] for name in FIELDS}
            assert everything() == expected, (language, field)

    @pytest.mark.parametrize("role", ["Translator: German", "Listing approver", "Network manager"])
    def test_is_the_same_at_every_address(self, private, poster, role, monkeypatch):
        sign_in(private, role)
        text = said("fr")
        named = {
            "app_label": "campaigns", "model_name": "material", "code": "fr", "key": "materials", "pk": str(poster.pk),
            "revision_id": str(poster.latest_revision_id), "id": str(poster.pk),
        }  # fmt: skip
        monkeypatch.setattr(addresses, "NAMED", addresses.NAMED | named)
        before = everything()
        asked = [each for each in addresses.admin_addresses() if "material" in each or "/words/" in each]

        for each in asked:
            for body in (
                FORGED,
                FORGED | {"title": "Forged", "texts-0-id": str(text.pk), "submit_for_review": "yes"},
            ):
                assert private.post(each, body).status_code < 500

        assert len(asked) > 10
        assert everything() == before


class TestATranslation:
    def test_remembers_the_words_that_it_was_made_from(self, private, poster):
        sign_in(private, "Translator: German")

        save(private, "de")

        assert said("de").made_from == {"title": "Title en", "description": "One. Two.", "terms": "Keep it."}

    def test_goes_stale_when_the_words_of_its_source_change(self, private, poster):
        sign_in(private, "Translator: German")
        save(private, "de", description="Eins. Zwei.")

        english(description="One. Two. Three.")

        assert "its source has changed since" in private.get(reverse("wordings")).content.decode()
        page = private.get(address("de")).content.decode()
        assert "What has changed in the original" in page
        assert 'class="comparison"' in page
        assert "Eins. Zwei.</textarea>" in page
        assert said("de").description == "Eins. Zwei."

        save(private, "de", description="Eins. Zwei. Drei.")

        assert "its source has changed since" not in private.get(reverse("wordings")).content.decode()

    def test_stays_as_good_as_it_was_when_only_the_date_or_the_spaces_change(self, private, poster):
        sign_in(private, "Translator: German")
        save(private, "de")

        english(description="One.\r\n Two.")

        assert "its source has changed since" not in private.get(reverse("wordings")).content.decode()

    def test_is_not_made_from_an_unseen_source(self, private, poster):
        sign_in(private, "Translator: German")
        seen = private.get(address("de")).context["form"]["seen"].initial
        english(title="Another title")

        response = save(private, "de", title="Nach dem alten Titel", seen=seen)

        assert "meanwhile another user has changed the original" in response.content.decode()
        assert 'value="Nach dem alten Titel"' in response.content.decode()
        assert said("de").title == "Title de"

        save(private, "de", title="Anderer Titel", seen=response.context["form"].data["seen"])

        assert said("de").title == "Anderer Titel"

    def test_of_an_editor_is_made_from_what_stands_beside_it(self, poster):
        english(title="New")
        form_class = MaterialViewSet().edit_handler.bind_to_model(Material).get_form_class()
        data = posted(form_class(instance=Material.objects.get()), de="Neu")

        form = form_class(data, instance=Material.objects.get())

        assert isinstance(form, MaterialForm)
        assert form.is_valid(), form.errors
        made_from = {text.language: text.made_from for text in form.save(commit=False).texts.all()}
        assert made_from["de"]["title"] == "New"
        assert made_from["fr"]["title"] == "Title en"

    def test_has_a_history_of_its_own(self, private, poster):
        sign_in(private, "Translator: French")
        save(private, "fr", title="Geheim")
        robin = sign_in(private, "Translator: German")
        save(private, "de", title="Erster")
        save(private, "de", title="Zweiter")

        page = private.get(address("de"))

        newest, older, *_first = page.context["past"]
        assert (newest.by, older.by) == (robin, robin)
        assert [strip_tags(words) for _label, words in newest.words] == ["ErsterZweiter"]
        assert "Zweiter" in page.content.decode()
        assert "Geheim" not in page.content.decode()


def posted(form: Any, **titles: str) -> dict[str, Any]:
    """Return the data of the form of a material, with other titles for some languages."""
    data = {name: form[name].value() or "" for name in form.fields}
    for formset in form.formsets.values():
        for field in formset.management_form:
            data[field.html_name] = field.value()
        for each in formset.forms:
            data |= {each[name].html_name: each[name].value() or "" for name in each.fields}
            if (code := each["language"].value()) in titles and "title" in each.fields:
                data[each["title"].html_name] = titles[code]
    return data
