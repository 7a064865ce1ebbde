"""Actions on a listing that one person may take alone: only to restrict it or to confirm it."""

import pytest

from helpline.approval.rule import NotApprovedError, authors_since_approval
from helpline.governance import services
from helpline.models import Programme
from helpline.vocabulary.codes import Alert, Status
from tests.factories.helpline import (
    ProgrammeFactory,
    SupportLineFactory,
    days_ago,
    second_person,
)
from tests.helpline.rows import is_public

pytestmark = pytest.mark.django_db


class TestOnePerson:
    def test_hides(self, shown, anna):
        services.hide(listing=shown, by=anna, reason="in doubt")

        assert not is_public(shown)

    def test_cannot_show_again_what_was_hidden(self, shown, anna):
        services.hide(listing=shown, by=anna, reason="in doubt")
        shown.refresh_from_db()

        with pytest.raises(NotApprovedError):
            shown.save_revision(user=anna).publish(user=anna)

    def test_closes(self, shown, anna):
        services.close(listing=shown, by=anna, reason="their page")

        assert Programme.objects.public().get(pk=shown.pk).status == Status.CLOSED

    def test_closes_delists_and_confirms_with_all_that_belongs_to_it(self, shown, anna):
        shown.status, shown.closed_until = Status.CLOSED_UNTIL, days_ago(-30)
        shown.delisted_reason = "They asked for it."
        shown.checked_on, shown.next_check_due = days_ago(1), days_ago(-100)

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

        with pytest.raises(NotApprovedError):
            shown.save_revision(user=anna, clean=False).publish(user=anna)

    def test_cannot_open_again(self, shown, anna):
        services.close(listing=shown, by=anna, reason="their page")
        shown.refresh_from_db()
        shown.status = Status.VERIFIED

        with pytest.raises(NotApprovedError):
            shown.save_revision(user=anna).publish(user=anna)

    def test_warns(self, shown, anna):
        services.warn(listing=shown, by=anna, reason="their page", alert=Alert.PHONE_DISTURBED)

        shown.refresh_from_db()
        assert shown.alert == Alert.PHONE_DISTURBED

    def test_warns_without_the_note_on_the_alert_before(self, anna):
        programme = ProgrammeFactory(approved=True, alert=Alert.WAITING_LIST, alert_note="Three weeks.")

        for alert, note in ((Alert.WAITING_LIST, "Three weeks."), (Alert.PHONE_DISTURBED, "")):
            services.warn(listing=programme, by=anna, reason="their page", alert=alert)
            programme.refresh_from_db()
            assert (programme.alert, programme.alert_note) == (alert, note)

    def test_cannot_take_a_warning_back(self, shown, anna):
        services.warn(listing=shown, by=anna, reason="their page", alert=Alert.PHONE_DISTURBED)
        shown.refresh_from_db()
        shown.alert = Alert.NONE

        with pytest.raises(NotApprovedError):
            shown.save_revision(user=anna).publish(user=anna)

    def test_confirms(self, anna):
        programme = ProgrammeFactory(approved=True, checked_on=days_ago(200), next_check_due=days_ago(10))

        services.recheck(listing=programme, by=anna, on=days_ago(0), source="call with the operator")

        programme.refresh_from_db()
        assert (programme.checked_on, programme.checked_by) == (days_ago(0), anna)
        assert programme.checked_source == "https://service.example/contact"

    def test_cannot_change_a_number_on_the_way(self, shown, anna):
        shown.checked_on = days_ago(0)
        point = shown.contact_points.first()
        point.number = "+493023125999"
        shown.contact_points = [point]

        with pytest.raises(NotApprovedError):
            shown.save_revision(user=anna).publish(user=anna)

    def test_leaves_the_draft_of_another_user_to_its_author(self, shown, anna, ben):
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


class TestCountries:
    """One person removes some of the countries of a support line, and changes no others."""

    def publish_in(self, listing, countries, by):
        listing.countries = countries
        listing.save_revision(user=by, clean=False).publish(user=by)
        return type(listing).objects.get(pk=listing.pk).countries

    def test_are_made_fewer(self, anna):
        line = SupportLineFactory(approved=True, countries=["at", "fr", "nl"], number="116111")

        assert self.publish_in(line, ["nl", "at"], anna) == ["nl", "at"]

    @pytest.mark.parametrize("countries", [[], ["at", "fr", "nl"], ["nl"], ["be"]])
    def test_are_not_emptied_added_to_or_exchanged(self, anna, countries):
        line = SupportLineFactory(approved=True, countries=["at", "fr"], number="116111")

        with pytest.raises(NotApprovedError):
            self.publish_in(line, countries, anna)

    def test_of_a_programme_take_two(self, anna):
        with pytest.raises(NotApprovedError):
            self.publish_in(ProgrammeFactory(approved=True, countries=["at", "fr"]), ["at"], anna)
