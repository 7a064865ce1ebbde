"""The table in the admin: who sees what, and what is done with cells."""

import datetime as dt
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from campaigns.models import Term
from campaigns.roles import CAMPAIGN_EDITOR
from campaigns.terms.checker import words_url
from helpline.roles import LISTING_APPROVER
from network.roles import NETWORK_MANAGER
from tests.factories.campaigns import CampaignPageFactory, TermFactory
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page
from tests.support.queries import queries
from tests.translating.conftest import cell, enter, translated
from translating import actions, services, states
from translating.actions import CellAction
from translating.models import CellState, DueDate, NotWanted, Subject, TranslationRun
from users import roles

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:.*connection.* is deprecated"),
]
TABLE = "/admin/translations/"


def seen(private: Any, query: str = "") -> dict[str, list[str]]:
    """Return the states that a user sees, by title."""
    html = BeautifulSoup(private.get(f"{TABLE}{query}").content, "html.parser")
    return {
        row.th.find("bdi").text if row.th.find("bdi") else row.th.a.text: [
            " ".join(state.get_text().split()) for state in row.select("td .translation-state")
        ]
        for row in html.select("tbody tr")
    }


def tools(private: Any, title: str) -> list[str]:
    """Return the actions that a user is offered for the cells of a row."""
    html = BeautifulSoup(private.get(TABLE).content, "html.parser")
    [row] = [row for row in html.select("tbody tr") if title in row.th.text]
    return [" ".join(each.get_text().split()).partition(":")[0] for each in row.select("td .translation-do")]


@pytest.fixture
def editor(private, site) -> Any:
    """A campaign editor, in the admin."""
    user = UserFactory(roles=[CAMPAIGN_EDITOR])
    private.force_login(user)
    return user


@pytest.fixture
def german(private, site) -> Any:
    """The German translator, in the admin."""
    user = UserFactory(roles=["Translator: German"])
    private.force_login(user)
    return user


@pytest.fixture
@cached_fixture
def in_french(site, languages) -> None:
    """The campaign is whole in French, and not public."""
    translated(site["campaign"], languages["fr"], publish=False)
    roles.sync()
    states.write_noted()


class TestWhoSees:
    def test_translators_see_their_own_language_only(self, private, german):
        assert seen(private)["First steps"] == ["public"]
        html = private.get(TABLE).content.decode()
        assert "French" not in BeautifulSoup(html, "html.parser").find(class_="translation-table").text

    def test_translators_see_no_draft_that_was_not_sent(self, private, site, german):
        CampaignPageFactory(parent=site["campaigns"], title="Secret").unpublish()
        states.write_noted()
        assert "Secret" not in seen(private)

    def test_editors_see_their_own_part_in_all_languages(self, private, editor):
        assert seen(private)["Speak up"] == ["public", "missing", "missing"]
        assert "First steps" not in seen(private)

    def test_no_cell_of_another_language_is_open_to_a_translator(self, private, site, german):
        assert private.get(reverse("translation_cell", args=[cell(site["guide"], "de").pk])).status_code == 200
        assert private.get(reverse("translation_cell", args=[cell(site["guide"], "fr").pk])).status_code != 200

    def test_no_user_without_pages_or_languages(self, private, site):
        private.force_login(UserFactory(roles=[]))

        assert private.get(TABLE).status_code != 200

    def test_takes_the_same_queries_for_few_and_many(self, private, site):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))
        private.get(TABLE)
        few = queries(lambda: private.get(TABLE))
        for number in range(8):
            CampaignPageFactory(parent=site["campaigns"], title=f"Campaign {number}", slug=f"c{number}")
        states.write_noted()

        assert queries(lambda: private.get(TABLE)) == few


class TestAction:
    def test_of_each_cell_is_the_sensible_one(self, private, editor, in_french):
        assert tools(private, "Speak up") == ["Open", "Publish", "Send"]

    def test_is_to_compare_once_the_source_has_changed(self, private, site, editor):
        site["campaign"].introduction = "Another sentence."
        publish_page(site["campaign"])
        states.write_noted()
        assert tools(private, "Speak up") == ["Compare", "Send", "Send"]
        assert seen(private, "?state=stale")["Speak up"][0].startswith("out of date: 1 since")

    def test_is_to_submit_where_a_second_person_decides(self, private, site, languages):
        translated(site["guide"], languages["fr"], publish=False)
        roles.sync()
        states.write_noted()
        private.force_login(UserFactory(roles=[LISTING_APPROVER]))

        assert tools(private, "First steps")[1] == "Submit for review"

    def test_publishes_one(self, private, site, editor, in_french):
        private.post(TABLE, {"do": f"publish-{cell(site['campaign'], 'fr').pk}"})

        assert cell(site["campaign"], "fr").state == CellState.PUBLIC

    def test_refused_for_a_word_leads_to_where_it_is_replaced(self, private, site, languages, editor, in_french):
        Term.objects.create(language="fr", level="avoid", word="fr", forms="fr", concept="a language")
        french = site["campaign"].get_translation(languages["fr"])

        answer = private.post(TABLE, {"do": f"publish-{cell(site['campaign'], 'fr').pk}"}, follow=True)

        message = BeautifulSoup(answer.content, "html.parser").select_one(".messages")
        assert "Not done." in message.text
        assert message.select_one("a.button")["href"] == words_url(french)

    @pytest.mark.parametrize(
        ("address", "leads"),
        [
            (f"{TABLE}?language=fr", f"{TABLE}?language=fr"),
            ("https://evil.example/", TABLE),
            ("//evil.example", TABLE),
            ("/\\evil.example", TABLE),
            ("javascript:alert(1)", TABLE),
            ("", TABLE),
        ],
    )
    def test_leads_back_to_an_address_of_ours_and_to_no_other(self, private, site, editor, address, leads, in_french):
        answer = private.post(TABLE, {"do": f"publish-{cell(site['campaign'], 'fr').pk}", "next": address})

        assert answer["Location"] == leads

    def test_publishes_nothing_that_is_not_whole(self, private, site, languages, editor):
        services.send(cell(site["campaign"], "fr").subject, languages["fr"], editor)
        roles.sync()
        answer = private.post(TABLE, {"do": f"publish-{cell(site['campaign'], 'fr').pk}"}, follow=True)

        assert "still in the language of the source page" in answer.content.decode()
        assert not site["campaign"].get_translation(languages["fr"]).live

    def test_that_is_refused_for_a_word_links_to_it(self, private, site, editor, in_french):
        TermFactory(language="fr", word="speak")  # the title is “Speak up (fr)”
        french = site["campaign"].get_translation(Locale.objects.get(language_code="fr"))

        answer = private.post(TABLE, {"do": f"publish-{cell(site['campaign'], 'fr').pk}"}, follow=True)

        html = BeautifulSoup(answer.content, "html.parser")
        assert "Replace it under “Words”" in html.text
        assert html.select_one(".messages a")["href"] == words_url(french)

    @pytest.mark.parametrize("role", ["Translator: French", NETWORK_MANAGER, LISTING_APPROVER])
    def test_to_send_is_for_those_who_may(self, private, site, role):
        private.force_login(UserFactory(roles=[role]))

        private.post(TABLE, {"do": f"send-{cell(site['campaign'], 'fr').pk}"})

        assert cell(site["campaign"], "fr").state == CellState.MISSING

    def test_of_an_app_gets_the_ticked_cells_that_its_user_sees(self, private, site, monkeypatch, german):
        given = []

        def download(request: Any, cells: Any) -> HttpResponse:
            given.extend(cells)
            return HttpResponse("file")

        monkeypatch.setattr(actions, "ACTIONS", [CellAction(name="download", label="Download", run=download)])
        row = Subject.objects.get(key=str(site["guide"].translation_key))

        answer = private.post(TABLE, {"do": "download", "row": [row.pk], "cell": [cell(site["campaign"], "fr").pk]})

        assert answer.content == b"file"
        assert [each.locale.language_code for each in given] == ["de"]
        assert 'value="download"' in private.get(TABLE).content.decode()

    @pytest.mark.parametrize(("file_format", "begins"), [("xliff", b"<?xml"), ("po", b"#\nmsgid")])
    def test_downloads_what_is_ticked(self, private, site, file_format, begins, german):
        answer = private.post(TABLE, {"do": f"download_{file_format}", "cell": [cell(site["campaign"], "de").pk]})

        assert answer.content.startswith(begins)
        assert "Speak up (de)" in answer.content.decode()

    def test_explains_an_empty_download(self, private, site):
        private.force_login(UserFactory(roles=["Translator: French"]))

        answer = private.post(TABLE, {"do": "download_xliff", "cell": [cell(site["campaign"], "fr").pk]}, follow=True)

        assert "What is missing is sent first" in answer.content.decode()


class TestTicked:
    def start(self, private: Any, data: dict[str, Any], query: str = "") -> TranslationRun:
        answer = private.post(f"{TABLE}{query}", data)
        run = TranslationRun.objects.first()
        assert run is not None
        assert answer["Location"] == reverse("translation_run", args=[run.pk])
        return run

    def test_are_sent_once_however_often_the_worker_begins(self, private, site, editor):
        row = cell(site["campaign"], "fr").subject
        run = self.start(private, {"do": "send", "row": row.pk})
        assert run.steps.count() == 2  # French and Arabic: German was sent before

        services.carry_out(run)
        french = site["campaign"].get_translation(Locale.objects.get(language_code="fr"))
        revisions = french.revisions.count()
        services.carry_out(run)

        assert cell(site["campaign"], "fr").state == CellState.IN_WORK
        assert french.revisions.count() == revisions
        assert not french.live

    def test_are_published_where_they_are_whole(self, private, site, languages, editor, in_french):
        services.send(cell(site["campaign"], "ar").subject, languages["ar"], editor)
        states.write_noted()
        run = self.start(private, {"do": "publish", "all": "on"}, "?state=whole")
        services.carry_out(run)

        assert [step.locale.language_code for step in run.steps.all()] == ["fr"]
        assert cell(site["campaign"], "fr").state == CellState.PUBLIC

    def test_without_an_effect_show_a_message(self, private, site, editor):
        answer = private.post(TABLE, {"do": "publish", "cell": cell(site["campaign"], "fr").pk}, follow=True)

        assert "Nothing was done" in answer.content.decode()

    def test_report_skipped_cells_with_reasons(self, private, site, editor, in_french):
        run = self.start(private, {"do": "publish", "cell": cell(site["campaign"], "fr").pk})
        site["campaign"].introduction = "Another sentence."
        publish_page(site["campaign"])

        services.carry_out(run)

        html = private.get(reverse("translation_run", args=[run.pk])).content.decode()
        assert "1 text is still in the language of the source page." in html
        french = site["campaign"].get_translation(Locale.objects.get(language_code="fr"))
        assert reverse("wagtailadmin_pages:edit", args=[french.pk]) in html

    def test_can_be_cancelled(self, private, site, editor):
        run = self.start(private, {"do": "send", "row": cell(site["campaign"], "fr").subject.pk})
        assert "Refresh" in private.get(reverse("translation_run", args=[run.pk])).headers

        private.post(reverse("translation_run", args=[run.pk]))
        services.carry_out(run)

        assert cell(site["campaign"], "fr").state == CellState.MISSING

    def test_leave_a_source_with_a_word_to_avoid(self, private, site, editor):
        Term.objects.create(language="en", level="avoid", word="soon", forms="soon", concept="a time")
        draft = CampaignPageFactory(parent=site["campaigns"], title="Soon", slug="soon")
        draft.unpublish()
        run = self.start(private, {"do": f"publish_all-{cell(draft, 'de').subject.pk}"})

        services.carry_out(run)

        assert "“Soon” (Title) is a word to avoid." in run.steps.get(locale=None).note

    def test_go_out_together_with_their_source(self, private, site, languages, editor):
        draft = CampaignPageFactory(parent=site["campaigns"], title="Soon", slug="soon")
        draft.unpublish()
        translated(draft, languages["de"], publish=False)
        subject = cell(draft, "de").subject

        private.post(TABLE, {"do": f"publish_all-{subject.pk}"})
        services.carry_out(TranslationRun.objects.get())

        draft.refresh_from_db()
        assert draft.live
        assert cell(draft, "de").state == CellState.PUBLIC

    def test_that_have_a_go_live_time_are_scheduled_and_say_so(self, private, site, languages, editor):
        draft = CampaignPageFactory(parent=site["campaigns"], title="Soon", slug="soon")
        draft.unpublish()
        draft.embargo = timezone.now() + dt.timedelta(days=3)
        draft.save_revision()
        translated(draft, languages["de"], publish=False)
        run = self.start(private, {"do": f"publish_all-{cell(draft, 'de').subject.pk}"})

        services.carry_out(run)

        draft.refresh_from_db()
        assert not draft.live
        assert draft.scheduled_revision
        html = private.get(reverse("translation_run", args=[run.pk])).content.decode()
        assert "Soon: It is published at the time that was set." in re.sub(r"<[^>]+>", "", html)
        states.write_noted()
        assert "publish_all-" not in private.get(TABLE).text  # it is scheduled already


class TestDecisions:
    def test_not_wanted_takes_a_reason_and_can_be_taken_back(self, private, site, editor):
        address = reverse("translation_cell", args=[cell(site["campaign"], "ar").pk])

        refused = private.post(address, {"not_wanted": "on", "reason": " "})
        private.post(address, {"not_wanted": "on", "reason": "Nobody prints it."})
        assert "Enter why it is not wanted" in refused.content.decode()
        assert cell(site["campaign"], "ar").state == CellState.NOT_WANTED
        assert "Nobody prints it." in private.get(address).content.decode()

        private.post(address, {"reason": ""})
        assert cell(site["campaign"], "ar").state == CellState.MISSING
        assert not NotWanted.objects.exists()

    def test_due_dates_hold_for_what_is_below(self, private, site, editor):
        index, campaign = cell(site["campaigns"], "fr"), cell(site["campaign"], "fr")

        private.post(reverse("translation_cell", args=[index.pk]), {"due": "2026-12-24"})

        campaign.refresh_from_db()
        assert campaign.due == dt.date(2026, 12, 24)
        assert DueDate.objects.count() == 1
        html = private.get(f"{TABLE}?sort=due").content.decode()
        assert "due 12/24/2026" in html or "due 24/12/2026" in html

    def test_are_for_those_who_send(self, private, site, german):
        address = reverse("translation_cell", args=[cell(site["campaign"], "de").pk])

        assert private.post(address, {"due": "2026-12-24"}).status_code in (302, 403)
        assert not DueDate.objects.exists()


class TestFilter:
    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("?q=speak", {"Speak up"}),
            ("?kind=pages&q=campaigns", {"Campaigns"}),
            ("?state=whole", set()),
            ("?language=de&state=missing", set()),
            ("?language=xx&state=nonsense&p=99&q=speak", {"Speak up"}),
        ],
    )
    def test_lets_through(self, private, editor, query, titles):
        assert set(seen(private, query)) == titles

    def test_of_a_part_of_the_site(self, private, site, editor):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))

        assert set(seen(private, f"?section={site['campaigns'].path}")) == {"Campaigns", "Speak up"}


class TestEntering:
    def test_moves_the_cell(self, site, languages, editor):
        services.send(cell(site["campaign"], "fr").subject, languages["fr"], editor)
        before = cell(site["campaign"], "fr").words_left

        enter(services.translation_in(cell(site["campaign"], "fr").subject, languages["fr"])[0])

        assert before > 0
        assert cell(site["campaign"], "fr").words_left == 0
