"""One person removes a wrong number everywhere in one step, and no help page is unpublished."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from core.models import OutgoingMail
from helpline.admin.review_queue.todo import listing_todos
from helpline.approval.rule import NotApprovedError
from helpline.finder import queries
from helpline.governance import services
from helpline.models import SupportLine
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from helpline.vocabulary.codes import LineKind
from tests.factories.helpline import (
    FinderPageFactory,
    GuidePageFactory,
    ProgrammeFactory,
    StaffFactory,
    SupportLineFactory,
    days_ago,
    second_person,
)
from tests.factories.users import UserFactory
from tests.support.cached_fixtures import cached_fixture
from tests.support.languages import in_language

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("admin_roles")]

WRONG = "+3280014112"
# As a link, as it is dialled in Belgium, and as it is written in a table.
WRITTEN = (WRONG, "0800 14 112", "80014112")
EUROPEAN = "116123"


@pytest.fixture
@cached_fixture
def lines():
    """Belgium has an emergency number and one crisis line; three countries have a European number."""
    return {
        "emergency": SupportLineFactory(approved=True, kind=LineKind.EMERGENCY, country="be", number="112"),
        "crisis": SupportLineFactory(approved=True, country="be", number=WRONG, name="Night line"),
        "european": SupportLineFactory(approved=True, countries=["at", "fr", "nl"], number=EUROPEAN),
    }


@pytest.fixture
def anna():
    return UserFactory(roles=[LISTING_DRAFTER], email="anna@example.org")


def now_url(listing: Any) -> str:
    return reverse(listing.snippet_viewset.get_url_name("now"), args=[listing.pk])


def withdraw(private: Any, listing: Any, **given: str) -> Any:
    return private.post(now_url(listing), {"action": "wrong_number", "reason": "A stranger answers", **given})


def prerendered() -> dict[str, bytes]:
    """Return everything that the public site serves, by file."""
    root = Path(settings.PRERENDER_ROOT)
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def pages(files: dict[str, bytes]) -> set[str]:
    return {name for name in files if name.endswith("index.html")}


class TestPublic:
    """End to end with the renderer: the public gets a file."""

    def test_it_is_gone_from_every_file_in_every_language_and_no_page_is(
        self, private, public, home, languages, lines, anna, django_capture_on_commit_callbacks
    ):
        in_language(home, languages["de"])
        finder = FinderPageFactory(parent=home)
        for page in (finder, GuidePageFactory(parent=finder, slug="first-steps")):
            in_language(page, languages["de"])
        with django_capture_on_commit_callbacks(execute=True):
            point = {"number": WRONG, "languages": ["en", "de"]}
            same = ProgrammeFactory(approved=True, countries=["be"], contacts=[point])
            ProgrammeFactory(approved=True, countries=["be"], contacts=[{**point, "number": "+3225550000"}])
        before = prerendered()
        assert sum(b"80014112" in content for content in before.values()) > 10

        private.force_login(anna)
        with django_capture_on_commit_callbacks(execute=True):
            assert withdraw(private, lines["crisis"], number=WRONG).status_code == 302

        after = prerendered()
        found = [name for name, content in after.items() for written in WRITTEN if written.encode() in content]
        assert found == []
        assert pages(before) <= pages(after)
        handout = "en/help/handouts/be-en.pdf"
        assert after[handout] != before[handout]
        for path, words in (
            ("/en/help/", "do not currently list a crisis line for Belgium. If you are in danger, call 112."),
            ("/en/help/be/", "do not currently list a crisis line for Belgium. If you are in danger, call 112."),
            ("/de/help/be/", "Wir führen derzeit kein Krisentelefon auf (Belgien)."),
            (f"/en/help/listing/{same.uuid}/", "no longer listed"),
        ):
            assert words in public.get(path).text, path


class TestOthers:
    def test_listings_with_the_same_number_go_too_wherever_it_is(self, lines, anna):
        abroad = SupportLineFactory(approved=True, country="lu", number_from_abroad=WRONG, number="142")
        point = ProgrammeFactory(approved=True, countries=["lu"], contacts=[{"number": WRONG}])

        taken = services.withdraw_number(listing=lines["crisis"], number=WRONG, by=anna, reason="x")

        assert taken == [lines["crisis"], abroad, point]

    def test_a_short_number_is_another_in_each_country(self, lines, anna):
        own = SupportLineFactory(approved=True, country="fr", number=EUROPEAN, name="Écoute")
        elsewhere = SupportLineFactory(approved=True, country="pl", number=EUROPEAN, name="Telefon")

        services.withdraw_number(listing=own, number=EUROPEAN, by=anna, reason="x")

        shown = {line.pk: line.countries for line in SupportLine.objects.public()}
        assert own.pk not in shown
        assert shown[elsewhere.pk] == ["pl"]
        assert shown[lines["european"].pk] == ["at", "nl"]

    def test_a_european_number_goes_in_the_country_where_it_is_wrong(self, private, lines, anna):
        private.force_login(anna)

        withdraw(private, lines["european"], number=EUROPEAN, country="fr")

        lines["european"].refresh_from_db()
        assert (lines["european"].live, lines["european"].countries) == (True, ["at", "nl"])

    def test_an_emergency_line_keeps_a_number_that_others_lose(self, lines, anna):
        listing = ProgrammeFactory(
            approved=True, countries=["be"], contacts=[{"number": "112", "number_country": "be"}]
        )

        taken = services.withdraw_number(listing=listing, number="112", by=anna, reason="x")

        assert taken == [listing]


class TestTwoPersonApproval:
    def test_putting_the_number_back_takes_two(self, lines, anna):
        crisis, ben = lines["crisis"], StaffFactory()
        services.withdraw_number(listing=crisis, number=WRONG, by=anna, reason="x")
        crisis.refresh_from_db()
        with pytest.raises(NotApprovedError):
            crisis.save_revision(user=anna).publish(user=anna)

        crisis.number, crisis.checked_on = "+3280014113", days_ago(0)
        crisis.save_revision(user=anna)
        second_person(crisis, crisis.latest_revision, ben)

        assert queries.withdrawn_lines() == frozenset()

    def test_one_person_takes_a_country_from_a_line_and_does_not_return_it(self, lines, anna):
        european = lines["european"]
        services.leave_countries(listing=european, countries={"fr"}, by=anna, reason="x")
        european.refresh_from_db()
        european.countries = ["at", "fr", "nl"]

        with pytest.raises(NotApprovedError):
            european.save_revision(user=anna).publish(user=anna)

    def test_notifies_the_others_with_the_user_and_the_reason(self, lines, anna):
        ben = UserFactory(roles=[LISTING_APPROVER], email="ben@example.org")

        services.withdraw_number(listing=lines["crisis"], number=WRONG, by=anna, reason="A stranger answers")

        letters = {letter.recipient: letter for letter in OutgoingMail.objects.filter(kind="helpline.number_withdrawn")}
        assert ben.email in letters
        assert anna.email not in letters
        assert all(words in str(letters[ben.email].data) for words in (WRONG, "A stranger answers", "Night line"))

    def test_it_stays_on_the_start_page_until_there_is_a_line_again(self, lines, anna):
        services.hide(listing=lines["crisis"], by=anna, reason="x")

        (todo,) = (todo for todo in listing_todos(anna) if "cannot name" in str(todo.title))

        assert (todo.count, todo.urgent) == (1, True)
        assert "Belgium" in str(todo.title)


class TestGate:
    """Pages wait for a line that was never entered or checked, and not for one that was withdrawn."""

    @pytest.fixture
    def finder(self, home, lines):
        ProgrammeFactory(approved=True, countries=["be", "fr"], contacts=[{"languages": ["en"]}])
        SupportLineFactory(approved=True, kind=LineKind.EMERGENCY, country="fr", number="112")
        return FinderPageFactory(parent=home)

    @pytest.mark.parametrize("what", ["hide", "close", "delist"])
    @pytest.mark.parametrize("line", ["crisis", "emergency"])
    def test_stays_open_after_a_line_is_withdrawn_by_any_action(self, finder, lines, anna, what, line):
        getattr(services, what)(listing=lines[line], by=anna, reason="x")

        assert finder.render_blockers() == []

    def test_is_open_where_a_european_number_was_withdrawn(self, finder, lines, anna):
        services.leave_countries(listing=lines["european"], countries={"fr"}, by=anna, reason="x")

        assert finder.render_blockers() == []

    def test_is_shut_in_a_country_that_never_had_one(self, finder, lines, anna):
        ProgrammeFactory(approved=True, countries=["lu"], contacts=[{"languages": ["en"]}])
        SupportLineFactory(country="lu", number="454545")  # a draft

        assert {country for country, _kind in queries.missing_lines("en")} == {"lu"}


class TestForm:
    def test_offers_the_numbers_of_the_listing_and_the_countries_of_a_european_one(self, private, lines, anna):
        private.force_login(anna)

        single, several = (private.get(now_url(lines[name])).context["form"] for name in ("crisis", "european"))

        assert [number for number, _label in single.fields["number"].choices] == [WRONG]
        assert "country" not in single.fields
        assert [code for code, _label in several.fields["country"].choices] == ["", "at", "fr", "nl"]

    def test_without_a_number_there_is_nothing_to_withdraw(self, private, anna):
        web = SupportLineFactory(approved=True, number="", website="https://line.example/")
        private.force_login(anna)

        answer = withdraw(private, web)

        assert answer.status_code == 200
        assert "number" not in answer.context["form"].fields


def test_the_demonstration_withdraws_unapproved_listings(settings, anna):
    settings.DEMO = True
    line = SupportLineFactory(country="be", number=WRONG)
    line.save_revision(user=anna)

    services.withdraw_number(listing=line, number=WRONG, by=anna, reason="x")

    assert not SupportLine.objects.shown().exists()
