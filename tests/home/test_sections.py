"""Automatic sections of a home page: campaigns, news, dates, numbers, promises, partners and languages."""

import datetime as dt

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from campaigns.models import CampaignPage
from core import scheduler
from helpline.vocabulary.codes import Status
from home.routes import JOBS
from prerender.models import PendingChange
from tests.factories.campaigns import (
    CampaignIndexPageFactory,
    CampaignPageFactory,
    NewsIndexPageFactory,
    NewsPageFactory,
    PartnerFactory,
    PictureFactory,
)
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import ProgrammeFactory
from tests.support.html import parse
from tests.support.languages import in_language

TODAY = dt.date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _on_request(settings):
    settings.RENDER_ON_REQUEST = True


@pytest.fixture
def show(home, public):
    """Return a function that publishes sections of the home page and returns the public element `main`."""

    def show(*blocks, page=home, path="/en/", **fields):
        for name, value in fields.items():
            setattr(page, name, value)
        page.body = list(blocks)
        page.save_revision().publish()
        return parse(public.get(path).content.decode()).one("main")

    return show


def headings(main, tag="h3"):
    return [heading.text for heading in main.all(tag)]


class TestCampaigns:
    @pytest.fixture
    def campaigns(self, home):
        index = CampaignIndexPageFactory(parent=home)
        return {
            number: CampaignPageFactory(parent=index, title=f"Campaign {number}", period_start=dt.date(2026, number, 1))
            for number in (1, 2, 3)
        }

    def test_are_the_newest_if_none_are_chosen(self, campaigns, show):
        main = show(("campaigns", {"count": 2}))

        assert headings(main) == ["Campaign 3", "Campaign 2"]

    def test_are_those_chosen_in_their_order(self, campaigns, show):
        main = show(("campaigns", {"pages": [campaigns[1], campaigns[3]]}))

        assert headings(main) == ["Campaign 1", "Campaign 3"]

    def test_are_those_of_the_readers_language(self, campaigns, home, languages, show):
        german = in_language(home, languages["de"])
        index = in_language(campaigns[1].get_parent().specific, languages["de"])
        in_language(campaigns[1], languages["de"], title="Kampagne 1")

        main = show(
            ("campaigns", {"title": "Aktuelles", "pages": [campaigns[1], campaigns[2]], "page": index}),
            page=german,
            path="/de/",
        )

        assert headings(main) == ["Kampagne 1"]
        assert main.one("a", class_="more")["href"] == "/de/campaigns/"

    def test_are_not_shown_before_the_public_may_see_them(self, campaigns, show):
        later = timezone.now() + dt.timedelta(days=1)
        CampaignPage.objects.filter(pk=campaigns[3].pk).update(embargo=later)
        PageViewRestriction.objects.create(page=campaigns[2], restriction_type=PageViewRestriction.LOGIN)

        assert headings(show(("campaigns", {"pages": list(campaigns.values())}))) == ["Campaign 1"]
        assert headings(show(("campaigns", {}))) == ["Campaign 1"]

    def test_leave_no_heading_behind(self, show):
        assert headings(show(("campaigns", {"title": "Now"})), "h2") == ["I am looking for support"]


class TestNews:
    def test_is_the_newest_three(self, home, show):
        index = NewsIndexPageFactory(parent=home)
        for day in (4, 2, 3, 1):
            NewsPageFactory(parent=index, title=f"News {day}", date=dt.date(2026, 10, day))

        main = show(("news", {"page": index}))

        assert headings(main) == ["News 4", "News 3", "News 2"]
        assert main.all("time")[0]["datetime"] == "2026-10-04"
        assert main.one("a", class_="more")["href"] == "/en/news/"


@pytest.mark.time_machine(dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC), tick=False)
class TestDates:
    @pytest.fixture
    def campaign(self, home):
        index = CampaignIndexPageFactory(parent=home)

        def campaign(title, start, end=None, **values):
            return CampaignPageFactory(
                parent=index,
                title=title,
                period_start=TODAY + dt.timedelta(days=start),
                period_end=None if end is None else TODAY + dt.timedelta(days=end),
                **values,
            )

        return campaign

    def test_are_those_ahead_soonest_first(self, campaign, show):
        campaign("Over", -9, -1)
        campaign("Runs", -9, 5)
        campaign("Ends today", -9, 0)
        campaign("Comes", 3, 20)
        campaign("Has begun", -9)

        main = show(("news", {"dates": True}))

        said = [line.text for line in main.one("ul", class_="lines").all("li")]
        assert said == [
            "25 November 2026 Last day of the campaign Ends today",
            "28 November 2026 Campaign begins Comes",
            "30 November 2026 Last day of the campaign Runs",
        ]

    def test_do_not_disclose_pages_under_embargo(self, campaign, show):
        page = campaign("Secret", 3, 20)
        CampaignPage.objects.filter(pk=page.pk).update(embargo=timezone.now() + dt.timedelta(hours=1))

        assert "Secret" not in show(("news", {"dates": True})).text

    def test_are_left_out_where_an_editor_chooses_that(self, campaign, show):
        campaign("Comes", 3)

        assert "Comes" not in show(("news", {"dates": False})).text

    def test_are_rendered_again_on_another_day(self, home, show, time_machine):
        [job] = JOBS
        show(("news", {"dates": True}))
        assert [page.pk for page in job.items()] == [home.pk]
        before = PendingChange.objects.count()

        for page in job.items():
            job.run(page)

        assert PendingChange.objects.count() > before
        assert list(job.items()) == []
        time_machine.move_to(timezone.now() + dt.timedelta(days=1))
        assert [page.pk for page in job.items()] == [home.pk]
        assert job in scheduler.declared()

    def test_cost_no_render_where_there_are_none(self, show):
        [job] = JOBS
        show(("news", {"dates": False}), ("checked", {}))

        assert list(job.items()) == []


class TestChecked:
    def test_counts_public_listings(self, show):
        ProgrammeFactory(approved=True, countries=["de", "at", "xx"])
        ProgrammeFactory(approved=True, countries=["de"])
        ProgrammeFactory(approved=True, countries=["fr"], status=Status.CLOSED)
        ProgrammeFactory(countries=["it"])

        figures = show(("checked", {})).one("dl")

        assert figures.text == (
            "services on the list 2 checked by two people 2 countries 2 language in which people answer 1"
        )

    def test_counts_unchecked_listings_of_a_demonstration(self, show, settings):
        settings.DEMO = True
        ProgrammeFactory(approved=True, countries=["de"])
        ProgrammeFactory(countries=["it"])

        figures = show(("checked", {})).one("dl")

        assert "services on the list 2 checked by two people 1" in figures.text

    def test_shows_no_numbers_where_there_is_nothing_to_count(self, show):
        assert show(("checked", {"text": "We look twice."})).all("dl") == []


class TestPartners:
    def test_are_shown_by_logo_or_by_name(self, show):
        lantern = PartnerFactory(name="Lantern", website="https://lantern.example/", logo=PictureFactory())
        hidden = PartnerFactory(name="Nobody yet", is_public=False)

        main = show(("partners", {"items": [lantern, hidden, PartnerFactory(name="Institute")]}))

        first, second = main.one("ul", class_="partners").all("li")
        assert first.one("a")["href"] == "https://lantern.example/"
        assert first.one("img")["alt"] == "Lantern"
        assert second.text == "Institute"
        assert second.all("a") == []


class TestPromises:
    def test_lead_to_the_page_about_their_limits(self, home, show):
        privacy = StandardPageFactory(parent=home, slug="privacy")

        main = show(("promises", {"items": [{"title": "No cookies", "text": "None."}], "page": privacy}))

        assert headings(main) == ["No cookies"]
        assert main.one("a", class_="more")["href"] == "/en/privacy/"


class TestLanguages:
    def test_are_named_in_themselves(self, home, languages, show):
        in_language(home, languages["ar"])

        links = show(("languages", {})).one("ul", class_="tongues").all("a")

        assert [(link["lang"], link["dir"], link["href"]) for link in links] == [
            ("en", "ltr", "/en/"),
            ("ar", "rtl", "/ar/"),
        ]
