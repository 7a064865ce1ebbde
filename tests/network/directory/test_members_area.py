"""The members' area: sign-in, profiles shown to members, no disclosure of membership, no access to the admin."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from core.models import OutgoingMail
from network import tokens
from network.members import services as members
from network.models import Member
from network.review import services as review
from network.vocabulary.details import Detail
from tests.factories.network import CategoryFactory, ConversationFactory, MemberFactory, with_account
from tests.factories.users import UserFactory
from tests.network.conftest import same_queries
from tests.network.members.test_services import traces
from tests.support.mail import delivered, opened
from tests.users.conftest import confirm, sign_in
from users.models import User

LOGIN, CODE, MEMBERS, PROFILE = (
    "/account/login/",
    "/account/login/code/",
    "/en/members/",
    "/en/members/profile/",
)
OPEN, OPENED = f"{PROFILE}account/", f"{PROFILE}account/opened/"
State = Member.State


def browser() -> Client:
    return Client(headers={"host": settings.PRIVATE_HOST})


@pytest.fixture
def member(db) -> Member:
    return MemberFactory(
        listed=True, name="Ana Lima", email="ana@example.org", shown=["name"], shown_to_members=["offers"],
        offers="Canaryoffer"
    )  # fmt: skip


class TestOpening:
    def test_takes_one_button_on_ones_own_page_and_asks_for_nothing_else(self, inside, member):
        assert "Open an account" in inside.get(PROFILE).text

        answer = inside.post(OPEN)

        member.refresh_from_db()
        assert answer.headers["Location"] == OPENED
        assert inside.session["_auth_user_id"] == str(member.user.pk)
        user = member.user
        assert (user.email, user.has_usable_password(), user.works_in_admin) == (member.email, False, False)
        assert not user.groups.exists()
        assert user.get_all_permissions() == set()

    def test_offers_a_passkey_and_demands_none(self, inside, member):
        inside.post(OPEN)

        page = inside.get(OPENED).text
        assert 'href="/account/2fa/webauthn/add/"' in page
        assert inside.get("/account/2fa/webauthn/add/").status_code == 200
        assert inside.get(MEMBERS).status_code == 200

        member.refresh_from_db()
        Authenticator.objects.create(
            user=member.user, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone", "credential": {}}
        )
        assert inside.get(OPENED).headers["Location"] == MEMBERS

    @pytest.mark.parametrize("state", [State.IN_REVIEW, State.PAUSED])
    def test_is_for_listed_members(self, private, db, state):
        waiting = MemberFactory(state=state, confirmed_at=timezone.now())
        private.post(opened(private, f"/en/members/link/{tokens.make(waiting, tokens.PROFILE)}/"))

        assert "Open an account" not in private.get(PROFILE).text
        private.post(OPEN)

        assert not User.objects.exists()

    def test_happens_once(self, inside, member):
        inside.post(OPEN)
        inside.post(OPEN)

        assert User.objects.count() == 1
        assert EmailAddress.objects.get().verified

    def test_gives_staff_no_second_account_and_does_not_sign_in(self, inside, member):
        colleague = UserFactory(email=member.email)

        page = inside.post(OPEN, follow=True).text

        member.refresh_from_db()
        assert member.user == colleague
        assert colleague.works_in_admin
        assert "_auth_user_id" not in inside.session
        assert "You already have an account here" in page
        assert "sign in to see other members" in page

    def test_is_refused_where_the_account_was_switched_off(self, inside, member):
        UserFactory(email=member.email, is_active=False)

        inside.post(OPEN)

        member.refresh_from_db()
        assert member.user is None


class TestSigningIn:
    def test_takes_a_code_and_leads_to_the_members(self, private, member):
        with_account(member)

        sign_in(private, member.user)

        assert private.get("/account/start/", follow=True).redirect_chain[-1][0] == MEMBERS
        assert private.get(PROFILE).status_code == 200

    def test_sets_the_cookies_that_the_privacy_page_names_and_no_other(self, private, member):
        with_account(member)
        sign_in(private, member.user)
        link = f"/en/members/link/{tokens.make(member, tokens.PROFILE)}/"
        for address in (MEMBERS, PROFILE, "/en/members/join/", "/en/report/", link):
            assert private.get(address, follow=True).status_code == 200

        kinds = {re.sub(r"(?<=^__Host-link-).+", "", name) for name in private.cookies}
        assert kinds == {"__Host-sessionid", "__Host-csrftoken", "__Host-device", "__Host-link-"}

    def test_does_not_disclose_known_addresses(self, private, member):
        with_account(member)
        answers, counts = [], []
        for email in (member.email, "bob@example.org"):
            client = browser()
            response = client.post(CODE, {"email": email})
            page = client.get(response.headers["Location"])
            headers = {name: value for name, value in page.headers.items() if name not in {"Set-Cookie", "Expires"}}
            text = page.text.replace(email, "")
            token = text.split('csrfmiddlewaretoken" value="')[1][:64]
            answers.append((response.status_code, response.headers["Location"], headers, text.replace(token, "")))
            counts.append(len(text))

        assert answers[0] == answers[1]
        assert counts[0] == counts[1]
        assert [message.to for message in delivered()] == [[member.email]]

    def test_says_who_opens_accounts(self, private, db):
        page = private.get(LOGIN).text

        assert "Members of the network open theirs on their own page." in page
        assert 'href="/en/members/link/"' in page

    def test_lasts_for_twelve_hours(self, private, member):
        with_account(member)
        private.force_login(member.user)

        with time_machine.travel(timezone.now() + timedelta(hours=12, minutes=1), tick=False):
            assert private.get(MEMBERS).headers["Location"].startswith(LOGIN)

    def test_ends_with_the_profile_in_this_browser(self, signed_in):
        signed_in.post(f"{PROFILE}close/")

        assert "_auth_user_id" not in signed_in.session
        assert signed_in.get(PROFILE).headers["Location"] == "/en/members/link/"

    def test_of_staff_goes_on(self, private, member):
        member.user = UserFactory()
        member.save()
        private.force_login(member.user)
        confirm(private, member.user)

        private.post(f"{PROFILE}leave/")

        assert not Member.objects.exists()
        assert private.session["_auth_user_id"] == str(User.objects.get().pk)

    def test_opens_the_profile_whose_link_was_opened_last(self, signed_in):
        other = MemberFactory(listed=True, name="Bea Roy")
        signed_in.post(opened(signed_in, f"/en/members/link/{tokens.make(other, tokens.PROFILE)}/"))

        assert "Bea Roy" in signed_in.get(PROFILE).text
        with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1), tick=False):
            assert "Ana Lima" in signed_in.get(PROFILE).text


class TestPrivateSite:
    """A member's account has no access to the private site's admin."""

    @pytest.mark.parametrize("path", ["", "users/", "network/", "pages/", "account/"])
    def test_is_closed(self, signed_in, path):
        assert signed_in.get(f"/admin/{path}").status_code in {403, 404}

    def test_stays_closed_whatever_rights_the_account_gets(self, signed_in, member):
        User.objects.filter(pk=member.user.pk).update(is_superuser=True)

        assert signed_in.get("/admin/").status_code == 403

    def test_does_not_list_or_find_or_change_members(self, private, member):
        with_account(member)
        UserFactory(is_superuser=True, email="waymark@example.org")
        private.force_login(User.objects.get(email="waymark@example.org"))

        page = private.get("/admin/users/").text
        assert "waymark@example.org" in page
        assert "ana@example.org" not in page
        key = member.user.pk
        for path in (f"edit/{key}/", f"delete/{key}/", f"history/{key}/"):
            assert private.get(f"/admin/users/{path}", follow=True).status_code == 404, path
        private.post(f"/admin/bulk/users/user/delete/?id={key}&next=/admin/users/")
        assert User.objects.filter(pk=key).exists()

    def test_takes_a_member_in_who_begins_to_work_there(self, private, member):
        with_account(member)
        private.force_login(UserFactory(is_superuser=True))

        private.post("/admin/users/new/", {"email": "Ana@example.org", "first_name": "Ana", "last_name": "Lima"})

        user = User.objects.get(email="ana@example.org")
        member.refresh_from_db()
        assert user.works_in_admin
        assert member.user == user


class TestEnd:
    def test_of_a_member_leaves_nothing_of_the_account(self, signed_in, member):
        user = member.user
        browser().post(CODE, {"email": user.email})
        Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Ana's phone"})
        assert Session.objects.count() == 2
        confirm(signed_in, user)

        assert signed_in.post(f"{PROFILE}leave/").headers["Location"] == "/en/members/left/"

        assert traces(["ana@example.org", "ana's phone"]) == []
        assert not User.objects.exists()
        assert not Session.objects.exists()
        assert not OutgoingMail.objects.exists()

    def test_of_a_member_is_told_where_the_link_and_the_account_are_open(self, inside, member):
        inside.post(OPEN)

        assert inside.post(f"{PROFILE}leave/").headers["Location"] == "/en/members/left/"
        assert not User.objects.exists()

    @pytest.mark.parametrize("verb", [members.pause, review.hide])
    def test_of_being_listed_leaves_access_to_ones_own_profile_only(self, signed_in, member, verb):
        by = {"by": UserFactory(is_superuser=True)} if verb == review.hide else {}
        verb(member=member, **by)

        refused = signed_in.get(MEMBERS)
        assert refused.status_code == 403
        assert "Your profile" in refused.text
        assert signed_in.get(PROFILE).status_code == 200

    def test_of_an_account_in_the_admin_leaves_the_member(self, member):
        with_account(member)
        member.user.delete()

        member.refresh_from_db()
        assert member.user is None

    def test_of_the_account_alone_keeps_the_profile(self, signed_in, member):
        user = member.user
        Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})
        other = browser()
        other.force_login(user)
        confirm(signed_in, user)
        assert "Delete your account and keep your profile" in signed_in.get(PROFILE).text
        assert "signed out everywhere" in signed_in.get(f"{OPEN}close/").text

        answer = signed_in.post(f"{OPEN}close/")

        assert answer.headers["Location"] == PROFILE
        assert "Your account is deleted" in signed_in.get(PROFILE).text
        assert Member.objects.get().state == State.LISTED
        assert not User.objects.exists()
        assert not Authenticator.objects.exists()
        assert other.get(PROFILE).headers["Location"] == "/en/members/link/"
        assert signed_in.get(MEMBERS).status_code == 302

    def test_of_the_account_alone_is_not_for_staff(self, private, member):
        colleague = UserFactory(email=member.email)
        with_account(member)
        private.force_login(colleague)
        confirm(private, colleague)
        assert "Delete your account" not in private.get(PROFILE).text

        private.post(f"{OPEN}close/")

        assert "not possible" in private.get(PROFILE).text
        assert User.objects.get() == colleague

    def test_of_the_account_alone_by_a_mailed_link_ends_the_sessions(self, inside, member):
        with_account(member)
        elsewhere = browser()
        elsewhere.force_login(member.user)

        inside.post(f"{OPEN}close/")

        assert inside.get(PROFILE).status_code == 200
        assert elsewhere.get(PROFILE).status_code == 302
        assert not User.objects.exists()

    def test_of_lost_passkeys_is_a_button_of_the_team(self, private, member):
        with_account(member)
        Authenticator.objects.create(user=member.user, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})
        manager, page = UserFactory(is_superuser=True), f"/admin/network/{member.pk}/"
        private.force_login(manager)
        assert "Remove the passkeys" in private.get(page).text

        private.post(page, {"action": "remove_passkeys"})

        assert not Authenticator.objects.exists()
        assert "Remove the passkeys" not in private.get(page).text


class TestAddress:
    def test_of_our_mail_follows_the_account(self, signed_in, member):
        confirm(signed_in, member.user)
        signed_in.post("/account/email/", {"email": "new@example.org", "action_add": ""})
        code = delivered()[-1].body
        code = next(
            line.strip() for line in code.splitlines() if len(line.strip()) in {6, 7, 9} and line.strip().isupper()
        )

        signed_in.post("/account/confirm-email/", {"code": code})

        member.refresh_from_db()
        assert (member.email, member.user.email) == ("new@example.org", "new@example.org")

    def test_stays_where_it_is_another_members(self, member):
        with_account(member)
        MemberFactory(listed=True, email="taken@example.org")

        members.move_address(user=member.user, address="taken@example.org")

        member.refresh_from_db()
        assert member.email == "ana@example.org"


class TestDirectory:
    def test_is_for_those_who_have_signed_in(self, private, inside, member):
        """An emailed link opens the member's own profile only."""
        for path in (MEMBERS, f"{MEMBERS}{member.uuid}/"):
            assert inside.get(path).headers["Location"] == f"{LOGIN}?next={path}"

    def test_shows_what_members_see_and_nothing_private(self, signed_in):
        MemberFactory(
            listed=True,
            shown=[],
            shown_to_members=["name", "about"],
            name="Shy Sam",
            about="Seen",
            needs="Canaryneed",
        )
        MemberFactory(listed=True, shown=[], name="Canaryname")
        MemberFactory(paused=True, name="Canarypaused")

        page = signed_in.get(MEMBERS).text
        assert "Shy Sam" in page
        assert "Seen" in page
        assert "Canary" not in page

    def test_finds_by_what_members_see_and_by_nothing_private(self, signed_in, member):
        other = MemberFactory(
            listed=True,
            shown=[],
            shown_to_members=["country", "name"],
            country="is",
            name="Sam",
            about="Canary",
        )

        def found(query: str) -> bool:
            return str(other.uuid) in signed_in.get(f"{MEMBERS}?{query}").text

        assert found("country=is")
        assert found("q=sam")
        assert found("q=iceland")
        assert not found("q=canary")
        assert str(member.uuid) in signed_in.get(f"{MEMBERS}?q=canaryoffer").text

    def test_forgets_a_field_of_work_for_members_too(self, signed_in):
        field = CategoryFactory(code="schools")
        other = MemberFactory(listed=True, shown=[], shown_to_members=["expertise"], expertise=["schools"])

        field.delete()

        other.refresh_from_db()
        assert other.facets_for_members == []

    def test_has_a_page_for_each_member_whom_members_see(self, signed_in, member):
        page = signed_in.get(f"{MEMBERS}{member.uuid}/?country=is")

        assert "Canaryoffer" in page.text
        assert f"{MEMBERS}?country=is" in page.text
        assert "no-store" in page.headers["Cache-Control"]
        hidden = MemberFactory(listed=True, shown=[])
        gone = MemberFactory(paused=True, name="Gone")
        for uuid in (hidden.uuid, gone.uuid, "00000000-0000-4000-8000-000000000000"):
            assert signed_in.get(f"{MEMBERS}{uuid}/").status_code == 404

    def test_says_what_a_wrong_address_asks_for(self, signed_in):
        assert signed_in.get(f"{MEMBERS}?country=xx").status_code == 200
        assert signed_in.get(f"{MEMBERS}?page=x").status_code == 400

    def test_is_at_no_public_address(self, client, member):
        public = Client(headers={"host": settings.PUBLIC_HOST})

        assert public.get(MEMBERS).status_code == 404

    def test_takes_the_same_queries_for_few_and_many(self, signed_in):
        def visit() -> None:
            assert signed_in.get(MEMBERS).status_code == 200

        def more() -> None:
            MemberFactory.create_batch(15, listed=True)
            visit()  # loads new members, once

        MemberFactory.create_batch(2, listed=True)
        same_queries(visit, more)


class TestData:
    def test_of_the_account_is_in_the_download(self, signed_in, member):
        Authenticator.objects.create(user=member.user, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})

        held = json.loads(signed_in.get(f"{PROFILE}download/").content)["account"]

        assert (held["email"], held["passkeys"]) == (member.email, ["Phone"])
        assert held["since"]

    def test_without_an_account_has_none(self, inside):
        assert json.loads(inside.get(f"{PROFILE}download/").content)["account"] is None

    def test_shows_each_detail_to_the_audience_that_was_chosen(self, signed_in, member):
        data = {"roles": ["researcher"], "country": "fr", "languages": ["fr"]}
        data |= {f"who_sees_{detail}": "members" for detail in Detail}
        signed_in.post(PROFILE, {f"profile-{name}": value for name, value in data.items()})

        member.refresh_from_db()
        assert (member.shown, set(member.shown_to_members)) == ([], set(Detail.values))
        assert 'value="members" selected' in signed_in.get(PROFILE).text


class TestMenu:
    """The menu on all pages of the members' area."""

    def entries(self, page) -> list[tuple[str, str]]:
        """Return the text of each entry, and its `aria-current`."""
        menu = page.text.partition('<nav class="area-menu')[2].partition("</nav>")[0]
        links = re.findall(r"<a href=[^>]*?(?:aria-current=\"(\w+)\")?>(.*?)</a>", menu, re.DOTALL)
        return [(" ".join(re.sub(r"<[^>]+>", " ", words).split()), marked) for marked, words in links]

    def test_leads_everywhere_and_says_where_one_is(self, signed_in, member):
        expected = [
            "Members", "Messages", "Needs and offers", "What fits you", "Your events", "Groups", "Your publications",
            "Your profile",
            "Data and leaving",
        ]  # fmt: skip
        for path, here, mark in (
            (MEMBERS, "Members", "page"),
            (f"{MEMBERS}{member.uuid}/", "Members", "true"),
            (f"{MEMBERS}opportunities/new/", "Needs and offers", "true"),
            (f"{MEMBERS}opportunities/for-you/", "What fits you", "page"),
            (f"{PROFILE}publications/add/", "Your publications", "true"),
            (f"{PROFILE}preview/", "Your profile", "true"),
            ("/account/2fa/", "", ""),
        ):
            entries = self.entries(signed_in.get(path))
            assert [words for words, _mark in entries] == expected, path
            assert [(words, marked) for words, marked in entries if marked] == ([(here, mark)] if here else [])

    def test_says_how_many_conversations_wait_in_words_too(self, signed_in, member):
        for _ in range(2):
            conversation = ConversationFactory(starter=MemberFactory(listed=True), recipient=member)

        assert "Messages 2 (2 conversations wait for you)" in dict(self.entries(signed_in.get(MEMBERS)))
        read = signed_in.get(f"{MEMBERS}messages/{conversation.uuid}/")
        assert "Messages 1 (1 conversation waits for you)" in dict(self.entries(read))

    @pytest.mark.parametrize("state", [State.LISTED, State.IN_REVIEW, State.PAUSED])
    def test_has_own_pages_only_after_opening_a_mailed_link(self, inside, member, state):
        Member.objects.filter(pk=member.pk).update(state=state, confirmed_at=timezone.now())

        own = ["Your publications", "Your profile", "Data and leaving"]
        assert [words for words, _mark in self.entries(inside.get(PROFILE))] == own

    def test_is_not_shown_to_others_nor_on_the_form_for_reports(self, private, signed_in, member):
        assert self.entries(signed_in.get("/en/report/")) == []
        assert self.entries(browser().get("/en/members/join/")) == []
        Member.objects.filter(pk=member.pk).update(state=State.DECLINED)
        assert self.entries(signed_in.get(PROFILE)) == []
        colleague = browser()
        colleague.force_login(UserFactory())
        assert self.entries(colleague.get("/en/members/join/")) == []

    def test_takes_the_same_queries_however_much_waits(self, signed_in, member):
        def more():
            for _ in range(4):
                ConversationFactory(starter=MemberFactory(listed=True), recipient=member)

        ConversationFactory(starter=MemberFactory(listed=True), recipient=member)
        same_queries(lambda: signed_in.get(f"{MEMBERS}groups/"), more)
