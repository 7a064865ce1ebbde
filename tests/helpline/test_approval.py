"""Every way to make a listing public takes two people."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.log_actions import registry
from wagtail.models import GroupApprovalTask, Revision, Workflow, WorkflowContentType, WorkflowTask
from wagtail_localize.operations import translate_object

from helpline.governance import approval, services
from helpline.models import ContactPoint, Programme, ProgrammeText, SupportLine
from helpline.records.two_people import (
    NotApproved,
    authors_since_approval,
    changed_fields,
    last_approved,
)
from helpline.vocabulary.codes import Alert, Status
from tests.factories.helpline import (
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
    days_ago,
    past_every_rule,
    second_person,
)
from tests.support.checklist import all_yes
from tests.support.scenes import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return StaffFactory()


@pytest.fixture
def ben():
    return StaffFactory()


@pytest.fixture
def draft(anna):
    programme = ProgrammeFactory(checked=True)
    programme.save_revision(user=anna)
    return programme


@pytest.fixture
@scene
def shown():
    return ProgrammeFactory(approved=True)


def is_public(listing):
    return type(listing).objects.public().filter(pk=listing.pk).exists()


class TestTwoPeople:
    def test_a_second_person_shows_what_the_first_has_written(self, draft, ben):
        second_person(draft, draft.latest_revision, ben)

        assert is_public(draft)

    def test_the_author_cannot(self, draft, anna):
        with pytest.raises(
            NotApproved, match=r"^You have changed .*approve it\. Nobody else .*approves it\. The checklist"
        ):
            draft.latest_revision.publish(user=anna)

        assert not is_public(draft)

    def test_nor_as_a_superuser(self, draft, anna):
        anna.is_superuser = True
        anna.save()

        with pytest.raises(NotApproved):
            draft.latest_revision.publish(user=anna)

    def test_nor_when_nobody_is_named(self, draft):
        with pytest.raises(NotApproved, match=r"^Nobody is named"):
            draft.latest_revision.publish()

        assert not is_public(draft)

    def test_nor_when_another_has_changed_it_after_them(self, draft, anna, ben):
        draft.operator = "Somebody else"
        draft.save_revision(user=ben)

        for person in (anna, ben):
            with pytest.raises(NotApproved):
                draft.latest_revision.publish(user=person)

    def test_a_third_person_can_then(self, draft, ben):
        draft.operator = "Somebody else"
        draft.save_revision(user=ben)

        second_person(draft, draft.latest_revision, StaffFactory())

        assert is_public(draft)

    def test_what_an_import_wrote_nobody_has_checked(self, anna):
        programme = ProgrammeFactory(checked=True)
        programme.save_revision()

        with pytest.raises(NotApproved, match=r"^Nobody else has checked"):
            programme.latest_revision.publish(user=anna)

    def test_somebody_who_has_left_counts_as_nobody(self, draft, anna, ben):
        anna.delete()

        with pytest.raises(NotApproved):
            draft.latest_revision.publish(user=ben)

    def test_saving_a_draft_unchanged_does_not_make_an_author(self, draft, ben):
        again = draft.get_latest_revision_as_object()

        second_person(draft, again.save_revision(user=ben), ben)

        assert is_public(draft)

    def test_nor_does_saving_unchanged_what_was_approved(self, shown, anna, ben):
        shown.save_revision(user=ben)
        shown.operator = "Anna corrects"

        second_person(shown, shown.save_revision(user=anna), ben)

        assert Programme.objects.get(pk=shown.pk).operator == "Anna corrects"

    def test_an_unverified_draft_is_not_shown(self, anna, ben):
        programme = ProgrammeFactory()
        programme.save_revision(user=anna)

        with pytest.raises(NotApproved, match="draft"):
            programme.latest_revision.publish(user=ben)

    def test_counts_changes_since_the_last_approval_only(self, draft, anna, ben):
        draft.region = "Vienna"
        second_person(draft, draft.save_revision(user=anna), ben)
        draft.refresh_from_db()
        draft.operator = "Ben corrects"
        draft.save_revision(user=ben)

        second_person(draft, draft.latest_revision, anna)

        assert Programme.objects.get(pk=draft.pk).operator == "Ben corrects"

    def test_an_author_cannot_overwrite_what_was_approved(self, draft, anna, ben):
        second_person(draft, draft.latest_revision, ben)
        draft.refresh_from_db()
        revision = draft.latest_revision
        draft.website = "https://other.example/"
        draft.save_revision(user=anna, overwrite_revision=revision)

        with pytest.raises(NotApproved):
            Revision.objects.get(pk=revision.pk).publish(user=anna)

    def test_whoever_overwrites_what_was_approved_is_an_author(self, draft, anna, ben):
        second_person(draft, draft.latest_revision, ben)
        draft.refresh_from_db()
        draft.website = "https://other.example/"
        draft.save_revision(user=anna, overwrite_revision=draft.latest_revision)

        assert authors_since_approval(draft) == {anna.pk}

    def test_and_cannot_approve_it_under_what_another_writes_after_that(self, draft, anna, ben):
        second_person(draft, draft.latest_revision, ben)
        draft.refresh_from_db()
        draft.website = "https://other.example/"
        draft.save_revision(user=anna, overwrite_revision=draft.latest_revision)
        draft.operator = "Ben adds a name"
        newest = draft.save_revision(user=ben)

        for person in (anna, ben):
            with pytest.raises(NotApproved, match="You have changed this listing"):
                second_person(draft, newest, person)
        second_person(draft, newest, StaffFactory())

        assert Programme.objects.get(pk=draft.pk).website == "https://other.example/"

    def test_keeps_who_approved_what(self, draft, ben):
        second_person(draft, draft.latest_revision, ben, "called them")

        given = draft.approvals.get()
        assert (given.by, given.rule, given.revision_id) == (ben, "two", draft.latest_revision_id)
        assert given.reason == "called them"
        assert given.checklist["contact"] == {"answer": "yes", "note": ""}

    @pytest.mark.parametrize("make", [SupportLineFactory, ProgrammeTextFactory])
    def test_holds_for_support_lines_and_texts_too(self, make, anna, ben):
        listing = make(**({"checked": True} if make is SupportLineFactory else {}))
        listing.save_revision(user=anna)
        with pytest.raises(NotApproved):
            listing.latest_revision.publish(user=anna)

        second_person(listing, listing.latest_revision, ben)

        listing.refresh_from_db()
        assert listing.live


class TestEveryWay:
    def test_a_schedule_that_nobody_approved_shows_nothing(self, draft):
        draft.latest_revision.approved_go_live_at = timezone.now()
        draft.latest_revision.save()

        with pytest.raises(NotApproved):
            call_command("publish_scheduled")

        assert not is_public(draft)

    def test_a_schedule_that_a_second_person_set_shows_it_in_time(self, draft, ben, time_machine):
        draft.go_live_at = timezone.now() + dt.timedelta(days=1)
        second_person(draft, draft.save_revision(user=draft.latest_revision.user), ben)
        assert not is_public(draft)

        time_machine.move_to(timezone.now() + dt.timedelta(days=2))
        call_command("publish_scheduled")

        assert is_public(draft)

    def test_a_schedule_whose_words_were_changed_shows_nothing(self, draft, anna, ben, time_machine):
        draft.go_live_at = timezone.now() + dt.timedelta(days=1)
        revision = draft.save_revision(user=anna)
        second_person(draft, revision, ben)
        content = {**revision.content, "website": "https://other.example/"}
        Revision.objects.filter(pk=revision.pk).update(content=content)

        time_machine.move_to(timezone.now() + dt.timedelta(days=2))
        with pytest.raises(NotApproved):
            call_command("publish_scheduled")

        assert not is_public(draft)

    def test_wagtails_own_action_leaves_it_a_draft(self, draft, anna):
        PublishRevisionAction(draft.latest_revision, user=anna).execute(skip_permission_checks=True)

        assert not is_public(draft)
        assert Programme.objects.get(pk=draft.pk).live_revision is None

    def test_wagtails_own_action_cannot_change_what_is_shown(self, shown, anna):
        shown.website = "https://other.example/"
        revision = shown.save_revision(user=anna)

        with pytest.raises(NotApproved):
            PublishRevisionAction(revision, user=anna).execute(skip_permission_checks=True)

        assert Programme.objects.get(pk=shown.pk).website != "https://other.example/"

    def test_a_row_that_is_made_live_is_a_draft(self):
        programme = Programme.objects.create(name="x", live=True)

        assert not programme.live

    # Wagtail 8.0 opens its mail connection in a way that Django 6.1 deprecates.
    @pytest.mark.filterwarnings("ignore:get_connection")
    def test_a_workflow_of_wagtails_own_publishes_nothing_that_nobody_went_through(self, draft, anna, ben):
        workflow = Workflow.objects.create(name="Approval")
        task = GroupApprovalTask.objects.create(name="Second person")
        WorkflowTask.objects.create(workflow=workflow, task=task)
        WorkflowContentType.objects.create(workflow=workflow, content_type=Programme.get_content_type())
        state = workflow.start(draft, anna)

        for person in (anna, ben):
            state.refresh_from_db()
            state.current_task_state.refresh_from_db()
            with pytest.raises(PermissionDenied):
                state.current_task_state.approve(user=person)

        assert not is_public(draft)

    def test_saving_the_row_changes_nothing_that_is_shown(self, shown):
        shown.website = "https://other.example/"

        with pytest.raises(NotApproved, match=r"^Published content"):
            shown.save()

    def test_saving_one_column_changes_nothing_that_is_shown_either(self, shown):
        shown.website = "https://other.example/"

        with pytest.raises(NotApproved):
            shown.save(update_fields=["website"])

    def test_saving_one_column_stores_that_column_alone(self, shown):
        shown.website = "https://other.example/"

        shown.save(update_fields=["name"])

        assert Programme.objects.get(pk=shown.pk).website != "https://other.example/"

    def test_saving_the_column_that_shows_a_draft_leaves_it_a_draft(self, draft):
        draft.live = True

        draft.save(update_fields=["live"])

        assert not is_public(draft)

    def test_saving_another_version_shows_nothing_of_it(self, shown, anna):
        shown.live_revision = shown.save_revision(user=anna)

        with pytest.raises(NotApproved, match=r"^Another version"):
            shown.save()

    def test_noting_something_about_the_record_takes_no_approval_back(self, shown):
        shown.live = False

        shown.save(update_fields=["scan_grade"])

        assert shown.approvals.valid().exists()

    def test_saving_a_contact_point_with_its_programme_changes_nothing_either(self, shown):
        point = shown.contact_points.first()
        point.number = "+493023125999"
        shown.contact_points = [point]

        with pytest.raises(NotApproved):
            shown.save()

    def test_what_was_hidden_is_not_shown_again_by_an_old_approval(self, shown, anna):
        approved = shown.live_revision
        services.hide(listing=shown, by=anna, reason="in doubt")

        for person in (None, anna):
            with pytest.raises(NotApproved):
                Revision.objects.get(pk=approved.pk).publish(user=person)

    def test_an_earlier_version_is_not_shown_again_by_its_old_approval(self, shown, anna, ben):
        earlier = shown.live_revision
        shown.operator = "Another"
        second_person(shown, shown.save_revision(user=anna), ben)

        with pytest.raises(NotApproved):
            Revision.objects.get(pk=earlier.pk).publish()

        assert Programme.objects.get(pk=shown.pk).operator == "Another"

    def test_an_import_shows_nothing(self, tmp_path):
        call_command("import_programmes", verbosity=0)

        assert not Programme.objects.public().exists()

    def test_a_translation_shows_nothing(self, languages):
        text = ProgrammeTextFactory(approved=True)

        translate_object(text, [languages["de"]])

        assert not ProgrammeText.objects.get(locale=languages["de"]).live

    def test_a_translation_that_is_done_again_changes_nothing_that_is_shown(self, languages, anna, ben):
        text = ProgrammeTextFactory(approved=True, summary="People who listen.")
        translate_object(text, [languages["de"]])
        german = ProgrammeText.objects.get(locale=languages["de"])
        german.summary = "Menschen, die zuhören."
        second_person(german, german.save_revision(user=anna), ben)
        german.refresh_from_db()
        assert german.live

        # As wagtail-localize does it: it writes the words to the row, then saves a revision of them.
        german.summary = "Ganz andere Worte."
        german.live = True
        german.save()
        german.save_revision(user=anna)

        assert ProgrammeText.objects.get(pk=german.pk).summary == "Menschen, die zuhören."
        assert german.get_latest_revision_as_object().summary == "Ganz andere Worte."


class TestOnePerson:
    def test_hides(self, shown, anna):
        services.hide(listing=shown, by=anna, reason="in doubt")

        assert not is_public(shown)

    def test_cannot_show_again_what_was_hidden(self, shown, anna):
        services.hide(listing=shown, by=anna, reason="in doubt")
        shown.refresh_from_db()

        with pytest.raises(NotApproved):
            shown.save_revision(user=anna).publish(user=anna)

    def test_closes(self, shown, anna):
        services.close(listing=shown, by=anna, reason="their page")

        assert Programme.objects.public().get(pk=shown.pk).status == Status.CLOSED

    def test_closes_delists_and_confirms_with_all_that_belongs_to_it(self, shown, anna):
        shown.status, shown.closed_until = Status.CLOSED_UNTIL, days_ago(-30)
        shown.delisted_reason = "They asked for it."
        shown.checked_on, shown.next_check_due = days_ago(1), days_ago(-100)
        shown.checked_source = "call with the operator"

        shown.save_revision(user=anna).publish(user=anna)

        assert Programme.objects.public().get(pk=shown.pk).closed_until == days_ago(-30)

    def test_puts_off_the_day_when_it_opens_again(self, shown, anna):
        services.close(listing=shown, by=anna, reason="their page", until=days_ago(-10))
        shown.refresh_from_db()
        shown.closed_until = days_ago(-20)

        shown.save_revision(user=anna).publish(user=anna)

        assert Programme.objects.public().get(pk=shown.pk).closed_until == days_ago(-20)

    def test_cannot_say_until_when_something_is_closed_that_is_open(self, shown, anna):
        shown.closed_until = days_ago(-30)

        with pytest.raises(NotApproved):
            shown.save_revision(user=anna, clean=False).publish(user=anna)

    def test_cannot_open_again(self, shown, anna):
        services.close(listing=shown, by=anna, reason="their page")
        shown.refresh_from_db()
        shown.status = Status.VERIFIED

        with pytest.raises(NotApproved):
            shown.save_revision(user=anna).publish(user=anna)

    def test_warns(self, shown, anna):
        services.warn(listing=shown, by=anna, reason="their page", alert=Alert.PHONE_DISTURBED)

        shown.refresh_from_db()
        assert shown.alert == Alert.PHONE_DISTURBED

    def test_warns_with_a_note(self, shown, anna):
        services.warn(listing=shown, by=anna, reason="x", alert=Alert.PHONE_DISTURBED, note="Only by email.")

        shown.refresh_from_db()
        assert shown.alert_note == "Only by email."

    def test_cannot_change_the_note_of_a_warning_alone(self, shown, anna):
        services.warn(listing=shown, by=anna, reason="x", alert=Alert.PHONE_DISTURBED, note="Only by email.")
        shown.refresh_from_db()
        shown.alert_note = "Call another number."

        with pytest.raises(NotApproved):
            shown.save_revision(user=anna).publish(user=anna)

    def test_cannot_take_a_warning_back(self, shown, anna):
        services.warn(listing=shown, by=anna, reason="their page", alert=Alert.PHONE_DISTURBED)
        shown.refresh_from_db()
        shown.alert = Alert.NONE

        with pytest.raises(NotApproved):
            shown.save_revision(user=anna).publish(user=anna)

    def test_confirms(self, anna):
        programme = ProgrammeFactory(approved=True, checked_on=days_ago(200), next_check_due=days_ago(10))

        services.recheck(listing=programme, by=anna, on=days_ago(0), source="call with the operator")

        programme.refresh_from_db()
        assert (programme.checked_on, programme.checked_by) == (days_ago(0), anna)

    def test_cannot_change_a_number_on_the_way(self, shown, anna):
        shown.checked_on = days_ago(0)
        point = shown.contact_points.first()
        point.number = "+493023125999"
        shown.contact_points = [point]

        with pytest.raises(NotApproved):
            shown.save_revision(user=anna).publish(user=anna)

    def test_leaves_a_draft_of_somebody_else_to_its_author(self, shown, anna, ben):
        shown.operator = "Anna drafts"
        shown.save_revision(user=anna)
        shown.refresh_from_db()

        services.warn(listing=shown, by=ben, reason="their page", alert=Alert.WAITING_LIST)

        shown.refresh_from_db()
        newest = shown.get_latest_revision_as_object()
        assert (shown.operator, shown.alert) == ("", Alert.WAITING_LIST)
        assert (newest.operator, newest.alert) == ("Anna drafts", Alert.WAITING_LIST)
        assert authors_since_approval(shown) == {anna.pk}

    def test_may_approve_later_what_another_writes(self, shown, anna, ben):
        services.recheck(listing=shown, by=ben, on=days_ago(0), source="call")
        shown.refresh_from_db()
        shown.operator = "Anna corrects"
        shown.save_revision(user=anna)

        second_person(shown, shown.latest_revision, ben)

        assert Programme.objects.get(pk=shown.pk).operator == "Anna corrects"


class TestChanges:
    def test_knows_a_changed_number_from_a_renumbered_row(self, shown):
        before = shown.live_revision.content
        after = {**before, "contact_points": [{**before["contact_points"][0], "pk": 99, "number": "+49301"}]}
        same = {**before, "contact_points": [{**before["contact_points"][0], "pk": 99}]}

        assert [name for name, _values in changed_fields(before, after)] == ["contact_points"]
        assert list(changed_fields(before, same)) == []


class TestApproving:
    """A second person answers the checklist and says how they checked it."""

    def test_takes_the_checklist(self, draft, ben):
        with pytest.raises(NotApproved, match=r"^The checklist of the listing policy"):
            approval.approve(listing=draft, revision=draft.latest_revision, by=ben, reason="read its page")

        assert not draft.approvals.exists()

    def test_says_all_that_is_missing(self, draft, ben):
        asked = approval.points_asked(listing=draft, revision=draft.latest_revision)
        checklist = all_yes(asked)
        del checklist["contact"]

        with pytest.raises(
            NotApproved, match=r"^Each number .* Not answered yet\. Say how you checked it\.$"
        ):
            approval.approve(
                listing=draft, revision=draft.latest_revision, by=ben, reason=" ", checklist=checklist
            )

    def test_is_refused_to_the_author_whatever_they_answer(self, draft, anna):
        with pytest.raises(NotApproved, match=r"^You have changed this listing"):
            second_person(draft, draft.latest_revision, anna)

        assert not draft.approvals.exists()

    def test_is_told_in_the_history_with_the_answers(self, draft, ben):
        second_person(draft, draft.latest_revision, ben, " called them ")

        entry = next(
            entry for entry in registry.get_logs_for_instance(draft) if entry.action == "helpline.approve"
        )
        kept = draft.approvals.get()
        assert (entry.user, entry.revision) == (ben, draft.latest_revision)
        assert entry.data == {"reason": "called them", "checklist": kept.checklist}

    def test_asks_nothing_about_what_one_person_may_publish(self, shown, anna):
        shown.alert = Alert.IN_DOUBT
        revision = shown.save_revision(user=anna)

        approval.approve(listing=shown, revision=revision, by=anna, reason="nobody answers")

        given = shown.approvals.first()
        assert (given.by, given.rule, given.reason) == (anna, "one", "nobody answers")
        assert authors_since_approval(shown) == set()

    def test_needs_no_reason_for_that(self, shown, anna):
        shown.alert = Alert.IN_DOUBT

        approval.approve(listing=shown, revision=shown.save_revision(user=anna), by=anna)

        assert shown.approvals.first().reason == ""

    def test_takes_somebody_even_then(self, shown):
        shown.alert = Alert.IN_DOUBT

        with pytest.raises(NotApproved, match=r"^Nobody is named"):
            approval.approve(listing=shown, revision=shown.save_revision(), by=None, checklist={}, reason="x")

        assert shown.approvals.by_one().count() == 0


class TestLastApproved:
    """What a second person compares a new version with."""

    def test_is_what_is_shown(self, shown, anna):
        shown.operator = "Anna drafts"
        shown.save_revision(user=anna)

        assert last_approved(shown).operator == ""

    def test_is_what_was_shown_until_it_was_hidden(self, shown, anna):
        services.hide(listing=shown, by=anna, reason="in doubt")
        shown.operator = "Anna drafts"
        shown.save_revision(user=anna)

        assert last_approved(shown).operator == ""

    def test_is_nothing_where_nobody_has_approved_anything(self, draft):
        assert last_approved(draft) is None

    def test_is_nothing_where_what_was_approved_has_been_overwritten(self, shown, anna):
        approved = shown.live_revision
        services.hide(listing=shown, by=anna, reason="in doubt")
        shown.operator = "Anna drafts"
        shown.save_revision(user=approved.user, overwrite_revision=approved)

        assert last_approved(shown) is None


class TestDesk:
    """The buttons of the admin."""

    @pytest.fixture
    def sign_in(self, desk):
        def signed_in(person, *names):
            person.user_permissions.set(Permission.objects.filter(codename__in=["access_admin", *names]))
            desk.force_login(person)
            return desk

        return signed_in

    def edit(self, client: Client, programme, **changed):
        url = reverse("wagtailsnippets_helpline_programme:edit", args=[programme.pk])
        page = client.get(url)
        assert page.status_code == 200
        form = page.context["form"]
        data = {}
        for bound in [*form, *(field for fs in form.formsets.values() for f in fs.forms for field in f)]:
            value = bound.value()
            if value is True:
                value = "on"
            if value not in (None, False):
                data[bound.html_name] = value
        for formset in form.formsets.values():
            for field in formset.management_form:
                data[field.html_name] = field.value()
            for inline in formset.forms:
                data.setdefault(f"{inline.prefix}-ORDER", 1)
        return client.post(url, {**data, **changed}, follow=False)

    def test_does_not_publish_from_the_form_what_another_wrote_but_leads_to_the_checklist(
        self, sign_in, draft, ben
    ):
        client = sign_in(ben, "change_programme", "publish_programme")

        answer = self.edit(client, draft, why="looks good", **{"action-publish": "yes"})

        assert not is_public(draft)
        assert answer.url == reverse("wagtailsnippets_helpline_programme:review", args=[draft.pk])
        assert "checklist" in client.get(answer.url).content.decode()

    def test_keeps_the_authors_words_as_a_draft_and_says_why(self, sign_in, draft, anna):
        client = sign_in(anna, "change_programme", "publish_programme")

        answer = self.edit(client, draft, name="New name", why="their new name", **{"action-publish": "yes"})

        page = client.get(answer.url)
        assert not is_public(draft)
        assert "second person" in page.content.decode()
        draft.refresh_from_db()
        assert draft.get_latest_revision_as_object().name == "New name"

    def test_says_who_checked(self, sign_in, draft, ben):
        client = sign_in(ben, "change_programme")

        self.edit(client, draft, checked_on="2026-01-02")

        draft.refresh_from_db()
        assert draft.get_latest_revision_as_object().checked_by == ben

    def test_hides_at_once(self, sign_in, shown, ben):
        client = sign_in(ben, "change_programme")

        client.post(
            reverse("wagtailsnippets_helpline_programme:now", args=[shown.pk]),
            {"action": "hide", "reason": "It has moved."},
        )

        assert not is_public(shown)

    def test_needs_the_permission(self, sign_in, shown, ben):
        client = sign_in(ben, "view_programme")

        client.post(reverse("wagtailsnippets_helpline_programme:now", args=[shown.pk]), {"action": "hide"})

        assert is_public(shown)

    def test_lists_what_is_due(self, sign_in, ben):
        ProgrammeFactory(name="Fresh one", approved=True)
        ProgrammeFactory(
            name="Late one", approved=True, checked_on=days_ago(300), next_check_due=days_ago(100)
        )
        client = sign_in(ben, "change_programme")

        page = client.get(
            reverse("wagtailsnippets_helpline_programme:list"), {"due": "hidden"}
        ).content.decode()

        assert "Late one" in page
        assert "Fresh one" not in page

    @pytest.mark.parametrize("query", [{"country": "zz"}, {"status": "x"}, {"due": "'"}, {"live": "perhaps"}])
    def test_nonsense_in_a_filter_is_no_error(self, sign_in, ben, query):
        client = sign_in(ben, "change_programme")

        assert client.get(reverse("wagtailsnippets_helpline_programme:list"), query).status_code == 200

    def test_a_translator_who_publishes_saves_a_draft_and_reads_why(self, transactional_db, desk, languages):
        ben = StaffFactory()
        ben.user_permissions.add(Permission.objects.get(codename="access_admin"))
        text = ProgrammeTextFactory(approved=True)
        translate_object(text, [languages["de"]])
        german = ProgrammeText.objects.get(locale=languages["de"])
        desk.force_login(ben)

        answer = desk.post(
            reverse("wagtailsnippets_helpline_programmetext:edit", args=[german.pk]), {"action": "publish"}
        )

        german.refresh_from_db()
        assert not german.live
        assert german.latest_revision.user == ben
        assert "second person" in desk.get(answer.url).content.decode()


def point_of(programme):
    return ContactPoint.objects.get(programme=programme)


class TestPastTheListing:
    """The rule also holds for a contact point by itself and for statements over many rows."""

    def test_a_contact_point_keeps_its_number(self, shown):
        point = point_of(shown)
        point.number = "+493023125999"

        with pytest.raises(NotApproved, match="Published content"):
            point.save()

        assert point_of(shown).number == "+493023125000"

    def test_nor_is_one_column_of_it_saved(self, shown):
        point = point_of(shown)
        point.number = "+493023125999"

        with pytest.raises(NotApproved):
            point.save(update_fields=["number"])

    def test_a_contact_point_is_not_deleted(self, shown):
        with pytest.raises(NotApproved):
            point_of(shown).delete()

        assert point_of(shown)

    def test_a_contact_point_is_not_added(self, shown):
        with pytest.raises(NotApproved):
            ContactPoint.objects.create(programme=shown, channel="email", email="other@service.example")

    def test_a_contact_point_does_not_move_to_another_programme(self, shown, draft):
        for here, there in ((shown, draft), (draft, shown)):
            point = point_of(here)
            point.programme = there
            with pytest.raises(NotApproved):
                point.save()

    def test_nor_by_a_statement_that_names_a_draft_only(self, shown, draft):
        for rows in (
            ContactPoint.objects.filter(programme=draft),
            ContactPoint.objects.filter(programme=shown),
        ):
            for move in ({"programme": shown}, {"programme_id": shown.pk}):
                with pytest.raises(NotApproved):
                    rows.update(**move)

        assert point_of(draft).programme == draft

    def test_nor_by_changing_many_at_once(self, shown, draft):
        point = point_of(draft)
        point.programme = shown

        with pytest.raises(NotApproved):
            ContactPoint.objects.bulk_update([point], ["programme"])

    def test_a_text_does_not_move_to_another_programme(self, shown, draft):
        text = ProgrammeTextFactory(programme=shown, approved=True)
        text.programme = draft

        text.save()

        with pytest.raises(NotApproved):
            ProgrammeText.objects.filter(pk=text.pk).update(programme=draft)
        assert ProgrammeText.objects.get(pk=text.pk).programme == shown

    def test_nor_is_one_published_by_its_author_after_it_has_moved(self, shown, draft, anna):
        text = ProgrammeTextFactory(programme=shown, approved=True)
        text.programme = draft
        revision = text.save_revision(user=anna)

        with pytest.raises(NotApproved):
            revision.publish(user=anna)

        assert ProgrammeText.objects.get(pk=text.pk).programme == shown

    def test_a_contact_point_is_saved_as_it_is_and_put_in_another_place(self, shown):
        point = point_of(shown)
        point.sort_order = 5

        point.save()

        assert point_of(shown).sort_order == 5

    def test_an_overwritten_version_lets_nothing_through(self, shown):
        point = shown.contact_points.first()
        point.number = "+493023125999"
        shown.contact_points = [point]
        shown.save_revision(user=shown.live_revision.user, overwrite_revision=shown.live_revision)
        stored = point_of(shown)
        stored.number = "+493023125999"

        with pytest.raises(NotApproved):
            stored.save()

    def test_the_contact_points_of_a_draft_are_free(self, draft):
        point = point_of(draft)
        point.number = "+493023125999"

        point.save()

        assert point_of(draft).number == "+493023125999"

    def test_and_can_be_replaced(self, draft):
        gone, _of_each_kind = point_of(draft).delete()
        ContactPoint.objects.create(programme=draft, channel="email", email="other@service.example")

        assert gone == 1
        assert point_of(draft).channel == "email"

    def test_what_is_approved_changes_adds_and_deletes_them(self, shown, anna, ben):
        changed = shown.contact_points.first()
        changed.number = "+493023125999"
        shown.contact_points = [
            changed,
            ContactPoint(channel="email", email="new@service.example", languages=["de"]),
        ]
        second_person(shown, shown.save_revision(user=anna), ben)
        assert set(ContactPoint.objects.values_list("number", "email")) == {
            ("+493023125999", ""),
            ("", "new@service.example"),
        }

        shown = Programme.objects.get(pk=shown.pk)
        shown.contact_points = [shown.contact_points.get(channel="email")]
        second_person(shown, shown.save_revision(user=anna), ben)

        assert point_of(shown).channel == "email"

    def test_the_listing_takes_them_along_when_it_is_deleted(self, shown):
        shown.delete()

        assert not ContactPoint.objects.exists()

    @pytest.mark.parametrize(
        "facts", [{"website": "https://other.example/"}, {"status": Status.DELISTED}, {"checked_on": None}]
    )
    def test_a_statement_changes_no_fact(self, shown, facts):
        with pytest.raises(NotApproved, match="Published content"):
            Programme.objects.filter(pk=shown.pk).update(**facts)

    @pytest.mark.parametrize(
        "show", [{"live": True}, {"live": False}, {"live_revision": None}, {"live_revision_id": None}]
    )
    def test_a_statement_shows_and_hides_nothing(self, shown, draft, show):
        for listing in (shown, draft):
            with pytest.raises(NotApproved, match=r"^Another version"):
                Programme.objects.filter(pk=listing.pk).update(**show)

    def test_nor_do_many_objects_at_once(self, shown):
        shown.website = "https://other.example/"

        with pytest.raises(NotApproved):
            Programme.objects.bulk_update([shown], ["website"])
        with pytest.raises(NotApproved):
            Programme.objects.bulk_create([Programme(name="x", live=True)])

    def test_a_statement_may_note_what_is_no_fact_and_change_drafts(self, shown, draft):
        Programme.objects.update(scan_grade="A")
        Programme.objects.filter(live=False).update(website="https://other.example/")
        Programme.objects.bulk_create([Programme(name="x", live=False)])

        assert set(Programme.objects.values_list("scan_grade", "website", "live")) == {
            ("A", shown.website, True),
            ("A", "https://other.example/", False),
            ("", "", False),
        }

    def test_a_statement_changes_no_contact_point(self, shown, draft):
        with pytest.raises(NotApproved):
            ContactPoint.objects.update(number="+493023125999")
        with pytest.raises(NotApproved):
            ContactPoint.objects.filter(programme=shown).delete()
        with pytest.raises(NotApproved):
            ContactPoint.objects.bulk_create([ContactPoint(programme=shown, channel="email")])

        ContactPoint.objects.filter(programme=draft).update(number="+493023125999")
        assert point_of(shown).number == "+493023125000"

    def test_holds_for_support_lines_and_texts_too(self):
        line, text = SupportLineFactory(approved=True), ProgrammeTextFactory(approved=True)

        with pytest.raises(NotApproved):
            SupportLine.objects.filter(pk=line.pk).update(number="116000")
        with pytest.raises(NotApproved):
            ProgrammeText.objects.filter(pk=text.pk).update(summary="Other words.")

    def test_nobody_confirms_alone_what_was_made_public_in_another_way(self, draft, anna):
        past_every_rule(draft, live=True, live_revision=draft.latest_revision)
        draft.refresh_from_db()

        with pytest.raises(NotApproved):
            services.recheck(listing=draft, by=anna, on=days_ago(0), source="their page")

    def test_nobody_shows_alone_again_what_was_hidden_in_another_way(self, shown, anna):
        past_every_rule(shown, live=False)
        shown.refresh_from_db()
        shown.checked_on = days_ago(1)

        with pytest.raises(NotApproved):
            shown.save_revision(user=anna).publish(user=anna)

    def test_nobody_confirms_alone_what_got_into_the_row_in_another_way(self, shown, anna):
        past_every_rule(shown, website="https://other.example/")

        with pytest.raises(NotApproved):
            services.recheck(listing=shown, by=anna, on=days_ago(0), source="their page")
