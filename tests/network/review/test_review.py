"""The review queue in the admin."""

import csv
import io
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from wagtail.models import Locale
from wagtail.users.models import UserProfile

from core.models import OutgoingMail
from network.mail import Letter
from network.models import Member, ProposedTexts, ReviewEntry, ReviewTemplate
from network.review import services as review
from network.vocabulary import services as starter
from tests.factories.core import OutgoingMailFactory
from tests.factories.network import (
    CategoryFactory,
    LetterFactory,
    MemberFactory,
    ProposedTextsFactory,
    ReviewEntryFactory,
    ReviewTemplateFactory,
)
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries
from tests.support.html import parse
from tests.support.mail import delivered
from users.models import User

QUEUE = "/admin/network/"
State = Member.State


@pytest.fixture(autouse=True)
def _no_second_factor(settings):
    """Require no second factor: signing in is tested elsewhere."""
    settings.SECOND_FACTOR_REQUIRED = False


def user_with(*codenames):
    user = User.objects.create_user("staff@example.org", "a password for tests", is_staff=True)
    group = Group.objects.create(name="Tests")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    user.groups.add(group)
    return user


@pytest.fixture
def manager(db):
    return user_with("review_member")


@pytest.fixture
def in_admin(private, manager):
    private.force_login(manager)
    return private


class TestPermission:
    @pytest.mark.parametrize("path", ["", "results/", "1/", "1/erase/", "letters/", "members.csv"])
    def test_is_asked_for(self, private, db, path):
        private.force_login(user_with())
        MemberFactory(pk=1, awaiting_review=True)

        assert private.get(QUEUE + path).status_code in {302, 403}

    def test_is_asked_for_by_the_buttons(self, private, db):
        private.force_login(user_with("view_member", "change_member"))
        member = MemberFactory(awaiting_review=True)

        private.post(f"{QUEUE}{member.pk}/", {"action": "approve"})

        member.refresh_from_db()
        assert member.state == State.IN_REVIEW

    def test_shows_the_menu(self, in_admin):
        assert "/admin/network/" in in_admin.get("/admin/").text

    def test_is_asked_for_on_the_public_site_by_a_404(self, public, db):
        assert public.get(QUEUE).status_code == 404


class TestQueue:
    def test_begins_with_those_who_have_waited_longest(self, in_admin):
        MemberFactory(listed=True, name="Listed", confirmed_at=timezone.now())
        late = MemberFactory(awaiting_review=True, name="Late")
        early = MemberFactory(awaiting_review=True, name="Early", confirmed_at=timezone.now() - timedelta(days=3))

        listed = [member.name for member in in_admin.get(QUEUE).context["object_list"]]

        assert listed == [early.name, late.name, "Listed"]

    def test_hides_members_whose_address_is_not_confirmed(self, in_admin):
        member = MemberFactory(name="Unconfirmed")

        assert "Unconfirmed" not in in_admin.get(QUEUE).text
        assert in_admin.get(f"{QUEUE}{member.pk}/", follow=True).status_code == 404

    def test_is_filtered_and_searched(self, in_admin):
        MemberFactory(awaiting_review=True, name="Ana Lima")
        MemberFactory(listed=True, name="Rui Costa", confirmed_at=timezone.now())

        assert [m.name for m in in_admin.get(QUEUE, {"state": "listed"}).context["object_list"]] == ["Rui Costa"]
        assert [m.name for m in in_admin.get(QUEUE, {"q": "lima"}).context["object_list"]] == ["Ana Lima"]
        assert in_admin.get(QUEUE, {"state": "nonsense", "p": "x", "ordering": "password"}).status_code == 200

    def test_waits_on_the_start_page(self, in_admin):
        MemberFactory.create_batch(2, awaiting_review=True)
        LetterFactory(failed_at=timezone.now())

        page = in_admin.get("/admin/").text

        assert "Requests to join the network" in page
        assert "Mail to members that could not be delivered" in page


class TestWhatWasChosen:
    def test_is_read_in_the_language_of_the_reader(self, in_admin):
        CategoryFactory(code="families", name="Families")
        CategoryFactory(code="families", name="الأسر", locale=Locale.objects.get_or_create(language_code="ar")[0])
        member = MemberFactory(awaiting_review=True, language="ar", expertise=["families"])

        page = parse(in_admin.get(f"{QUEUE}{member.pk}/").text)

        (row,) = [row.text for row in page.all("tr") if "Fields of work" in row.text]
        assert "Families" in row

    def test_has_no_latin_comma_between_arabic_words(self, in_admin, manager):
        UserProfile.objects.create(user=manager, preferred_language="ar")
        member = MemberFactory(awaiting_review=True, languages=["ar", "fr", "de"])

        page = parse(in_admin.get(f"{QUEUE}{member.pk}/").text)

        (languages,) = [row.text for row in page.all("tr") if "الفرنسية" in row.text]
        assert "," not in languages


class TestDeciding:
    @pytest.mark.parametrize(
        ("action", "state", "kind"),
        [
            ("approve", State.LISTED, Letter.WELCOME),
            ("ask_back", State.IN_REVIEW, Letter.QUESTION),
            ("decline", State.DECLINED, Letter.DECLINED),
        ],
    )
    def test_changes_the_state_and_writes_a_letter(self, in_admin, action, state, kind):
        member = MemberFactory(awaiting_review=True)

        in_admin.post(f"{QUEUE}{member.pk}/", {"action": action, f"{action}-text": "Words."})

        member.refresh_from_db()
        assert member.state == state
        assert [(letter.kind, letter.about) for letter in OutgoingMail.objects.all()] == [(kind, member)]

    @pytest.mark.parametrize("action", ["ask_back", "decline"])
    @pytest.mark.parametrize("text", ["", "   ", "\x00", "x" * 2001])
    def test_takes_words_where_words_are_sent(self, in_admin, action, text):
        member = MemberFactory(awaiting_review=True)

        response = in_admin.post(f"{QUEUE}{member.pk}/", {"action": action, f"{action}-text": text})

        member.refresh_from_db()
        assert response.status_code == 200
        assert "Nothing has been changed yet." in response.text
        assert member.state == State.IN_REVIEW
        assert not OutgoingMail.objects.exists()

    @pytest.mark.parametrize("data", [{}, {"action": "nonsense"}, {"action": "approve\x00"}, {"action": "release"}])
    def test_does_nothing_that_cannot_be_done(self, in_admin, data):
        member = MemberFactory(awaiting_review=True)

        assert in_admin.post(f"{QUEUE}{member.pk}/", data).status_code == 302
        member.refresh_from_db()
        assert member.state == State.IN_REVIEW

    def test_reports_a_concurrent_decision(self, in_admin):
        member = MemberFactory(listed=True, confirmed_at=timezone.now())

        response = in_admin.post(f"{QUEUE}{member.pk}/", {"action": "approve"}, follow=True)

        assert "Another person changed this first" in response.text

    def test_hides_releases_and_deletes(self, in_admin):
        member = MemberFactory(listed=True, confirmed_at=timezone.now())

        in_admin.post(f"{QUEUE}{member.pk}/", {"action": "hide"})
        member.refresh_from_db()
        assert member.held_at is not None
        in_admin.post(f"{QUEUE}{member.pk}/", {"action": "release"})
        member.refresh_from_db()
        assert member.held_at is None
        assert "Delete everything" in in_admin.get(f"{QUEUE}{member.pk}/erase/").text
        in_admin.post(f"{QUEUE}{member.pk}/erase/", {"action": "erase"})
        assert not Member.objects.exists()

    def test_shows_what_will_be_public(self, in_admin):
        member = MemberFactory(awaiting_review=True, shown=["name"], offers="<b>Offer</b>")

        page = in_admin.get(f"{QUEUE}{member.pk}/").text

        assert "&lt;b&gt;Offer&lt;/b&gt;" in page
        assert member.email in page


class TestTexts:
    def test_are_read_with_what_was_there_before(self, in_admin):
        member = MemberFactory(listed=True, about="Studies helplines.", confirmed_at=timezone.now())
        ProposedTextsFactory(member=member, texts={"name": member.name, "about": "Studies <b>hotlines</b>."})

        page = in_admin.get(f"{QUEUE}{member.pk}/").text

        assert '<span class="deletion">helplines.</span>' in page
        assert '<span class="addition">&lt;b&gt;hotlines&lt;/b&gt;.</span>' in page

    def test_count_once_a_reviewer_has_accepted_them(self, in_admin):
        proposal = ProposedTextsFactory()
        path = f"{QUEUE}{proposal.member.pk}/"

        in_admin.post(path, {"action": "accept_texts", "proposal": proposal.pk})

        proposal.member.refresh_from_db()
        assert proposal.member.name == "Ana Lima"
        assert not ProposedTexts.objects.exists()

    def test_are_not_accepted_without_a_reason(self, in_admin):
        proposal = ProposedTextsFactory()
        path, field = f"{QUEUE}{proposal.member.pk}/", f"decline_texts-{proposal.pk}-text"
        sent = {"action": "decline_texts", "proposal": proposal.pk}
        assert in_admin.post(path, {**sent, field: ""}).status_code == 200
        assert not ReviewEntry.objects.exists()

        in_admin.post(path, {**sent, field: "Please do not name anyone."})

        assert ReviewEntry.objects.get().text == "Please do not name anyone."
        assert not ProposedTexts.objects.waiting().exists()

    @pytest.mark.parametrize("key", ["", "0", "x", "1\x00", "99999999999999999999"])
    def test_that_are_not_there_any_more_are_not_accepted(self, in_admin, key):
        proposal = ProposedTextsFactory()

        response = in_admin.post(
            f"{QUEUE}{proposal.member.pk}/", {"action": "accept_texts", "proposal": key}, follow=True
        )

        assert "Another person changed this first" in response.text
        assert ProposedTexts.objects.get() == proposal

    def test_of_another_member_are_not_accepted_here(self, in_admin):
        proposal, other = ProposedTextsFactory(), MemberFactory(listed=True, confirmed_at=timezone.now())

        in_admin.post(f"{QUEUE}{other.pk}/", {"action": "accept_texts", "proposal": proposal.pk})

        assert ProposedTexts.objects.get() == proposal


class TestForms:
    @pytest.mark.parametrize("state", [State.IN_REVIEW, State.LISTED, State.DECLINED])
    def test_can_all_be_sent_by_a_browser(self, in_admin, state):
        """Checks the CSRF token, which the test client ignores."""
        member = MemberFactory(state=state, confirmed_at=timezone.now())
        ProposedTextsFactory(member=member)
        ReviewEntryFactory(member=member, kind=ReviewEntry.Kind.OPINION_WANTED, author=UserFactory())

        main = in_admin.get(f"{QUEUE}{member.pk}/").text.partition("<main")[2]

        assert main.count('method="post"') == main.count("csrfmiddlewaretoken") > 1


class TestTalk:
    def test_is_remembered_with_who_and_when(self, in_admin, manager):
        member = MemberFactory(awaiting_review=True, name="Ana Lima")
        path = f"{QUEUE}{member.pk}/"
        asked = in_admin.post(path, {"action": "ask_back", "ask_back-text": "Where do you work?"}, follow=True)
        assert "Asked. The person answers on their own page" in asked.text
        in_admin.post(path, {"action": "note", "note-text": "The institute has no page."})
        review.answer(member=member, text="At an institute.")

        page = in_admin.get(path).text

        for words in ("Where do you work?", "The institute has no page.", "At an institute.", str(manager)):
            assert words in page

    def test_is_in_the_list(self, in_admin):
        asked, proposal = ReviewEntryFactory(), ProposedTextsFactory()
        ReviewEntryFactory(kind=ReviewEntry.Kind.OPINION_WANTED, author=UserFactory())

        page = in_admin.get(QUEUE).text

        assert asked.member.name in page
        assert proposal.member.name in page
        for waits in ("the answer to a question", "new texts to read", "a second opinion"):
            assert waits in page

    def test_moves_what_waits_on_the_start_page(self, in_admin):
        request = MemberFactory(awaiting_review=True)
        assert "Requests to join the network" in in_admin.get("/admin/").text
        review.ask_back(member=request, by=UserFactory(), question="Where?")
        assert "Requests to join the network" not in in_admin.get("/admin/").text

        review.answer(member=request, text="There.")

        assert "Requests to join the network" in in_admin.get("/admin/").text

    def test_reminds_the_team_on_the_start_page(self, in_admin):
        ProposedTextsFactory()
        ReviewEntryFactory(kind=ReviewEntry.Kind.OPINION_WANTED, author=UserFactory())
        ReviewEntryFactory(written_at=timezone.now() - timedelta(days=15))

        page = in_admin.get("/admin/").text

        for line in (
            "New texts of members to read",
            "Second opinions about members, asked for by a colleague",
            "Members who have not answered a question for two weeks",
        ):
            assert line in page

    def test_asks_a_colleague_for_a_second_opinion(self, in_admin, manager):
        member = MemberFactory(awaiting_review=True)
        path = f"{QUEUE}{member.pk}/"
        in_admin.post(path, {"action": "ask_for_opinion", "ask_for_opinion-text": "Is it real?"})

        refused = in_admin.post(path, {"action": "approve"}, follow=True).text

        assert "You have asked for a second opinion." in refused
        assert "Keep my opinion" not in refused
        colleague = UserFactory()
        colleague.groups.set(manager.groups.all())
        colleague.is_staff = True
        colleague.save()
        in_admin.force_login(colleague)
        assert "Keep my opinion" in in_admin.get(path).text
        in_admin.post(path, {"action": "give_opinion", "give_opinion-text": "It is."})
        assert not member.review.open().exists()


class TestTemplates:
    def test_are_in_the_language_of_the_member(self, in_admin, languages):
        english = ReviewTemplateFactory(text="Where do you work?")
        german = english.copy_for_translation(languages["de"])
        german.text = "Wo arbeiten Sie?"
        german.save()
        only_english = ReviewTemplateFactory()
        member = MemberFactory(awaiting_review=True, language="de")

        assert set(ReviewTemplate.objects.for_member(member)) == {german, only_english}

    def test_are_put_into_the_text_and_lose_nothing(self, in_admin):
        template = ReviewTemplateFactory(text="Where do you work?")
        member = MemberFactory(awaiting_review=True)

        page = in_admin.post(
            f"{QUEUE}{member.pk}/",
            {"action": "insert ask_back", "ask_back-template": template.pk, "ask_back-text": "Good morning."},
        ).text

        assert "Good morning.\n\nWhere do you work?" in page
        assert not ReviewEntry.objects.exists()

    @pytest.mark.parametrize("chosen", ["", "0", "x", "\x00"])
    def test_that_are_not_there_change_nothing(self, in_admin, chosen):
        ReviewTemplateFactory()
        member = MemberFactory(awaiting_review=True)

        response = in_admin.post(
            f"{QUEUE}{member.pk}/",
            {"action": "insert ask_back", "ask_back-template": chosen, "ask_back-text": "Good morning."},
        )

        assert response.status_code == 200
        assert "Good morning." in response.text

    def test_are_there_on_a_new_site_in_its_languages(self, languages):
        starter.seed_review_templates()
        assert starter.seed_review_templates() == ""

        for use in ReviewTemplate.Use:
            rows = ReviewTemplate.objects.filter(use=use)
            assert {row.locale.language_code for row in rows} >= {"en", "de", "fr", "ar"}


class TestLetters:
    LETTERS = f"{QUEUE}letters/"

    def test_are_tried_again_or_dropped(self, in_admin):
        lost, other = LetterFactory.create_batch(2, failed_at=timezone.now(), error="SMTPDataError", code=554)
        assert "refused this email permanently" in in_admin.get(self.LETTERS).text

        in_admin.post(self.LETTERS, {"mail": lost.pk, "action": "again"})
        in_admin.post(self.LETTERS, {"mail": other.pk, "action": "drop"})

        assert [message.to for message in delivered()] == [[lost.about.email]]
        assert not OutgoingMail.objects.exists()

    def test_show_no_address_that_is_not_confirmed(self, in_admin):
        LetterFactory(about=MemberFactory(email="new@example.org"), kind=Letter.CONFIRM)
        LetterFactory(about=None, kind=Letter.PROFILE_LINK, recipient="typed@example.org")
        LetterFactory(about=MemberFactory(listed=True, email="known@example.org"))

        page = in_admin.get(self.LETTERS).text

        assert "known@example.org" in page
        assert "new@example.org" not in page
        assert "typed@example.org" not in page

    def test_are_the_only_mail_that_reviewers_see(self, in_admin):
        other = OutgoingMailFactory(recipient="colleague@example.org")

        assert "colleague@example.org" not in in_admin.get(self.LETTERS).text
        in_admin.post(self.LETTERS, {"mail": other.pk, "action": "drop"})
        assert OutgoingMail.objects.get() == other


class TestMembersTable:
    """Export of members for managers, without email addresses."""

    @pytest.fixture
    def table(self, in_admin):
        MemberFactory(awaiting_review=True, name="Asked")
        CategoryFactory(code="schools", name="Schools")
        MemberFactory(
            listed=True, name="=Ana", email="ana@example.org", country="fr", expertise=["schools"],
            shown=["name", "country"],
            about="Write to ana@example.org, or <Ana@xn--a.example>.", offers="Data\nTime",
            decided_at=datetime(2026, 11, 18, tzinfo=UTC),
        )  # fmt: skip
        MemberFactory(paused=True, name="Bea", kind="organisation", language="de", shown=[])
        response = in_admin.get(QUEUE + "members.csv")
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        return list(csv.DictReader(io.StringIO(response.getvalue().decode(), newline="")))

    def test_has_who_was_let_in_and_all_that_the_team_sees(self, table):
        ana, bea = table

        assert (ana["Country"], ana["Fields of work"], ana["Offers"]) == ("France", "Schools", "Data\nTime")
        assert (ana["State"], ana["Member since"], ana["Shown to the public"]) == (
            "listed",
            "2026-11-18",
            "Name, Country",
        )
        assert (bea["Name"], bea["State"], bea["Kind"]) == ("Bea", "paused", "Organisation")
        assert (bea["Language of emails"], bea["Member since"], bea["Shown to the public"]) == (
            "German",
            "",
            "",
        )

    def test_has_no_mail_address_and_no_formula(self, table):
        assert not any("@" in cell for row in table for cell in row.values())
        assert table[0]["About"] == "Write to …, or <…>."
        assert table[0]["Name"] == "'=Ana"

    def test_is_offered_beside_the_list(self, in_admin, db):
        assert f'href="{QUEUE}members.csv"' in in_admin.get(QUEUE).text

    def test_takes_no_more_queries_for_many(self, in_admin):
        MemberFactory(listed=True)
        more = partial(MemberFactory.create_batch, 5, listed=True)

        same_queries(lambda: in_admin.get(QUEUE + "members.csv").getvalue(), more)
