"""The invented reports of the demonstration."""

import pytest

from demo import reports
from helpline.models import Report
from tests.factories.helpline import ProgrammeFactory, SupportLineFactory

pytestmark = pytest.mark.django_db


class TestReports:
    def test_say_that_they_are_invented_and_are_about_different_listings(self):
        ProgrammeFactory.create_batch(3)
        SupportLineFactory()

        reports.load()

        made = Report.objects.all()
        assert all(report.text.startswith("Invented for the demonstration.") for report in made)
        assert len({report.listing for report in made}) == len(made) == 3
