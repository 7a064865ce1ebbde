"""The launch plan at the desk: how ready each language is, what is missing, who is told, and who may see and do what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from campaigns import services
from campaigns.desk.launches.plan import LaunchPlan, Readiness
from campaigns.models import CampaignPage, Launch, LaunchContact, PreviewLink
from campaigns.roles import CAMPAIGN_EDITOR
from core import clock
from tests.factories.campaigns import CampaignPageFactory, MaterialFactory, TermFactory, ToolkitPageFactory
from tests.factories.users import UserFactory
from tests.support.queries import queries
from tests.support.scenes import scene
from translating import services as translating
from translating import states
from translating.models import Cell
from users import roles

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def now():
    with time_machine.travel(NOON - timedelta(hours=2), tick=False) as traveller:
        yield traveller


@pytest.fixture
@scene
def campaign(now, campaigns, languages, in_language) -> CampaignPage:
    """A campaign for noon: German is published for it, French was begun, Arabic is not there."""
    page = CampaignPageFactory(parent=campaigns, slug="spring", title="Spring", embargo=NOON)
    in_language(page, "de")
    in_language(campaigns, "fr")
    french = page.copy_for_translation(languages["fr"], copy_parents=False)
    french.save_revision()
    states.note_all()
    states.write_noted()
    return CampaignPage.objects.get(pk=page.pk)


def plan_of(campaign: CampaignPage) -> dict[str, Any]:
    return {each.code: each for each in LaunchPlan(campaign).languages}


def url(campaign: CampaignPage) -> str:
    return reverse("launch_plan", args=[campaign.pk])


class TestReadiness:
    def test_is_told_language_by_language(self, campaign):
        states_of = {code: each.state for code, each in plan_of(campaign).items()}

        assert states_of["en"] == Readiness.READY
        assert states_of["de"] == Readiness.READY
        assert states_of["fr"] == Readiness.UNPUBLISHED
        assert states_of["ar"] == Readiness.MISSING

    def test_leaves_out_what_nobody_wants(self, campaign):
        cell = Cell.objects.get(subject__key=str(campaign.translation_key), locale__language_code="ar")
        translating.do_not_want(cell, reason="No partner there.", by=None)
        states.write_noted()

        plan = LaunchPlan(campaign)

        assert plan_of(campaign)["ar"].state == Readiness.NOT_WANTED
        assert plan.wanted_count == len(plan.languages) - 1

    def test_names_what_is_missing_with_the_screen_that_mends_it(self, campaign, editor):
        MaterialFactory(campaign=campaign, languages=["en"])
        ToolkitPageFactory(parent=campaign, title="For nurses")

        gaps = plan_of(campaign)["de"].gaps

        assert [gap.text for gap in gaps] == [
            "Toolkit “For nurses”: missing.",
            "1 material has no file.",
        ]
        assert all(editor.get(gap.url).status_code == 200 for gap in gaps if gap.url)

    def test_says_what_a_rehearsal_found_before_the_hour(self, campaign, now):
        TermFactory(language="de", word="Spring", forms="Spring", concept="season")
        services.rehearse(campaign.translation_key)

        german = plan_of(campaign)["de"]

        assert german.state == Readiness.HELD
        assert any("Spring" in gap.text for gap in german.gaps)

    def test_forgets_what_was_found_for_an_hour_that_has_been_changed(self, campaign):
        services.rehearse(campaign.translation_key)
        campaign.embargo = NOON + timedelta(days=1)
        campaign.save_revision().publish()

        services.rehearse(campaign.translation_key)

        assert [launch.hour for launch in Launch.objects.all()] == [NOON + timedelta(days=1)]

    def test_takes_the_same_queries_for_two_languages_and_for_many(
        self, campaign, editor, languages, in_language
    ):
        MaterialFactory(campaign=campaign, languages=["en"])

        def visit() -> None:
            assert editor.get(url(campaign)).status_code == 200

        visit()
        few = queries(visit)
        CampaignPage.objects.get(locale__language_code="fr").save_revision().publish()
        in_language(campaign, "ar")
        for code in ("fr", "ar"):
            MaterialFactory(campaign=campaign, languages=["en", code])
        states.note_all()
        states.write_noted()

        assert queries(visit) == few


class TestPage:
    def test_shows_the_hour_in_the_zone_of_the_site_and_who_has_set_it(self, campaign, editor):
        html = BeautifulSoup(editor.get(url(campaign)).content, "html.parser")

        hour = html.select_one(".launch-hour")
        assert "12" in hour.text or "13" in hour.text
        assert "Europe/Brussels" in hour.text or "UTC" in hour.text

    def test_tells_from_the_log_who_set_changed_and_cancelled_it(self, campaign):
        user = UserFactory(first_name="Edith", last_name="Ede")
        for hour in (NOON + timedelta(days=1), None):
            campaign.embargo = hour
            campaign.save_revision(user=user, log_action=True)

        changes = [(each.hour, each.by) for each in LaunchPlan(campaign).changes]

        assert changes == [(None, "Edith Ede"), (NOON + timedelta(days=1), "Edith Ede"), (NOON, "")]

    def test_says_what_happened_to_the_second(self, campaign, editor, now):
        now.move_to(NOON + timedelta(seconds=1))
        editor.force_login(get_user_model().objects.get())  # two hours have passed
        clock.tick()

        text = BeautifulSoup(editor.get(url(campaign)).content, "html.parser").get_text(" ", strip=True)

        assert "00:01" in text
        assert "What happened" in text

    def test_is_reached_from_the_editor_the_list_and_the_menu(self, campaign, editor):
        for address in (
            reverse("wagtailadmin_pages:edit", args=[campaign.pk]),
            reverse("wagtailadmin_explore", args=[campaign.get_parent().pk]),
            reverse("launches"),
        ):
            assert url(campaign) in editor.get(address).content.decode()

    def test_of_a_translation_is_that_of_the_campaign(self, campaign, editor):
        german = CampaignPage.objects.get(locale__language_code="de")

        assert editor.get(url(german)).context["plan"].original == campaign

    def test_of_no_campaign_is_not_there(self, campaign, editor):
        assert (
            editor.get(reverse("launch_plan", args=[campaign.get_parent().pk]), follow=True).status_code
            == 404
        )


class TestHour:
    def set_to(self, campaign: CampaignPage, editor: Client, hour: str) -> Any:
        return editor.post(url(campaign), {"do": "set_hour", "hour-hour": hour})

    def test_is_changed_here_and_all_that_waits_moves_along(self, campaign, editor):
        answer = self.set_to(campaign, editor, "2027-03-02T10:00")

        assert answer.status_code == 302
        hours = set(CampaignPage.objects.scheduled_revisions().values_list("approved_go_live_at", flat=True))
        assert len(hours) == 1
        assert hours == {LaunchPlan(campaign).hour}
        assert LaunchPlan(campaign).hour.date() == datetime(2027, 3, 2, tzinfo=UTC).date()

    @pytest.mark.parametrize(
        "hour", ["", "2020-01-01T10:00", "tomorrow", "2027-03-28T02:30", "2027-10-31T02:30"]
    )
    def test_that_is_none_is_refused_with_a_reason(self, campaign, editor, hour, settings):
        settings.TIME_ZONE = "Europe/Brussels"
        with timezone.override("Europe/Brussels"):
            answer = self.set_to(campaign, editor, hour)

        assert answer.status_code == 200
        assert answer.context["hour_form"].errors
        assert LaunchPlan(campaign).hour == NOON

    def test_does_not_publish_a_draft_that_somebody_is_writing(self, campaign, editor):
        campaign.introduction = "Not finished."
        campaign.save_revision()

        answer = self.set_to(campaign, editor, "2027-03-02T10:00")

        assert "newer draft" in answer.content.decode()
        assert LaunchPlan(campaign).hour == NOON


class TestWhoMay:
    @pytest.fixture(autouse=True)
    def _roles(self, campaign):
        roles.sync()

    @pytest.mark.parametrize(
        ("role", "status"),
        [(CAMPAIGN_EDITOR, 200), ("Translator: German", 200), ("Listing drafter", 302)],
    )
    def test_read_it(self, campaign, desk: Client, role, status):
        desk.force_login(UserFactory(roles=[role]))

        assert desk.get(url(campaign)).status_code == status

    def test_name_partners_and_make_previews_is_whoever_publishes_it(self, campaign, desk: Client):
        desk.force_login(UserFactory(roles=["Translator: German"]))

        assert desk.post(url(campaign), {"do": "make_link"}).status_code == 302
        assert not PreviewLink.objects.exists()
        assert b"make_link" not in desk.get(url(campaign)).content


class TestPartners:
    DATA = {
        "do": "tell",
        "contact-name": "Lantern",
        "contact-email": "press@lantern.example",
        "contact-language": "de",
    }

    def test_are_named_and_taken_off(self, campaign, editor):
        editor.post(url(campaign), self.DATA)
        contact = LaunchContact.objects.get()

        editor.post(url(campaign), {"do": "do_not_tell", "row": contact.pk})

        assert contact.campaign_key == campaign.translation_key
        assert not LaunchContact.objects.exists()

    def test_are_named_once(self, campaign, editor):
        editor.post(url(campaign), self.DATA)

        answer = editor.post(url(campaign), {**self.DATA, "contact-email": "Press@lantern.example"})

        assert "on the list already" in answer.content.decode()
        assert LaunchContact.objects.count() == 1

    @pytest.mark.parametrize("row", ["", "x", "9" * 30, "7"])
    def test_that_are_not_there_break_nothing(self, campaign, editor, row):
        for do in ("do_not_tell", "revoke"):
            assert editor.post(url(campaign), {"do": do, "row": row}).status_code in (302, 404)


class TestPreviewLinks:
    def make(self, campaign: CampaignPage, editor: Client, **changes: Any) -> Any:
        data = {
            "do": "make_link",
            "preview-name": "Lantern",
            "preview-until": "2027-03-08",
            "preview-languages": ["en", "de"],
            **changes,
        }
        return editor.post(url(campaign), data)

    def test_are_shown_once_and_kept_as_a_digest(self, campaign, editor):
        answer = self.make(campaign, editor).content.decode()
        made = BeautifulSoup(answer, "html.parser").select_one(".launch-link")["value"]

        token = made.rstrip("/").rpartition("/")[2]
        link = PreviewLink.objects.get()
        assert link.languages == ["en", "de"]
        assert token not in editor.get(url(campaign)).content.decode()
        assert token.partition(".")[0] not in str(PreviewLink.objects.values().get())

    @pytest.mark.parametrize("until", ["2027-02-28", "2027-04-01", "soon"])
    def test_are_not_made_for_the_past_or_for_more_than_a_month(self, campaign, editor, until):
        answer = self.make(campaign, editor, **{"preview-until": until})

        assert answer.status_code == 200
        assert not PreviewLink.objects.exists()

    def test_are_made_in_no_language_that_the_campaign_is_not_in(self, campaign, editor):
        self.make(campaign, editor, **{"preview-languages": ["pl"]})

        assert not PreviewLink.objects.exists()

    def test_are_revoked_at_the_press_of_a_button(self, campaign, editor):
        self.make(campaign, editor)

        editor.post(url(campaign), {"do": "revoke", "row": PreviewLink.objects.get().pk})

        assert PreviewLink.objects.get().state == PreviewLink.State.REVOKED
