"""A changed source reaches its translators, with the translation as it was; they carry it over and publish it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale
from wagtail.users.models import UserProfile
from wagtail_localize.models import StringTranslation, Translation

from core.admin import todo
from core.languages.changes import changed_texts
from core.languages.submission import as_translated
from helpline.roles import LISTING_APPROVER
from tests.factories.campaigns import CampaignIndexPageFactory, CampaignPageFactory
from tests.factories.helpline import FinderPageFactory, GuidePageFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import delivered
from tests.support.publishing import publish_page
from tests.support.queries import queries
from tests.translating.conftest import FIRST, change, translated
from translating import digest, states
from translating.wagtail_hooks import lead_to_translations
from users import roles

GERMAN = "Translator: German"
LINE = "Changed in the source since it was translated into German"
# wagtail-localize 1.14 does not order its translations.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results"),
]


@pytest.fixture
@cached_fixture
def guide(home, languages) -> Any:
    """A guide with two paragraphs, public in English and German."""
    guide = GuidePageFactory(
        parent=FinderPageFactory(parent=home), slug="first-steps", title="First steps", body=[("text", FIRST)]
    )
    for page in (home, guide.get_parent().specific, guide):
        translated(page, languages["de"])
    roles.sync()
    return guide


@pytest.fixture
def greta(guide) -> Any:
    return UserFactory(roles=[GERMAN])


def translation_of(page: Any) -> Translation:
    return Translation.objects.get(source__object_id=page.translation_key)


def shown(user: Any) -> dict[str, int]:
    states.write_noted()
    return {str(line.title): line.count for line in todo.lines(user)}


class TestChangedSource:
    def test_is_on_the_start_page_of_its_translators_without_a_sync(self, guide, greta):
        change(guide, FIRST.replace("then", "and then"))

        assert shown(greta)[LINE] == 1

    def test_leaves_what_the_public_reads(self, guide):
        german = guide.get_translation(Locale.objects.get(language_code="de"))

        change(guide, FIRST.replace("then", "and then"))

        german.refresh_from_db()
        assert "Breathe in, then breathe out. (de)" in str(german.body)

    def test_without_a_change_notifies_no_translator(self, guide, greta):
        publish_page(guide)

        assert LINE not in shown(greta)

    def test_that_lost_a_text_has_its_translation_submitted_again(self, guide, greta):
        change(guide, FIRST.partition("<p>Call")[0])

        assert shown(greta) == {"Translated into German, and not submitted or published": 1}


class TestChangedText:
    def test_is_paired_with_the_translation_of_the_most_similar_one(self, guide):
        change(guide, "<p>Call somebody whom you trust.</p><p>Breathe in, then breathe out.</p><p>Walk.</p>")

        found = [(text.source, text.before, text.translation) for text in changed_texts(translation_of(guide))]

        assert found == [
            ("Call somebody whom you trust.", "Call somebody you trust.", "Call somebody you trust. (de)"),
            ("Walk.", "", ""),
        ]

    def test_is_shown_with_what_changed_and_with_the_old_translation_and_saved_by_itself(self, private, guide, greta):
        change(guide, FIRST.replace("then", "and then").replace("trust", "know"))
        private.force_login(greta)
        address = reverse("changed_texts", args=[translation_of(guide).pk])

        page = private.get(address)
        first, second = page.context["texts"]
        form = {f"text-{first.segment.pk}": "Einatmen.", f"text-{second.segment.pk}": second.translation}
        private.post(address, {**form, "save": str(first.segment.pk)})

        assert 'class="addition"' in page.content.decode()
        assert "Breathe in, then breathe out. (de)</textarea>" in page.content.decode()
        assert [text.source for text in changed_texts(translation_of(guide))] == [second.source]
        assert StringTranslation.objects.get(data="Einatmen.").last_translated_by == greta

    def test_whose_translation_breaks_the_markup_shows_an_error(self, private, guide, greta):
        change(guide, FIRST.replace("then", "and then"))
        private.force_login(greta)
        address = reverse("changed_texts", args=[translation_of(guide).pk])
        text = private.get(address).context["texts"][0]

        answer = private.post(
            address,
            {f"text-{text.segment.pk}": "<script>x</script>", "save": str(text.segment.pk)},
            follow=True,
        )

        assert "Saved, but it cannot be used yet:" in answer.content.decode()

    @pytest.mark.parametrize("role", ["Translator: French", None])
    def test_is_not_for_translators_of_another_language(self, private, guide, role):
        private.force_login(UserFactory(roles=[role] if role else []))

        assert private.get(reverse("changed_texts", args=[translation_of(guide).pk])).status_code != 200

    def test_is_listed_by_page_and_pointed_out_on_the_screen_of_the_translation(self, private, guide, greta):
        change(guide, FIRST.replace("then", "and then"))
        private.force_login(greta)
        address = reverse("changed_texts", args=[translation_of(guide).pk])
        german = guide.get_translation(Locale.objects.get(language_code="de"))

        states.write_noted()
        assert address in private.get(reverse("translation_table")).content.decode()
        assert address in private.get(reverse("wagtailadmin_pages:edit", args=[german.pk])).content.decode()

    def test_takes_the_same_queries_for_few_and_many(self, guide):
        change(guide, FIRST.replace("then", "and then"))
        few = queries(lambda: changed_texts(translation_of(guide)))
        change(guide, "".join(f"<p>Another thing, number {number}.</p>" for number in range(20)))

        assert queries(lambda: changed_texts(translation_of(guide))) == few


class TestSubmission:
    def test_is_no_longer_waiting_for_the_translator(self, private, guide, greta):
        change(guide, FIRST.partition("<p>Call")[0])
        german = guide.get_translation(Locale.objects.get(language_code="de"))
        as_translated(translation_of(guide)).save_revision(user=greta)
        german.refresh_from_db()
        german.get_workflow().start(german, greta)

        assert shown(greta) == {"Submitted by you, and not decided": 1}
        assert "To review" in shown(UserFactory(roles=[LISTING_APPROVER]))


class TestSavingAll:
    """One button for the page: what was changed or confirmed is stored, and the page published once nothing is left."""

    @pytest.fixture
    def story(self, home, languages) -> Any:
        """A campaign in two more languages, whose introduction has changed."""
        index = CampaignIndexPageFactory(parent=home)
        campaign = CampaignPageFactory(parent=index, introduction="Speek up.", audience="Parents.")
        for page in (home, index, campaign):
            for code in ("de", "fr"):
                translated(page, languages[code])
        roles.sync()
        campaign.introduction = "Speak up."
        publish_page(campaign)
        states.write_noted()
        return campaign

    def address(self, story: Any, code: str) -> str:
        translation = Translation.objects.get(
            source__object_id=story.translation_key, target_locale__language_code=code
        )
        return reverse("changed_texts", args=[translation.pk])

    def test_publishes_and_goes_on_to_the_next_language(self, private, story):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
        address = self.address(story, "de")
        [text] = private.get(address).context["texts"]

        answer = private.post(address, {f"text-{text.segment.pk}": text.translation, "save": "publish"})

        german = story.get_translation(Locale.objects.get(language_code="de"))
        assert german.live
        assert german.untranslated() == []
        assert answer["Location"] == self.address(story, "fr")

    def test_leaves_unread_texts(self, private, story):
        story.audience = "Parents and carers."
        publish_page(story)
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
        address = self.address(story, "de")
        first, second = private.get(address).context["texts"]
        form = {f"text-{each.segment.pk}": each.translation for each in (first, second)}

        answer = private.post(address, {**form, f"right-{first.segment.pk}": "on", "save": "publish"}, follow=True)

        assert [each.source for each in answer.context["texts"]] == [second.source]
        assert "1 text is left." in answer.content.decode()

    def test_submits_where_a_second_person_decides(self, private, guide, greta):
        change(guide, FIRST.replace("then", "and then"))
        private.force_login(greta)
        address = reverse("changed_texts", args=[translation_of(guide).pk])
        [text] = private.get(address).context["texts"]

        private.post(address, {f"text-{text.segment.pk}": "Einatmen, dann aus.", "save": "submit"})

        assert shown(greta) == {"Submitted by you, and not decided": 1}

    def test_is_offered_to_the_publisher_of_the_source(self, private, story):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
        story.introduction = "Speak up now."
        story.save_revision()

        request = private.get("/admin/").wsgi_request
        lead_to_translations(request, story)

        [message] = messages.get_messages(request)
        assert "2 translations are out of date." in str(message)
        assert self.address(story, "de") in str(message)


class TestDigest:
    def test_is_one_mail_a_day_at_most_in_the_language_of_the_admin(self, guide, greta):
        other = UserFactory(roles=["Translator: French"])
        UserProfile.objects.create(user=greta, preferred_language="de")
        with time_machine.travel(timezone.now(), tick=False) as clock:
            change(guide, FIRST.replace("then", "and then"))
            for words in ("slowly", "calmly"):
                change(guide, FIRST.replace("then", f"and then {words}"))
                states.write_noted()
                tell_all()
                clock.shift(timedelta(hours=2))
            [mail] = [mail for mail in delivered() if greta.email in mail.to]
            assert not [mail for mail in delivered() if other.email in mail.to]
            assert "First steps" in mail.body
            assert "?language=de" in mail.body

            clock.shift(timedelta(hours=23))
            tell_all()
            assert len([mail for mail in delivered() if greta.email in mail.to]) == 2
            clock.shift(timedelta(days=3))
            tell_all()

            assert len([mail for mail in delivered() if greta.email in mail.to]) == 2


def tell_all() -> None:
    for item in digest.due():
        digest.tell(item)
