"""List of a user's sessions, with a button to end them; only start and last use of each are stored."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.factories.users import UserFactory
from tests.users.conftest import sign_in
from users import services
from users.sign_in import sessions

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
PAGE = "/account/sessions/"
HOUR = 3600


def browser(settings: SettingsWrapper, user: Any) -> Client:
    """Return another browser, in which the user signs in."""
    made = Client(headers={"host": settings.PRIVATE_HOST, "user-agent": "canary-browser"}, REMOTE_ADDR="203.0.113.9")
    sign_in(made, user)
    return made


def is_signed_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def names(client: Client) -> list[str]:
    return re.findall(r'name="session" value="([0-9a-f]+)"', client.get(PAGE).content.decode())


class TestList:
    def test_says_when_each_began_and_was_last_used_and_nothing_else(self, private, ada, settings, time_machine):
        time_machine.move_to("2026-06-01T08:00:00Z", tick=False)
        other = browser(settings, ada)
        time_machine.shift(HOUR)
        other.get("/account/start/")
        sign_in(private, ada)

        page = private.get(PAGE).content.decode()

        assert page.index("This browser") < page.index("Another browser")
        assert re.findall(r"Signed in: [^<]*", page) == [
            "Signed in: 1 June 2026, 11:00. Last used at about 11:00.",
            "Signed in: 1 June 2026, 10:00. Last used at about 11:00.",
        ]
        assert "canary-browser" not in page
        assert "203.0.113.9" not in page
        assert other.session.session_key not in page
        held = Session.objects.get(session_key=other.session.session_key).get_decoded()
        assert "canary-browser" not in str(held)
        assert "203.0.113.9" not in str(held)

    def test_is_of_oneself(self, private, ada, settings):
        browser(settings, UserFactory(email="bob@example.org"))
        sign_in(private, ada)

        assert names(private) == []
        assert "You are signed in nowhere else." in private.get(PAGE).content.decode()

    def test_has_none_that_has_ended_in_another_way(self, private, ada, settings):
        browser(settings, ada)
        services.end_sessions(user=ada)
        sign_in(private, ada)

        assert names(private) == []

    def test_needs_a_sign_in(self, private):
        assert private.get(PAGE).status_code == 302
        assert private.post(PAGE).status_code == 302


class TestEnding:
    def test_one_leaves_the_others(self, private, ada, settings, time_machine):
        time_machine.move_to(time.time(), tick=False)
        first = browser(settings, ada)
        time_machine.shift(60)
        second = browser(settings, ada)
        time_machine.shift(60)
        sign_in(private, ada)
        assert len(names(private)) == 2

        answer = private.post(PAGE, {"session": names(private)[0]}, follow=True)

        assert "Signed out there." in answer.content.decode()
        assert (is_signed_in(first), is_signed_in(second), is_signed_in(private)) == (True, False, True)

    def test_all_but_this_one(self, private, ada, settings):
        others = [browser(settings, ada), browser(settings, ada)]
        stranger = browser(settings, UserFactory(email="bob@example.org"))
        sign_in(private, ada)

        answer = private.post(PAGE, follow=True)

        assert "Signed out everywhere else." in answer.content.decode()
        assert [is_signed_in(each) for each in (*others, private)] == [False, False, True]
        assert sessions.SESSION_KEY in stranger.session

    def test_that_of_another_user_is_not_possible(self, private, ada, settings):
        bob = UserFactory(email="bob@example.org")
        stranger = browser(settings, bob)
        [theirs] = sessions.of_user(bob, here=None)
        sign_in(private, ada)

        answer = private.post(PAGE, {"session": theirs.name}, follow=True)

        assert "That session had already ended." in answer.content.decode()
        assert sessions.SESSION_KEY in stranger.session

    def test_asks_again_who_it_is(self, private, ada, settings, time_machine):
        time_machine.move_to(time.time(), tick=True)
        other = browser(settings, ada)
        sign_in(private, ada)
        time_machine.shift(HOUR)

        answer = private.post(PAGE)

        assert answer["Location"].startswith("/account/confirm/?next=")
        assert is_signed_in(other)
