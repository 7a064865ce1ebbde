"""Requests to join: the form, the confirmation, and the review queue."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from core.http import limits
from core.models import OutgoingMail
from network import tokens
from network.joining import views
from network.models import Member
from tests.factories.network import MemberFactory
from tests.support.mail import delivered, opened
from tests.support.queries import queries

URL = "/en/members/join/"
SENT = "/en/members/join/sent/"


BROKEN = {
    "cut off": lambda token: token[:-1],
    "too long": lambda token: token + "x",
    "backwards": lambda token: token[::-1],
    "other marks": lambda token: token.replace(".", ":"),
    "very long": lambda token: "x" * 5000,
    "null": lambda token: "%00",
    "not ASCII": lambda token: "é",
    "three parts": lambda token: "a.b.c",
}


@pytest.fixture
def ask(private, request_data, django_capture_on_commit_callbacks):
    """Submit the form with its default values, except for the keyword arguments, and deliver the mail."""

    def send(**changes):
        with django_capture_on_commit_callbacks(execute=True):
            return private.post(URL, request_data(**changes))

    return send


def link_in(message):
    return (
        next(line for line in message.body.splitlines() if line.startswith("http"))
        .partition(".localhost")[2]
        .partition("/")[2]
    )


class TestForm:
    def test_keeps_the_request_and_mails_a_link(self, ask):
        response = ask(email="Ana@Example.org", offers="Line one\r\nLine two")

        member = Member.objects.get()
        assert response.headers["Location"] == SENT
        assert (member.state, member.email, member.language) == (
            Member.State.UNCONFIRMED,
            "ana@example.org",
            "en",
        )
        assert member.offers == "Line one\nLine two"
        assert [message.to for message in delivered()] == [["ana@example.org"]]
        assert not OutgoingMail.objects.exists()

    def test_shows_nothing_unless_it_is_chosen(self, ask):
        ask()

        assert Member.objects.get().shown == []
        assert not Member.objects.get().has_page

    def test_lets_each_detail_be_seen_by_an_audience_of_its_own(self, ask):
        ask(who_sees_name="everybody", who_sees_needs="members", who_sees_about="team")

        member = Member.objects.get()
        assert (member.shown, member.shown_to_members) == (["name"], ["needs"])

    def test_notes_which_consent_was_given_and_when(self, ask):
        ask()

        member = Member.objects.get()
        assert member.consent_version == "2026-11-27"
        assert timezone.now() - member.consented_at < timedelta(minutes=1)

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("name", "", "This field is required."),
            ("name", "x" * 121, "at most 120 characters"),
            ("name", " \t\u2028 ", "This field is required."),
            ("email", "ana", "Enter a valid email address."),
            ("email", "ana@example.org\nBcc: eve@example.org", "Enter a valid email address."),
            ("email", "ána@example.org", "Enter a valid email address."),
            ("roles", [], "This field is required."),
            ("roles", ["king"], "One of your choices is not in the list."),
            ("country", "zz", "Select a valid choice."),
            ("languages", ["tlh"], "One of your choices is not in the list."),
            ("methods", ["\x00"], "One of your choices is not in the list."),
            ("about", "", "This field is required."),
            ("about", "x" * 301, "at most 300 characters"),
            ("offers", "x" * 601, "at most 600 characters"),
            ("orcid", "0000-0002-1825-0098", "This is not an ORCID iD."),
            ("ror", "https://ror.org/05gq02988", "This is not a ROR ID."),
            ("has_page", "on", "A page of your own shows your name,"),
            ("consent", "", "Without your consent we may not keep your request."),
            ("kind", "robot", "Select a valid choice."),
        ],
    )
    def test_says_what_must_be_put_right_and_keeps_the_rest(self, ask, field, value, message):
        response = ask(**{field: value})

        page = response.text
        assert response.status_code == 200
        assert "There is a problem" in page
        assert message in page.replace("&#x27;", "'")
        assert field == "name" or "Ana Lima" in page
        assert not Member.objects.exists()
        assert delivered() == []

    @pytest.mark.parametrize(
        "name",
        ["Ana\r\nBcc: eve@example.org", "Ana\u2028Lima", "Ana\x85Lima", "Ana\x0bLima", "Ana\u202eamiL"],
    )
    def test_makes_one_line_of_any_name(self, ask, name):
        ask(name=name)

        saved = Member.objects.get().name
        assert len(saved.splitlines()) == 1
        assert saved.isprintable()

    @pytest.mark.parametrize(
        "body",
        [{}, {"join-roles": ["x"] * 500}, {"join-name": "\x00", "proof": "\x00"}, {"x": "y" * 100_000}],
    )
    def test_answers_nonsense_with_the_form(self, private, db, body):
        assert private.post(URL, body).status_code == 200

    def test_refuses_more_fields_than_it_has(self, private, db):
        assert private.post(URL, {f"x{n}": "" for n in range(2000)}).status_code == 400

    def test_is_not_on_the_public_site(self, public, db):
        assert public.get(URL).status_code == 404
        assert public.post(URL).status_code == 405

    def test_is_protected_against_other_sites(self, db, request_data, settings):
        private = Client(enforce_csrf_checks=True, headers={"host": settings.PRIVATE_HOST})

        assert private.post(URL, request_data()).status_code == 403

    def test_says_how_to_join_without_javascript(self, private, db):
        page = private.get(URL).text

        assert "<noscript>" in page
        assert "Without it, you can join by email" in page

    @pytest.mark.parametrize("code", ["en", "de", "fr", "ar"])
    def test_is_there_in_every_language(self, private, db, code):
        page = private.get(f"/{code}/members/join/").text

        assert f'<html lang="{code}"' in page


class TestWork:
    """The proof of work is required once for each form, and takes a phone a limited time."""

    @pytest.mark.parametrize(
        "payload", ["", "x", "e30=", "bnVsbA==", "W10=", "\x00", "é", "A" * 5000, "eyJjaGFsbGVuZ2UiOnt9fQ=="]
    )
    def test_must_have_been_done(self, private, request_data, payload):
        response = private.post(URL, request_data() | {"proof": payload})

        assert response.status_code == 400
        assert "Your browser has not finished its task" in response.text
        assert "Ana Lima" in response.text
        assert not Member.objects.exists()

    def test_counts_once(self, private, request_data):
        data = request_data()
        private.post(URL, data)

        assert private.post(URL, data | {"join-email": "other@example.org"}).status_code == 400
        assert Member.objects.count() == 1

    def test_counts_for_two_hours(self, private, request_data):
        data = request_data()

        with time_machine.travel(timezone.now() + timedelta(hours=2, minutes=1), tick=False):
            assert private.post(URL, data).status_code == 400

    def test_with_another_key_does_not_count(self, private, request_data, settings):
        data = request_data()
        settings.SECRET_KEY = "another " * 10

        assert private.post(URL, data).status_code == 400

    def test_is_new_in_every_form(self, db):
        assert limits.proof_challenge() != limits.proof_challenge()

    def test_is_no_more_than_a_phone_can_do(self, db):
        task = json.loads(limits.proof_challenge())["parameters"]

        # An old phone takes 20 ms for 5,000 iterations, and up to ten seconds are acceptable.
        assert task["cost"] * max(limits.TRIES) <= 10 * 50 * 5_000


class TestLimits:
    def test_of_one_address_leave_the_form_filled_in(self, ask):
        for _ in range(views.JOIN_WITH_EMAIL.times):
            assert ask().status_code == 302

        response = ask()

        assert response.status_code == 429
        assert int(response.headers["Retry-After"]) > 0
        assert "Please try again in an hour" in response.text
        assert "Ana Lima" in response.text
        assert ask(email="other@example.org").status_code == 302

    def test_of_one_network_hold_for_all_addresses(self, ask):
        for n in range(views.JOIN_FROM_ADDRESS.times):
            ask(email=f"{n}@example.org")

        assert ask(email="more@example.org").status_code == 429

    def test_hold_while_the_cache_is_unavailable(self, ask, monkeypatch):
        def away(*args, **kwargs):
            raise ConnectionError

        monkeypatch.setattr(cache, "add", away, raising=False)

        response = ask()

        assert response.status_code == 503
        assert "We cannot take requests at the moment" in response.text
        assert "Ana Lima" in response.text
        assert not Member.objects.exists()

    def test_start_again_after_an_hour(self, ask):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            for _ in range(views.JOIN_WITH_EMAIL.times + 1):
                ask()
            clock.shift(timedelta(hours=1))

            assert ask().status_code == 302

    def test_keep_no_address_in_the_cache(self, ask):
        ask()

        assert "ana@example.org" not in str(cache._cache)
        assert "127.0.0.1" not in str(cache._cache)


class TestEnumeration:
    """The form does not disclose whether an address belongs to a member."""

    KNOWN = "known@example.org"

    @pytest.fixture(params=[Member.State.IN_REVIEW, Member.State.LISTED, Member.State.PAUSED])
    def known(self, db, request):
        return MemberFactory(email=self.KNOWN, state=request.param, name="Mina")

    def test_is_not_possible_by_status_headers_or_page(self, known, ask, private):
        answers = []
        for email in (self.KNOWN, "fresh@example.org"):
            response = ask(email=email)
            headers = {name: value for name, value in response.headers.items() if name != "Set-Cookie"}
            page = private.get(response.headers["Location"])
            answers.append((response.status_code, headers, response.content, page.content))

        assert answers[0] == answers[1]

    def test_is_not_possible_by_mail_to_others(self, known, ask):
        ask(email=self.KNOWN)
        ask(email="fresh@example.org")

        assert [message.to for message in delivered()] == [[self.KNOWN], ["fresh@example.org"]]

    def test_tells_the_owner_of_the_address_alone(self, known, ask):
        ask(email=self.KNOWN)

        assert "you already have" in delivered()[0].subject
        assert "/members/link/" in delivered()[0].body
        assert "/members/confirm/" not in delivered()[0].body

    def test_is_not_possible_by_what_is_written_meanwhile(self, known, private, request_data):
        """Same rows and queries, so same time: the member is looked up only when the email is sent."""
        forms = [request_data(email=email) for email in (self.KNOWN, "fresh@example.org")]

        first, second = (queries(lambda form=form: private.post(URL, form)) for form in forms)

        assert first == second
        assert Member.objects.filter(state=Member.State.UNCONFIRMED).count() == 2

    def test_leaves_the_member_as_they_are(self, known, ask):
        ask(email=self.KNOWN, name="Impostor", shown=["name"])

        known.refresh_from_db()
        assert (known.name, known.shown) == ("Mina", [])


class TestConfirming:
    def confirm_url(self, member, purpose=tokens.CONFIRM):
        return f"/en/members/confirm/{tokens.make(member, purpose)}/"

    def test_takes_a_button_because_mail_scanners_open_links(self, private, db):
        member = MemberFactory(name="Ana Lima")
        url = self.confirm_url(member)

        for _ in range(3):
            page = private.get(url, follow=True)
        assert "Confirm my request" in page.text
        assert Member.objects.get().state == Member.State.UNCONFIRMED

        assert private.post(opened(private, url)).headers["Location"] == "/en/members/confirmed/"
        assert Member.objects.get().state == Member.State.IN_REVIEW

    def test_works_with_the_link_of_the_mail(self, ask, private):
        ask()

        url = "/" + link_in(delivered()[0])

        assert private.post(opened(private, url)).status_code == 302
        assert Member.objects.get().state == Member.State.IN_REVIEW

    def test_works_once(self, private, db):
        url = self.confirm_url(MemberFactory())
        private.post(opened(private, url))

        for response in (private.get(url, follow=True), private.post(opened(private, url))):
            assert response.status_code == 410
            assert "You have already confirmed" in response.text
        assert Member.objects.get().state == Member.State.IN_REVIEW

    def test_of_a_request_that_was_deleted_says_so(self, private, db):
        member = MemberFactory()
        url = self.confirm_url(member)
        member.delete()

        response = private.post(opened(private, url))

        assert response.status_code == 410
        assert "You are welcome to ask again" in response.text

    @pytest.mark.parametrize("broken", list(BROKEN))
    def test_with_a_broken_link_says_what_to_do(self, private, db, broken):
        member = MemberFactory()
        token = BROKEN[broken](tokens.make(member, tokens.CONFIRM))

        for response in (
            private.get(f"/de/members/confirm/{token}/", follow=True),
            private.post(opened(private, f"/de/members/confirm/{token}/")),
        ):
            assert response.status_code == 400
            assert '<html lang="de"' in response.text
        assert Member.objects.get().state == Member.State.UNCONFIRMED

    def test_changes_nothing_for_a_second_request_with_a_known_address(self, private, db):
        first, second = MemberFactory.create_batch(2, email="ana@example.org")
        urls = [self.confirm_url(first), self.confirm_url(second)]
        private.post(opened(private, urls[0]))

        assert private.post(opened(private, urls[1])).status_code == 410
        assert list(Member.objects.all()) == [first]
