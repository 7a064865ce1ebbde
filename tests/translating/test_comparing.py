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
from wagtail_localize.models import Translation

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


def address_of(translation: Translation) -> str:
    return f"{reverse('translate', args=[translation.target_locale.language_code])}?translation={translation.pk}"


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

    def test_is_listed_by_page_and_pointed_out_on_the_screen_of_the_translation(self, private, guide, greta):
        change(guide, FIRST.replace("then", "and then"))
        private.force_login(greta)
        address = address_of(translation_of(guide))
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


class TestPublishing:
    """Once no text of a page is left, its queue offers to publish or to submit it, and leads to the next language."""

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
        return address_of(
            Translation.objects.get(source__object_id=story.translation_key, target_locale__language_code=code)
        )

    def form(self, private: Any, address: str, words: str = "") -> dict[str, str]:
        """Return the form of the only text that is left."""
        [group] = private.get(address).context["groups"]
        [text] = group.texts
        return {"text": text.id, "seen": text.seen, "words": words or text.words}

    def test_goes_on_to_the_next_language(self, private, story):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
        address = self.address(story, "de")

        answer = private.post(address, {**self.form(private, address), "decide": "publish"})

        german = story.get_translation(Locale.objects.get(language_code="de"))
        assert german.live
        assert german.untranslated() == []
        assert answer["Location"] == self.address(story, "fr")

    def test_is_refused_while_a_text_is_left(self, private, story):
        story.audience = "Parents and carers."
        publish_page(story)
        states.write_noted()
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
        address = self.address(story, "de")
        [group] = private.get(address).context["groups"]
        first, second = group.texts
        form = {"text": first.id, "seen": first.seen, "words": first.words}

        answer = private.post(address, {**form, "decide": "publish"}, follow=True)

        assert group.decide.verb == "publish"
        assert [text.source for group in answer.context["groups"] for text in group.texts] == [second.source]
        assert "1 text is left." in answer.text

    def test_is_submission_where_a_second_person_decides(self, private, guide, greta):
        change(guide, FIRST.replace("then", "and then"))
        states.write_noted()
        private.force_login(greta)

        address = address_of(translation_of(guide))
        private.post(address, self.form(private, address, "Einatmen, dann aus."))
        states.write_noted()
        [group] = private.get(address).context["groups"]

        private.post(address, {"finish": group.finish.verb})

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
