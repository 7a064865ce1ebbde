"""Staff need a second factor at every address of the private site."""

import json
import time
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django.test import Client

from core.http import access
from tests.factories.campaigns import FileFactory, PictureFactory
from tests.factories.users import SECRET, UserFactory
from tests.support.authenticator import PERIOD, totp
from tests.support.mail import delivered
from tests.users.addresses import admin_addresses, private_addresses
from tests.users.conftest import sign_in
from users import roles
from users.models import User
from users.sign_in import second_factor
from users.sign_in.second_factor import encrypt

SET_UP = "/account/2fa/"
SHOW = "/account/2fa/reauthenticate/"


def app_code(secret: str = SECRET, *, later: int = 0) -> str:
    """Return the code that the app shows now, or in `later` half minutes."""
    return totp(secret, int(time.time()) // PERIOD + later)


def set_up_app(client: Client) -> str:
    """Set up an authenticator app and return its secret."""
    client.get("/account/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    response = client.post("/account/2fa/totp/activate/", {"code": app_code(secret)})
    assert response.status_code == 302, response.content.decode()
    return secret


def finds(client: Client, path: str = "/admin/") -> int:
    return client.get(path).status_code


@pytest.mark.django_db(transaction=True)
class TestSettingUp:
    """A second factor is required first, and opens the admin only to the session that has used it."""

    @pytest.fixture
    def administrator(self, all_roles, real) -> User:
        return UserFactory(roles=[roles.ADMINISTRATOR])

    def test_is_asked_for_before_anything_else(self, private, administrator):
        sign_in(private, administrator)

        response = private.get("/admin/", follow=True)

        assert response.redirect_chain == [(SET_UP, 302)]
        assert "First set up a second factor" in response.content.decode()

    def test_opens_the_admin_gives_recovery_codes_and_is_told_by_mail(self, private, administrator):
        sign_in(private, administrator)

        set_up_app(private)

        assert finds(private) == 200
        assert Authenticator.objects.filter(user=administrator, type="recovery_codes").exists()
        assert "has changed" in delivered()[-1].body
        assert "127.0.0.1" not in delivered()[-1].body  # without address or browser

    def test_opens_nothing_for_a_session_that_did_not_show_it(self, private, administrator):
        """Another session, which may use a stolen code, is ended."""
        thief = Client(headers={"host": "private.localhost"})
        sign_in(thief, administrator)
        sign_in(private, administrator)
        set_up_app(private)

        response = thief.get("/admin/users/")

        assert response["Location"] == "/account/login/?next=/admin/users/"
        assert finds(thief, "/account/2fa/totp/deactivate/") == 302

    def test_cannot_be_removed_without_being_asked_for_again(self, private, administrator):
        sign_in(private, administrator)
        secret = set_up_app(private)
        private.post(SHOW, {"code": app_code(secret)})

        private.post("/account/2fa/totp/deactivate/")

        assert private.get("/admin/")["Location"] == SET_UP


@pytest.mark.django_db
class TestSigningIn:
    @pytest.fixture
    def administrator(self, all_roles, real) -> User:
        return UserFactory(roles=[roles.ADMINISTRATOR], app=True)

    def test_a_mail_alone_does_not_sign_in(self, private, administrator):
        sign_in(private, administrator)

        assert "_auth_user_id" not in private.session
        assert finds(private) == 302

    def test_a_code_from_the_app_completes_it(self, private, administrator):
        sign_in(private, administrator)

        private.post("/account/2fa/authenticate/", {"code": app_code()})

        assert finds(private) == 200

    def test_no_code_of_the_app_works_twice(self, private, administrator):
        sign_in(private, administrator)
        with time_machine.travel(time.time(), tick=False):
            code = app_code()
            private.post("/account/2fa/authenticate/", {"code": code})
            private.post("/account/logout/")
            sign_in(private, administrator)

            private.post("/account/2fa/authenticate/", {"code": code})

        assert "_auth_user_id" not in private.session

    def test_a_recovery_code_works_once(self, private, administrator):
        code = RecoveryCodes.activate(administrator).get_unused_codes()[0]
        sign_in(private, administrator)
        private.post("/account/2fa/authenticate/", {"code": code})
        assert finds(private) == 200

        private.post("/account/logout/")
        sign_in(private, administrator)
        private.post("/account/2fa/authenticate/", {"code": code})

        assert "_auth_user_id" not in private.session

    def test_recovery_codes_alone_are_no_second_factor(self, all_roles, real):
        user = UserFactory(roles=[roles.ADMINISTRATOR])
        Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "x", "used_mask": 0})

        assert not access.has_second_factor(user)

    def test_the_demonstration_asks_for_none(self, private, all_roles):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR]))

        assert finds(private) == 200


@pytest.mark.django_db
class TestSession:
    """The factors used in a session count, not those that its user has."""

    @pytest.fixture
    def asked(self, rf) -> HttpRequest:
        """A request in the session of a user with a second factor."""
        request = rf.get("/admin/")
        request.user, request.session = UserFactory(app=True), {}
        return request

    @pytest.mark.parametrize(("method", "shown"), [(None, False), ("mfa", True), ("code", False)])
    def test_has_shown_what_it_signed_in_with(self, asked, method, shown):
        if method:
            record_authentication(asked, asked.user, method)

        assert access.has_second_factor(asked.user)
        assert access.second_factor_was_used(asked) is shown

    def test_has_shown_what_it_set_up(self, asked):
        second_factor.remember_added(asked)

        assert access.second_factor_was_used(asked)

    def test_is_asked_for_a_passkey_only_where_there_is_no_app(self, asked):
        passkey = UserFactory()
        for user in (asked.user, passkey):
            Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})

        assert second_factor.confirmation_url(asked.user) == SHOW
        assert second_factor.confirmation_url(passkey) == "/account/2fa/webauthn/reauthenticate/"


@pytest.mark.usefixtures("same_people")
@pytest.mark.django_db
class TestEveryAddress:
    """The middleware protects the whole private site, including addresses added later."""

    def guarded(self) -> list[str]:
        """Return the addresses of the admin, files, pictures, previews and the members' area, but not of the factor."""
        return [each.format(page=1) for each in private_addresses() if not each.startswith(second_factor.OPEN)]

    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize("superuser", [True, False], ids=["superuser", "administrator"])
    def test_refuses_users_without_a_second_factor(self, private, all_roles, real, method, superuser):
        user = UserFactory(is_superuser=superuser, roles=[] if superuser else [roles.ADMINISTRATOR])
        private.force_login(user)

        answers = {address: getattr(private, method)(address) for address in self.guarded()}

        assert answers.keys() > {*admin_addresses(), "/documents/1/1", "/media/images/1", "/en/members/"}
        assert {(answer.status_code, answer.get("Location")) for answer in answers.values()} == {(302, SET_UP)}

    def test_answers_no_session_that_has_not_shown_it(self, private, all_roles, real):
        private.force_login(UserFactory(roles=[roles.ADMINISTRATOR], app=True))

        assert [each for each in self.guarded() if not private.get(each).get("Location", "").startswith(SHOW)] == []

    def test_refuses_users_without_a_role(self, private, all_roles, real):
        private.force_login(UserFactory())

        assert [address for address in admin_addresses() if private.get(address).status_code != 403] == []

    def test_sends_those_who_are_not_signed_in_to_the_one_sign_in(self, private, all_roles, real):
        open_to_all = {"/admin/sprite/", "/admin/jsi18n/"}  # icons, and translations for scripts
        missing = {"/admin/failwhale/", "/admin/test404/"}  # looked up as pages and not found

        answers = {address: private.get(address) for address in admin_addresses()}

        assert {address for address, answer in answers.items() if answer.status_code == 200} == open_to_all
        assert {private.get(f"/en{address}").status_code for address in missing} == {404}
        assert [
            (address, answer.status_code, answer.get("Location"))
            for address, answer in answers.items()
            if address not in open_to_all | missing and not answer.get("Location", "").startswith("/account/login/")
        ] == []


@pytest.mark.django_db
class TestFiles:
    """What no page shows yet is for people with a role only."""

    @pytest.mark.parametrize(
        ("who", "document", "picture"),
        [("staff", 200, 200), ("user without a role", 302, 404), ("anonymous", 302, 404)],
    )
    def test_open_to_people_with_a_role(self, private, all_roles, who, document, picture):
        file = FileFactory()
        rendition = PictureFactory().get_rendition("width-100")
        if who != "anonymous":
            private.force_login(UserFactory(roles=[roles.ADMINISTRATOR] if who == "staff" else []))

        answers = private.get(urlsplit(file.url).path), private.get(rendition.url)

        for answer in answers:
            answer.close()
        assert [answer.status_code for answer in answers] == [document, picture]


@pytest.mark.django_db
class TestForgetting:
    def test_signs_out_and_allows_a_new_setup(self, all_roles, real, private, capsys):
        user = UserFactory(roles=[roles.ADMINISTRATOR], app=True)
        private.force_login(user)

        call_command("forget_second_factor", user.email.upper())

        assert not access.has_second_factor(user)
        assert private.get("/account/start/").status_code == 302
        assert "has been signed out everywhere" in capsys.readouterr().out

    def test_makes_the_recovery_codes_worthless_too(self, all_roles, real, private):
        user = UserFactory(roles=[roles.ADMINISTRATOR], app=True)
        old = RecoveryCodes.activate(user).get_unused_codes()[0]

        call_command("forget_second_factor", user.email)
        # Set up again.
        Authenticator.objects.create(user=user, type="totp", data={"secret": encrypt(SECRET)})
        sign_in(private, user)
        private.post("/account/2fa/authenticate/", {"code": old})

        assert "_auth_user_id" not in private.session

    @pytest.mark.parametrize("email", ["nobody@example.org", "person@example.org"])
    def test_says_what_it_cannot_do(self, email, db):
        UserFactory(email="person@example.org")

        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("forget_second_factor", email)

    def test_counts_the_factors_and_not_the_recovery_codes(self, db):
        user = UserFactory(app=True)
        RecoveryCodes.activate(user)

        assert [second_factor.remove(user), second_factor.remove(user)] == [1, 0]


@pytest.mark.django_db
class TestAtRest:
    """A copy of the database does not suffice to generate codes."""

    OLD, NEW = "old secret key " * 5, "new secret key " * 5

    @pytest.fixture
    def user(self, all_roles, real, settings) -> User:
        settings.SECRET_KEY = self.OLD
        user = UserFactory(roles=[roles.ADMINISTRATOR], app=True)
        RecoveryCodes.activate(user)
        return user

    def signs_in(self, user: User, code: str) -> bool:
        client = Client(headers={"host": settings.PRIVATE_HOST})
        sign_in(client, user)
        assert client.post("/account/2fa/authenticate/", {"code": code}).status_code in {200, 302}
        return "_auth_user_id" in client.session

    def test_the_database_holds_no_seed_that_an_app_or_a_code_is_made_from(self, private, all_roles, real):
        user = UserFactory(roles=[roles.ADMINISTRATOR])
        sign_in(private, user)
        secret = set_up_app(private)

        kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

        assert secret not in kept
        assert len(Authenticator.objects.filter(user=user)) == 2
        for code in RecoveryCodes.activate(user).get_unused_codes():
            assert code not in kept

    def test_the_same_secret_is_not_seen_to_be_the_same(self):
        assert encrypt(SECRET) != encrypt(SECRET)

    def test_a_new_key_ends_no_session_while_the_old_one_is_a_fallback(self, user, settings):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = self.NEW, [self.OLD]

        assert self.signs_in(user, app_code())

    def test_after_the_command_the_old_key_is_not_needed(self, user, settings, capsys):
        recovery = RecoveryCodes.activate(user).get_unused_codes()[0]
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = self.NEW, [self.OLD]
        call_command("encrypt_second_factors")
        settings.SECRET_KEY_FALLBACKS = []

        assert "2 second factors" in capsys.readouterr().out
        assert self.signs_in(user, app_code())
        assert self.signs_in(user, recovery)

    def test_without_its_key_no_code_fits_and_nothing_breaks(self, user, settings):
        settings.SECRET_KEY = self.NEW

        assert not self.signs_in(user, app_code())
        assert not self.signs_in(user, totp("", int(time.time()) // PERIOD))

    def test_the_command_changes_nothing_if_a_key_is_missing(self, user, settings):
        settings.SECRET_KEY = "another secret key " * 5
        UserFactory(app=True)
        before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))

        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("encrypt_second_factors")

        assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before
