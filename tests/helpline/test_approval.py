"""A second person approves what the first has written, with the checklist, and who counts as which."""

import pytest
from wagtail.log_actions import registry
from wagtail.models import Revision

from helpline.governance import approval, services
from helpline.models import Programme
from helpline.records.two_people import (
    NotApproved,
    authors_since_approval,
    changed_fields,
    last_approved,
)
from helpline.vocabulary.codes import Alert
from tests.factories.helpline import (
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
    second_person,
)
from tests.helpline.rows import is_public
from tests.support.checklist import all_yes

pytestmark = pytest.mark.django_db


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
