"""Publishing help pages takes two people: an author cannot publish one alone, in any language and by any route."""

import datetime as dt
import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, Page
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from campaigns.roles import CAMPAIGN_EDITOR
from core.admin import todo
from core.languages.submission import as_translated
from helpline.approval.rule import NotApprovedError
from helpline.approval.versions import digest
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from helpline.vocabulary.codes import LineKind
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    StaffFactory,
    SupportLineFactory,
)
from tests.factories.users import UserFactory
from tests.helpline.rows import same_queries
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import delivered
from tests.support.publishing import publish_page
from users import roles

GERMAN = "Translator: German"
pytestmark = [
    pytest.mark.django_db,
    # Wagtail 8.0 opens its mail connection in a way that Django 6.1 deprecates.
    pytest.mark.filterwarnings("ignore:get_connection"),
    pytest.mark.filterwarnings("ignore:.*connection.* is deprecated"),
]


@pytest.fixture
@cached_fixture
def guide(home, languages) -> Any:
    """Guide in English and in German, with a role in the admin for every user."""
    finder = FinderPageFactory(parent=home)
    guide = GuidePageFactory(parent=finder, slug="first-steps", title="First steps", introduction="Breathe.")
    for page in (home, finder, guide):
        source, _made = TranslationSource.update_or_create_from_instance(page)
        translation = Translation.objects.create(source=source, target_locale=languages["de"])
        enter(translation, {"Breathe.": "Atmen Sie."})
        translation.save_target(publish=False)
        german = page.get_translation(languages["de"])
        german.latest_revision.publish() if page is home else publish_as_approved(german)
    roles.sync()
    return guide


def publish_as_approved(page: Any) -> None:
    from helpline.approval.rule import record_approval

    record_approval(page, page.latest_revision, None, rule="two")
    page.latest_revision.publish()


def enter(translation: Translation, words: dict[str, str], *, by: Any = None) -> None:
    """Translate every text by `words`, or else as its source with the language appended."""
    for segment in StringSegment.objects.filter(source=translation.source).select_related("string"):
        text = segment.string.data
        StringTranslation.objects.update_or_create(
            translation_of=segment.string,
            locale=translation.target_locale,
            context=segment.context,
            defaults={"data": words.get(text, f"{text} (de)"), "last_translated_by": by},
        )


def german(guide: Any) -> Any:
    return guide.get_translation(Locale.objects.get(language_code="de"))


def translation_of(page: Any) -> Translation:
    return Translation.objects.get(source__object_id=page.translation_key, target_locale__language_code="de")


def changed(page: Any, by: Any, words: str = "Breathe slowly.") -> Any:
    page.introduction = words
    return page.save_revision(user=by)


def public_words(page: Any) -> str:
    return str(type(page).objects.get(pk=page.pk).introduction)


def decision(page: Any, **more: str) -> dict[str, str]:
    revision = type(page).objects.get(pk=page.pk).latest_revision
    answers = {f"{code}-answer": "yes" for code in ("plain", "promises", "read")}
    seen = f"{revision.pk}:{digest(revision)}"
    return {"seen": seen, "reason": "read every sentence", "decision": "approve", **answers, **more}


class TestPublishing:
    def test_is_refused_to_the_author_with_any_permission(self, guide):
        for role in (LISTING_APPROVER, roles.ADMINISTRATOR):
            author = UserFactory(roles=[role])
            with pytest.raises(NotApprovedError):
                changed(guide, author).publish(user=author)

        assert public_words(guide) == "Breathe."

    def test_is_refused_to_a_second_person_who_has_not_answered_for_it(self, guide):
        with pytest.raises(NotApprovedError):
            changed(guide, UserFactory()).publish(user=UserFactory(roles=[LISTING_APPROVER]))

    def test_is_refused_to_code_that_writes_the_row(self, guide):
        guide.introduction = "Breathe slowly."

        with pytest.raises(NotApprovedError):
            guide.save()

    def test_is_refused_to_wagtail_localize_and_leaves_the_public_text(self, guide):
        enter(translation_of(guide), {"Breathe.": "Luft holen."})

        with pytest.raises(NotApprovedError):
            translation_of(guide).save_target(publish=True)

        assert public_words(german(guide)) == "Atmen Sie."

    def test_of_a_new_page_is_refused_at_its_creation(self, guide):
        new = guide.get_parent().add_child(
            instance=type(guide)(title="More", slug="more", live=True, introduction="Words.")
        )

        assert not Page.objects.get(pk=new.pk).live

    def test_with_the_button_of_the_form_keeps_a_draft_and_leads_to_where_it_is_decided(self, private, guide):
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))
        form = {"title": "Changed", "slug": "first-steps", "introduction": "Breathe slowly.", "body-count": "0",
                "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0", "comments-MIN_NUM_FORMS": "0",
                "comments-MAX_NUM_FORMS": "", "action-publish": "action-publish"}  # fmt: skip

        answer = private.post(reverse("wagtailadmin_pages:edit", args=[guide.pk]), form, follow=True)

        assert answer.redirect_chain[-1][0] == guide.decide_url()
        assert "Saved as a draft, but not published." in answer.content.decode()
        assert public_words(guide) == "Breathe."


class TestDeciding:
    def test_shows_what_has_changed_and_publishes_it_with_a_second_person(self, private, guide):
        changed(guide, UserFactory(roles=[LISTING_DRAFTER]))
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))

        page = private.get(guide.decide_url()).content.decode()
        private.post(guide.decide_url(), decision(guide))

        assert "slowly" in page
        assert public_words(guide) == "Breathe slowly."

    def test_says_at_the_top_of_the_page_that_an_answer_is_missing_below(self, private, guide):
        changed(guide, UserFactory(roles=[LISTING_DRAFTER]))
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))
        unanswered = {name: value for name, value in decision(guide).items() if not name.endswith("-answer")}

        said = private.post(guide.decide_url(), unanswered).text

        assert said.index("Nothing has been changed yet.") < said.index("Not answered yet.")
        assert public_words(guide) == "Breathe."

    def test_shows_no_text_that_the_editor_only_gave_keys(self, private, guide):
        """Draftail adds a key to each paragraph when a text from elsewhere is first saved.

        So every word appeared to be changed.
        """
        comparison = self.compared(private, guide, "Call 112.", "Call 112.")

        assert [each.field.name for each in comparison] == ["introduction"]

    def test_shows_a_text_with_one_changed_word_too(self, private, guide):
        comparison = self.compared(private, guide, "Call 112.", "Call 911.")

        assert [each.field.name for each in comparison] == ["introduction", "body"]

    def compared(self, private: Any, guide: Any, before: str, after: str) -> Any:
        """Return the comparison for the second person, after a paragraph was saved in the editor."""
        for key, words in (("", before), (' data-block-key="3pblu"', after)):
            paragraph = f"<p{key}>{words}</p>"
            guide.body = json.dumps([
                {"type": "text", "value": paragraph, "id": "one"},
                {"type": "callout", "value": {"title": "Now", "html": paragraph}, "id": "two"},
            ])  # fmt: skip
            if not key:
                guide.save_revision()
                publish_as_approved(guide)
        changed(guide, UserFactory(roles=[LISTING_DRAFTER]))
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))
        return private.get(guide.decide_url()).context["comparison"]

    def test_shows_when_it_was_last_approved_without_an_approver(self, private, guide):
        changed(guide, UserFactory(roles=[LISTING_DRAFTER]))
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))
        page = type(guide).objects.get(pk=guide.pk)
        publish_as_approved(page)
        changed(page, UserFactory(roles=[LISTING_DRAFTER]), "Breathe out.")

        said = " ".join(private.get(guide.decide_url()).content.decode().split())

        assert "Last approved: " in said
        assert "Last approved by" not in said

    def test_says_to_the_author_who_can(self, private, guide):
        author = UserFactory(roles=[LISTING_APPROVER])
        changed(guide, author)
        private.force_login(author)

        page = private.get(guide.decide_url()).content.decode()
        private.post(guide.decide_url(), decision(guide))

        assert "a second person must approve it" in page
        assert public_words(guide) == "Breathe."

    def test_names_those_who_may_publish_at_its_place_in_the_tree(self, private, guide):
        author = UserFactory(roles=[LISTING_APPROVER], first_name="Anna")
        UserFactory(roles=[LISTING_APPROVER], first_name="Ben")
        UserFactory(roles=[CAMPAIGN_EDITOR], first_name="Carla")
        StaffFactory(first_name="Dora")  # may publish every kind of listing, but no page
        changed(guide, author)
        private.force_login(author)

        page = private.get(guide.decide_url()).content.decode()

        assert "It can be approved by: Ben Example." in page

    def test_reports_that_no_user_may_publish_at_its_place_in_the_tree(self, private, guide):
        drafter = UserFactory(roles=[LISTING_DRAFTER])
        changed(guide, drafter)
        private.force_login(drafter)

        assert "No user has a role that can approve this." in private.get(guide.decide_url()).content.decode()

    def test_is_not_for_those_who_only_write(self, private, guide):
        changed(guide, UserFactory(roles=[LISTING_DRAFTER]))
        private.force_login(UserFactory(roles=[LISTING_DRAFTER]))

        assert "Someone whose role can approve them has to decide." in private.get(guide.decide_url()).content.decode()
        assert private.post(guide.decide_url(), decision(guide)).status_code == 302
        assert public_words(guide) == "Breathe."


class TestSubmission:
    @pytest.fixture
    def greta(self, guide) -> Any:
        return UserFactory(roles=[GERMAN])

    def submit(self, private: Any, guide: Any, by: Any) -> str:
        private.force_login(by)
        url = reverse("submit_translation", args=[translation_of(guide).pk])
        return str(private.post(url, follow=True).content.decode())

    def test_is_offered_on_the_screen_where_one_translates(self, private, guide, greta):
        private.force_login(greta)

        page = private.get(reverse("wagtailadmin_pages:edit", args=[german(guide).pk])).content.decode()

        assert reverse("submit_translation", args=[translation_of(guide).pk]) in page
        assert "localize/page/" not in page
        assert "/disable/" not in page

    def test_leaves_the_public_text_and_asks_those_who_may_decide(self, private, guide, greta):
        approver = UserFactory(roles=[LISTING_APPROVER])
        enter(translation_of(guide), {"Breathe.": "Luft holen."}, by=greta)

        self.submit(private, guide, greta)

        assert public_words(german(guide)) == "Atmen Sie."
        assert "To review" in [str(line.title) for line in todo.lines(approver)]
        [asked] = [mail for mail in delivered() if mail.to == [approver.email]]
        title = german(guide).title
        assert asked.subject == f"For review: {title}"
        assert f"“{title}” has been submitted for review." in asked.body
        assert f"{settings.PRIVATE_URL}{german(guide).decide_url()}" in asked.body
        assert "moderation" not in "".join(mail.subject + mail.body for mail in delivered())

    def test_is_decided_beside_the_source_by_another_user(self, private, guide, greta):
        enter(translation_of(guide), {"Breathe.": "Luft holen."}, by=greta)
        self.submit(private, guide, greta)
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))

        page = private.get(german(guide).decide_url()).content.decode()
        private.post(german(guide).decide_url(), decision(german(guide)))

        assert "<del>Atmen Sie.</del>" in page
        assert "<ins>Luft holen.</ins>" in page
        assert "Breathe." in page
        assert public_words(german(guide)) == "Luft holen."

    def test_is_not_decided_by_a_translator_of_one_of_its_texts(self, private, guide, greta):
        helper = UserFactory(roles=[LISTING_APPROVER, GERMAN])
        enter(translation_of(guide), {"Breathe.": "Luft holen."}, by=helper)
        self.submit(private, guide, greta)
        private.force_login(helper)

        private.post(german(guide).decide_url(), decision(german(guide)))

        assert public_words(german(guide)) == "Atmen Sie."

    def test_never_suggests_a_translator_of_its_texts_as_second_person(self, private, guide, greta):
        helper = UserFactory(roles=[LISTING_APPROVER, GERMAN], first_name="Helga")
        enter(translation_of(guide), {"Breathe.": "Luft holen."}, by=helper)
        self.submit(private, guide, greta)
        private.force_login(helper)

        alone = private.get(german(guide).decide_url()).content.decode()
        UserFactory(roles=[LISTING_APPROVER], first_name="Ben")
        helped = private.get(german(guide).decide_url()).content.decode()

        assert "A person is missing: everyone who may approve has changed this version (Helga Example)." in alone
        assert "It can be approved by: Ben Example." in helped

    def test_is_no_to_do_of_the_author_of_a_version(self, private, guide, greta):
        helper = UserFactory(roles=[LISTING_APPROVER, GERMAN])
        enter(translation_of(guide), {"Breathe.": "Luft holen."}, by=greta)
        self.submit(private, guide, helper)

        assert "To review" not in [str(line.title) for line in todo.lines(helper)]

    def test_is_no_to_do_of_a_translator_of_its_texts(self, private, guide, greta):
        helper = UserFactory(roles=[LISTING_APPROVER, GERMAN])
        enter(translation_of(guide), {"Breathe.": "Luft holen."}, by=helper)
        self.submit(private, guide, greta)

        assert "To review" not in [str(line.title) for line in todo.lines(helper)]

    def test_is_refused_while_a_text_is_missing_and_keeps_the_others(self, private, guide, greta):
        StringTranslation.objects.filter(data="Atmen Sie.").delete()

        page = self.submit(private, guide, greta)

        assert "Not submitted." in page
        assert "1 text is still in the language of the source page." in page
        assert not german(guide).workflow_in_progress

    def test_is_refused_when_there_is_nothing_to_decide(self, private, guide, greta):
        page = self.submit(private, guide, greta)

        assert "Nothing has changed since it was published." in page
        assert not german(guide).workflow_in_progress

    def test_is_not_for_translators_of_another_language(self, private, guide):
        self.submit(private, guide, UserFactory(roles=["Translator: French"]))

        assert not german(guide).workflow_in_progress


class TestUnpublishing:
    """A public help page is unpublished only by two people.

    One requests it, with a reason, and another who may publish agrees.
    """

    REASON = "The doctor who read it found a mistake."

    @pytest.fixture
    def ada(self) -> Any:
        return UserFactory(roles=[LISTING_APPROVER])

    @pytest.fixture
    def ben(self) -> Any:
        return UserFactory(roles=[LISTING_APPROVER])

    def send(self, private: Any, page: Any, by: Any, **form: Any) -> Any:
        private.force_login(by)
        versions = [str(page.pk), str(german(page).pk)]
        address = reverse("unpublish_page", args=[page.pk])
        return private.post(address, {"languages": versions, "reason": self.REASON, **form}, follow=True)

    @pytest.mark.parametrize(
        "address",
        ["pages/{page}/unpublish/", "pages/{page}/delete/", "pages/{page}/move/{finder}/confirm/",
         "localize/page/{page}/convert_to_alias/", "localize/translate/{translation}/disable/"],
    )  # fmt: skip
    def test_is_refused_to_a_translator_with_every_button(self, private, guide, address):
        page = german(guide)
        numbers = {
            "page": page.pk,
            "finder": page.get_parent().pk,
            "translation": translation_of(guide).pk,
        }
        private.force_login(UserFactory(roles=[GERMAN]))

        private.post(f"/admin/{address.format(**numbers)}", {"reason": self.REASON})

        assert german(guide).live
        assert public_words(page) == "Atmen Sie."
        assert german(guide).get_parent().pk == numbers["finder"]
        assert translation_of(guide).enabled

    @pytest.mark.parametrize(
        "address",
        ["pages/{page}/unpublish/", "pages/{page}/delete/", "pages/{page}/move/{finder}/confirm/",
         "localize/page/{page}/convert_to_alias/"],
    )  # fmt: skip
    def test_requires_a_reason_from_an_approver_with_every_button(self, private, guide, address):
        page = german(guide)
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))

        answer = private.post(f"/admin/{address.format(page=page.pk, finder=page.get_parent().pk)}")

        assert answer["Location"].startswith(reverse("unpublish_page", args=[page.pk]))
        assert german(guide).live

    def test_asks_about_every_language_all_of_them_ticked(self, private, guide):
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))

        form = private.get(reverse("unpublish_page", args=[guide.pk])).context["form"]

        assert [name for _pk, name in form.fields["languages"].choices] == [
            "English: First steps", "German: First steps (de)",
        ]  # fmt: skip
        assert form.fields["languages"].initial == [str(guide.pk), str(german(guide).pk)]

    def test_is_no_matter_for_one_person_however_often_they_ask(self, private, guide, ada):
        for _time in range(2):
            said = self.send(private, guide, ada).content.decode()
            assert "Still public until a second person agrees: English: First steps" in said

        assert Page.objects.get(pk=guide.pk).live
        assert german(guide).live
        form = private.get(reverse("unpublish_page", args=[guide.pk])).content.decode()
        assert "You have asked for this. A second person decides." in form

    def test_unpublishes_what_two_have_ticked_and_keeps_their_reasons_in_the_history(self, private, guide, ada, ben):
        self.send(private, guide, ada, languages=[str(guide.pk)])
        said = self.send(private, guide, ben, reason="She is right.").content.decode()

        assert "Unpublished: English: First steps." in said
        assert "Still public until a second person agrees: German" in said
        assert not Page.objects.get(pk=guide.pk).live
        assert german(guide).live
        history = private.get(reverse("wagtailadmin_pages:history", args=[guide.pk])).content.decode()
        assert self.REASON in history
        assert "She is right." in history

    def test_shows_the_second_person_who_asks_and_why(self, private, guide, ada, ben):
        self.send(private, guide, ada)
        private.force_login(ben)

        form = private.get(reverse("unpublish_page", args=[guide.pk])).content.decode()
        overview = private.get(reverse("help_pages:list")).content.decode()

        for shown in (form, overview):
            assert str(ada) in shown
            assert self.REASON in shown
        assert reverse("unpublish_page", args=[guide.pk]) in overview
        assert "lose this page immediately" in form

    @pytest.mark.parametrize(("role", "link"), [("who asks", "Take the request back"), ("drafter", None)])
    def test_cannot_be_decided_by_others(self, private, guide, ada, role, link):
        self.send(private, guide, ada)
        private.force_login(ada if role == "who asks" else UserFactory(roles=[LISTING_DRAFTER]))

        overview = private.get(reverse("help_pages:list")).content.decode()

        assert self.REASON in overview
        assert ">Decide<" not in overview
        assert (reverse("unpublish_page", args=[guide.pk]) in overview) is (link is not None)
        assert link is None or f">{link}<" in overview

    @pytest.mark.parametrize("who", ["ada", "ben"])
    def test_stays_if_the_second_person_keeps_it_or_the_first_takes_the_request_back(
        self, private, guide, ada, ben, who
    ):
        self.send(private, guide, ada)
        said = self.send(private, guide, {"ada": ada, "ben": ben}[who], keep="1").content.decode()
        again = self.send(private, guide, ben).content.decode()

        assert "Stays on the site: English: First steps" in said
        assert "Still public until a second person agrees" in again
        assert Page.objects.get(pk=guide.pk).live

    def test_requests_expire_after_a_week(self, private, guide, ada, ben):
        self.send(private, guide, ada)
        with time_machine.travel(timezone.now() + timedelta(days=8)):
            self.send(private, guide, ben)

        assert Page.objects.get(pk=guide.pk).live

    def test_requests_expire_when_the_page_is_published_again(self, private, guide, ada, ben):
        self.send(private, guide, ada)
        publish_page(guide)
        self.send(private, guide, ben)

        assert Page.objects.get(pk=guide.pk).live

    def test_without_a_reason_unpublishes_nothing(self, private, guide, ada, ben):
        self.send(private, guide, ada)
        self.send(private, guide, ben, reason="")

        assert Page.objects.get(pk=guide.pk).live

    def test_notifies_those_who_may_decide_immediately_and_once(self, private, guide, ada, ben):
        for _time in range(2):
            self.send(private, guide, ada, languages=[str(guide.pk)])

        [letter] = delivered()
        assert letter.to == [ben.email]
        assert letter.subject == "To be unpublished? First steps"
        assert self.REASON in letter.body
        assert reverse("unpublish_page", args=[guide.pk]) in letter.body
        lines = {str(line.title): line.count for person in (ada, ben) for line in todo.lines(person)}
        assert lines["Unpublish requests for help pages: decide"] == 1

    def test_notifies_the_others_immediately_and_on_their_start_page(self, private, guide, ada, ben):
        drafter, greta = (UserFactory(roles=[role]) for role in (LISTING_DRAFTER, GERMAN))

        self.send(private, guide, ada)
        delivered().clear()
        self.send(private, guide, ben)

        told = {mail.to[0]: mail.body for mail in delivered()}
        assert drafter.email in told
        assert greta.email in told
        assert ben.email not in told
        assert self.REASON in told[greta.email]
        lines = {str(line.title): line.count for line in todo.lines(drafter)}
        assert lines["Unpublished help pages"] == 2

    def test_does_not_go_with_a_page_above_it(self, private, guide):
        """A user who unpublishes the home page cannot unpublish the help below it along with it."""
        home = guide.get_parent().get_parent().specific
        private.force_login(UserFactory(is_superuser=True))

        private.post(
            reverse("unpublish_page", args=[home.pk]),
            {"languages": [str(home.pk)], "below": "on", "reason": "x"},
        )

        assert not Page.objects.get(pk=home.pk).live
        assert Page.objects.get(pk=guide.pk).live

    def test_notifies_them_as_well_when_it_bypasses_the_screens(self, guide):
        drafter = UserFactory(roles=[LISTING_DRAFTER])

        guide.unpublish()

        assert "No reason was given." in {mail.to[0]: mail.body for mail in delivered()}[drafter.email]

    def test_takes_two_people_to_come_back(self, guide):
        approved = guide.live_revision
        guide.unpublish()

        with pytest.raises(NotApprovedError):
            approved.publish(user=UserFactory(roles=[LISTING_APPROVER]))

    def test_is_no_matter_of_a_day(self, guide):
        guide.expire_at = timezone.now() + timedelta(days=1)

        with pytest.raises(ValidationError, match="does not expire"):
            guide.save_revision()

    def test_takes_a_reason_to_stop_a_translation_as_well(self, private, guide):
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))
        address = reverse("stop_translation", args=[translation_of(guide).pk])

        asked = private.post(address).content.decode()
        assert translation_of(guide).enabled
        private.post(address, {"reason": self.REASON})

        assert "Reason" in asked
        assert not translation_of(guide).enabled


class TestReview:
    """Reviewers of the words of a help page are shown below it, with a to-do for the next review."""

    @pytest.fixture
    def read(self, guide, settings) -> Any:
        """The guide, reviewed by two people; its German translation was submitted after that."""
        settings.RENDER_ON_REQUEST = True
        for kind, number in ((LineKind.EMERGENCY, "112"), (LineKind.SUICIDE_CRISIS, "+498001110111")):
            SupportLineFactory(approved=True, kind=kind, number=number)
        today = timezone.localdate()
        guide.clinician, guide.survivors = "Dr. Ida Example", "Example Lantern"
        guide.reviewed_on, guide.next_review = today - timedelta(days=400), today
        publish_page(guide)
        source = translation_of(guide).source
        source.update_from_db()
        publish_page(as_translated(translation_of(guide)))
        return guide

    @pytest.mark.parametrize(("language", "more"), [("en", ""), ("de", "auf Englisch")])
    def test_is_shown_in_every_language(self, public, read, language, more):
        page = public.get(f"/{language}/help/first-steps/").content.decode()

        assert "Dr. Ida Example" in page
        assert "Example Lantern" in page
        assert more in page

    def test_that_is_overdue_is_on_the_start_page_once_for_all_languages(self, read):
        lines = {str(line.title): line.count for line in todo.lines(UserFactory(roles=[LISTING_DRAFTER]))}

        assert lines["Help pages to be read again by a clinician and by people who were harmed"] == 1

    @pytest.mark.parametrize(
        "values",
        [{"clinician": "Dr. Ida Example"},
         {"reviewed_on": dt.date(2026, 1, 1)},
         {"clinician": "Dr. Ida Example", "reviewed_on": dt.date(2900, 1, 1)},
         {"survivors": "Example Lantern", "reviewed_on": dt.date(2026, 1, 1), "next_review": dt.date(2025, 1, 1)}],
    )  # fmt: skip
    def test_says_who_and_when_or_nothing(self, guide, values):
        for name, value in values.items():
            setattr(guide, name, value)

        with pytest.raises(ValidationError):
            guide.save_revision()


class TestOverview:
    def test_takes_the_same_queries_for_few_pages_and_many(self, private, guide):
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))
        address = reverse("help_pages:list")
        with same_queries(lambda: private.get(address)):
            for _ in range(3):
                GuidePageFactory(parent=guide.get_parent()).unpublish()
