"""Sign-in to the admin by mailed code, authenticator app and passkey, and accessibility of its pages."""

import re
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import CDPSession, Page, expect
from wagtail.users.models import UserProfile

from core.models import JobRun
from demo.models import Mail
from home.models import HomePage
from tests.factories.network import MemberFactory
from tests.factories.users import SECRET, UserFactory
from tests.support.authenticator import Authenticator
from tests.support.browser import Opener, axe, faults, overflow, requests_of
from tests.support.server import SiteServer
from translating.models import Cell
from users import roles, services
from users.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODE = re.compile(r"^[A-Z0-9-]{6,9}$")


@pytest.fixture
def administrator(home: HomePage) -> User:
    roles.sync()
    return UserFactory(email="ada@example.org", roles=[roles.ADMINISTRATOR])


def ask_for_code(page: Page, private: str, email: str) -> None:
    page.goto(f"{private}/account/login/")
    page.get_by_role("link", name="Email me a code").click()
    page.get_by_label("Your email address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_role("heading", name="Enter the code").wait_for()


def code_from_mailbox(page: Page) -> str:
    """Read the newest mail in another tab, as a person does."""
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("link", name="Read the email in the demonstration mailbox").click()
    other.get_by_role("table").get_by_role("link").first.click()
    words = other.locator("main").inner_text().split()
    other.close()
    return next(word for word in words if CODE.match(word))


def sign_in(page: Page, private: str, email: str) -> None:
    ask_for_code(page, private, email)
    page.get_by_label("Code").fill(code_from_mailbox(page))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "confirm" not in url)


def sign_out(page: Page, private: str) -> None:
    page.goto(f"{private}/account/2fa/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in", exact=True).wait_for()


class TestAppWithCodes:
    def test_is_set_up_after_a_code_by_mail_and_then_asked_for(
        self, site_server: SiteServer, open_page: Opener, administrator: User
    ) -> None:
        private = site_server.private_url
        page = open_page()
        sign_in(page, private, administrator.email)
        page.get_by_role("heading", name="Waiting for you").wait_for()

        page.goto(f"{private}/account/2fa/")
        page.get_by_role("link", name="Set up an app").click()
        assert page.get_by_role("img", name="QR code").evaluate("picture => picture.naturalWidth") > 0
        app = Authenticator(page.locator("#authenticator_secret").inner_text().strip())
        page.get_by_label("Authenticator code").fill(app.code())
        page.get_by_role("button", name="Continue").click()
        # The recovery codes are shown only to a user who has the app at hand.
        page.get_by_label("Authenticator code").or_(page.get_by_label("Code")).first.fill(app.code())
        page.get_by_role("button", name="Confirm").click()
        page.get_by_role("heading", name="Recovery Codes").wait_for()
        recovery = page.locator("#recovery_codes").input_value().split()
        assert len(recovery) == 10

        sign_out(page, private)
        sign_in(page, private, administrator.email)
        page.get_by_role("heading", name="The second step").wait_for()
        page.goto(f"{private}/admin/")
        assert "/account/" in page.url
        page.goto(f"{private}/account/2fa/authenticate/")
        page.get_by_label("Code").fill(app.code())
        page.get_by_role("button", name="Continue").click()

        page.get_by_role("heading", name="Waiting for you").wait_for()


class TestListOfSessions:
    def test_shows_another_browser_and_signs_out_there(
        self, site_server: SiteServer, open_page: Opener, administrator: User
    ) -> None:
        private = site_server.private_url
        left_open = open_page()
        sign_in(left_open, private, administrator.email)
        UserProfile.objects.filter(user=administrator).update(preferred_language="ar")
        administrator.refresh_from_db()  # a link is of the last sign-in
        page = open_page(services.sign_in_link(user=administrator), width=320, scheme="dark", locale="ar")
        page.locator("main form button").last.click(timeout=10_000)
        page.wait_for_url(lambda url: "once" not in url)
        page.goto(f"{private}/account/2fa/")
        page.locator("a[href='/account/sessions/']").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert axe(page) == []
        assert overflow(page) == []
        assert page.locator("main h2").count() == 2

        page.locator("main button:has(.visually-hidden)").press("Enter")

        page.locator("main h2").nth(1).wait_for(state="detached")
        left_open.goto(f"{private}/admin/")
        assert "/account/login/" in left_open.url


class TestPasskey:
    def authenticator(self, page: Page) -> tuple[CDPSession, str]:
        """Add a virtual passkey to the browser, which always agrees."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        made = session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        return session, made["authenticatorId"]

    def add(self, page: Page, private: str) -> None:
        page.goto(f"{private}/account/2fa/")
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Name of the passkey").fill("My phone")
        page.get_by_role("button", name="Add a passkey").click()
        page.wait_for_url(lambda url: "webauthn/add" not in url)

    def test_is_added_and_then_signs_in_alone_or_is_the_second_step_after_a_code_by_mail(
        self, site_server: SiteServer, open_page: Opener, administrator: User
    ) -> None:
        private = site_server.private_url
        page = open_page()
        self.authenticator(page)
        sign_in(page, private, administrator.email)
        self.add(page, private)
        page.goto(f"{private}/account/2fa/webauthn/")
        assert page.get_by_text("My phone").is_visible()

        sign_out(page, private)
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("heading", name="Waiting for you").wait_for()

        sign_out(page, private)
        sign_in(page, private, administrator.email)
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="Waiting for you").wait_for()

    def test_that_does_not_work_shows_an_error_in_the_page(
        self, site_server: SiteServer, open_page: Opener, administrator: User
    ) -> None:
        page = open_page()
        session, key = self.authenticator(page)
        page.goto(f"{site_server.private_url}/account/login/")
        session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})

        page.get_by_role("button", name="Sign in with a passkey").click()

        page.locator("#passkey-trouble p:visible").wait_for()
        assert page.locator("#passkey-trouble p:visible").inner_text().startswith("The passkey")


class TestMailbox:
    def test_shows_what_the_site_sent_and_what_another_process_sent(
        self, site_server: SiteServer, open_page: Opener, administrator: User
    ) -> None:
        page = open_page()
        ask_for_code(page, site_server.private_url, administrator.email)
        site_server.manage("sendtestemail", "worker@example.org")

        page.goto(f"{site_server.private_url}/demo/mailbox/")

        rows = page.get_by_role("table").inner_text()
        assert "ada@example.org" in rows
        assert "worker@example.org" in rows


OPEN = ["/account/login/", "/account/login/code/", "/account/signup/", "/account/inactive/", "/demo/mailbox/"]
SIGNED_IN = [
    "/account/2fa/", "/account/2fa/totp/activate/", "/account/2fa/webauthn/add/", "/account/2fa/webauthn/",
    "/account/email/", "/account/confirm/", "/account/sessions/", "/account/logout/",
]  # fmt: skip
WITH_APP = [
    "/account/2fa/",
    "/account/2fa/recovery-codes/generate/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/reauthenticate/",
]


def password(user: User) -> User:
    user.set_password("right horse battery")
    user.save()
    return user


@pytest.mark.parametrize("language", ["en", "ar"])
class TestPages:
    """Sign-in and account pages are accessible: axe finds nothing, nothing overflows, no request leaves the admin."""

    def look(self, page: Page, private: str, paths: list[str]) -> dict[str, object]:
        trouble: dict[str, object] = {}
        page.on(
            "console",
            lambda message: trouble.setdefault(page.url, message.text) if "Content Security" in message.text else None,
        )
        asked = requests_of(page)
        for path in paths:
            page.goto(f"{private}{path}")
            if found := faults(page):
                trouble[path] = found
        if foreign := {
            url for url in asked if urlsplit(url).scheme != "data" and urlsplit(url).hostname != "private.localhost"
        }:
            trouble["foreign"] = foreign
        return trouble

    def submit(self, page: Page, **fields: str) -> None:
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        page.locator(f"form:has([name={name}]) button[type=submit]").first.click()

    def ask_for_code(self, page: Page, private: str, user: User) -> None:
        page.goto(f"{private}/account/login/code/")
        self.submit(page, email=user.email)
        page.wait_for_url("**/confirm/")

    def sign_in_with_password(self, page: Page, private: str, user: User) -> None:
        page.goto(f"{private}/account/login/")
        self.submit(page, login=user.email, password="right horse battery")

    def test_before_signing_in(self, site_server, open_page, administrator, language):
        page = open_page(locale=language)
        Mail.objects.create(recipients="worker@example.org", subject="What the mailbox shows", text="Words.")

        trouble = self.look(page, site_server.private_url, OPEN)
        self.ask_for_code(page, site_server.private_url, administrator)
        trouble |= self.look(page, site_server.private_url, ["/account/login/code/confirm/"])
        page.goto(f"{site_server.private_url}/demo/mailbox/")
        trouble |= self.look(
            page,
            site_server.private_url,
            [page.get_by_role("table").get_by_role("link").first.get_attribute("href")],
        )

        assert trouble == {}

    def test_after_signing_in(self, site_server, open_page, administrator, language):
        page = open_page(locale=language)
        # A user without a password, who does not have to reauthenticate.
        self.ask_for_code(page, site_server.private_url, administrator)
        self.submit(page, code=next(word for word in Mail.objects.latest("pk").text.split() if CODE.match(word)))
        page.wait_for_url("**/admin/")

        assert self.look(page, site_server.private_url, SIGNED_IN) == {}

    def test_with_a_board_of_what_waits(self, site_server, open_page, administrator, language):
        user = password(administrator)
        MemberFactory(awaiting_review=True)
        JobRun.objects.create(
            name="scheduler",
            started_at=timezone.now(),
            finished_at=timezone.now(),
            failures=[{"item": "1", "error": "x"}],
        )
        page = open_page(locale=language, scheme="dark" if language == "ar" else "light")
        self.sign_in_with_password(page, site_server.private_url, user)
        page.wait_for_url("**/admin/")

        cell = f"/admin/translations/cells/{Cell.objects.latest('pk').pk}/"
        trouble = self.look(page, site_server.private_url, [
            "/admin/translations/", cell, "/admin/", "/admin/snippets/campaigns/material/",
        ])  # fmt: skip

        assert page.locator(".nothing-yet").count() == 1
        assert trouble == {}

    def test_with_an_app(self, site_server, open_page, home, language):
        user = password(UserFactory(app=True))
        page = open_page(locale=language)
        self.sign_in_with_password(page, site_server.private_url, user)
        page.wait_for_url("**/2fa/authenticate/")

        trouble = self.look(page, site_server.private_url, ["/account/2fa/authenticate/"])
        self.submit(page, code=Authenticator(SECRET).code())
        page.wait_for_url("**/start/")
        trouble |= self.look(page, site_server.private_url, ["/account/start/", *WITH_APP])

        assert trouble == {}
