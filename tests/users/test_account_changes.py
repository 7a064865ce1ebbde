"""A user who creates or changes an account is one person with it for three days, and all other administrators know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from core.publishing import account_changes
from helpline.models import Programme
from helpline.roles import LISTING_APPROVER, LISTING_DRAFTER
from home.models import HomePage
from tests.factories.helpline import ProgrammeFactory
from tests.factories.users import UserFactory
from tests.support.mail import delivered
from tests.users.conftest import confirm, sign_in
from tests.users.test_people import form
from users import roles
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(all_roles: HomePage, private: Client) -> User:
    """An administrator who is signed in."""
    user: User = UserFactory(roles=[roles.ADMINISTRATOR], first_name="Ada", email="ada@example.org", app=True)
    private.force_login(user)
    return user


@pytest.fixture
def witness(all_roles: HomePage) -> User:
    """Another administrator."""
    user: User = UserFactory(roles=[roles.ADMINISTRATOR], email="witness@example.org", app=True)
    return user


@pytest.fixture
def arun(all_roles: HomePage) -> User:
    """An approver with an app."""
    user: User = UserFactory(roles=[LISTING_APPROVER], first_name="Arun", email="arun@example.org", app=True)
    return user


def written_by(user: User) -> Programme:
    programme: Programme = ProgrammeFactory(checked=True)
    programme.save_revision(user=user)
    return programme


def review(client: Client, programme: Programme) -> str:
    """Return the text of the page that decides about a listing."""
    url = reverse(programme.snippet_viewset.get_url_name("review"), args=[programme.pk])
    return client.get(url).content.decode()


def later(hours: int) -> None:
    """Move all recorded changes into the past."""
    ModelLogEntry.objects.update(timestamp=timezone.now() - timedelta(hours=hours))


NEW, SAME = "Your account is new, or its address", "You have recently created or changed the account of"


def test_a_taken_over_account_approves_nothing_for_three_days(private, real, ada, witness, arun):
    programme = written_by(ada)
    real.SECOND_FACTOR_REQUIRED = False
    private.post(f"/admin/users/edit/{arun.pk}/", form(arun, email="takeover@evil.example", forget_second_factor="on"))
    arun.refresh_from_db()
    told = {to: mail.body for mail in delivered() for to in mail.to}
    theirs = Client(headers={"host": "private.localhost"})
    sign_in(theirs, arun)

    assert NEW in review(theirs, programme)
    assert told.keys() == {"arun@example.org", "witness@example.org"}
    assert "arun@example.org → takeover@evil.example" in told["arun@example.org"]
    assert "Second factors: 1 → 0" in told["witness@example.org"]
    history = private.get(f"/admin/users/history/{arun.pk}/").content.decode()
    assert "arun@example.org → takeover@evil.example; Second factors: 1 → 0" in history
    later(hours=73)
    assert NEW not in review(theirs, programme)


def test_a_user_is_not_the_second_person_beside_an_account_that_they_made(private, ada, arun):
    private.post(
        "/admin/users/new/",
        form(email="dana@example.org", groups=[Group.objects.get(name=LISTING_DRAFTER).pk]),
    )
    programme = written_by(User.objects.get(email="dana@example.org"))

    assert SAME in review(private, programme)
    assert "It can be approved by: Arun Example." in review(private, programme)
    theirs = Client(headers={"host": "private.localhost"})
    theirs.force_login(arun)
    assert SAME not in review(theirs, programme)
    later(hours=73)
    assert SAME not in review(private, programme)


def test_a_new_approver_approves_nothing_for_three_days(private, ada, arun):
    programme = written_by(UserFactory())
    private.post(
        "/admin/users/new/",
        form(email="second@example.org", groups=[Group.objects.get(name=LISTING_APPROVER).pk]),
    )
    theirs = Client(headers={"host": "private.localhost"})
    theirs.force_login(User.objects.get(email="second@example.org"))

    assert NEW in review(theirs, programme)


def test_accounts_made_by_accounts_that_one_has_made_count_too(ada):
    made, by_that = UserFactory(), UserFactory()
    for by, account in ((ada, made), (made, by_that)):
        ModelLogEntry.objects.log_action(account, account_changes.ACTION, user=by)

    assert account_changes.recent().accounts_changed_by(ada.pk) == {made.pk, by_that.pk}
    assert account_changes.recent().accounts_changed_by(by_that.pk) == set()


class TestEveryWay:
    """Each way to change an account is recorded with its old and new values."""

    @pytest.fixture
    def changes(self):
        def recorded() -> dict[str, list[object]]:
            return ModelLogEntry.objects.get(action=account_changes.ACTION).data["changes"]

        return recorded

    def test_a_role_in_the_form(self, private, ada, changes):
        user = UserFactory()

        private.post(f"/admin/users/edit/{user.pk}/", form(user, groups=[Group.objects.get(name=LISTING_DRAFTER).pk]))

        assert changes() == {"roles": [[], [LISTING_DRAFTER]]}

    def test_a_role_for_many(self, private, ada, changes):
        user = UserFactory()

        private.post(
            f"/admin/bulk/users/user/assign_role/?id={user.pk}",
            {"role": Group.objects.get(name=LISTING_DRAFTER).pk},
        )

        assert changes() == {"roles": [[], [LISTING_DRAFTER]]}

    def test_enabling_many(self, private, ada, changes):
        user = UserFactory(is_active=False)

        private.post(f"/admin/bulk/users/user/set_active_state/?id={user.pk}", {"mark_as_active": "True"})

        assert changes() == {"is_active": [False, True]}

    def test_an_address_changed_by_its_owner(self, private, real, arun, changes):
        private.force_login(arun)
        confirm(private, arun)

        private.post("/account/email/", {"action_add": "", "email": "elsewhere@example.org"})
        code = delivered()[-1].body
        private.post("/account/confirm-email/", {"code": [w for w in code.split() if w.isupper() and "-" in w][-1]})

        assert changes() == {"email": ["arun@example.org", "elsewhere@example.org"]}

    def test_a_factor_removed_by_its_owner(self, private, arun, changes):
        private.force_login(arun)
        confirm(private, arun)

        private.post("/account/2fa/totp/deactivate/")

        assert not Authenticator.objects.exists()
        assert changes() == {"second_factors": [1, 0]}

    def test_commands_on_the_server(self, all_roles, witness, changes):
        call_command("first_administrator", "you@example.org", another=True)

        assert changes()["roles"] == [[], [roles.ADMINISTRATOR]]
        assert "was changed on the server" in next(m.body for m in delivered() if m.to == ["witness@example.org"])

    def test_losing_access_is_mailed_and_suspends_no_one(self, private, ada, witness, arun):
        private.post(f"/admin/users/edit/{arun.pk}/", form(arun, groups=[]))

        assert account_changes.recent().changes == ()
        assert {to for mail in delivered() for to in mail.to} == {"arun@example.org", "witness@example.org"}

    def test_a_name_is_no_such_change(self, private, ada, arun):
        private.post(f"/admin/users/edit/{arun.pk}/", form(arun, first_name="Aron"))

        assert account_changes.recent().changes == ()
        assert delivered() == []
