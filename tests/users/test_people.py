"""Accounts are created, changed and disabled in the admin; users cannot extend their own rights."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from wagtail.log_actions import log

from campaigns.roles import CAMPAIGN_EDITOR
from core.http import access
from helpline.roles import LISTING_DRAFTER
from home.models import HomePage
from tests.factories.helpline import SupportLineFactory
from tests.factories.users import UserFactory
from tests.support.mail import delivered, opened
from tests.support.queries import queries
from tests.users.conftest import sign_in
from users import roles, services
from users.admin import people
from users.models import User

pytestmark = pytest.mark.django_db

EDITOR = CAMPAIGN_EDITOR


@pytest.fixture
def administrator(private: Client, all_roles: HomePage) -> User:
    user = UserFactory(roles=[roles.ADMINISTRATOR], first_name="Ada")
    private.force_login(user)
    return user


def form(user: User | None = None, **changed: object) -> dict[str, object]:
    fields: dict[str, object] = {"email": "new@example.org", "first_name": "Robin", "last_name": "Example"}
    if user is not None:
        fields = {"email": user.email, "first_name": user.first_name, "last_name": user.last_name, "is_active": "on",
                  "groups": [group.pk for group in user.groups.all()]}  # fmt: skip
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


class TestMaking:
    def test_makes_a_user_with_a_role_who_signs_in_by_code(
        self, private, administrator, django_capture_on_commit_callbacks
    ):
        group = Group.objects.get(name=EDITOR)

        with django_capture_on_commit_callbacks(execute=True):
            private.post("/admin/users/new/", form(email="New@Example.org", groups=[group.pk]))

        user = User.objects.get(email="new@example.org")
        assert list(user.groups.all()) == [group]
        assert not user.has_usable_password()
        other = Client(headers={"host": "private.localhost"})
        sign_in(other, user)
        assert other.session["_auth_user_id"] == str(user.pk)

    def test_tells_them_by_mail_how_to_sign_in(self, private, administrator):
        private.post("/admin/users/new/", form())

        [message] = delivered()
        assert message.to == ["new@example.org"]
        assert "Ada Example has created an account for you" in message.body
        assert "http://private.localhost:" in message.body
        assert "/account/login/" in message.body

    @pytest.mark.parametrize(
        "email", ["Taken@example.org", "no address", "a@b\nBcc: c@example.org", "x" * 300 + "@example.org"]
    )
    def test_refuses_an_address_that_cannot_be(self, private, administrator, email):
        UserFactory(email="taken@example.org")

        response = private.post("/admin/users/new/", form(email=email))

        assert response.status_code == 200
        assert User.objects.count() == 2

    def test_makes_no_superuser(self, private, administrator):
        private.post(
            "/admin/users/new/",
            form(is_superuser="on", password1="right horse battery", password2="right horse battery"),
        )

        user = User.objects.get(email="new@example.org")
        assert not user.is_superuser
        assert not user.has_usable_password()


class TestChanging:
    def test_gives_and_takes_roles(self, private, administrator):
        user = UserFactory(roles=[EDITOR])
        drafter = Group.objects.get(name=LISTING_DRAFTER)

        private.post(f"/admin/users/edit/{user.pk}/", form(user, groups=[drafter.pk]))

        assert list(user.groups.all()) == [drafter]

    def test_sends_codes_to_the_new_address_and_to_no_other(self, private, administrator):
        user = UserFactory(email="old@example.org")

        private.post(f"/admin/users/edit/{user.pk}/", form(user, email="new@example.org"))

        assert EmailAddress.objects.get(user=user).email == "new@example.org"
        delivered().clear()
        for address in ("old@example.org", "new@example.org"):
            Client(headers={"host": "private.localhost"}).post("/account/login/code/", {"email": address})
        assert [message.to for message in delivered()] == [["new@example.org"]]

    def test_disabling_signs_out_immediately_and_for_good(self, private, administrator, real):
        real.SECOND_FACTOR_REQUIRED = False
        user = UserFactory(roles=[EDITOR])
        theirs = Client(headers={"host": "private.localhost"})
        theirs.force_login(user)
        assert theirs.get("/admin/").status_code == 200

        private.post(f"/admin/users/edit/{user.pk}/", form(user, is_active=None))
        assert theirs.get("/admin/").status_code == 302
        private.post(f"/admin/users/edit/{user.pk}/", form(user))

        assert theirs.get("/admin/").status_code == 302

    def test_disabling_many_signs_them_all_out(self, private, administrator):
        user = UserFactory(roles=[EDITOR])
        theirs = Client(headers={"host": "private.localhost"})
        theirs.force_login(user)

        private.post(f"/admin/bulk/users/user/set_active_state/?id={user.pk}", {"mark_as_active": "False"})
        User.objects.filter(pk=user.pk).update(is_active=True)

        assert theirs.get("/admin/").status_code == 302

    def test_removes_the_second_factor_of_who_has_lost_it(self, private, administrator):
        user = UserFactory(app=True)
        theirs = Client(headers={"host": "private.localhost"})
        theirs.force_login(user)

        private.post(f"/admin/users/edit/{user.pk}/", form(user, forget_second_factor="on"))

        assert not access.has_second_factor(user)
        assert theirs.get("/account/start/").status_code == 302

    def test_does_not_disable_oneself_or_ones_second_factor_here(self, private, administrator):
        page = private.get(f"/admin/users/edit/{administrator.pk}/").content.decode()

        assert 'name="is_active"' not in page
        assert 'name="forget_second_factor"' not in page


class TestSuperusers:
    """An administrator manages all users except those with more rights."""

    @pytest.mark.parametrize(
        "address",
        ["/admin/users/edit/{}/", "/admin/users/delete/{}/", "/admin/bulk/users/user/set_active_state/?id={}",
         "/admin/bulk/users/user/delete/?id={}", "/admin/bulk/users/user/assign_role/?id={}"],
    )  # fmt: skip
    def test_are_not_touched_by_administrators(self, private, administrator, address):
        superuser = UserFactory(is_superuser=True)
        role = Group.objects.get(name=EDITOR)

        private.post(
            address.format(superuser.pk),
            {**form(superuser, email="taken@example.org"), "mark_as_active": "False", "role": role.pk},
        )

        superuser.refresh_from_db()
        assert superuser.is_active
        assert superuser.email != "taken@example.org"
        assert not superuser.groups.exists()

    def test_are_not_made_by_administrators(self, private, administrator):
        user = UserFactory()

        private.post(f"/admin/users/edit/{user.pk}/", form(user, is_superuser="on"))

        user.refresh_from_db()
        assert not user.is_superuser


class TestList:
    def test_takes_the_same_queries_for_few_and_many(self, private, administrator):
        UserFactory.create_batch(2, roles=[EDITOR])
        private.get("/admin/users/")
        few = queries(lambda: private.get("/admin/users/"))
        UserFactory.create_batch(5, roles=[EDITOR, "Translator: German"])

        assert queries(lambda: private.get("/admin/users/")) == few

    def test_names_the_roles_in_the_language_of_who_reads(self, private, administrator):
        UserFactory(roles=["Translator: German"])
        assert "Translator: German" in private.get("/admin/users/").content.decode()

    def test_finds_people_by_name_and_address(self, private, administrator):
        UserFactory(first_name="Quentin", email="q@example.org")

        assert "Quentin" in private.get("/admin/users/?q=Quentin").content.decode()
        assert "Quentin" in private.get("/admin/users/?q=q@example.org").content.decode()


class TestFirstAdministrator:
    def link(self, output: str) -> str:
        return re.search(r"/account/once/\S+", output)[0]

    def test_makes_one_and_prints_a_link_that_signs_in_once(self, all_roles, real, private, capsys):
        call_command("first_administrator", "You@Example.org")
        address = self.link(capsys.readouterr().out)

        assert "This signs you in as you@example.org" in private.get(address, follow=True).content.decode()
        assert "_auth_user_id" not in private.session
        private.post(opened(private, address))

        assert private.session["_auth_user_id"] == str(User.objects.get().pk)
        assert User.objects.get().groups.get().name == roles.ADMINISTRATOR
        assert private.get("/admin/")["Location"] == "/account/2fa/"
        assert private.get("/account/2fa/totp/activate/").status_code == 200
        again = Client(headers={"host": "private.localhost"})
        assert "has already been used" in again.get(address, follow=True).content.decode()
        again.post(opened(again, address))
        assert "_auth_user_id" not in again.session

    def test_says_what_to_do_next(self, all_roles, real, capsys):
        call_command("first_administrator", "you@example.org\n")

        output = capsys.readouterr().out
        assert "you@example.org is now an administrator." in output
        assert "within the hour" in output
        assert "second factor" in output
        assert "manage.py sendtestemail --using server you@example.org" in output
        [message] = delivered()
        assert message.to == ["you@example.org"]

    def test_refuses_where_there_is_one(self, all_roles):
        UserFactory(roles=[roles.ADMINISTRATOR])

        with pytest.raises(CommandError, match="--another"):
            call_command("first_administrator", "you@example.org")

        assert User.objects.count() == 1

    def test_makes_another_when_told_to(self, all_roles):
        UserFactory(roles=[roles.ADMINISTRATOR])

        call_command("first_administrator", "you@example.org", "--another")

        assert services.administrators().count() == 2

    def test_refuses_an_address_that_has_an_account(self, all_roles):
        UserFactory(email="you@example.org")

        with pytest.raises(CommandError, match="already has an account"):
            call_command("first_administrator", "you@example.org")

    @pytest.mark.parametrize("email", ["", "you", "you@"])
    def test_refuses_what_is_no_address(self, all_roles, email):
        with pytest.raises(CommandError, match="not an email address"):
            call_command("first_administrator", email)

    def test_asks_for_the_roles_first(self, db):
        with pytest.raises(CommandError, match=r"manage\.py roles"):
            call_command("first_administrator", "you@example.org")

    def test_prints_a_new_link_for_administrators_only(self, all_roles, capsys):
        UserFactory(email="you@example.org", roles=[roles.ADMINISTRATOR])
        UserFactory(email="other@example.org")

        call_command("first_administrator", "you@example.org", "--link")

        assert "/account/once/" in capsys.readouterr().out
        with pytest.raises(CommandError, match="No administrator has the address"):
            call_command("first_administrator", "other@example.org", "--link")

    def test_the_link_asks_for_a_second_factor_that_is_there(self, all_roles, real, private, capsys):
        UserFactory(email="you@example.org", roles=[roles.ADMINISTRATOR], app=True)
        call_command("first_administrator", "you@example.org", "--link")

        private.post(opened(private, self.link(capsys.readouterr().out)))

        assert "_auth_user_id" not in private.session

    @pytest.mark.parametrize(
        "address", ["/account/once/MQ/x/", "/account/once/%FF/x/", "/account/once/" + "9" * 400 + "/x-y/"]
    )
    def test_a_link_that_was_never_printed_opens_nothing(self, private, db, address):
        for response in (private.get(address, follow=True), private.post(opened(private, address))):
            assert response.status_code == 200
            assert "has already been used" in response.content.decode()


class TestKept:
    """Download of the data stored about a user."""

    def test_oneself_downloads_it(self, private, all_roles):
        user = UserFactory(roles=["Listing drafter"], email="dana@example.org")
        line = SupportLineFactory(country="be")
        line.save_revision(user=user)
        log(line, "wagtail.edit", user=user)
        private.force_login(user)

        answer = private.get(reverse("own_data"))
        kept = answer.json()

        assert answer["Content-Disposition"] == 'attachment; filename="account.json"'
        assert kept["account"]["email"] == "dana@example.org"
        assert kept["account"]["roles"] == ["Listing drafter"]
        assert [(entry["action"], entry["number"]) for entry in kept["done"]] == [("wagtail.edit", str(line.pk))]
        assert {"kind": "revision", "as": "user", "rows": 1} in kept["named_in"]

    def test_holds_nothing_that_signs_in(self, private, all_roles):
        user = UserFactory(roles=["Listing drafter"])
        app = TOTP.activate(user, "SECRETSEED")

        assert "SECRETSEED" not in str(people.everything_about(user))
        assert people.everything_about(user)["signs_in_with"][0]["type"] == app.instance.type

    def test_an_administrator_downloads_that_of_others_in_the_admin(self, private, all_roles):
        here, member = UserFactory(email="here@example.org"), UserFactory(works_in_admin=False)
        private.force_login(UserFactory(roles=["Administrator"]))

        addresses = [reverse("data_of_person", args=[user.pk]) for user in (here, member)]
        found = [private.get(address, follow=True) for address in addresses]

        assert found[0].json()["account"]["email"] == "here@example.org"
        assert found[1].status_code == 404

    def test_others_cannot_download_it(self, private, all_roles):
        private.force_login(UserFactory(roles=["Listing approver"]))

        assert private.get(reverse("data_of_person", args=[UserFactory().pk])).status_code in {302, 403}
