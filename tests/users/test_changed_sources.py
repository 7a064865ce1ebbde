"""A changed source reaches its translators at once, with the translation as it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from wagtail.models import Locale
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from core.desk import todo
from core.languages.changes import changed_texts
from core.languages.handing_in import as_translated
from helpline.roles import LISTING_APPROVER
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.factories.users import UserFactory
from tests.support.mail import delivered
from tests.support.publishing import publish_page
from tests.support.queries import queries
from tests.support.scenes import scene
from users import roles

GERMAN = "Translator: German"
LINE = "Changed in the source since it was translated into German"
FIRST = "<p>Breathe in, then breathe out.</p><p>Call somebody you trust.</p>"
# wagtail-localize 1.14 does not order its translations.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results"),
]


@pytest.fixture
@scene
def guide(home, languages) -> Any:
    """A guide with two paragraphs, public in English and German."""
    guide = GuidePageFactory(
        parent=FinderPageFactory(parent=home), slug="first-steps", title="First steps", body=[("text", FIRST)]
    )
    for page in (home, guide.get_parent().specific, guide):
        source, _made = TranslationSource.update_or_create_from_instance(page)
        translation = Translation.objects.create(source=source, target_locale=languages["de"])
        for segment in StringSegment.objects.filter(source=source).select_related("string"):
            StringTranslation.objects.create(
                translation_of=segment.string,
                locale=languages["de"],
                context=segment.context,
                data=f"{segment.string.data} (de)",
            )
        translation.save_target(publish=False)
        publish_page(page.get_translation(languages["de"]))
    roles.sync()
    return guide


@pytest.fixture
def greta(guide) -> Any:
    return UserFactory(roles=[GERMAN])


def change(guide: Any, words: str) -> None:
    """Publish the guide with another text in the same block."""
    guide.body = [{"type": "text", "id": guide.body[0].id, "value": words}]
    publish_page(guide)


def translation_of(page: Any) -> Translation:
    return Translation.objects.get(source__object_id=page.translation_key)


def shown(user: Any) -> dict[str, int]:
    return {str(line.title): line.count for line in todo.lines(user)}


class TestChangedSource:
    def test_is_on_the_start_page_and_in_the_mail_of_its_translators_without_a_sync(self, guide, greta):
        other = UserFactory(roles=["Translator: French"])

        change(guide, FIRST.replace("then", "and then"))

        assert shown(greta)[LINE] == 1
        told = {mail.to[0]: mail for mail in delivered()}
        assert greta.email in told
        assert other.email not in told
        assert reverse("changed_texts", args=[translation_of(guide).pk]) in told[greta.email].body

    def test_leaves_what_the_public_reads(self, guide):
        german = guide.get_translation(Locale.objects.get(language_code="de"))

        change(guide, FIRST.replace("then", "and then"))

        german.refresh_from_db()
        assert "Breathe in, then breathe out. (de)" in str(german.body)

    def test_that_says_the_same_as_before_tells_nobody(self, guide, greta):
        publish_page(guide)

        assert LINE not in shown(greta)
        assert [mail for mail in delivered() if greta.email in mail.to] == []

    def test_that_lost_a_text_has_its_translation_handed_in_again(self, guide, greta):
        change(guide, FIRST.partition("<p>Call")[0])

        assert shown(greta) == {"Translated into German, and not handed in or published": 1}


class TestChangedText:
    def test_is_paired_with_the_translation_of_the_most_similar_one(self, guide):
        change(guide, "<p>Call somebody whom you trust.</p><p>Breathe in, then breathe out.</p><p>Walk.</p>")

        found = [
            (text.source, text.before, text.translation) for text in changed_texts(translation_of(guide))
        ]

        assert found == [
            ("Call somebody whom you trust.", "Call somebody you trust.", "Call somebody you trust. (de)"),
            ("Walk.", "", ""),
        ]

    def test_is_shown_with_what_changed_and_with_the_old_translation_and_saved_by_itself(
        self, desk, guide, greta
    ):
        change(guide, FIRST.replace("then", "and then").replace("trust", "know"))
        desk.force_login(greta)
        address = reverse("changed_texts", args=[translation_of(guide).pk])

        page = desk.get(address)
        first, second = page.context["texts"]
        form = {f"text-{first.segment.pk}": "Einatmen.", f"text-{second.segment.pk}": second.translation}
        desk.post(address, {**form, "save": str(first.segment.pk)})

        assert 'class="addition"' in page.content.decode()
        assert "Breathe in, then breathe out. (de)</textarea>" in page.content.decode()
        assert [text.source for text in changed_texts(translation_of(guide))] == [second.source]
        assert StringTranslation.objects.get(data="Einatmen.").last_translated_by == greta

    def test_whose_translation_breaks_the_markup_says_so(self, desk, guide, greta):
        change(guide, FIRST.replace("then", "and then"))
        desk.force_login(greta)
        address = reverse("changed_texts", args=[translation_of(guide).pk])
        text = desk.get(address).context["texts"][0]

        answer = desk.post(
            address,
            {f"text-{text.segment.pk}": "<script>x</script>", "save": str(text.segment.pk)},
            follow=True,
        )

        assert "Saved, but it cannot be used yet:" in answer.content.decode()

    @pytest.mark.parametrize("role", ["Translator: French", None])
    def test_is_not_for_translators_of_another_language(self, desk, guide, role):
        desk.force_login(UserFactory(roles=[role] if role else []))

        assert desk.get(reverse("changed_texts", args=[translation_of(guide).pk])).status_code != 200

    def test_is_listed_by_page_and_pointed_out_on_the_screen_of_the_translation(self, desk, guide, greta):
        change(guide, FIRST.replace("then", "and then"))
        desk.force_login(greta)
        address = reverse("changed_texts", args=[translation_of(guide).pk])
        german = guide.get_translation(Locale.objects.get(language_code="de"))

        assert address in desk.get(reverse("changed_pages", args=["de"])).content.decode()
        assert address in desk.get(reverse("wagtailadmin_pages:edit", args=[german.pk])).content.decode()

    def test_takes_the_same_queries_for_few_and_many(self, guide):
        change(guide, FIRST.replace("then", "and then"))
        few = queries(lambda: changed_texts(translation_of(guide)))
        change(guide, "".join(f"<p>Another thing, number {number}.</p>" for number in range(20)))

        assert queries(lambda: changed_texts(translation_of(guide))) == few


class TestHandedIn:
    def test_is_no_longer_waiting_for_the_translator(self, desk, guide, greta):
        change(guide, FIRST.partition("<p>Call")[0])
        german = guide.get_translation(Locale.objects.get(language_code="de"))
        as_translated(translation_of(guide)).save_revision(user=greta)
        german.refresh_from_db()
        german.get_workflow().start(german, greta)

        assert shown(greta) == {"Handed in by you, and not decided": 1}
        assert "To review" in shown(UserFactory(roles=[LISTING_APPROVER]))
