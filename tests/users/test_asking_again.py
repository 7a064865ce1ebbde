"""Reauthentication before changes of address and factors and before closing an account, and the end of sessions."""

import time

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from tests.support.mail import delivered
from tests.users.conftest import code_from_mail, sign_in
from users.sign_in import confirming

pytestmark = pytest.mark.django_db

CONFIRM = "/account/confirm/"
EMAIL = "/account/email/"
ASKED = [EMAIL, "/account/2fa/webauthn/add/", "/account/2fa/totp/activate/"]
HOUR = 3600


@pytest.fixture
def left_open(private: Client, ada, time_machine) -> Client:
    """A browser in which Ada signed in an hour ago."""
    time_machine.move_to(time.time(), tick=True)
    sign_in(private, ada)
    time_machine.shift(HOUR)
    return private


def wanted(client: Client) -> str:
    return EmailAddress.objects.get(user__email="ada@example.org", primary=True).email


class TestAsking:
    @pytest.mark.parametrize("address", ASKED)
    def test_comes_before_what_keeps_an_account(self, left_open, address):
        answer = left_open.get(address)

        assert answer["Location"] == f"{CONFIRM}?next={address.replace('/', '%2F')}"

    def test_comes_before_a_form_that_is_sent_directly(self, left_open):
        answer = left_open.post(EMAIL, {"action_add": "", "email": "mallory@example.org"})

        assert answer["Location"].startswith(CONFIRM)
        assert not EmailAddress.objects.filter(email="mallory@example.org").exists()

    def test_is_left_out_just_after_signing_in(self, private, ada):
        sign_in(private, ada)

        assert private.get(EMAIL).status_code == 200

    def test_leads_on_with_the_code_at_the_old_address(self, left_open, ada):
        page = f"{CONFIRM}?next={EMAIL}"
        before = left_open.session.session_key

        left_open.post(page)
        letter = delivered()[-1]
        answer = left_open.post(page, {"code": code_from_mail().lower()})

        assert letter.to == [ada.email]
        assert answer["Location"] == EMAIL
        assert left_open.get(EMAIL).status_code == 200
        assert left_open.session.session_key != before

    def test_leads_to_no_other_site(self, left_open):
        page = f"{CONFIRM}?next=https://elsewhere.example/"
        left_open.post(page)

        assert left_open.post(page, {"code": code_from_mail()})["Location"] == reverse("users:start")

    def test_ends_with_the_third_wrong_guess(self, left_open):
        left_open.post(CONFIRM)
        code = code_from_mail()
        for _try in range(3):
            assert left_open.post(CONFIRM, {"code": "BCDF-BCDF"}).status_code == 200

        answer = left_open.post(CONFIRM, {"code": code})

        assert "does not work any more" in answer.content.decode()
        assert left_open.get(EMAIL).status_code == 302

    def test_ends_after_ten_minutes(self, left_open, time_machine):
        left_open.post(CONFIRM)
        time_machine.shift(10 * 60)

        assert left_open.post(CONFIRM, {"code": code_from_mail()}).status_code == 200
        assert left_open.get(EMAIL).status_code == 302

    def test_sends_few_codes(self, left_open):
        for _time in range(confirming.CODES.times):
            left_open.post(CONFIRM)
        letters = len(delivered())

        answer = left_open.post(CONFIRM)

        assert "too many requests" in answer.content.decode()
        assert len(delivered()) == letters

    def test_is_for_those_who_are_signed_in(self, private):
        assert private.get(CONFIRM)["Location"].startswith("/account/login/")


class TestNewAddress:
    def test_is_told_to_the_old_one_and_ends_the_sessions_elsewhere(self, private, client_elsewhere, ada):
        sign_in(client_elsewhere, ada)
        sign_in(private, ada)
        private.post(EMAIL, {"action_add": "", "email": "new@example.org"})

        private.post("/account/confirm-email/", {"code": code_from_mail()})

        notices = [letter for letter in delivered() if letter.to == ["ada@example.org"]]
        assert "new@example.org" in notices[-1].body
        assert private.get(reverse("users:start")).status_code == 200
        assert client_elsewhere.get(reverse("users:start")).status_code == 302


@pytest.fixture
def client_elsewhere(private) -> Client:
    return type(private)(headers={"host": private._base_environ()["HTTP_HOST"]})


class TestSession:
    def ends_in(self, client: Client) -> float:
        row = Session.objects.get(session_key=client.session.session_key)
        return row.expire_date.timestamp() - time.time()

    @pytest.fixture(autouse=True)
    def _stands_still(self, time_machine):
        time_machine.move_to(time.time(), tick=False)

    def test_ends_twelve_hours_after_signing_in_despite_activity(self, private, ada, time_machine):
        sign_in(private, ada)
        for _hour in range(11):
            time_machine.shift(HOUR)
            assert private.get(reverse("users:start")).status_code == 200
        session = private.session
        session["a message"] = "Saved."
        session.save()

        assert 0 < self.ends_in(private) <= HOUR
        time_machine.shift(HOUR + 1)
        assert private.get(reverse("users:start")).status_code == 302

    def test_begins_with_the_sign_in_and_not_with_its_page(self, private, ada, time_machine):
        private.post("/account/login/code/", {"email": "nobody@example.org"})
        time_machine.shift(HOUR)

        sign_in(private, ada)
        for _hour in range(11):
            time_machine.shift(HOUR)
            assert private.get(reverse("users:start")).status_code == 200

        assert self.ends_in(private) == pytest.approx(HOUR, abs=2)

    def test_ends_after_two_hours_without_activity(self, private, ada, time_machine):
        sign_in(private, ada)
        time_machine.shift(2 * HOUR + 1)

        assert private.get(reverse("users:start")).status_code == 302

    def test_of_an_idle_editor_ends_too(self, private, ada, time_machine):
        sign_in(private, ada)
        for _hour in range(2):
            time_machine.shift(HOUR)
            private.get("/admin/editing-sessions/ping/home/standardpage/1/1/")
        time_machine.shift(1)

        assert private.get(reverse("users:start")).status_code == 302


class TestSigningOut:
    def test_has_the_browser_forget_what_it_has_kept_but_not_its_cookies(self, private, ada):
        sign_in(private, ada)

        answer = private.post("/account/logout/")

        assert answer["Clear-Site-Data"] == '"cache", "storage"'
        assert "Clear-Site-Data" not in private.post("/account/logout/")
