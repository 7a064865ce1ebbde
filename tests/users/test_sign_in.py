"""Sign-in with an emailed code, or a password in the demonstration only, without disclosing accounts."""

import html
import re
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from core.http.limits import Limit
from core.mail import outbox
from core.models import OutgoingMail
from tests.factories.users import SECRET, UserFactory
from tests.support.authenticator import PERIOD, totp
from tests.support.mail import delivered, nothing_listens
from tests.support.proof import solved
from tests.support.queries import queries
from tests.users.conftest import code_from_mail, sign_in
from users import services
from users.models import User
from users.sign_in import forms, views

pytestmark = pytest.mark.django_db

LOGIN = "/account/login/"
CODE = "/account/login/code/"
CONFIRM = "/account/login/code/confirm/"
SECOND = "/account/2fa/authenticate/"
FIELD = {LOGIN: "login", CODE: "email"}
WORK = (0.001, 0.1, 0.24)  # seconds


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def with_password() -> User:
    user: User = UserFactory()
    user.set_password("right horse battery")
    user.save()
    return user


def without_secrets(response: HttpResponse) -> str:
    """Return a page without the parts that differ on each request."""
    return re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", response.content.decode())


class Clock:
    """A clock that advances only by work and sleep."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class TestByCode:
    def test_signs_in_with_the_code_from_the_mail(self, private, real):
        user = UserFactory()

        response = private.post(LOGIN, {"login": user.email})
        assert response["Location"] == CONFIRM
        response = private.post(CONFIRM, {"code": code_from_mail()})

        assert response["Location"] == reverse("users:start")
        assert private.session["_auth_user_id"] == str(user.pk)

    def test_goes_where_the_person_wanted_to_go(self, private, real):
        user = UserFactory()

        private.post(f"{CODE}?next=/admin/users/", {"email": user.email, "next": "/admin/users/"})
        response = private.post(CONFIRM, {"code": code_from_mail(), "next": "/admin/users/"})

        assert response["Location"] == "/admin/users/"

    @pytest.mark.parametrize(
        "address",
        ["https://evil.example/", "//evil.example", "/\\evil.example", "http:///evil.example", "javascript:alert(1)",
         "\thttps://evil.example", "https:evil.example", "http://private.localhost@evil.example/"],
    )  # fmt: skip
    def test_never_leaves_for_another_site(self, private, address):
        user = UserFactory()
        private.post(CODE, {"email": user.email, "next": address})

        response = private.post(CONFIRM, {"code": code_from_mail(), "next": address})

        assert response.status_code == 302
        assert response["Location"] == reverse("users:start")

    def test_writes_the_mail_in_the_language_of_the_page_and_says_nothing_else(self, private, real):
        user = UserFactory()

        private.post(CODE, {"email": user.email}, headers={"accept-language": "de", "user-agent": "Mark/1"})

        [message] = delivered()
        assert message.to == [user.email]
        assert "Mark/1" not in message.body
        assert "127.0.0.1" not in message.body
        assert message.subject.count("\n") == 0

    def test_takes_no_code_twice(self, private, real):
        user = UserFactory()
        private.post(CODE, {"email": user.email})
        code = code_from_mail()
        private.post(CONFIRM, {"code": code})
        private.post("/account/logout/")

        private.post(CONFIRM, {"code": code})

        assert not signed_in(private)

    def test_gives_up_after_three_wrong_codes(self, private, real):
        user = UserFactory()
        private.post(CODE, {"email": user.email})
        code = code_from_mail()
        for _ in range(3):
            private.post(CONFIRM, {"code": "AAAAAA"})

        private.post(CONFIRM, {"code": code})

        assert not signed_in(private)

    def test_asks_in_another_browser_for_a_code_of_its_own(self, private, real):
        user = UserFactory()
        private.post(CODE, {"email": user.email})

        other = Client(headers={"host": "private.localhost"})
        other.post(CONFIRM, {"code": code_from_mail()})

        assert not signed_in(other)

    def test_reports_delayed_mail_for_all_addresses(self, real):
        user = UserFactory()
        with nothing_listens():
            EmailMessage("Hello", "Words.", to=["other@example.org"]).send()
            delivered()

            for address in (user.email, "nobody@example.org"):
                client = Client(headers={"host": "private.localhost"})
                response = client.post(CODE, {"email": address}, follow=True)

                assert response.redirect_chain == [(CONFIRM, 302)]
                assert "The mail server is not taking mail" in response.content.decode()

    def test_keeps_the_code_until_the_mail_server_is_back(self, private, real):
        user = UserFactory()
        with nothing_listens():
            private.post(CODE, {"email": user.email})
            delivered()
        OutgoingMail.objects.update(due_at=timezone.now(), tried_at=None)

        private.post(CONFIRM, {"code": code_from_mail()})

        assert signed_in(private)

    def test_keeps_no_code_that_is_of_no_use_any_more(self, private, real, time_machine):
        user = UserFactory()
        with nothing_listens():
            private.post(CODE, {"email": user.email})
            time_machine.move_to(timezone.now() + timedelta(minutes=16))
            delivered()

        kept = OutgoingMail.objects.failed().get()
        assert (kept.data, kept.recipient) == ({}, "")


class TestLanguage:
    def sign_in(self, client, user, *, reads):
        headers = {"accept-language": reads}
        client.post(CODE, {"email": user.email}, headers=headers)
        client.post(CONFIRM, {"code": code_from_mail()}, headers=headers)

    def test_is_that_of_the_browser_until_the_user_chooses_one(self, private, real):
        user = UserFactory()

        self.sign_in(private, user, reads="fr-BE,fr;q=0.9")
        assert UserProfile.get_for_user(user).preferred_language == "fr"

        UserProfile.objects.filter(user=user).update(preferred_language="de")
        private.logout()
        self.sign_in(private, user, reads="ar")
        assert UserProfile.get_for_user(user).preferred_language == "de"

    def test_of_members_is_kept_with_their_profile_alone(self, private, real):
        user = UserFactory(works_in_admin=False)

        sign_in(private, user)

        assert not UserProfile.objects.filter(user=user).exists()


class TestByPassword:
    def test_a_real_site_takes_none(self, private, real):
        user = with_password()

        private.post(LOGIN, {"login": user.email, "password": "right horse battery"})

        assert not signed_in(private)
        assert 'type="password"' not in private.get(LOGIN, follow=True).content.decode()

    def test_the_demonstration_does_and_says_what_is_different_there(self, private):
        user = with_password()
        page = private.get(LOGIN).content.decode()
        assert "a real site has no passwords" in page
        assert reverse("demo:mailbox") in page

        private.post(LOGIN, {"login": user.email, "password": "right horse battery"})

        assert signed_in(private)

    @pytest.mark.parametrize(
        "address",
        [
            "/admin/login/",
            "/admin/password_reset/",
            "/admin/password_reset/done/",
            "/admin/password_reset/confirm/MQ/a-b/",
            "/admin/password_reset/complete/",
            "/account/password/change/",
            "/account/password/set/",
            "/account/password/reset/",
            "/account/password/reset/key/1-a-b/",
            "/account/password/reset/done/",
            "/en/_util/login/",
            "/en/_util/authenticate_with_password/1/1/",
            "/documents/authenticate_with_password/1/",
        ],
    )
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_every_other_way_to_a_password_leads_to_the_one_sign_in(self, private, address, method):
        response = getattr(private, method)(address)

        assert (response.status_code, response["Location"]) == (302, LOGIN)


class TestSigningUp:
    def test_is_not_possible(self, private):
        response = private.get("/account/signup/")
        private.post("/account/signup/", {"email": "new@example.org", "password1": "right horse battery"})

        assert "an administrator of this site creates the accounts" in response.content.decode()
        assert not User.objects.filter(email="new@example.org").exists()


class TestEnumeration:
    """Responses do not disclose who has an account."""

    def ask(self, form: str, address: str) -> tuple[object, ...]:
        client = Client(headers={"host": "private.localhost"})
        first = client.post(form, {FIELD[form]: address})
        second = client.get(first["Location"])
        third = client.post(first["Location"], {"code": "AAAAAA"})
        hide = lambda response: without_secrets(response).replace(address, "ADDRESS")  # noqa: E731
        return (
            first.status_code, first["Location"], sorted(first.headers), hide(second), sorted(second.headers),
            third.status_code, hide(third), {morsel.key for morsel in client.cookies.values()},
        )  # fmt: skip

    @pytest.mark.parametrize("form", [LOGIN, CODE])
    def test_answers_are_equal(self, real, form):
        known = UserFactory().email
        disabled = UserFactory(is_active=False).email

        answers = []
        for address in (known, disabled, "nobody@example.org"):
            delivered().clear()
            answers.append(self.ask(form, address))

        assert answers[0] == answers[1] == answers[2]

    def test_passwords_answer_equally_in_the_demonstration(self, private):
        known, pages = with_password(), []

        for address in (known.email, "nobody@example.org"):
            answer = private.post(LOGIN, {"login": address, "password": "wrong"})
            pages.append(without_secrets(answer).replace(address, "ADDRESS"))

        assert pages[0] == pages[1]

    @pytest.mark.parametrize("form", [LOGIN, CODE])
    def test_addresses_without_an_account_get_no_mail(self, real, form):
        disabled = UserFactory(is_active=False).email

        for address in ("nobody@example.org", disabled):
            client = Client(headers={"host": "private.localhost"})
            client.post(form, {FIELD[form]: address})
            client.post(CONFIRM, {"action": "resend"})

        assert delivered() == []

    def test_the_page_says_the_same_when_another_code_is_asked_for(self, real):
        pages = []
        for address in (UserFactory().email, "nobody@example.org"):
            client = Client(headers={"host": "private.localhost"})
            client.post(CODE, {"email": address})
            page = client.post(CONFIRM, {"action": "resend"}, follow=True)
            pages.append((page.redirect_chain, without_secrets(page).replace(address, "ADDRESS")))

        assert pages[0] == pages[1]
        assert "If there is an account for this address, a code was sent just now." in pages[0][1]
        assert "has been sent to" not in pages[0][1]

    @pytest.mark.parametrize("form", [LOGIN, CODE])
    def test_takes_the_same_time_with_and_without_an_account(self, real, form, monkeypatch):
        """For an account, an email is composed in addition, which takes varying time."""
        real.SIGN_IN_STEP = 0.25
        known = UserFactory().email
        write = outbox.send

        def seconds(address: str, work: float) -> tuple[float, int]:
            clock, before = Clock(), len(delivered())

            def write_slowly(*args: Any, **kwargs: Any) -> None:
                clock.sleep(work)
                write(*args, **kwargs)

            monkeypatch.setattr(outbox, "send", write_slowly)
            monkeypatch.setattr(views, "time", clock)
            Client(headers={"host": "private.localhost"}).post(form, {FIELD[form]: address})
            return round(clock.now, 6), len(delivered()) - before

        of_account = {seconds(known, work) for work in WORK}
        of_unknown = seconds("nobody@example.org", 0)

        assert of_account == {(0.25, 1)}
        assert of_unknown == (0.25, 0)


class TestWork:
    """A browser computes a proof of work for a second before a code is sent, to prevent mass requests."""

    @pytest.fixture(autouse=True)
    def _asked_for(self, real):
        real.SIGN_IN_NEEDS_PROOF = True

    @pytest.mark.parametrize("form", [LOGIN, CODE])
    def test_is_asked_for(self, private, form):
        user = UserFactory()

        for payload in ("nonsense", "e30="):
            response = private.post(form, {FIELD[form]: user.email, "proof": payload})

            assert response.status_code == 200
            assert "Your browser has not finished its task" in response.text
            assert user.email in response.text
        assert delivered() == []

    @pytest.mark.parametrize("form", [LOGIN, CODE])
    def test_that_is_done_counts_once(self, private, form):
        user = UserFactory()
        challenge = html.unescape(re.search(r'data-proof="([^"]+)"', private.get(form).text)[1])
        done = solved(challenge)

        assert private.post(form, {FIELD[form]: user.email, "proof": done})["Location"] == CONFIRM
        other = Client(headers={"host": "private.localhost"})
        assert other.post(form, {FIELD[form]: user.email, "proof": done}).status_code == 200
        assert len(delivered()) == 1

    def test_buys_one_mail(self, private):
        """Each further code takes a task of its own, and counts as one for its address."""
        user = UserFactory()

        def task(path: str) -> str:
            return solved(html.unescape(re.search(r'data-proof="([^"]+)"', private.get(path).text)[1]))

        done = task(CODE)
        private.post(CODE, {"email": user.email, "proof": done})
        for spent in (done, "nonsense"):
            page = private.post(CONFIRM, {"action": "resend", "proof": spent}, follow=True)
            assert page.redirect_chain == [(CONFIRM, 302)]
            assert "Your browser has not finished its task" in page.text
        assert len(delivered()) == 1

        private.post(CONFIRM, {"action": "resend", "proof": task(CONFIRM)})

        assert len(delivered()) == 2
        private.post(CONFIRM, {"code": code_from_mail()})
        assert signed_in(private)

    @pytest.mark.parametrize("form", [LOGIN, CODE])
    def test_is_spared_for_a_few_browsers_without_scripts(self, form, monkeypatch):
        monkeypatch.setattr(forms, "IDLE", Limit(name="sign-in-idle", times=3, seconds=3600))
        monkeypatch.setattr(forms, "IDLE_NETWORK", Limit(name="sign-in-idle-network", times=2, seconds=3600))
        user = UserFactory()

        def is_refused(network: int, address: str = user.email) -> bool:
            client = Client(headers={"host": "private.localhost"}, REMOTE_ADDR=f"192.0.2.{network}")
            answer = client.post(form, {FIELD[form]: address})
            return "Your browser runs no scripts" in answer.text

        # From one network, and in total, with or without an account.
        assert [is_refused(1), is_refused(1, "nobody@example.org"), is_refused(1)] == [False, False, True]
        assert [is_refused(2), is_refused(3)] == [False, True]
        assert len(delivered()) == 2


class TestLimits:
    """Each rate limit has a plain page in the reader's language, and protects accounts."""

    def test_of_attempts_from_one_place(self, private):
        for n in range(30):
            assert private.post(LOGIN, {"login": f"person-{n}@example.org", "password": "x"}).status_code == 200

        response = private.post(
            LOGIN, {"login": "another@example.org", "password": "x"}, headers={"accept-language": "de"}
        )

        assert response.status_code == 429
        assert '<html lang="' in response.content.decode()

    def test_of_wrong_passwords_for_one_account_wherever_they_come_from(self, private):
        user = with_password()
        for n in range(5):
            private.post(LOGIN, {"login": user.email, "password": "wrong"}, REMOTE_ADDR=f"192.0.2.{n}")

        private.post(LOGIN, {"login": user.email, "password": "right horse battery"}, REMOTE_ADDR="192.0.2.99")

        assert not signed_in(private)

    def ask(self, user: User, *, network: int = 0, client: Client | None = None) -> int:
        """Request a code for this user. Return the number of emails sent so far."""
        client = client or Client(headers={"host": "private.localhost"}, REMOTE_ADDR=f"192.0.2.{network}")
        client.post(CODE, {"email": user.email})
        return len(delivered())

    def test_of_codes_to_one_address_from_one_network(self, real):
        user = UserFactory()

        assert [self.ask(user) for _ in range(7)] == [1, 2, 3, 4, 5, 5, 5]
        assert self.ask(user, network=1) == 6

    def test_of_codes_to_one_address_from_anywhere(self, real):
        user = UserFactory()

        assert [self.ask(user, network=n) for n in range(25)][-1] == 20

    def test_do_not_lock_her_out_of_a_known_browser(self, real):
        """Strangers have used up the limits for her address, from her own network, too."""
        user, colleague = UserFactory(), UserFactory()
        mine = Client(headers={"host": "private.localhost"})
        sign_in(mine, user)
        mine.post("/account/logout/")
        of_colleague = Client(headers={"host": "private.localhost"})
        sign_in(of_colleague, colleague)
        of_colleague.post("/account/logout/")
        before = [self.ask(user, network=n % 25) for n in range(60)][-1]

        assert self.ask(user, client=of_colleague) == before
        assert self.ask(user, client=mine) == before + 1

    def test_of_codes_in_a_browser_that_she_works_with(self, real):
        user = UserFactory()
        mine = Client(headers={"host": "private.localhost"})
        sign_in(mine, user)
        device = mine.cookies["__Host-device"].value
        sent = 0
        for _ in range(14):
            again = Client(headers={"host": "private.localhost"})
            again.cookies["__Host-device"] = device
            sent = self.ask(user, client=again)

        assert sent == 11  # the first of them before the browser was known

    def test_the_cookie_of_a_browser_has_no_personal_data(self, real):
        user = UserFactory()
        mine = Client(headers={"host": "private.localhost"})
        sign_in(mine, user)

        cookie = mine.cookies["__Host-device"]
        assert user.email not in cookie.value
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
            True, True, "Lax", "/", "",
        )  # fmt: skip

    def guess(self, user: User, *, times: int, network: int) -> tuple[Client, int]:
        """Guess codes of the app of a user whose mail is read. Return the browser, and how many guesses were taken."""
        thief = Client(headers={"host": "private.localhost"}, REMOTE_ADDR=f"192.0.2.{network}")
        sign_in(thief, user)
        refused = [
            "Too many failed login attempts" in thief.post(SECOND, {"code": "000000"}).text for _ in range(times)
        ]
        delivered()  # a warning, before the next code
        return thief, refused.count(False)

    def test_of_codes_from_the_app_grow_and_are_told_to_the_owner(self, real):
        morning = timezone.now().replace(hour=9)  # a day of a limit is one of UTC
        with time_machine.travel(morning, tick=False) as clock:
            user = UserFactory(app=True)
            taken = []
            # Five in five minutes, ten in an hour, twenty in a day.
            for minutes in (0, 6, 6, 60, 60, 60):
                clock.shift(timedelta(minutes=minutes))
                taken.append(self.guess(user, times=6, network=1)[1])

            assert taken == [5, 5, 0, 5, 5, 0]
            [warning] = [mail for mail in delivered() if "Wrong codes" in mail.subject]
            assert warning.to == [user.email]
            assert "192.0.2" not in warning.body

    def test_of_codes_from_the_app_are_those_of_a_browser_or_network(self, real):
        """A thief of her mail, in her own network, has used up the tries there."""
        user = UserFactory(app=True)
        mine, new = (Client(headers={"host": "private.localhost"}, REMOTE_ADDR=f"192.0.2.{n}") for n in (1, 2))
        with time_machine.travel(timezone.now(), tick=False) as clock:

            def is_let_in(client: Client, *, has_mailed_code: bool = False) -> bool:
                clock.shift(PERIOD)  # no code is taken twice
                if not has_mailed_code:
                    sign_in(client, user)
                client.post(SECOND, {"code": totp(SECRET, int(time.time()) // PERIOD)})
                return signed_in(client)

            assert is_let_in(mine)
            mine.post("/account/logout/")
            thief, taken = self.guess(user, times=6, network=1)

            assert taken == 5
            assert not is_let_in(thief, has_mailed_code=True)
            assert [is_let_in(new), is_let_in(mine)] == [True, True]

    def test_of_codes_from_the_app_hold_for_many_networks_together(self, real):
        real.ACCOUNT_RATE_LIMITS = {**real.ACCOUNT_RATE_LIMITS, "second_factor_strangers": "7/d/key"}
        user = UserFactory(app=True)

        assert [self.guess(user, times=5, network=n)[1] for n in range(2)] == [5, 2]

    def test_behind_a_proxy_each_has_a_limit_of_their_own(self, private, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        for n in range(31):
            form = {"login": f"p{n}@example.org", "password": "x"}
            private.post(LOGIN, form, headers={"x-forwarded-for": "192.0.2.1"})

        response = private.post(LOGIN, form, headers={"x-forwarded-for": "192.0.2.2"})

        assert response.status_code == 200


class TestSessions:
    def test_end_when_the_account_is_disabled_and_do_not_come_back(self, private):
        user = UserFactory()
        private.force_login(user)
        user.is_active = False
        user.save()
        services.end_sessions(user=user)
        assert private.get(reverse("users:start")).status_code == 302

        user.is_active = True
        user.save()

        assert private.get(reverse("users:start"))["Location"].startswith(LOGIN)

    def test_are_bound_to_the_private_site(self, private, real):
        """Sessions end after twelve hours, and when the browser is closed."""
        private.get(LOGIN)
        sign_in(private, UserFactory())

        for cookie in (private.cookies["__Host-sessionid"], private.cookies["__Host-csrftoken"]):
            assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
                True, True, "Lax", "/", "",
            )  # fmt: skip
            assert (cookie["max-age"], cookie["expires"]) == ("", "")
        session = Session.objects.get(session_key=private.session.session_key)
        assert session.expire_date.timestamp() - time.time() < 12 * 3600 + 5

    def test_of_users_without_a_role_lead_to_an_explanation(self, private, real):
        sign_in(private, UserFactory())

        assert "has no role" in private.get(reverse("users:start")).content.decode()
        assert private.get("/admin/").status_code == 403

    def test_the_start_is_the_admin_for_those_who_have_a_role(self, private, all_roles):
        private.force_login(UserFactory(roles=["Administrator"]))

        assert private.get(reverse("users:start"))["Location"] == "/admin/"


class TestAddress:
    def test_is_changed_by_a_code_sent_to_the_new_one(self, private, real):
        user = UserFactory(email="old@example.org")
        sign_in(private, user)

        private.post("/account/email/", {"email": "New@example.org", "action_add": ""})
        assert delivered()[-1].to == ["new@example.org"]
        private.post("/account/confirm-email/", {"code": code_from_mail()})

        user.refresh_from_db()
        assert user.email == "new@example.org"
        assert [address.email for address in user.emailaddress_set.all()] == ["new@example.org"]

    def test_of_another_user_cannot_be_taken(self, private, real):
        other = UserFactory()
        user = UserFactory()
        sign_in(private, user)

        private.post("/account/email/", {"email": other.email, "action_add": ""})

        user.refresh_from_db()
        assert user.email != other.email


class TestPages:
    @pytest.mark.parametrize("language", ["en", "ar"])
    @pytest.mark.parametrize("address", [LOGIN, CODE, "/account/signup/", "/account/inactive/", "/demo/mailbox/"])
    def test_speak_the_language_of_the_browser(self, private, address, language):
        page = private.get(address, headers={"accept-language": language}).content.decode()

        assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page

    @pytest.mark.parametrize(
        "address",
        [
            "/account/2fa/",
            "/account/2fa/totp/activate/",
            "/account/2fa/webauthn/add/",
            "/account/2fa/webauthn/",
            "/account/email/",
            "/account/logout/",
            LOGIN,
            CODE,
        ],
    )
    def test_have_no_inline_script_or_style(self, private, address, real):
        if address not in {LOGIN, CODE}:
            sign_in(private, UserFactory())

        page = private.get(address).content.decode()

        assert "<h1" in page
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", page)
        assert not re.search(r"\sstyle=|\son\w+=|<style", page)

    def test_take_the_same_queries_for_few_and_many_accounts(self, private):
        UserFactory.create_batch(2)
        private.get(LOGIN)
        few = queries(lambda: private.get(LOGIN))
        UserFactory.create_batch(20)

        assert queries(lambda: private.get(LOGIN)) == few
