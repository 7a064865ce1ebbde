"""A second person approves the changes of the first, with the checklist."""

import pytest
from django.contrib.auth import get_user_model
from wagtail.log_actions import log, registry
from wagtail.models import Revision

from core.publishing import account_changes
from helpline.approval.rule import (
    NotApprovedError,
    authors_since_approval,
    changes_since_approval,
    last_approved,
)
from helpline.approval.versions import digest
from helpline.governance import services
from helpline.governance.review import approvers, decisions
from helpline.models import ContactPoint, Programme
from helpline.vocabulary.codes import Alert
from tests.factories.helpline import (
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
    second_person,
)
from tests.helpline.rows import is_public, point_of, same_queries
from tests.support.checklist import all_yes

pytestmark = pytest.mark.django_db


class TestTwoPersonApproval:
    def test_a_second_person_shows_what_the_first_has_written(self, draft, ben):
        second_person(draft, draft.latest_revision, ben)

        assert is_public(draft)

    @pytest.mark.parametrize("superuser", [False, True])
    def test_the_author_cannot(self, draft, anna, superuser):
        anna.is_superuser = superuser
        anna.save()

        with pytest.raises(
            NotApprovedError,
            match=r"^You have changed .*approve it\. No other person .*approves it\. The checklist",
        ):
            draft.latest_revision.publish(user=anna)

        assert not is_public(draft)

    def test_is_required_when_no_user_is_named(self, draft):
        with pytest.raises(NotApprovedError, match=r"^No user is named"):
            draft.latest_revision.publish()

        assert not is_public(draft)

    def test_nor_when_another_has_changed_it_after_them(self, draft, anna, ben):
        draft.operator = "Somebody else"
        draft.save_revision(user=ben)

        for person in (anna, ben):
            with pytest.raises(NotApprovedError):
                draft.latest_revision.publish(user=person)

    def test_a_third_person_can_then(self, draft, ben):
        draft.operator = "Somebody else"
        draft.save_revision(user=ben)

        second_person(draft, draft.latest_revision, StaffFactory())

        assert is_public(draft)

    def test_imported_values_count_as_unchecked(self, anna):
        programme = ProgrammeFactory(checked=True)
        programme.save_revision()

        with pytest.raises(NotApprovedError, match=r"^No other person has checked"):
            programme.latest_revision.publish(user=anna)

    def test_a_deleted_user_does_not_count(self, draft, anna, ben):
        anna.delete()

        with pytest.raises(NotApprovedError):
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

        with pytest.raises(NotApprovedError, match="draft"):
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

        with pytest.raises(NotApprovedError):
            Revision.objects.get(pk=revision.pk).publish(user=anna)

    def test_a_user_who_overwrites_what_was_approved_is_an_author(self, draft, anna, ben):
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
            with pytest.raises(NotApprovedError, match="You have changed this since"):
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
        with pytest.raises(NotApprovedError):
            listing.latest_revision.publish(user=anna)

        second_person(listing, listing.latest_revision, ben)

        listing.refresh_from_db()
        assert listing.live


class TestAuthors:
    """Only users whose changes are in a version are its authors."""

    @pytest.fixture
    def carla(self):
        return StaffFactory()

    def save(self, listing, person, **facts):
        """Save a version in which some facts, or the number, differ."""
        newest = Programme.objects.get(pk=listing.pk).get_latest_revision_as_object()
        number = facts.pop("number", None)
        for name, value in facts.items():
            setattr(newest, name, value)
        if number:
            point = newest.contact_points.first()
            point.number = number
            newest.contact_points = [point]
        return newest.save_revision(user=person)

    def test_a_team_of_three_releases_the_right_number_after_two_wrong_ones(self, shown, anna, ben, carla):
        right = point_of(shown).number
        self.save(shown, ben, number="+493023125991")
        self.save(shown, carla, number="+493023125992")
        self.save(shown, anna, number=right)
        newest = self.save(shown, anna, number="+493023125993")

        second_person(shown, newest, ben)

        assert point_of(shown).number == "+493023125993"

    def test_a_change_taken_back_by_another_user_excludes_no_one(self, shown, anna, ben):
        self.save(shown, ben, operator="Slip")
        self.save(shown, anna, operator="", region="Vienna")

        assert authors_since_approval(shown) == {anna.pk}

    def test_are_counted_up_to_the_version_to_be_approved(self, shown, anna, ben):
        earlier = self.save(shown, anna, operator="Anna corrects")
        self.save(shown, ben, region="Vienna")

        assert authors_since_approval(shown, earlier) == {anna.pk}

    def test_are_not_those_of_a_field_that_came_after_the_approval(self, shown, anna):
        revision = shown.live_revision
        del revision.content["region"]
        revision.save()
        shown.approvals.update(digest=digest(revision))

        self.save(shown, anna, operator="Anna corrects")

        assert {fact for (fact,) in changes_since_approval(shown)} == {"operator"}

    def test_stay_authors_when_another_closes_it_meanwhile(self, shown, anna, ben, carla):
        self.save(shown, anna, operator="Anna corrects")
        self.save(shown, ben, region="Vienna")
        services.close(listing=shown, by=carla, reason="their page")

        assert authors_since_approval(shown) == {anna.pk, ben.pk}

    def test_see_which_of_their_facts_are_in_it(self, shown, anna, ben):
        self.save(shown, ben, region="Vienna")
        newest = self.save(shown, anna, operator="Anna corrects", number="+493023125991")

        with pytest.raises(NotApprovedError, match=r"\(operator and phone number\)"):
            second_person(shown, newest, anna)

    def test_take_the_same_queries_for_few_versions_and_many(self, shown, anna, ben):
        self.save(shown, anna, operator="1")
        with same_queries(lambda: authors_since_approval(shown)):
            for n in range(5):
                self.save(shown, ben, operator=f"{n}", region=f"{n}")


class TestTakingBack:
    """A user who takes their own changes back can approve those of others."""

    save = TestAuthors.save

    def test_leaves_what_others_have_changed(self, shown, anna, ben):
        self.save(shown, anna, number="+493023125991")
        self.save(shown, ben, operator="Ben adds a name")

        assert approvers.take_back(listing=shown, by=ben) == "operator"

        newest = Programme.objects.get(pk=shown.pk).latest_revision
        assert authors_since_approval(shown) == {anna.pk}
        second_person(shown, newest, ben)
        row = Programme.objects.get(pk=shown.pk)
        assert (row.operator, point_of(row).number) == ("", "+493023125991")

    def test_brings_back_contact_points_and_removes_new_ones(self, anna, ben):
        numbers = ("+493023125001", "+493023125002")
        points = [{"channel": "phone", "number": number, "languages": ["de"]} for number in numbers]
        shown = ProgrammeFactory(approved=True, contacts=points)
        self.save(shown, anna, operator="Anna corrects")
        newest = Programme.objects.get(pk=shown.pk).get_latest_revision_as_object()
        kept = newest.contact_points.all()[1]
        newest.contact_points = [kept, ContactPoint(channel="email", email="new@service.example")]
        newest.save_revision(user=ben)

        approvers.take_back(listing=shown, by=ben)

        assert authors_since_approval(shown) == {anna.pk}
        second_person(shown, Programme.objects.get(pk=shown.pk).latest_revision, ben)
        stored = Programme.objects.get(pk=shown.pk).contact_points.order_by("sort_order")
        assert [point.number for point in stored] == list(numbers)

    def test_is_refused_to_those_who_have_changed_nothing(self, shown, draft, anna, ben):
        self.save(shown, anna, operator="Anna corrects")

        for listing, person in ((shown, ben), (draft, anna)):
            with pytest.raises(NotApprovedError, match="taken back"):
                approvers.take_back(listing=listing, by=person)


class TestWhoIsMissing:
    """The admin names those who can approve, or those who could take their changes back."""

    save = TestAuthors.save

    def says(self, listing):
        return approvers.second_person(listing, changes_since_approval(listing))

    def person(self, name, *permissions):
        return StaffFactory(first_name=name, permissions=list(permissions))

    def test_is_answered_with_those_who_may_publish_and_have_written_nothing(self, shown):
        anna = self.person("Anna", "publish_programme")
        self.person("Ben", "publish_programme")
        self.person("Carla", "change_programme")
        get_user_model().objects.exclude(first_name__in=["Anna", "Ben", "Carla"]).update(is_active=False)
        self.save(shown, anna, operator="Anna corrects")

        assert self.says(shown).who == "It can be approved by: Ben."

    def test_is_answered_with_what_each_would_take_back(self, shown):
        anna, ben = self.person("Anna", "publish_programme"), self.person("Ben", "publish_programme")
        get_user_model().objects.exclude(first_name__in=["Anna", "Ben"]).update(is_active=False)
        self.save(shown, anna, operator="Anna corrects")
        self.save(shown, ben, region="Vienna")

        said = self.says(shown)

        assert not said.who
        assert "Anna (operator) and Ben (region not on the list)" in said.blocker

    def test_waits_for_an_account_that_the_author_has_just_changed(self, shown):
        anna, ben = (self.person(name, "publish_programme") for name in ("Anna", "Ben"))
        get_user_model().objects.exclude(first_name__in=["Anna", "Ben"]).update(is_active=False)
        self.save(shown, anna, operator="Anna corrects")
        newest = Programme.objects.get(pk=shown.pk).latest_revision
        log(instance=ben, action=account_changes.ACTION, user=anna)

        with pytest.raises(NotApprovedError, match=r"Your account is new"):
            second_person(shown, newest, ben)
        assert not self.says(shown).who
        assert self.says(shown).blocker.endswith("a short time ago: Ben.")

    def test_is_another_approver_if_there_is_only_the_author(self, shown):
        anna = self.person("Anna", "publish_programme")
        get_user_model().objects.exclude(first_name="Anna").update(is_active=False)
        self.save(shown, anna, operator="Anna corrects")

        assert self.says(shown).blocker.startswith("A person is missing")

    def test_refers_to_an_administrator_if_no_user_may_approve(self, shown, anna):
        get_user_model().objects.update(is_active=False)
        self.save(shown, anna, operator="Anna corrects")

        assert self.says(shown).blocker.startswith("No user has a role")


class TestApproving:
    """A second person answers the checklist and says how they checked it."""

    def test_takes_the_checklist(self, draft, ben):
        with pytest.raises(NotApprovedError, match=r"^The checklist of the listing policy"):
            decisions.approve(listing=draft, revision=draft.latest_revision, by=ben, reason="read its page")

        assert not draft.approvals.exists()

    def test_says_all_that_is_missing(self, draft, ben):
        asked = decisions.points_asked(listing=draft, revision=draft.latest_revision)
        checklist = all_yes(asked)
        del checklist["contact"]

        with pytest.raises(NotApprovedError, match=r"^Each number .* Not answered yet\. Say how you checked it\.$"):
            decisions.approve(listing=draft, revision=draft.latest_revision, by=ben, reason=" ", checklist=checklist)

    def test_is_listed_in_the_history_with_the_answers(self, draft, ben):
        second_person(draft, draft.latest_revision, ben, " called them ")

        entry = next(entry for entry in registry.get_logs_for_instance(draft) if entry.action == "helpline.approve")
        kept = draft.approvals.get()
        assert (entry.user, entry.revision) == (ben, draft.latest_revision)
        assert entry.data == {"reason": "called them", "checklist": kept.checklist}

    def test_asks_nothing_about_what_one_person_may_publish(self, shown, anna):
        shown.alert = Alert.IN_DOUBT
        revision = shown.save_revision(user=anna)

        decisions.approve(listing=shown, revision=revision, by=anna, reason="nobody answers")

        given = shown.approvals.first()
        assert (given.by, given.rule, given.reason) == (anna, "one", "nobody answers")
        assert authors_since_approval(shown) == set()

    def test_needs_no_reason_for_that(self, shown, anna):
        shown.alert = Alert.IN_DOUBT

        decisions.approve(listing=shown, revision=shown.save_revision(user=anna), by=anna)

        assert shown.approvals.first().reason == ""

    def test_requires_a_user_even_then(self, shown):
        shown.alert = Alert.IN_DOUBT

        with pytest.raises(NotApprovedError, match=r"^No user is named"):
            decisions.approve(listing=shown, revision=shown.save_revision(), by=None, checklist={}, reason="x")

        assert shown.approvals.by_one().count() == 0


class TestLastApproved:
    """Version that a second person compares a new version with."""

    def test_is_what_is_shown(self, shown, anna):
        shown.operator = "Anna drafts"
        shown.save_revision(user=anna)

        assert last_approved(shown).operator == ""

    def test_is_what_was_shown_until_it_was_hidden(self, shown, anna):
        services.hide(listing=shown, by=anna, reason="in doubt")
        shown.operator = "Anna drafts"
        shown.save_revision(user=anna)

        assert last_approved(shown).operator == ""

    def test_is_nothing_if_nothing_was_approved(self, draft):
        assert last_approved(draft) is None

    def test_is_nothing_where_what_was_approved_has_been_overwritten(self, shown, anna):
        approved = shown.live_revision
        services.hide(listing=shown, by=anna, reason="in doubt")
        shown.operator = "Anna drafts"
        shown.save_revision(user=approved.user, overwrite_revision=approved)

        assert last_approved(shown) is None
