"""The queue: the texts of one language one below the other, each saved by itself, with what helps to translate it."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail import hooks
from wagtail.models import Locale
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from campaigns.models import Theme
from campaigns.roles import CAMPAIGN_EDITOR
from core.languages.glossary import TERMS
from core.models import KeptText
from tests.factories.campaigns import CampaignPageFactory
from tests.factories.helpline import GuidePageFactory
from tests.factories.users import UserFactory
from tests.support.publishing import publish_page
from tests.support.queries import queries
from tests.translating.conftest import FIRST, cell, change
from translating import memory, queue, states
from translating.models import CellState
from users import roles

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results"),
]
QUEUE = "/admin/translations/translate/de/"


@pytest.fixture
def greta(private, site) -> Any:
    """The German translator, in the admin."""
    user = UserFactory(roles=["Translator: German"])
    private.force_login(user)
    return user


def send(page: Any) -> Translation:
    """Send a page to the German translators."""
    german = Locale.objects.get(language_code="de")
    source, _made = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=german)
    translation.save_target(publish=False)
    states.write_noted()
    return translation


def shown(private: Any, query: str = "") -> list[Any]:
    """Return the texts on the screen."""
    states.write_noted()
    response = private.get(f"{QUEUE}{query}")
    assert response.status_code == 200
    return [text for group in response.context["groups"] for text in group.texts]


def save(private: Any, text: Any, words: str, query: str = "", **fields: str) -> Any:
    data = {"text": text.id, "seen": text.seen, "words": words, **fields}
    response = private.post(f"{QUEUE}{query}", data)
    states.write_noted()
    return response


class TestQueue:
    def test_has_the_texts_that_are_left_page_by_page(self, private, site, greta):
        send(CampaignPageFactory(parent=site["campaigns"], title="Second", introduction="A new sentence."))
        change(site["guide"], FIRST.replace("then", "and then"))

        texts = [(text.cell.subject.title, text.source) for text in shown(private)]

        assert ("First steps", "Breathe in, and then breathe out.") in texts
        assert ("Second", "A new sentence.") in texts
        assert not [text for text in texts if "somebody you trust" in text[1]]

    def test_saves_each_text_and_counts_it(self, private, site, greta):
        change(site["guide"], FIRST.replace("then", "and then"))
        [text] = shown(private, "?kind=pages")

        answer = private.post(
            f"{QUEUE}?kind=pages",
            {"text": text.id, "seen": text.seen, "words": "Einatmen, dann ausatmen."},
            headers={"accept": "application/json"},
        )

        stored = StringTranslation.objects.get(data="Einatmen, dann ausatmen.")
        assert answer.json()["said"] == "Saved"
        assert (stored.translation_type, stored.last_translated_by) == ("manual", greta)
        assert shown(private, "?kind=pages") == []
        assert cell(site["guide"], "de").state == CellState.WHOLE

    def test_stores_what_is_accepted_without_scripts(self, private, site, greta):
        change(site["guide"], FIRST.replace("then", "and then"))
        [text] = shown(private, "?kind=pages")

        save(private, text, "", take=text.suggestions[0].words)

        assert StringTranslation.objects.filter(
            translation_of=text.of.segment.string, data="Breathe in, then breathe out. (de)"
        ).exists()

    def test_forgets_a_translation_that_was_emptied(self, private, site, greta):
        translation = Translation.objects.get(
            source__object_id=site["guide"].translation_key, target_locale__language_code="de"
        )
        text = shown(private, f"?translation={translation.pk}&show=all")[-1]

        save(private, text, " ")

        assert cell(site["guide"], "de").state == CellState.STALE

    def test_keeps_what_another_translator_has_saved_meanwhile(self, private, site, greta):
        change(site["guide"], FIRST.replace("then", "and then"))
        [text] = shown(private, "?kind=pages")
        save(private, text, "Zuerst.")

        answer = private.post(
            QUEUE, {"text": text.id, "seen": text.seen, "words": "Danach."}, headers={"accept": "application/json"}
        )

        assert answer.status_code == 409
        assert "Zuerst." in answer.json()["said"]
        assert StringTranslation.objects.filter(data="Zuerst.").exists()

    def test_shows_what_has_changed_in_a_source_with_the_translation_as_it_was(self, private, site, greta):
        change(site["guide"], FIRST.replace("then", "and then"))

        states.write_noted()
        html = BeautifulSoup(private.get(QUEUE).content, "html.parser")

        assert html.select_one(".comparison ins, .comparison .addition").text.strip() == "and"
        assert html.textarea.text.strip() == "Breathe in, then breathe out. (de)"
        assert (html.textarea["lang"], html.textarea["dir"]) == ("de", "ltr")

    def test_says_what_is_wrong_with_the_markup_and_keeps_the_words(self, private, site, greta):
        change(site["guide"], FIRST.replace("then", "and then"))
        [text] = shown(private, "?kind=pages")

        save(private, text, "<script>x</script>")

        [text] = shown(private, "?kind=pages")
        assert text.words == "<script>x</script>"
        assert text.problem

    @pytest.mark.parametrize("role", ["Translator: French", CAMPAIGN_EDITOR])
    def test_is_for_those_who_may_edit_the_translation(self, private, site, greta, role):
        change(site["guide"], FIRST.replace("then", "and then"))
        [text] = shown(private, "?kind=pages")
        private.force_login(UserFactory(roles=[role]))

        assert save(private, text, "Einatmen.").status_code != 200
        assert not StringTranslation.objects.filter(data="Einatmen.").exists()

    def test_goes_on_from_screen_to_screen_without_leaving_a_text_out(self, private, site, greta, monkeypatch):
        monkeypatch.setattr(queue, "LENGTH", 2)
        body = "".join(f"<p>Sentence number {number}.</p>" for number in range(5))
        guide = GuidePageFactory(parent=site["guide"].get_parent(), slug="more", title="More", body=[("text", body)])
        send(guide)
        states.write_noted()
        seen, address = [], f"{QUEUE}?kind=pages"
        while address:
            context = private.get(address).context
            seen += [text.source for group in context["groups"] for text in group.texts]
            address = context["next_url"]

        assert len(seen) == len(set(seen))
        assert {f"Sentence number {number}." for number in range(5)} <= set(seen)

    def test_takes_the_same_queries_for_few_and_many(self, private, site, greta):
        send(CampaignPageFactory(parent=site["campaigns"], title="One", slug="one"))
        shown(private)
        few = queries(lambda: private.get(QUEUE))
        for number in range(4):
            send(CampaignPageFactory(parent=site["campaigns"], title=f"Page {number}", slug=f"c{number}"))
        states.write_noted()

        assert queries(lambda: private.get(QUEUE)) == few


class TestDoubt:
    def test_is_a_state_of_the_table_until_the_reviewer_removes_it(self, private, site, greta):
        site["campaign"].introduction = "Another sentence."
        publish_page(site["campaign"])
        texts = [text for text in shown(private) if text.source == "Another sentence."]
        save(private, texts[0], "Ein anderer Satz.", doubtful="on")
        assert cell(site["campaign"], "de").state == CellState.DOUBTFUL

        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
        table = private.get(f"{reverse('translation_table')}?state=doubtful").text
        [doubtful] = shown(private, "?show=doubtful")
        save(private, doubtful, doubtful.words)

        assert "doubtful: 1" in table
        assert cell(site["campaign"], "de").state == CellState.WHOLE


class TestRecord:
    """Texts that are not pages are public once saved: the queue keeps them, and their own screen saves them."""

    @pytest.fixture
    def theme(self, site) -> Theme:
        return Theme.objects.create(name="Online safety", locale=Locale.get_default())

    def test_keeps_its_words_until_it_is_saved_on_its_screen(self, private, greta, theme):
        [text] = shown(private, "?kind=themes")

        save(private, text, "Sicherheit im Netz")

        address = reverse("wording", args=["de", "themes", theme.pk])
        page = private.get(address)
        assert not Theme.objects.filter(name="Sicherheit im Netz").exists()
        assert page.context["form"]["name"].value() == "Sicherheit im Netz"

        private.post(address, {"name": "Sicherheit im Netz", "submit_for_review": "yes"})

        assert Theme.objects.filter(name="Sicherheit im Netz").exists()
        assert not KeptText.objects.exists()


class TestHelp:
    def test_are_translations_of_the_same_and_of_similar_texts(self, private, site, greta):
        send(
            CampaignPageFactory(
                parent=site["campaigns"], title="Speak up", introduction="Call somebody you trust!", audience="Carers."
            )
        )

        texts = {text.source: text for text in shown(private)}

        [same, *_others] = texts["Speak up"].suggestions
        [similar, *_others] = texts["Call somebody you trust!"].suggestions
        assert (same.words, same.similarity) == ("Speak up (de)", 100)
        assert similar.words == "Call somebody you trust. (de)"
        assert memory.LEAST <= similar.similarity < 100
        assert texts["Carers."].suggestions == []

    def test_are_no_translations_by_machines(self, private, site, greta):
        StringTranslation.objects.update(translation_type=StringTranslation.TRANSLATION_TYPE_MACHINE)
        send(CampaignPageFactory(parent=site["campaigns"], title="Speak up", slug="again"))

        assert not [text for text in shown(private) if text.suggestions]

    def test_are_the_terms_of_a_text(self, private, site, greta):
        with hooks.register_temporarily(TERMS, lambda source, target: [("helpline", "Hilfetelefon")]):
            send(CampaignPageFactory(parent=site["campaigns"], title="x", introduction="Call a Helpline now."))
            [text] = [text for text in shown(private) if text.source == "Call a Helpline now."]

        assert text.terms == {"Helpline": "Hilfetelefon"}

    def test_are_the_mood_and_the_draft_of_a_safety_sentence(self, private, site, greta):
        send(CampaignPageFactory(parent=site["campaigns"], title="x", introduction="Call 112 now."))
        [text] = [text for text in shown(private) if text.source == "Call 112 now."]

        assert [sentence.mood for sentence in text.sentences] == ["must"]
        assert text.suggestions[0].words == "Rufen Sie jetzt die 112 an."
        assert StringSegment.objects.filter(string__data="Call 112 now.").exists()
