"""A launch publishes all pages of a campaign together at its exact time, once, despite failures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils.module_loading import import_string
from wagtail.models import PageLogEntry

from campaigns.launches import mail, services
from campaigns.models import CampaignPage, Launch, LaunchContact, LaunchedPage, ToolkitPage
from core import scheduler
from core.http import public_url
from core.models import OutgoingMail
from core.publishing import approval
from core.scheduler import scheduled_publishing
from tests.campaigns.conftest import NOON
from tests.factories.campaigns import (
    CampaignPageFactory,
    LaunchContactFactory,
    TermFactory,
    ToolkitPageFactory,
)
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import delivered

pytestmark = pytest.mark.usefixtures("scheduler_that_publishes")
BRUSSELS = ZoneInfo("Europe/Brussels")
CODES = ("de", "fr", "ar")


@pytest.fixture
@cached_fixture
def campaign(now, campaigns, in_language) -> CampaignPage:
    """A campaign with a toolkit in four languages, all scheduled for noon."""
    page = CampaignPageFactory(parent=campaigns, slug="spring", title="Spring", embargo=NOON)
    for code in CODES:
        in_language(page, code)
    ToolkitPageFactory(parent=page)
    return CampaignPage.objects.get(pk=page.pk)


@pytest.fixture
def editor_of(campaign) -> Any:
    """A user who has worked on the campaign."""
    user = UserFactory(email="edith@example.org", is_superuser=True)
    campaign.save_revision(user=user, log_action=True).publish(user=user)
    return user


@pytest.fixture
def partner(campaign) -> LaunchContact:
    return LaunchContactFactory(campaign=campaign, email="press@lantern.example")


def in_(code: str) -> CampaignPage:
    return CampaignPage.objects.get(locale__language_code=code)


def public_in() -> set[str]:
    return set(CampaignPage.objects.listed().values_list("locale__language_code", flat=True))


def publications() -> list[int]:
    """Return the number of publications of each page by the scheduler."""
    pages = [*CampaignPage.objects.order_by("pk"), *ToolkitPage.objects.order_by("pk")]
    log = PageLogEntry.objects.filter(action="wagtail.publish.scheduled")
    return [log.filter(page=page.pk).count() for page in pages]


class TestLaunch:
    def test_publishes_every_language_and_toolkit_in_one_step(self, campaign, now, monkeypatch):
        steps: list[object] = []
        monkeypatch.setattr(scheduled_publishing, "carry_out", steps.append)
        now.move_to(NOON)

        runs = {run.name: run.done for run in scheduler.tick()}

        assert runs["launches"] == 1
        assert steps == []  # nothing was left for the scheduler to publish page by page
        assert publications() == [1] * 5
        assert public_in() == {"en", *CODES}

    def test_publishes_nothing_a_second_before(self, campaign, now):
        now.move_to(NOON - timedelta(seconds=1))

        scheduler.tick()

        assert public_in() == set()
        assert not CampaignPage.objects.live().exists()

    def test_says_when_each_page_was_published(self, campaign, now):
        now.move_to(NOON + timedelta(seconds=2))

        scheduler.tick()

        launch = Launch.objects.get()
        assert launch.go_live_at == NOON
        assert {each.published_at for each in launch.pages.all()} == {NOON + timedelta(seconds=2)}
        assert launch.pages.count() == 5

    def test_wakes_the_scheduler_at_its_second(self, campaign, now):
        scheduler.tick()
        now.move_to(NOON - timedelta(seconds=3))

        assert scheduler.seconds_until_next(5) == 3
        now.move_to(NOON - timedelta(minutes=3))
        assert scheduler.seconds_until_next(5) == 5

    @pytest.mark.parametrize("published", [False, True])
    def test_waits_for_a_draft_that_postpones_it_in_the_last_minute(self, campaign, now, published):
        now.move_to(NOON - timedelta(seconds=5))
        campaign.embargo = NOON + timedelta(hours=1)
        revision = campaign.save_revision()
        if published:
            revision.publish()
        now.move_to(NOON)

        services.launch(campaign.translation_key)
        scheduler.tick()
        before = public_in()
        now.move_to(NOON + timedelta(hours=1))
        scheduler.tick()

        assert before == set()
        assert public_in() == {"en", *CODES}
        assert publications() == [1] * 5

    def test_is_not_brought_forward_by_a_draft(self, campaign, now):
        campaign.embargo = NOON - timedelta(hours=1)
        campaign.save_revision()
        now.move_to(NOON - timedelta(minutes=30))

        scheduler.tick()

        assert public_in() == set()

    def test_repeats_nothing_when_the_clock_of_the_machine_is_set_back(self, campaign, now, public, partner):
        now.move_to(NOON)
        scheduler.tick()
        now.move_to(NOON - timedelta(minutes=20))

        scheduler.tick()
        meanwhile = public.get("/de/campaigns/spring/").status_code
        now.move_to(NOON)
        scheduler.tick()

        assert meanwhile == 200
        assert publications() == [1] * 5
        assert [message.to for message in delivered()] == [["press@lantern.example"]]
        assert Launch.objects.count() == 1

    @pytest.mark.parametrize(
        ("hour", "fold"),
        [
            (datetime(2027, 3, 28, 3, 0, tzinfo=BRUSSELS), 0),
            (datetime(2027, 10, 31, 2, 30, tzinfo=BRUSSELS), 0),
            (datetime(2027, 10, 31, 2, 30, tzinfo=BRUSSELS), 1),
        ],
        ids=[
            "the go-live time after the gap in spring",
            "the first 2:30 in autumn",
            "the second 2:30 in autumn",
        ],
    )
    def test_comes_at_its_instant_in_the_nights_when_the_clocks_change(self, campaigns, hour, fold):
        at = hour.replace(fold=fold).astimezone(UTC)
        with time_machine.travel(at - timedelta(hours=3), tick=False) as now:
            CampaignPageFactory(parent=campaigns, slug="night", embargo=at)
            seen = []
            for minutes in (-60, -1, 0, 60):
                now.move_to(at + timedelta(minutes=minutes))
                scheduler.tick()
                seen.append(CampaignPage.objects.listed().count())

        assert seen == [0, 0, 1, 1]
        assert publications() == [1]


class TestBrokenPage:
    @pytest.fixture
    def broken(self, campaign) -> CampaignPage:
        """The German page, with a word that was added to the list after it had been scheduled for noon."""
        german = in_("de")
        german.introduction = "Ein verbotenes Wort."
        german.save_revision().publish()
        TermFactory(language="de", word="verbotenes", forms="verbotenes", concept="forbidden")
        return CampaignPage.objects.get(pk=german.pk)

    def test_is_recorded_with_its_reason_in_each_language_of_the_admin(self, broken, now):
        now.move_to(NOON)

        scheduler.tick()

        outcome = LaunchedPage.objects.get(page=broken.pk)
        assert public_in() == {"en", "fr", "ar"}
        assert outcome.published_at is None
        assert "verbotenes" in outcome.reasons["en"]
        assert outcome.reasons.keys() == {"en", *CODES}
        assert outcome.reasons["en"] != outcome.reasons["de"]

    def test_is_named_in_the_letter_to_staff_and_not_in_that_to_partners(self, broken, now, editor_of, partner):
        now.move_to(NOON)

        scheduler.tick()

        letters = {message.to[0]: message for message in delivered()}
        assert "verbotenes" in letters["edith@example.org"].body
        assert "3 of 4" in letters["edith@example.org"].subject
        assert "verbotenes" not in letters["press@lantern.example"].body
        assert "/de/campaigns/" not in letters["press@lantern.example"].body

    def test_is_reported_by_mail_once_however_often_it_is_tried(self, broken, now, editor_of):
        now.move_to(NOON)
        scheduler.tick()
        now.move_to(NOON + timedelta(seconds=1))
        assert scheduler.seconds_until_next(5) == 5  # it does not keep the scheduler awake
        now.move_to(NOON + timedelta(minutes=1))
        scheduler.tick()

        assert [message.to for message in delivered()] == [["edith@example.org"]]
        assert not LaunchedPage.objects.get(page=broken.pk).published_at

    def test_goes_out_when_it_is_mended(self, broken, now):
        now.move_to(NOON)
        scheduler.tick()
        broken.introduction = "Ein anderes Wort."
        broken.save_revision().publish()

        now.move_to(NOON + timedelta(minutes=1))
        scheduler.tick()

        assert "de" in public_in()

    def test_that_takes_two_people_is_held_back(self, campaign, now, monkeypatch):
        monkeypatch.setattr(approval, "freely", lambda before, after: False)
        now.move_to(NOON)

        services.launch(campaign.translation_key)

        assert not public_in()
        assert "second person" in LaunchedPage.objects.get(page=campaign.pk).reasons["en"]

    def test_that_breaks_the_code_is_held_back_alone(self, campaign, now, monkeypatch, caplog):
        publish, bad = scheduled_publishing.publish, in_("fr").latest_revision_id

        def fails(pk: int) -> None:
            if pk == bad:
                raise ValueError("a page that cannot be read")
            publish(pk)

        monkeypatch.setattr(scheduled_publishing, "publish", fails)
        now.move_to(NOON)

        scheduler.tick()

        assert public_in() == {"en", "de", "ar"}
        assert LaunchedPage.objects.get(page=in_("fr").pk).reasons["fr"]


class KilledError(BaseException):
    """Stands for kill -9 in the process: it does not run any handler that follows."""


def first(of: int, call: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap `call` so that it raises KilledError after the given number of calls."""
    count = 0

    def dying(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        result = call(*args, **kwargs)
        count += 1
        if count == of:
            raise KilledError
        return result

    return dying


# The functions, each with the number of calls after which the process dies.
POINTS = {
    "after it has listed what is due": ("campaigns.launches.services.scheduled_versions", 2),
    "after the first page": ("core.scheduler.scheduled_publishing.publish", 1),
    "after the last language": ("core.scheduler.scheduled_publishing.publish", 4),
    "after the toolkit": ("core.scheduler.scheduled_publishing.publish", 5),
    "between two letters": ("core.mail.outbox.queue", 1),
    "after all letters": ("campaigns.launches.mail.tell", 1),
    "before the scheduler has noted that it is done": ("core.scheduler.note_finished", 1),
}


class TestKilled:
    @pytest.mark.parametrize("point", POINTS)
    def test_is_resumed_and_neither_loses_nor_repeats_anything(
        self, campaign, now, monkeypatch, declare, editor_of, partner, point
    ):
        place, number = POINTS[point]
        declare(jobs=[job for job in scheduler.declared() if job.name == "launches"])
        now.move_to(NOON)
        with monkeypatch.context() as patch:
            patch.setattr(place, first(number, import_string(place)))
            with pytest.raises(KilledError):
                scheduler.tick()

        scheduler.tick()

        assert publications() == [1] * 5
        assert public_in() == {"en", *CODES}
        letters = OutgoingMail.objects.filter(kind=mail.LAUNCHED.name)
        assert sorted(letters.values_list("recipient", flat=True)) == [
            "edith@example.org",
            "press@lantern.example",
        ]


class TestLetters:
    def test_go_to_staff_translators_and_partners_in_their_language_once(self, campaign, now, editor_of, partner):
        LaunchContactFactory(campaign=campaign, email="Edith@example.org")
        now.move_to(NOON)

        scheduler.tick()
        scheduler.tick()

        letters = {message.to[0]: message for message in delivered()}
        assert sorted(letters) == ["edith@example.org", "press@lantern.example"]
        assert "is public" in letters["edith@example.org"].subject
        assert public_url("/de/campaigns/spring/") in letters["press@lantern.example"].body
        assert "/admin/" not in letters["press@lantern.example"].body
        assert "/admin/" in letters["edith@example.org"].body

    def test_are_not_written_to_a_partner_who_was_taken_off_the_list(self, campaign, now, partner):
        now.move_to(NOON)
        services.launch(campaign.translation_key)
        partner.delete()

        assert delivered() == []

    def test_addresses_of_partners_are_forgotten_a_month_later(self, campaign, now, partner):
        now.move_to(NOON)
        scheduler.tick()
        now.move_to(NOON + timedelta(days=29))
        services.forget_partners()
        kept = LaunchContact.objects.count()

        now.move_to(NOON + timedelta(days=31))
        services.forget_partners()

        assert kept == 1
        assert not LaunchContact.objects.exists()
