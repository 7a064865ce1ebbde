"""The launch plan in the admin: readiness of each language, missing items, contacts, and permissions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from campaigns.launches import services
from campaigns.launches.plan import LaunchPlan, Readiness
from campaigns.models import CampaignPage, Launch, LaunchContact, Partner, PreviewLink, ToolkitPage
from campaigns.roles import CAMPAIGN_EDITOR
from core import scheduler
from tests.campaigns.conftest import NOON, soup
from tests.factories.campaigns import (
    CampaignPageFactory,
    MaterialFactory,
    PartnerFactory,
    TermFactory,
    ToolkitPageFactory,
)
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.mail import delivered
from tests.support.queries import queries
from translating import services as translating
from translating import states
from translating.models import Cell
from users import roles

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheduler_that_publishes")]


@pytest.fixture
@cached_fixture
def campaign(now, campaigns, languages, in_language) -> CampaignPage:
    """A campaign for noon: German is scheduled, French is begun, Arabic is missing."""
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

    def test_leaves_out_unwanted_languages(self, campaign):
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

    def test_says_what_a_preflight_check_found_before_the_launch(self, campaign, now):
        TermFactory(language="de", word="Spring", forms="Spring", concept="season")
        services.preflight(campaign.translation_key)

        german = plan_of(campaign)["de"]

        assert german.state == Readiness.HELD
        assert any("Spring" in gap.text for gap in german.gaps)

    def test_forgets_what_was_found_for_a_launch_that_was_rescheduled(self, campaign):
        services.preflight(campaign.translation_key)
        campaign.embargo = NOON + timedelta(days=1)
        campaign.save_revision().publish()

        services.preflight(campaign.translation_key)

        assert [launch.go_live_at for launch in Launch.objects.all()] == [NOON + timedelta(days=1)]

    def test_takes_the_same_queries_for_two_languages_and_for_many(self, campaign, editor, languages, in_language):
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
    def test_shows_the_go_live_time_in_the_zone_of_the_site_and_who_has_set_it(self, campaign, editor):
        html = soup(editor.get(url(campaign)))

        hour = html.select_one(".launch-go-live")
        assert "12" in hour.text or "13" in hour.text
        assert "Europe/Brussels" in hour.text or "UTC" in hour.text

    def test_tells_from_the_log_who_set_changed_and_cancelled_it(self, campaign):
        user = UserFactory(first_name="Edith", last_name="Ede")
        for hour in (NOON + timedelta(days=1), None):
            campaign.embargo = hour
            campaign.save_revision(user=user, log_action=True)

        changes = [(each.go_live_at, each.by) for each in LaunchPlan(campaign).changes]

        assert changes == [(None, "Edith Ede"), (NOON + timedelta(days=1), "Edith Ede"), (NOON, "")]

    def test_says_what_happened_to_the_second(self, campaign, editor, now):
        now.move_to(NOON + timedelta(seconds=1))
        editor.force_login(get_user_model().objects.get())  # two hours have passed
        scheduler.tick()

        text = soup(editor.get(url(campaign))).get_text(" ", strip=True)

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
        address = reverse("launch_plan", args=[campaign.get_parent().pk])

        assert editor.get(address, follow=True).status_code == 404


class TestGoLiveTime:
    def set_to(self, campaign: CampaignPage, editor: Client, hour: str) -> Any:
        return editor.post(url(campaign), {"do": "schedule_launch", "schedule-go_live_at": hour})

    def test_is_changed_here_and_all_that_waits_moves_along(self, campaign, editor):
        answer = self.set_to(campaign, editor, "2027-03-02T10:00")

        assert answer.status_code == 302
        hours = set(CampaignPage.objects.scheduled_revisions().values_list("approved_go_live_at", flat=True))
        assert len(hours) == 1
        assert hours == {LaunchPlan(campaign).go_live_at}
        assert LaunchPlan(campaign).go_live_at.date() == datetime(2027, 3, 2, tzinfo=UTC).date()

    @pytest.mark.parametrize("hour", ["", "2020-01-01T10:00", "tomorrow", "2027-03-28T02:30", "2027-10-31T02:30"])
    def test_that_is_none_is_refused_with_a_reason(self, campaign, editor, hour, settings):
        settings.TIME_ZONE = "Europe/Brussels"
        with timezone.override("Europe/Brussels"):
            answer = self.set_to(campaign, editor, hour)

        assert answer.context["schedule_form"].errors
        assert "Nothing has been changed yet." in answer.text
        assert LaunchPlan(campaign).go_live_at == NOON

    def test_does_not_publish_an_unfinished_draft(self, campaign, editor):
        campaign.introduction = "Not finished."
        campaign.save_revision()

        answer = self.set_to(campaign, editor, "2027-03-02T10:00")

        assert "newer draft" in answer.content.decode()
        assert LaunchPlan(campaign).go_live_at == NOON


class TestCallingOff:
    """A page, or a language with its toolkits, is taken out of a launch; everything else is published."""

    def off(self, campaign: CampaignPage, client: Client, page: Any) -> Any:
        return client.post(url(campaign), {"do": "call_off", "row": page.pk})

    @pytest.fixture
    def toolkit(self, campaign) -> ToolkitPage:
        return ToolkitPageFactory(parent=campaign, title="For nurses")

    @staticmethod
    def waiting() -> set[Any]:
        return {version.revision.content_object for version in services.scheduled_versions()}

    @pytest.mark.parametrize(("code", "other"), [("de", "en"), ("en", "de")])
    def test_takes_one_language_out_and_the_others_go_out(self, campaign, editor, now, code, other):
        page = CampaignPage.objects.get(locale__language_code=code)

        self.off(campaign, editor, page)
        scheduler.tick()  # which reschedules revisions to the go-live time
        before = CampaignPage.objects.listed().exists()
        now.move_to(NOON)
        scheduler.tick()

        public = CampaignPage.objects.listed().values_list("locale__language_code", flat=True)
        assert (before, {*public}) == (False, {other})
        assert page.get_latest_revision_as_object().embargo == NOON

    def test_takes_the_toolkits_of_a_campaign_with_it(self, campaign, editor, toolkit):
        german = CampaignPage.objects.get(locale__language_code="de")
        assert self.waiting() == {campaign, german, toolkit}

        self.off(campaign, editor, campaign)

        assert self.waiting() == {german}

    def test_of_a_toolkit_leaves_its_campaign_alone(self, campaign, editor, toolkit):
        self.off(campaign, editor, toolkit)

        assert campaign in self.waiting()
        assert toolkit not in self.waiting()
        assert "Toolkit “For nurses”: called off." in [gap.text for gap in plan_of(campaign)["en"].gaps]

    def test_is_in_the_plan_with_user_and_time_until_it_is_published(self, campaign, editor):
        german = CampaignPage.objects.get(locale__language_code="de")
        who = str(get_user_model().objects.get())

        self.off(campaign, editor, german)

        plan = plan_of(campaign)["de"]
        assert plan.state == Readiness.CALLED_OFF
        assert plan.gaps[0].text.startswith(f"Called off by {who}, 01/03/2027 11:00")
        assert f"/{german.pk}/edit/" in plan.gaps[0].url
        german.refresh_from_db()
        german.latest_revision.publish()
        assert plan_of(campaign)["de"].state == Readiness.READY

    def test_is_a_button_on_each_card_that_waits(self, campaign, editor, toolkit):
        html = soup(editor.get(url(campaign)))

        buttons = html.select("button[value=call_off]")
        names = [" ".join(each.text.split()) for each in buttons]
        assert names == [
            "Call off: Spring (English)",
            "Call off: For nurses (English)",
            "Call off: Spring (de) (German)",
        ]

    def test_is_refused_where_it_would_move_the_launch_of_the_others(self, campaign, editor):
        CampaignPage.objects.filter(pk=campaign.pk).update(
            embargo=None
        )  # as for a page whose first draft had no go-live time
        draft = campaign.get_latest_revision_as_object()
        draft.embargo = None
        draft.save_revision()
        before = self.waiting()

        answer = self.off(campaign, editor, campaign)

        assert "newer draft" in editor.get(answer["Location"]).content.decode()
        assert self.waiting() == before

    def test_says_in_the_letter_to_staff_why_a_page_is_not_there(self, campaign, editor, now):
        user = UserFactory(email="edith@example.org", first_name="Edith", last_name="Ede", is_superuser=True)
        campaign.save_revision(user=user, log_action=True).publish(user=user)
        german = CampaignPage.objects.get(locale__language_code="de")
        services.preflight(campaign.translation_key)
        services.call_off(page=german, by=user)
        now.move_to(NOON)

        scheduler.tick()

        letter = next(message for message in delivered() if message.to == ["edith@example.org"])
        assert "German: Called off by Edith Ede" in letter.body
        assert "French: It was not published for the go-live time." in letter.body

    @pytest.mark.parametrize("row", ["", "x", "9" * 30, "1"])
    def test_of_what_is_no_page_of_the_campaign_is_not_there(self, campaign, editor, row):
        before = self.waiting()

        assert editor.post(url(campaign), {"do": "call_off", "row": row}).status_code in (302, 404)
        assert self.waiting() == before

    def test_of_a_page_that_does_not_wait_says_so(self, campaign, editor):
        french = CampaignPage.objects.get(locale__language_code="fr")

        answer = self.off(campaign, editor, french)

        assert "did not wait" in editor.get(answer["Location"]).content.decode()


class TestWhoMay:
    @pytest.fixture(autouse=True)
    def _roles(self, campaign):
        roles.sync()

    @pytest.mark.parametrize(
        ("role", "status"),
        [(CAMPAIGN_EDITOR, 200), ("Translator: German", 200), ("Listing drafter", 302)],
    )
    def test_read_it(self, campaign, private: Client, role, status):
        private.force_login(UserFactory(roles=[role]))

        assert private.get(url(campaign)).status_code == status

    @pytest.mark.parametrize("do", ["call_off", "make_link"])
    def test_call_off_and_make_previews_needs_the_right_to_publish(self, campaign, private: Client, do):
        private.force_login(UserFactory(roles=["Translator: German"]))
        before = len(services.scheduled_versions())

        answer = private.post(url(campaign), {"do": do, "row": campaign.pk})

        assert answer.status_code == 302
        assert (len(services.scheduled_versions()), PreviewLink.objects.count()) == (before, 0)
        assert do not in private.get(url(campaign)).text


class TestPartners:
    DATA = {
        "do": "tell",
        "contact-name": "Lantern",
        "contact-email": "press@lantern.example",
        "contact-language": "de",
    }

    def test_are_named_and_removed(self, campaign, editor):
        editor.post(url(campaign), self.DATA)
        contact = LaunchContact.objects.get()

        editor.post(url(campaign), {"do": "do_not_tell", "row": contact.pk})

        assert contact.campaign_key == campaign.translation_key
        assert not LaunchContact.objects.exists()

    @pytest.fixture
    def record(self) -> Partner:
        """A partner with a record, a contact person, and another name in German."""
        return PartnerFactory(
            name="Lantern", language="fr", contact_email="lantern@example.org", languages=("en", "de")
        )

    def choose(self, campaign: CampaignPage, editor: Client, record: Partner) -> Any:
        return editor.post(url(campaign), {"do": "tell", "contact-partner": record.pk})

    def test_are_chosen_from_their_records_and_nothing_is_typed_again(self, campaign, editor, record):
        answer = self.choose(campaign, editor, record)

        contact = LaunchContact.objects.get()
        assert answer.status_code == 302
        assert (contact.name, contact.email, contact.language) == ("", "", "")
        assert (contact.address, contact.letter_language) == ("lantern@example.org", "fr")
        page = soup(editor.get(url(campaign)))
        row = page.select_one("section[aria-labelledby=who-is-told] .launch-rows li").get_text(" ", strip=True)
        assert row.startswith("Lantern lantern@example.org (français)")

    def test_are_called_by_their_name_in_the_language_of_the_admin(self, campaign, record):
        record.texts.filter(language="de").update(name="Laterne")
        contact = LaunchContact.objects.create(campaign_key=campaign.translation_key, partner=record)

        with translation.override("de"):
            assert str(LaunchContact.objects.for_showing().get(pk=contact.pk)) == "Laterne"

    def test_get_their_letter_at_the_address_that_the_record_has_by_then(self, campaign, editor, record, now):
        self.choose(campaign, editor, record)
        record.contact_email = "new@example.org"
        record.save()
        now.move_to(NOON)

        scheduler.tick()

        letter = next(message for message in delivered() if message.to == ["new@example.org"])
        with translation.override("fr"):
            assert letter.subject == gettext("“%(title)s” is public") % {"title": "Spring"}

    def test_get_one_letter_though_two_records_have_the_same_address(self, campaign, record, now):
        other = PartnerFactory(name="Lamp", contact_email="LANTERN@example.org")
        for each in (record, other):
            LaunchContact.objects.create(campaign_key=campaign.translation_key, partner=each)
        now.move_to(NOON)

        scheduler.tick()

        assert sum("lantern" in message.to[0].lower() for message in delivered()) == 1

    def test_whose_contact_person_has_gone_get_none_and_the_plan_says_so(self, campaign, editor, record, now):
        self.choose(campaign, editor, record)
        record.contact_email = ""
        record.save()

        assert "no address any more" in editor.get(url(campaign)).content.decode()
        now.move_to(NOON)
        scheduler.tick()
        assert [message.to for message in delivered()] == []

    def test_are_offered_if_they_have_a_contact_person(self, campaign, editor, record):
        without_contact = PartnerFactory(name="Without contact", contact_email="")

        form = editor.get(url(campaign)).context["contact_form"]

        assert record in form.fields["partner"].queryset
        assert without_contact not in form.fields["partner"].queryset

    @pytest.mark.parametrize("order", [("address", "address"), ("record", "address"), ("address", "record")])
    def test_are_named_once_by_record_or_by_address(self, campaign, editor, record, order):
        sent = {
            "address": {**self.DATA, "contact-email": "Lantern@example.org"},
            "record": {"do": "tell", "contact-partner": record.pk},
        }
        first, again = order
        editor.post(url(campaign), sent[first] | {"contact-name": "Before"})

        answer = editor.post(url(campaign), sent[again])

        assert "on the list already" in answer.text
        assert LaunchContact.objects.count() == 1

    @pytest.mark.parametrize("name", ["name", "email", "language"])
    def test_without_a_record_need_name_address_and_language(self, campaign, editor, name):
        answer = editor.post(url(campaign), {**self.DATA, f"contact-{name}": ""})

        assert list(answer.context["contact_form"].errors) == [name]
        assert not LaunchContact.objects.exists()

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

    @pytest.mark.parametrize(
        "wrong",
        [{"preview-until": until} for until in ("2027-02-28", "2027-04-01", "soon")] + [{"preview-languages": ["pl"]}],
    )
    def test_are_not_made_for_the_past_more_than_a_month_or_a_language_that_it_lacks(self, campaign, editor, wrong):
        answer = self.make(campaign, editor, **wrong)

        assert "Nothing has been changed yet." in answer.text
        assert not PreviewLink.objects.exists()

    def test_are_revoked_at_the_press_of_a_button(self, campaign, editor):
        self.make(campaign, editor)

        editor.post(url(campaign), {"do": "revoke", "row": PreviewLink.objects.get().pk})

        assert PreviewLink.objects.get().state == PreviewLink.State.REVOKED
