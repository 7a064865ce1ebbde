"""Actions of members on their own profile, with an emailed link and no password."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from network import tokens
from network.members import services as members
from network.members import views
from network.members.models import DERIVED
from network.models import Member
from network.review import services as review
from network.vocabulary.details import Detail
from tests.factories.network import CategoryFactory, MemberFactory
from tests.support.mail import delivered, opened
from tests.support.queries import queries

LINK = "/en/members/link/"
PROFILE = "/en/members/profile/"
State = Member.State


@pytest.fixture
def member(db):
    return MemberFactory(
        listed=True,
        name="Canaryname",
        email="canary@example.org",
        affiliation="Canaryplace",
        ror="https://ror.org/05gq02987",
        about="Canaryabout",
        offers="Canaryoffers",
        needs="Canaryneeds",
        orcid="0000-0002-1825-0097",
        country="is",
        languages=["cy"],
        roles=["policy"],
        work_settings=["justice"],
        methods=["trials"],
        populations=["families"],
    )


def link(member):
    return f"/en/members/link/{tokens.make(member, tokens.PROFILE)}/"


def profile_data(**changes):
    data = {
        "roles": ["researcher"],
        "country": "fr",
        "languages": ["fr"],
        "who_sees_name": "everybody",
        "who_sees_country": "everybody",
        "who_sees_needs": "members",
        "has_page": "on",
    }
    return {f"profile-{name}": value for name, value in (data | changes).items()}


class TestLink:
    def test_comes_by_mail_to_members_alone(self, private, member, django_capture_on_commit_callbacks):
        answers = []
        for email in (member.email.upper(), "nobody@example.org"):
            with django_capture_on_commit_callbacks(execute=True):
                response = private.post(LINK, {"link-email": email})
            page = private.get(response.headers["Location"])
            answers.append((response.status_code, dict(response.headers), page.content))

        assert answers[0] == answers[1]
        assert [message.to for message in delivered()] == [[member.email]]

    def test_takes_the_same_queries_for_all_addresses(self, private, member):
        first, second = (
            queries(lambda email=email: private.post(LINK, {"link-email": email}))
            for email in (member.email, "nobody@example.org")
        )

        assert first == second

    def test_is_limited(self, private, member):
        for _ in range(views.LINK_TO_EMAIL.times):
            private.post(LINK, {"link-email": member.email})

        response = private.post(LINK, {"link-email": member.email})

        assert response.status_code == 429
        assert response.headers["Retry-After"]

    @pytest.mark.parametrize("email", ["", "x", "a@b\nBcc: c@d", "x" * 5000 + "@example.org", "\x00"])
    def test_is_asked_for_with_an_address(self, private, db, email):
        response = private.post(LINK, {"link-email": email})

        assert response.status_code == 200
        assert "There is a problem" in response.text

    def test_takes_a_button(self, private, member):
        page = private.get(link(member), follow=True).text

        assert "Open my profile" in page
        assert "Canary" not in page

    def test_works_once(self, private, member):
        url = opened(private, link(member))
        assert private.post(url).headers["Location"] == PROFILE

        assert private.post(url).status_code == 410
        assert "This link no longer works" in private.get(url).text

    def test_opens_no_session_prepared_by_others(self, private, member):
        prepared = private.session
        prepared["mark"] = "of another member"
        prepared.save()
        other = Client(headers={"host": settings.PRIVATE_HOST})
        other.cookies[settings.SESSION_COOKIE_NAME] = prepared.session_key

        private.post(opened(private, link(member)))

        assert private.get(PROFILE).status_code == 200
        assert other.get(PROFILE).headers["Location"] == LINK

    def test_opens_the_profile_for_an_hour(self, inside):
        assert inside.get(PROFILE).status_code == 200

        with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1), tick=False):
            assert inside.get(PROFILE).headers["Location"] == LINK


class TestProfile:
    @pytest.mark.parametrize("path", ["", "leave/", "download/"])
    def test_does_not_open_to_others(self, private, db, path):
        assert private.get(PROFILE + path).headers["Location"] == LINK

    @pytest.mark.parametrize("path", ["pause/", "resume/", "leave/"])
    def test_cannot_be_changed_by_others(self, private, member, path):
        assert private.post(PROFILE + path).headers["Location"] == LINK
        member.refresh_from_db()
        assert member.state == State.LISTED

    @pytest.mark.parametrize("path", ["pause/", "resume/", "close/"])
    def test_is_not_changed_by_opening_an_address(self, inside, path):
        assert inside.get(PROFILE + path).status_code == 405

    def test_shows_what_is_held(self, inside, member):
        page = inside.get(PROFILE).text

        for word in (
            "Canaryname",
            "canary@example.org",
            "Canaryplace",
            "Canaryabout",
            "Canaryoffers",
            "0000-0002-1825-0097",
        ):
            assert word in page

    def test_changes_what_the_public_sees(self, inside, member):
        CategoryFactory(code="schools")

        response = inside.post(PROFILE, profile_data(expertise=["schools"]))

        member.refresh_from_db()
        assert response.headers["Location"] == PROFILE
        assert (
            member.shown,
            member.shown_to_members,
            member.country,
            member.expertise,
            member.has_page,
        ) == (
            ["name", "country"],
            ["needs"],
            "fr",
            ["schools"],
            True,
        )
        assert "Saved." in inside.get(PROFILE).text

    def test_hides_everything_when_nothing_is_chosen(self, inside, member):
        audiences = {f"profile-who_sees_{detail}": "" for detail in Detail}
        inside.post(PROFILE, {**profile_data(), **audiences, "profile-has_page": ""})

        member.refresh_from_db()
        assert member.shown == member.shown_to_members == []
        assert member.facets == member.facets_for_members == []

    def test_leaves_the_texts_that_a_person_has_read(self, inside, member):
        """The form for changes without review ignores texts."""
        inside.post(
            PROFILE,
            profile_data() | {"profile-name": "Other", "profile-about": "Other", "profile-state": "listed"},
        )

        member.refresh_from_db()
        assert (member.name, member.about) == ("Canaryname", "Canaryabout")
        assert not member.proposals.exists()

    def test_says_what_must_be_put_right(self, inside, member):
        response = inside.post(PROFILE, profile_data(who_sees_name="members"))

        assert "A page of your own shows your name," in response.text
        member.refresh_from_db()
        assert member.country == "is"

    def test_is_paused_and_comes_back(self, inside, member):
        inside.post(f"{PROFILE}pause/")
        member.refresh_from_db()
        assert member.state == State.PAUSED
        assert "List me again" in inside.get(PROFILE).text

        inside.post(f"{PROFILE}resume/")
        member.refresh_from_db()
        assert member.state == State.LISTED

    def test_shows_the_current_state_after_a_concurrent_change(self, inside, member, django_user_model):
        manager = django_user_model.objects.create_superuser("manager@example.org", "a password for tests")
        review.hide(member=member, by=manager)

        inside.post(f"{PROFILE}resume/")

        page = inside.get(PROFILE).text
        assert "That is not possible at the moment" in page
        assert "The network's team has removed your profile from" in page.replace("&#x27;", "'")

    def test_is_deleted_immediately(self, inside, member):
        assert "Delete everything and leave" in inside.get(f"{PROFILE}leave/").text

        response = inside.post(f"{PROFILE}leave/")

        assert response.headers["Location"] == "/en/members/left/"
        assert not Member.objects.exists()
        assert inside.get(PROFILE).headers["Location"] == LINK

    def test_is_closed_in_this_browser(self, inside, member):
        inside.post(f"{PROFILE}close/")

        assert inside.get(PROFILE).headers["Location"] == LINK

    def test_is_kept_by_no_cache(self, inside, member):
        assert "no-store" in inside.get(PROFILE).headers["Cache-Control"]


class TestDownload:
    def test_holds_everything_that_we_hold(self, inside, member, django_user_model):
        manager = django_user_model.objects.create_superuser("manager@example.org", "a password for tests")
        review.hide(member=member, by=manager)
        members.send_link(address=member.email, language="en")

        response = inside.get(f"{PROFILE}download/")

        held = json.loads(response.content)
        assert "attachment" in response.headers["Content-Disposition"]
        for detail in set(Detail) - {Detail.PUBLICATIONS}:  # which are in a separate table
            assert held["member"][detail] == getattr(member, detail), detail
        assert held["member"]["email"] == "canary@example.org"
        assert held["member"]["consent_version"]
        assert [entry["action"] for entry in held["log"]] == ["network.hide"]
        assert [letter["kind"] for letter in held["letters"]] == ["profile_link"]

    def test_leaves_no_column_out_by_mistake(self, inside, member):
        held = json.loads(inside.get(f"{PROFILE}download/").content)["member"]

        columns = {field.name for field in Member._meta.concrete_fields}
        assert columns - set(held) == {"id", *DERIVED, "link_key", "user"}

    def test_does_not_contain_the_link_key(self, inside, member):
        assert str(member.link_key) not in inside.get(f"{PROFILE}download/").text
