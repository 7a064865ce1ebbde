"""Listings in the admin: submitting, comparing, the checklist, deciding, and the history."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from wagtail.log_actions import registry
from wagtail.models import TaskState

from campaigns.roles import CAMPAIGN_EDITOR
from core.models import OutgoingMail
from helpline.approval.rule import NotApprovedError
from helpline.finder.blocks import Guide
from helpline.governance import services
from helpline.governance.review import policy
from helpline.governance.review.decisions import points_asked
from helpline.models import ContactPoint, Programme
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from helpline.vocabulary.codes import Alert, Status
from network.roles import NETWORK_MANAGER
from tests.factories.helpline import (
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
    second_person,
)
from tests.factories.users import UserFactory
from tests.helpline.rows import same_queries
from tests.support.checklist import all_yes
from tests.support.mail import delivered, nothing_listens
from tests.support.queries import queries
from tests.support.rows import form_data

pytestmark = [
    pytest.mark.django_db,
    # Wagtail 8.0 opens its mail connection in a way that Django 6.1 deprecates.
    pytest.mark.filterwarnings("ignore:get_connection"),
]


@pytest.fixture
def drafter(admin_roles: None) -> Any:
    return UserFactory(roles=[LISTING_DRAFTER], first_name="Dana")


@pytest.fixture
def approver(admin_roles: None) -> Any:
    return UserFactory(roles=[LISTING_APPROVER], first_name="Arun")


@pytest.fixture
def draft(drafter: Any) -> Programme:
    programme: Programme = ProgrammeFactory(checked=True, name="Line of trust")
    programme.save_revision(user=drafter)
    return programme


def submit(listing: Any, by: Any) -> Any:
    return listing.get_workflow().start(listing, by)


def review(listing: Any) -> str:
    return reverse(f"wagtailsnippets_helpline_{listing._meta.model_name}:review", args=[listing.pk])


def answers(client: Client, listing: Any, **changed: str) -> dict[str, str]:
    """Return the form of the review page, filled in with yes for each point."""
    form = client.get(review(listing)).context["form"]
    given = {f"{point.code}-answer": "yes" for point in form.points}
    return {"seen": form.version, "reason": "read their page", "decision": "approve", **given, **changed}


def said(listing: Any) -> list[tuple[str, str, str]]:
    """Return the history as (who, what, why), newest first."""
    return [
        (entry.user_display_name, entry.message, entry.comment)
        for entry in registry.get_logs_for_instance(listing)
        if entry.action.startswith("helpline.") or entry.comment
    ]


class TestSubmission:
    def test_notifies_approvers_by_mail_and_in_their_list(self, draft, drafter, approver):
        submit(draft, drafter)

        assert [message.to for message in delivered()] == [[approver.email]]
        assert "Line of trust" in delivered()[0].subject
        assert TaskState.objects.reviewable_by(approver).count() == 1

    def test_puts_nothing_into_the_list_of_its_author(self, admin_roles):
        author = UserFactory(roles=[LISTING_APPROVER])
        programme = ProgrammeFactory(checked=True)
        programme.save_revision(user=author)

        submit(programme, author)

        assert TaskState.objects.reviewable_by(author).count() == 0

    def test_shows_its_author_that_it_waits(self, private, draft, drafter):
        submit(draft, drafter)
        private.force_login(drafter)

        page = private.get(review(draft)).content.decode()

        assert "is waiting for a second person" in page
        assert 'value="approve"' not in page

    def test_works_while_the_mail_server_is_unavailable(self, private, draft, drafter, approver):
        private.force_login(drafter)

        with nothing_listens():
            edit(private, draft, why="new", **{"action-submit": "yes"})
            delivered()

        draft.refresh_from_db()
        assert draft.workflow_in_progress
        assert OutgoingMail.objects.get().recipient == approver.email

    def test_asks_why(self, private, draft, drafter):
        private.force_login(drafter)

        edit(private, draft, why="", **{"action-submit": "yes"})
        assert not draft.workflow_in_progress
        edit(private, draft, why="found on their page", **{"action-submit": "yes"})

        assert draft.workflow_in_progress
        assert ("Dana Example", "Gave the reason for this version", "found on their page") in said(draft)


def edit(client: Client, listing: Any, *, headers: dict[str, str] | None = None, **changed: Any) -> Any:
    """Submit the form of a listing as the browser would, with some fields changed."""
    url = reverse(f"wagtailsnippets_helpline_{listing._meta.model_name}:edit", args=[listing.pk])
    form = client.get(url).context["form"]
    return client.post(url, {**form_data(form), **changed}, headers=headers)


class TestTask:
    def test_is_refused_to_the_author_of_the_draft(self, drafter, draft):
        drafter.is_superuser = True
        drafter.save()
        state = submit(draft, drafter).current_task_state
        checklist = all_yes(policy.points("programme"))

        assert state.task.specific.get_actions(draft, drafter) == []
        with pytest.raises(NotApprovedError, match="second person"):
            state.task.specific.on_action(state, drafter, "approve", comment="mine", checklist=checklist)

        draft.refresh_from_db()
        assert not draft.live

    def test_is_refused_to_the_author_of_one_of_the_versions(self, drafter, approver, draft):
        draft.operator = "Somebody else"
        draft.save_revision(user=approver)
        state = submit(draft, drafter).current_task_state

        for person in (drafter, approver):
            assert state.task.specific.get_actions(draft, person) == []

    def test_nor_without_the_checklist(self, drafter, approver, draft):
        state = submit(draft, drafter).current_task_state

        with pytest.raises(NotApprovedError, match="checklist"):
            state.task.specific.on_action(state, approver, "approve", comment="looks good")

        state.refresh_from_db()
        assert state.status == TaskState.STATUS_IN_PROGRESS

    def test_nor_around_it(self, drafter, approver, draft):
        state = submit(draft, drafter).current_task_state

        with pytest.raises(NotApprovedError):
            state.approve(user=approver)

        draft.refresh_from_db()
        assert not draft.live

    def test_shows_it_when_a_second_person_passes_it(self, drafter, approver, draft):
        state = submit(draft, drafter).current_task_state
        checklist = all_yes(policy.points("programme"))

        state.task.specific.on_action(state, approver, "approve", comment="called them", checklist=checklist)

        draft.refresh_from_db()
        assert draft.live
        assert not draft.workflow_in_progress

    def test_goes_back_only_with_a_reason(self, drafter, approver, draft):
        state = submit(draft, drafter).current_task_state
        task = state.task.specific

        with pytest.raises(NotApprovedError):
            task.on_action(state, approver, "reject", comment=" ")
        task.on_action(state, approver, "reject", comment="The number is missing.")

        assert ("Arun Example", "The number is missing.") in [(who, why) for who, _what, why in said(draft)]
        assert not draft.workflow_in_progress

    def test_waits_on_when_one_person_warns_meanwhile(self, drafter, approver):
        programme = ProgrammeFactory(approved=True)
        programme.operator = "Another"
        programme.save_revision(user=drafter)
        submit(programme, drafter)

        services.warn(listing=programme, by=approver, reason="their page", alert=Alert.WAITING_LIST)

        programme.refresh_from_db()
        assert programme.alert == Alert.WAITING_LIST
        assert programme.workflow_in_progress

    def test_is_offered_on_the_start_page_as_a_way_to_the_comparison(self, private, drafter, approver, draft):
        state = submit(draft, drafter).current_task_state
        private.force_login(approver)
        address = reverse("wagtailsnippets_helpline_programme:workflow_action", args=[draft.pk, "approve", state.pk])

        dialogue = private.get(address).content.decode()
        answer = private.post(address, {"comment": "looks good"})

        assert review(draft) in dialogue
        assert answer.url == review(draft)
        draft.refresh_from_db()
        assert not draft.live


class TestChecklist:
    def test_asks_everything_before_something_is_shown(self, draft):
        asked = {point.code for point in points_asked(listing=draft, revision=draft.latest_revision)}

        assert asked == {point.code for point in policy.POINTS if "programme" in point.kinds}

    def test_asks_of_a_changed_number_only_what_it_touches(self, drafter):
        programme = ProgrammeFactory(approved=True)
        point = programme.contact_points.first()
        point.number = "+493023125999"
        programme.contact_points = [point]
        revision = programme.save_revision(user=drafter)

        asked = [point.code for point in points_asked(listing=programme, revision=revision)]

        assert asked == ["source", "contact"]

    def test_asks_everything_again_of_what_was_hidden(self, drafter):
        programme = ProgrammeFactory(approved=True)
        services.hide(listing=programme, by=drafter, reason="in doubt")
        programme.refresh_from_db()

        asked = points_asked(listing=programme, revision=programme.save_revision(user=drafter))

        assert len(asked) == len(policy.points("programme"))

    def test_every_fact_is_touched_by_a_point(self):
        for kind in (policy.PROGRAMME, policy.SUPPORT_LINE, policy.TEXT):
            assert policy.points(kind, {"something new"})

    @pytest.mark.parametrize(
        ("code", "given", "problem"),
        [
            ("contact", {}, "Not answered yet."),
            ("contact", {"answer": "perhaps"}, "Not answered yet."),
            (
                "child_protection",
                {"answer": "no", "note": "none found"},
                "A service that does not meet this rule is not listed.",
            ),
            (
                "contact",
                {"answer": "does_not_apply", "note": "x"},
                "This applies to every listing of this kind.",
            ),
            ("human", {"answer": "does_not_apply", "note": ""}, "Say why in the note."),
            ("reporting", {"answer": "no", "note": ""}, "Say why in the note."),
        ],
    )
    def test_blocks_an_approval(self, code, given, problem):
        points = policy.points("programme")
        checklist = all_yes(points) | {code: given}

        assert [(point.code, text) for point, text in policy.problems(points, checklist)] == [(code, problem)]

    def test_may_be_answered_with_no_where_the_listing_says_that_it_is_not_known(self):
        points = policy.points("programme")
        checklist = all_yes(points) | {"reporting": {"answer": "no", "note": "nobody has read the law"}}

        assert list(policy.problems(points, checklist)) == []


class TestCodes:
    @pytest.mark.parametrize(("chosen", "kept"), [(["de", "fr"], ["fr", "de"]), (["at", "de"], ["de", "at"])])
    def test_keep_their_order_when_a_form_is_saved_that_has_another(self, chosen, kept):
        programme = Programme(countries=["fr", "de"])

        Programme._meta.get_field("countries").save_form_data(programme, chosen)

        assert programme.countries == kept


class TestDeciding:
    def test_shows_the_changes_in_words_before_approval(self, private, drafter, approver):
        programme = ProgrammeFactory(approved=True, countries=["de"])
        was = programme.contact_points.first()
        programme.countries = ["at"]
        changed = ContactPoint(**{**_facts_of(was), "number": "+493023125999", "languages": ["fr"]})
        programme.contact_points = [changed, ContactPoint(channel="chat", url="https://chat.example/")]
        programme.save_revision(user=drafter)
        private.force_login(approver)

        page = private.get(review(programme))

        text = page.content.decode()
        for words in ("Germany", "Austria", "+493023125000", "+493023125999", "German", "French"):
            assert words in text
        assert "Contact point changed: Phone +493023125999" in text
        assert "Contact point added: Chat https://chat.example/" in text

    def test_approves_in_the_workflow_and_keeps_the_answers(self, private, drafter, approver, draft):
        submit(draft, drafter)
        private.force_login(approver)

        private.post(
            review(draft),
            answers(private, draft, **{"human-answer": "does_not_apply", "human-note": "self-help alone"}),
        )

        draft.refresh_from_db()
        assert draft.live
        assert not draft.workflow_in_progress
        approval = draft.approvals.get()
        assert approval.checklist["human"] == {"answer": "does_not_apply", "note": "self-help alone"}
        who, what, why = said(draft)[-1]
        assert (who, what) == ("Arun Example", "Approved as the second person")
        assert "read their page" in why
        assert "self-help alone" in why

    @pytest.mark.parametrize(
        ("missing", "error"),
        [("child_protection-answer", "Not answered yet."), ("reason", "This field is required.")],
    )
    def test_refuses_while_a_point_is_open_or_it_does_not_say_how_it_was_checked(
        self, private, approver, draft, missing, error
    ):
        private.force_login(approver)

        page = private.post(review(draft), answers(private, draft, **{missing: ""}))

        assert page.context["form"].errors == {missing: [error]}
        draft.refresh_from_db()
        assert not draft.live

    def test_refuses_a_listing_that_was_changed_during_the_review(self, private, drafter, approver, draft):
        private.force_login(approver)
        read = answers(private, draft)
        draft.website = "https://other.example/"
        draft.save_revision(user=drafter)

        page = private.post(review(draft), read)

        assert "changed since you opened the page" in page.content.decode()
        draft.refresh_from_db()
        assert not draft.live

    def test_refuses_an_approver_who_drafted_it(self, private, approver):
        programme = ProgrammeFactory(checked=True)
        programme.save_revision(user=approver)
        private.force_login(approver)
        before = private.get(review(programme)).content.decode()

        page = private.post(review(programme), answers(private, programme))

        assert "a second person must approve it" in before
        assert 'value="approve"' not in before
        assert "a second person must approve it" in page.content.decode()
        programme.refresh_from_db()
        assert not programme.live

    def test_names_who_can_approve_and_lets_an_approver_out_of_the_way(self, private, drafter, approver):
        programme = ProgrammeFactory(approved=True)
        for person, fact, value in ((approver, "operator", "Slip"), (drafter, "region", "Vienna")):
            newest = Programme.objects.get(pk=programme.pk).get_latest_revision_as_object()
            setattr(newest, fact, value)
            newest.save_revision(user=person)
        other = UserFactory(roles=[LISTING_APPROVER], first_name="Olga")
        private.force_login(approver)
        before = private.get(review(programme)).content.decode()

        after = private.post(review(programme), {"take_back": "yes"}, follow=True).content.decode()

        assert re.search(rf"It can be approved by: [^.]*{other}", before)
        assert "since it was last approved (operator)" in before
        assert 'value="approve"' not in before
        assert "Your changes were taken back: operator." in after
        assert 'value="approve"' in after
        assert 'name="take_back"' not in after

    def test_is_open_to_an_approver_who_saved_the_form_as_it_was(self, private, drafter, approver):
        """The form and an import order codes differently."""
        programme = ProgrammeFactory(approved=True, not_for=["under_18", "open_proceedings"])
        private.force_login(approver)
        edit(private, programme, reason="Looked at.")
        newest = Programme.objects.get(pk=programme.pk).get_latest_revision_as_object()
        newest.operator = "Charity"
        newest.save_revision(user=drafter)

        page = private.get(review(programme)).content.decode()

        assert newest.not_for == ["under_18", "open_proceedings"]
        assert "Charity" in page
        assert "people under 18" not in page
        assert 'value="approve"' in page

    def test_is_open_to_an_approver_whose_version_has_codes_in_another_order(self, private, drafter, approver):
        programme = ProgrammeFactory(approved=True, not_for=["under_18", "open_proceedings"])
        for person, operator in ((approver, ""), (drafter, "Charity")):
            newest = Programme.objects.get(pk=programme.pk).get_latest_revision_as_object()
            newest.not_for, newest.operator = ["open_proceedings", "under_18"], operator or newest.operator
            newest.save_revision(user=person)
        private.force_login(approver)

        page = private.get(review(programme)).content.decode()

        assert "Charity" in page
        assert "people under 18" not in page
        assert 'value="approve"' in page

    def test_is_not_for_drafters(self, private, draft, drafter):
        private.force_login(drafter)

        private.post(review(draft), answers(private, draft))

        draft.refresh_from_db()
        assert not draft.live

    def test_sends_back_with_a_reason(self, private, drafter, approver, draft):
        submit(draft, drafter)
        private.force_login(approver)
        given = {"seen": answers(private, draft)["seen"], "decision": "request_changes"}

        refused = private.post(review(draft), {**given, "reason": ""})
        assert draft.workflow_in_progress
        private.post(review(draft), {**given, "reason": "Which hours?"})

        assert "reason" in refused.context["form"].errors
        assert not draft.workflow_in_progress
        assert any(why == "Which hours?" for _who, _what, why in said(draft))

    def test_says_when_it_goes_public_if_that_is_later(self, private, drafter, approver, draft):
        draft.go_live_at = timezone.now() + dt.timedelta(days=3)
        draft.save_revision(user=drafter)
        private.force_login(approver)

        read = private.get(review(draft)).content.decode()
        after = private.post(review(draft), answers(private, draft), follow=True).content.decode()

        assert "Scheduled to go public" in read
        assert "The public will see it from" in after
        draft.refresh_from_db()
        assert not draft.live

    def test_says_that_nothing_waits(self, private, approver):
        programme = ProgrammeFactory(approved=True)
        private.force_login(approver)

        assert "Nothing is waiting" in private.get(review(programme)).content.decode()

    @pytest.mark.parametrize("make", [SupportLineFactory, ProgrammeTextFactory])
    def test_is_there_for_support_lines_and_texts(self, private, drafter, approver, make):
        listing = make(**({"checked": True} if make is SupportLineFactory else {}))
        listing.save_revision(user=drafter)
        private.force_login(approver)

        private.post(review(listing), answers(private, listing))

        listing.refresh_from_db()
        assert listing.live


def _facts_of(point: ContactPoint) -> dict[str, Any]:
    names = ("pk", "uuid", "channel", "number", "languages", "timezone", "sort_order")
    return {name: getattr(point, name) for name in names}


class TestComments:
    """People who work on a listing comment on the review page."""

    def write(self, client: Client, listing: Any, text: str) -> Any:
        return client.post(review(listing), {"comment": text}, follow=True)

    def test_are_read_by_the_others_there_and_in_the_history(self, private, draft, drafter, approver):
        private.force_login(approver)
        self.write(private, draft, "Is the line open on Sundays?")
        private.force_login(drafter)

        page = private.get(review(draft)).content.decode()

        assert "Is the line open on Sundays?" in page
        assert (approver.get_full_name(), "Wrote a comment", "Is the line open on Sundays?") in said(draft)

    def test_go_by_mail_to_those_who_have_a_part_in_it(self, private, draft, drafter, approver):
        UserFactory(roles=[LISTING_APPROVER])  # not involved
        private.force_login(approver)

        self.write(private, draft, "Is the line open on Sundays?")

        assert [message.to for message in delivered()] == [[drafter.email]]
        assert "Is the line open on Sundays?" in delivered()[0].body
        assert review(draft) in delivered()[0].body

    def test_are_answered(self, private, draft, drafter, approver):
        private.force_login(approver)
        self.write(private, draft, "Is the line open on Sundays?")
        delivered().clear()
        private.force_login(drafter)

        self.write(private, draft, "It is not.")

        assert [message.to for message in delivered()] == [[approver.email]]

    def test_decide_nothing(self, private, draft, drafter, approver):
        submit(draft, drafter)
        private.force_login(approver)

        self.write(private, draft, "Looks right.")

        draft.refresh_from_db()
        assert (draft.live, draft.workflow_in_progress) == (False, True)

    def test_are_not_empty(self, private, draft, approver):
        private.force_login(approver)

        answer = self.write(private, draft, "  ")

        assert answer.context["comment_form"].errors
        assert said(draft) == []

    def test_are_not_for_those_who_have_nothing_to_do_with_listings(self, private, draft):
        private.force_login(UserFactory(roles=[CAMPAIGN_EDITOR]))

        self.write(private, draft, "Hello")

        assert said(draft) == []


class TestHistory:
    def test_lists_each_immediate_action_with_its_reason(self, private, approver):
        programme = ProgrammeFactory(approved=True)
        private.force_login(approver)
        address = reverse("wagtailsnippets_helpline_programme:now", args=[programme.pk])
        done = [
            ({"action": "recheck"}, "Checked: everything is still correct"),
            ({"action": "alert", "alert": "waiting_list"}, "Set an alert"),
            ({"action": "close_until", "until": "2099-01-01"}, "Marked as closed"),
            ({"action": "delist"}, "Taken off the list"),
            ({"action": "hide"}, "Hidden from the public"),
        ]
        for given, what in done:
            private.post(address, given)
            assert what not in [message for _who, message, _why in said(programme)]
            private.post(address, {**given, "reason": f"Because: {what}"})

        found = [(message, why) for _who, message, why in said(programme) if why.startswith("Because")]
        page = private.get(reverse("wagtailsnippets_helpline_programme:history", args=[programme.pk]))

        assert found == [(what, f"Because: {what}") for _given, what in reversed(done)]
        assert "Because: Taken off the list" in page.content.decode()
        programme.refresh_from_db()
        assert programme.status == Status.DELISTED
        assert programme.delisted_reason == "Because: Taken off the list"

    def test_hides_from_wagtails_own_page_only_with_a_reason(self, private, approver):
        programme = ProgrammeFactory(approved=True)
        private.force_login(approver)
        address = reverse("wagtailsnippets_helpline_programme:unpublish", args=[programme.pk])

        private.post(address)
        programme.refresh_from_db()
        assert programme.live
        private.post(address, {"reason": "It has moved."})

        programme.refresh_from_db()
        assert not programme.live
        assert any(why == "It has moved." for _who, _what, why in said(programme))

    def test_compares_two_versions_in_words(self, private, drafter, approver):
        programme = ProgrammeFactory(approved=True, cost="free")
        programme.cost = "paid"
        revision = programme.save_revision(user=drafter)
        private.force_login(approver)

        page = private.get(
            reverse(
                "wagtailsnippets_helpline_programme:revisions_compare",
                args=[programme.pk, "live", revision.pk],
            )
        ).content.decode()

        assert "<del><bdi>free</bdi></del>" in page
        assert "<ins><bdi>costs money</bdi></ins>" in page


class TestScale:
    """Each page takes as many queries for a few listings, versions and contact points as for many."""

    @pytest.fixture
    def client(self, private, approver):
        private.force_login(approver)
        return private

    def many(self, number: int) -> None:
        made = Programme.objects.bulk_create(
            Programme(
                name=f"Bulk {at}",
                countries=["de"],
                audiences=["self_thoughts"],
                status="verified",
                live=False,
            )
            for at in range(number)
        )
        ContactPoint.objects.bulk_create(
            ContactPoint(programme=programme, channel="phone", number="+493023125000") for programme in made
        )

    @pytest.mark.parametrize("view", ["list", "edit", "review", "history", "now"])
    def test_takes_the_same_queries_for_few_and_many(self, client, drafter, view):
        programme = ProgrammeFactory(approved=True, name="Aardvark")
        programme.operator = "Another"
        programme.save_revision(user=drafter)
        args = [] if view == "list" else [programme.pk]
        address = reverse(f"wagtailsnippets_helpline_programme:{view}", args=args)

        def visit() -> None:
            assert client.get(address).status_code == 200

        self.many(2)
        with same_queries(visit):
            self.many(20)
            for at in range(5):
                programme.operator = f"Another {at}"
                programme.save_revision(user=drafter, log_action=True)

    def test_lists_many(self, client):
        self.many(500)

        def visit() -> None:
            page = client.get(reverse("wagtailsnippets_helpline_programme:list"), {"status": "verified"})
            assert page.status_code == 200

        visit()
        assert queries(visit) < 40


class TestRoles:
    @pytest.mark.parametrize("role", [NETWORK_MANAGER, CAMPAIGN_EDITOR])
    @pytest.mark.parametrize("view", ["list", "edit", "review", "history", "now", "unpublish"])
    def test_other_roles_see_nothing_of_it(self, private, admin_roles, draft, role, view):
        private.force_login(UserFactory(roles=[role]))
        address = reverse(f"wagtailsnippets_helpline_programme:{view}", args=[] if view == "list" else [draft.pk])

        for answer in (private.get(address), private.post(address, {"action": "hide", "reason": "x"})):
            assert answer.status_code in {302, 403, 405}
            assert draft.name not in answer.content.decode()

    def test_an_approver_drafts_and_another_approves(self, private, approver):
        programme = ProgrammeFactory(checked=True)
        programme.save_revision(user=approver)

        second_person(programme, programme.latest_revision, StaffFactory())

        programme.refresh_from_db()
        assert programme.live


class TestPolicy:
    @pytest.mark.parametrize("language", ["en", "de", "fr", "ar"])
    def test_shows_the_public_the_rules_of_the_checklist(self, language):
        with translation.override(language):
            page = Guide().child_blocks["listing_rules"].render(None)
            rules = [escape(str(point.rule)) for point in policy.POINTS]

        assert [rule for rule in rules if rule not in page] == []
