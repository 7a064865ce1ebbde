"""The public history lists what was added, changed, closed and removed, exactly when the public sees a difference."""

import pytest
from wagtail.models import Locale

from helpline.governance import services
from helpline.models import PublicChange
from helpline.vocabulary.codes import Alert, Status
from tests.factories.helpline import (
    ProgrammeFactory,
    ProgrammeTextFactory,
    StaffFactory,
    SupportLineFactory,
    approve,
    days_ago,
)
from tests.support.cached_fixtures import cached_fixture

pytestmark = pytest.mark.django_db


def noted():
    return [(change.action, change.columns) for change in PublicChange.objects.order_by("pk")]


@pytest.fixture
@cached_fixture
def programme():
    return ProgrammeFactory(approved=True)


class TestWhatIsNoted:
    def test_a_draft_and_its_words_are_not(self):
        ProgrammeFactory(checked=True).save_revision(user=StaffFactory())
        ProgrammeTextFactory(approved=True)
        ProgrammeFactory().delete()

        assert noted() == []

    def test_an_approved_listing_is_added(self, programme):
        SupportLineFactory(approved=True)

        assert [change.kind for change in PublicChange.objects.order_by("pk")] == [
            "programme",
            "support_line",
        ]
        assert noted() == [("added", []), ("added", [])]

    def test_a_changed_fact_is_named(self, programme):
        programme.operator = "New operator"
        approve(programme)

        assert noted()[1:] == [("changed", ["operator"])]

    def test_a_changed_number_is_named(self, programme):
        point = programme.contact_points.first()
        point.number = "+493023125001"
        programme.contact_points = [point]
        approve(programme)

        assert noted()[1][0] == "changed"
        assert "phone" in noted()[1][1]

    def test_a_check_that_changes_nothing_is_a_check(self, programme):
        services.recheck(listing=programme, by=StaffFactory(), on=days_ago(-1), source="call")

        assert noted()[1:] == [("checked", ["checked_on", "next_check_due"])]

    def test_a_version_that_says_the_same_is_nothing(self, programme):
        approve(programme)

        assert noted() == [("added", [])]

    def test_closing_and_opening_again(self, programme):
        services.close(listing=programme, by=StaffFactory(), reason="their page")
        programme.refresh_from_db()
        programme.status = Status.VERIFIED
        approve(programme)

        assert [action for action, _columns in noted()] == ["added", "closed", "reopened"]

    def test_a_warning_is_a_change(self, programme):
        services.warn(listing=programme, by=StaffFactory(), reason="their page", alert=Alert.WAITING_LIST)

        assert noted()[1:] == [("changed", ["alert"])]

    def test_hiding_and_showing_again(self, programme):
        PublicChange.objects.all().delete()  # it was public before there was a history

        services.hide(listing=programme, by=StaffFactory(), reason="in doubt")
        programme.refresh_from_db()
        programme.operator = "Checked again"
        approve(programme)

        assert noted() == [("withdrawn", []), ("added", [])]

    def test_delisting_is_listed_without_its_reason(self, programme):
        programme.status, programme.delisted_reason = Status.DELISTED, "Not for the public"
        approve(programme)

        assert [action for action, _columns in noted()] == ["added", "withdrawn"]
        assert "Not for the public" not in str(list(PublicChange.objects.values()))

    def test_deleting_a_listing(self, programme):
        programme.delete()

        assert [action for action, _columns in noted()] == ["added", "withdrawn"]

    def test_words_are_named_by_their_language(self, programme):
        german = Locale.objects.get_or_create(language_code="de")[0]
        text = ProgrammeTextFactory(programme=programme, locale=german, approved=True)
        text.unpublish()

        assert noted()[1:] == [("changed", ["words:de"])] * 2

    def test_the_date_of_the_data_is_that_of_the_newest_change(self, programme):
        assert PublicChange.objects.date_of_the_data() == PublicChange.objects.get().at
