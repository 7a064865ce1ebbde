"""Which changes of a listing take away what people could call, write to or visit."""

import pytest
from django.utils import timezone

from helpline.governance import services
from helpline.governance.withdrawals import is_withdrawal
from helpline.models import Programme
from helpline.vocabulary.codes import Alert
from tests.factories.helpline import ProgrammeFactory, StaffFactory, SupportLineFactory, approve_as_checked

pytestmark = pytest.mark.django_db


def changed(programme: Programme, **facts: object) -> Programme:
    """Change facts of a programme, or of its contact point, with the approval of two people."""
    draft = programme.get_latest_revision_as_object()
    point = draft.contact_points.first()
    for name, value in facts.items():
        setattr(point if hasattr(point, name) else draft, name, value)
    draft.contact_points = [point]
    approve_as_checked(draft)
    return Programme.objects.get(pk=programme.pk)


class TestChange:
    @pytest.mark.parametrize("facts", [{"number": "+493023125999"}, {"countries": ["at"]}, {"website": ""}], ids=str)
    def test_that_takes_a_means_of_contact_away_is_one(self, facts):
        programme = ProgrammeFactory(countries=["de", "at"], approved=True)

        assert is_withdrawal(changed(programme, **facts))

    @pytest.mark.parametrize("facts", [{"countries": ["de", "at"]}, {"email": "a@service.example"}], ids=str)
    def test_that_adds_one_is_none(self, facts):
        assert not is_withdrawal(changed(ProgrammeFactory(approved=True), **facts))

    def test_that_confirms_or_warns_is_none(self):
        programme = changed(ProgrammeFactory(approved=True), number="+493023125999")
        services.recheck(listing=programme, by=StaffFactory(), on=timezone.localdate(), source="a call")
        services.warn(listing=programme, by=StaffFactory(), reason="Slow.", alert=Alert.IN_DOUBT)

        assert not is_withdrawal(Programme.objects.get(pk=programme.pk))

    def test_of_a_line_that_leaves_a_country_is_one(self):
        line = SupportLineFactory(countries=["de", "at"], number="116123", approved=True)

        services.leave_countries(listing=line, countries=["at"], by=StaffFactory(), reason="wrong there")

        line.refresh_from_db()
        assert is_withdrawal(line)
