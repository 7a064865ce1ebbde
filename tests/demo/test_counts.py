"""The invented numbers of the demonstration: page counts and campaign results."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from analytics import open_data, report
from analytics.models import CountedWeek, may_be_published
from campaigns.models import CampaignResult
from demo import counts
from demo.content import LANGUAGES, facts
from helpline.finder.publishing import FINDER
from tests.factories.campaigns import CampaignPageFactory
from tests.factories.helpline import CountryLawFactory


@pytest.fixture
def loaded(home):
    for country in ("be", "de", "ie", "lu"):
        CountryLawFactory(country=country)
    pages = {
        key: CampaignPageFactory(parent=home, slug=key)
        for key in {row["campaign"] for row in facts("counts")["results"]}
    }
    counts.load(SimpleNamespace(pages=pages))


@pytest.mark.usefixtures("loaded")
class TestPagesShown:
    def test_are_those_of_complete_weeks_and_public_as_soon_as_they_may_be(self):
        weeks = CountedWeek.objects.all()

        assert len(weeks) == counts.WEEKS
        for week in weeks:
            is_public = week.state == CountedWeek.State.PUBLISHED
            assert is_public == may_be_published(week.week, timezone.localdate()), week

    def test_fill_the_report_with_trends_and_the_open_data_with_numbers_and_gaps(self):
        rows = [row for table in report.trends() for row in table.rows]
        shown = [row.split(",") for row in open_data.public_csv().splitlines()[1:]]

        assert any(row.trend for row in rows)
        assert {language for _week, _kind, language, page, *_rest in shown if page == FINDER} >= set(LANGUAGES)
        assert any(n == "" for _week, _kind, _language, _page, n, _starts in shown)


class TestResults:
    def test_are_valid_and_of_every_campaign_and_language(self, loaded):
        for result in CampaignResult.objects.all():
            result.full_clean()

        assert CampaignResult.objects.count() == len(facts("counts")["results"])
        assert {row["language"] for row in facts("counts")["results"]} == set(LANGUAGES)

    def test_name_invented_sources(self):
        assert [row for row in facts("counts")["results"] if "nvented" not in row["source"]] == []
