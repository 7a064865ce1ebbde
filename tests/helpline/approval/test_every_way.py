"""Making a listing public, or changing a public one, takes two people by every route."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import GroupApprovalTask, Revision, Workflow, WorkflowContentType, WorkflowTask
from wagtail_localize.operations import translate_object

from helpline.approval.rule import NotApprovedError
from helpline.governance import services
from helpline.models import ContactPoint, Programme, ProgrammeText, TwoPersonApprovalTask
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeTextFactory,
    StaffFactory,
    days_ago,
    past_every_rule,
    second_person,
)
from tests.factories.users import UserFactory
from tests.helpline.rows import is_public, point_of
from tests.support.publishing import publish_page

pytestmark = pytest.mark.django_db


class TestEveryWay:
    def test_an_unapproved_schedule_shows_nothing(self, draft):
        draft.latest_revision.approved_go_live_at = timezone.now()
        draft.latest_revision.save()

        with pytest.raises(NotApprovedError):
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
        with pytest.raises(NotApprovedError):
            call_command("publish_scheduled")

        assert not is_public(draft)

    def test_wagtails_own_action_leaves_it_a_draft(self, draft, anna):
        PublishRevisionAction(draft.latest_revision, user=anna).execute(skip_permission_checks=True)

        assert not is_public(draft)
        assert Programme.objects.get(pk=draft.pk).live_revision is None

    def test_wagtails_own_action_cannot_change_what_is_shown(self, shown, anna):
        shown.website = "https://other.example/"
        revision = shown.save_revision(user=anna)

        with pytest.raises(NotApprovedError):
            PublishRevisionAction(revision, user=anna).execute(skip_permission_checks=True)

        assert Programme.objects.get(pk=shown.pk).website != "https://other.example/"

    def test_a_row_that_is_made_live_is_a_draft(self):
        programme = Programme.objects.create(name="x", live=True)

        assert not programme.live

    # Wagtail 8.0 opens its mail connection in a way that Django 6.1 deprecates.
    @pytest.mark.filterwarnings("ignore:get_connection")
    def test_a_plain_wagtail_workflow_publishes_nothing_without_the_checklist(self, draft, anna, ben):
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

    def test_saving_one_column_changes_nothing_that_is_shown_either(self, shown):
        shown.website = "https://other.example/"

        with pytest.raises(NotApprovedError):
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

        with pytest.raises(NotApprovedError, match=r"^Another version"):
            shown.save()

    def test_noting_something_about_the_record_takes_no_approval_back(self, shown):
        shown.live = False

        shown.save(update_fields=["scan_grade"])

        assert shown.approvals.valid().exists()

    def test_what_was_hidden_is_not_shown_again_by_an_old_approval(self, shown, anna):
        approved = shown.live_revision
        services.hide(listing=shown, by=anna, reason="in doubt")

        for person in (None, anna):
            with pytest.raises(NotApprovedError):
                Revision.objects.get(pk=approved.pk).publish(user=person)

    def test_an_earlier_version_is_not_shown_again_by_its_old_approval(self, shown, anna, ben):
        earlier = shown.live_revision
        shown.operator = "Another"
        second_person(shown, shown.save_revision(user=anna), ben)

        with pytest.raises(NotApprovedError):
            Revision.objects.get(pk=earlier.pk).publish()

        assert Programme.objects.get(pk=shown.pk).operator == "Another"

    def test_an_import_shows_nothing(self, tmp_path):
        call_command("import_listings", "programmes", verbosity=0)

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

        # As wagtail-localize, which writes the words to the row, then saves a revision of them.
        german.summary = "Ganz andere Worte."
        german.live = True
        german.save()
        german.save_revision(user=anna)

        assert ProgrammeText.objects.get(pk=german.pk).summary == "Menschen, die zuhören."
        assert german.get_latest_revision_as_object().summary == "Ganz andere Worte."


class TestHelpPages:
    @pytest.fixture
    def guide(self, home):
        guide = GuidePageFactory(parent=FinderPageFactory(parent=home), introduction="Breathe.")
        publish_page(guide, user=StaffFactory())
        return type(guide).objects.get(pk=guide.pk)

    @pytest.mark.parametrize("above", [False, True], ids=["chosen", "below a chosen page"])
    def test_are_not_published_in_bulk_by_their_author(self, private, home, guide, above):
        author = UserFactory(is_superuser=True)
        guide.introduction = "Words of one person."
        guide.save_revision(user=author)
        private.force_login(author)

        chosen = home if above else guide
        address = reverse("wagtail_bulk_action", args=("wagtailcore", "page", "publish"))
        answer = private.post(f"{address}?id={chosen.pk}&next=/admin/", {"include_descendants": "on"}, follow=True)

        assert type(guide).objects.get(pk=guide.pk).introduction == "Breathe."
        assert above or "A second person decides about each of these pages" in answer.content.decode()


class TestRequestedChanges:
    def test_takes_a_reason(self, draft, anna, ben):
        workflow = Workflow.objects.create(name="Two-person approval")
        task = TwoPersonApprovalTask.objects.create(name="Second person")
        WorkflowTask.objects.create(workflow=workflow, task=task)
        WorkflowContentType.objects.create(workflow=workflow, content_type=Programme.get_content_type())
        workflow.start(draft, anna)

        with pytest.raises(NotApprovedError, match="what needs to change"):
            services.request_changes(listing=draft, by=ben, reason=" ")

        assert Programme.objects.get(pk=draft.pk).workflow_in_progress


class TestPastTheListing:
    """The rule also applies to a contact point by itself and to bulk statements."""

    def test_a_contact_point_does_not_move_to_another_programme(self, shown, draft):
        for here, there in ((shown, draft), (draft, shown)):
            point = point_of(here)
            point.programme = there
            with pytest.raises(NotApprovedError):
                point.save()

    def test_nor_by_a_statement_that_names_a_draft_only(self, shown, draft):
        for rows in (
            ContactPoint.objects.filter(programme=draft),
            ContactPoint.objects.filter(programme=shown),
        ):
            for move in ({"programme": shown}, {"programme_id": shown.pk}):
                with pytest.raises(NotApprovedError):
                    rows.update(**move)

        assert point_of(draft).programme == draft
        point = point_of(draft)
        point.programme = shown
        with pytest.raises(NotApprovedError):
            ContactPoint.objects.bulk_update([point], ["programme"])

    def test_a_text_does_not_move_to_another_programme(self, shown, draft):
        text = ProgrammeTextFactory(programme=shown, approved=True)
        text.programme = draft

        text.save()

        with pytest.raises(NotApprovedError):
            ProgrammeText.objects.filter(pk=text.pk).update(programme=draft)
        assert ProgrammeText.objects.get(pk=text.pk).programme == shown

    def test_nor_is_one_published_by_its_author_after_it_has_moved(self, shown, draft, anna):
        text = ProgrammeTextFactory(programme=shown, approved=True)
        text.programme = draft
        revision = text.save_revision(user=anna)

        with pytest.raises(NotApprovedError):
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

        with pytest.raises(NotApprovedError):
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

    @pytest.mark.parametrize("show", [{"live": True}, {"live": False}, {"live_revision_id": None}])
    def test_a_statement_shows_and_hides_nothing(self, shown, draft, show):
        for listing in (shown, draft):
            with pytest.raises(NotApprovedError, match=r"^Another version"):
                Programme.objects.filter(pk=listing.pk).update(**show)
        with pytest.raises(NotApprovedError):
            Programme.objects.bulk_create([Programme(name="x", live=True)])

    def test_a_statement_may_note_what_is_no_fact_and_change_drafts(self, shown, draft):
        Programme.objects.update(scan_grade="A")
        Programme.objects.filter(live=False).update(website="https://other.example/")
        Programme.objects.bulk_create([Programme(name="x", live=False)])
        ContactPoint.objects.filter(programme=draft).update(number="+493023125999")

        assert set(Programme.objects.values_list("scan_grade", "website", "live")) == {
            ("A", shown.website, True),
            ("A", "https://other.example/", False),
            ("", "", False),
        }

    def test_one_person_cannot_confirm_what_was_made_public_by_bypassing_the_rule(self, draft, anna):
        past_every_rule(draft, live=True, live_revision=draft.latest_revision)
        draft.refresh_from_db()

        with pytest.raises(NotApprovedError):
            services.recheck(listing=draft, by=anna, on=days_ago(0), source="their page")

    def test_one_person_cannot_show_again_what_was_hidden_by_bypassing_the_rule(self, shown, anna):
        past_every_rule(shown, live=False)
        shown.refresh_from_db()
        shown.checked_on = days_ago(1)

        with pytest.raises(NotApprovedError):
            shown.save_revision(user=anna).publish(user=anna)

    def test_one_person_cannot_confirm_what_was_written_by_bypassing_the_rule(self, shown, anna):
        past_every_rule(shown, website="https://other.example/")

        with pytest.raises(NotApprovedError):
            services.recheck(listing=shown, by=anna, on=days_ago(0), source="their page")
