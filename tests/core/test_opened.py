"""The token of a link from a mail leaves the address at the first request, and stays in the browser for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from core import links as links
from network import tokens
from network.models import Member
from tests.factories.network import MemberFactory
from tests.support.mail import opened

OTHER = {"headers": {"host": settings.DESK_HOST}}


@pytest.fixture
def member(db) -> Member:
    return MemberFactory(name="Ana Lima")


@pytest.fixture
def url(member) -> str:
    return f"/de/members/confirm/{tokens.make(member, tokens.CONFIRM)}/"


@pytest.fixture
def here(desk, url) -> str:
    return opened(desk, url)


class TestAddress:
    @pytest.mark.parametrize(
        "path",
        [
            "/en/members/confirm/abc:def.x/",
            "/en/members/link/%C3%BC;x=1,%22%20%0D%0Aset-cookie/",
            "/en/still-right/" + "9" * 5000 + "/",
            "/account/once/MQ/abc-def/",
            "/account/once/%00/%FF/",
        ],
    )
    def test_of_every_link_is_left_at_once_whatever_it_holds(self, desk, db, path):
        """Without looking it up: the answer is the same for every token."""
        response = desk.get(path)

        assert response.status_code == 302
        assert response.headers["Location"].rpartition("/opened/")[2].strip("/").isalnum()
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store, private"
        [cookie] = response.cookies.values()
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (
            True,
            True,
            "Lax",
            "/",
        )
        assert (cookie["max-age"], cookie["expires"], cookie["domain"]) == (
            "",
            "",
            "",
        )  # gone with the browser
        assert len(cookie.value) < 1000
        assert desk.get(response.headers["Location"]).status_code in {200, 400, 404}

    def test_without_the_token_is_on_the_page_alone(self, desk, here, url):
        page = desk.get(here)

        assert "Ana Lima" in page.content.decode()
        assert url.split("/")[-2] not in page.content.decode()
        assert (
            page.headers["Referrer-Policy"] == "same-origin"
        )  # or Django could not tell our form from another site's

    def test_writes_nothing_at_the_server(self, desk, url, django_assert_num_queries):
        with django_assert_num_queries(0):
            desk.get(url)

    def test_takes_no_form(self, desk, url):
        assert desk.post(url).status_code == 405


class TestOpenLink:
    def test_is_open_in_this_browser_only(self, desk, here):
        page = Client(**OTHER).get(here)

        assert page.status_code == 410
        assert "Ana Lima" not in page.content.decode()
        assert desk.get(here).status_code == 200

    def test_is_open_for_two_hours(self, desk, here):
        with time_machine.travel(timezone.now() + links.LASTS + timedelta(seconds=1), tick=False):
            assert desk.get(here).status_code == 410
            assert desk.post(here).status_code == 410

        assert Member.objects.get().state == Member.State.UNCONFIRMED

    def test_is_open_beside_others(self, desk, url, here):
        other = MemberFactory(name="Rui Costa")
        there = opened(desk, f"/de/members/confirm/{tokens.make(other, tokens.CONFIRM)}/")

        desk.post(here)

        assert list(Member.objects.filter(state=Member.State.UNCONFIRMED)) == [other]
        assert "Rui Costa" in desk.get(there).content.decode()

    def test_cannot_be_passed_off_as_another(self, desk, here, db):
        other = MemberFactory(name="Rui Costa")
        there = opened(desk, f"/de/members/confirm/{tokens.make(other, tokens.CONFIRM)}/")
        names = [links.COOKIE + path.split("/")[-2] for path in (here, there)]
        desk.cookies[names[0]] = desk.cookies[names[1]].value

        assert desk.get(here).status_code == 410

    def test_makes_room_before_there_are_too_many(self, desk, db):
        for number in range(3 * links.MOST):
            desk.get(f"/en/members/link/token{number}/")

        assert (
            len(
                [
                    name
                    for name, cookie in desk.cookies.items()
                    if name.startswith(links.COOKIE) and cookie.value
                ]
            )
            <= links.MOST + 1
        )

    @pytest.mark.parametrize(
        "path", ["/{}/members/confirm/opened/x/", "/{}/members/link/opened/x/", "/{}/still-right/opened/x/"]
    )
    @pytest.mark.parametrize(
        ("code", "words"),
        [("en", "open the link in the email again"), ("de", "E-Mail"), ("fr", "lien"), ("ar", "الرابط")],
    )
    def test_that_is_not_open_says_what_to_do(self, desk, home, path, code, words):
        page = desk.get(path.format(code))

        assert page.status_code == 410
        assert words in page.content.decode()
