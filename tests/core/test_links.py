"""Mailed links: an invalid one opens nothing, and its token leaves the address at the first request."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core import links
from core.links import ExpiredLinkError, InvalidLinkError, MalformedLinkError, Purpose
from network import tokens
from network.models import Member
from tests.factories.network import MemberFactory
from tests.support.mail import opened

CONFIRM = Purpose(name="test.confirm", lasts=timedelta(days=7), size=4)
OTHER = Purpose(name="test.other", lasts=timedelta(days=7), size=4)


SPOILT = {
    "empty": lambda token: "",
    "cut off": lambda token: token[:-1],
    "too long": lambda token: token + "x",
    "backwards": lambda token: token[::-1],
    "other marks": lambda token: token.replace(".", ":"),
    "three parts": lambda token: "a.b.c",
    "very long": lambda token: "x" * 5000,
    "not ASCII": lambda token: "é",
    "of another purpose": lambda token: OTHER.make(b"1234"),
    "more content": lambda token: CONFIRM.make(b"12345"),
    "less content": lambda token: CONFIRM.make(b"123"),
    "no content": lambda token: CONFIRM.signer.sign("A"),
}


class TestPurpose:
    @given(content=st.binary(min_size=4, max_size=4))
    def test_reads_what_it_made(self, content):
        assert CONFIRM.read(CONFIRM.make(content)) == content

    def test_makes_what_fits_into_an_address(self):
        assert CONFIRM.make(b"\xff\xfe\xfd\xfc").replace("-", "").replace("_", "").replace(".", "").isalnum()

    @pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
    def test_reads_nothing_that_it_has_not_made(self, spoil):
        with pytest.raises(MalformedLinkError):
            CONFIRM.read(spoil(CONFIRM.make(b"1234")))

    @given(token=st.text())
    def test_reads_no_other_text(self, token):
        with pytest.raises(InvalidLinkError):
            CONFIRM.read(token)

    def test_reads_it_for_a_time(self, time_machine):
        time_machine.move_to("2026-06-01T12:00:00Z", tick=False)
        token = CONFIRM.make(b"1234")

        time_machine.shift(timedelta(days=7))
        assert CONFIRM.read(token) == b"1234"
        time_machine.shift(timedelta(seconds=1))
        with pytest.raises(ExpiredLinkError):
            CONFIRM.read(token)


@pytest.fixture
def member(db) -> Member:
    return MemberFactory(name="Ana Lima")


@pytest.fixture
def url(member) -> str:
    return f"/de/members/confirm/{tokens.make(member, tokens.CONFIRM)}/"


@pytest.fixture
def here(private, url) -> str:
    return opened(private, url)


class TestAddress:
    @pytest.mark.parametrize(
        "path",
        [
            "/en/members/confirm/abc:def.x/",
            "/en/members/link/%C3%BC;x=1,%22%20%0D%0Aset-cookie/",
            "/en/reconfirmation/" + "9" * 5000 + "/",
            "/account/once/MQ/abc-def/",
            "/account/once/%00/%FF/",
        ],
    )
    def test_of_every_link_redirects_immediately_for_any_token(self, private, db, path):
        """The token is not looked up: the response is the same for every token."""
        response = private.get(path)

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
        )  # a session cookie
        assert len(cookie.value) < 1000
        assert private.get(response.headers["Location"]).status_code in {200, 400, 404}

    def test_without_the_token_is_on_the_page_alone(self, private, here, url):
        page = private.get(here)

        assert "Ana Lima" in page.content.decode()
        assert url.split("/")[-2] not in page.content.decode()
        assert (
            page.headers["Referrer-Policy"] == "same-origin"
        )  # or Django could not distinguish our form from another site's

    def test_writes_nothing_at_the_server(self, private, url, django_assert_num_queries):
        with django_assert_num_queries(0):
            private.get(url)

    def test_takes_no_form(self, private, url):
        assert private.post(url).status_code == 405


class TestOpenLink:
    def test_is_open_in_this_browser_only(self, private, here):
        page = Client(headers={"host": settings.PRIVATE_HOST}).get(here)

        assert page.status_code == 410
        assert "Ana Lima" not in page.content.decode()
        assert private.get(here).status_code == 200

    def test_is_open_for_two_hours(self, private, here):
        with time_machine.travel(timezone.now() + links.LASTS + timedelta(seconds=1), tick=False):
            assert private.get(here).status_code == 410
            assert private.post(here).status_code == 410

        assert Member.objects.get().state == Member.State.UNCONFIRMED

    def test_is_open_beside_others(self, private, url, here):
        other = MemberFactory(name="Rui Costa")
        there = opened(private, f"/de/members/confirm/{tokens.make(other, tokens.CONFIRM)}/")

        private.post(here)

        assert list(Member.objects.filter(state=Member.State.UNCONFIRMED)) == [other]
        assert "Rui Costa" in private.get(there).content.decode()

    def test_cannot_be_passed_off_as_another(self, private, here, db):
        other = MemberFactory(name="Rui Costa")
        there = opened(private, f"/de/members/confirm/{tokens.make(other, tokens.CONFIRM)}/")
        names = [links.COOKIE + path.split("/")[-2] for path in (here, there)]
        private.cookies[names[0]] = private.cookies[names[1]].value

        assert private.get(here).status_code == 410

    def test_makes_room_before_there_are_too_many(self, private, db):
        for number in range(3 * links.MOST):
            private.get(f"/en/members/link/token{number}/")

        assert (
            len([name for name, cookie in private.cookies.items() if name.startswith(links.COOKIE) and cookie.value])
            <= links.MOST + 1
        )

    @pytest.mark.parametrize(
        "path",
        ["/{}/members/confirm/opened/x/", "/{}/members/link/opened/x/", "/{}/reconfirmation/opened/x/"],
    )
    @pytest.mark.parametrize(
        ("code", "words"),
        [("en", "open the link in the email again"), ("de", "E-Mail"), ("fr", "lien"), ("ar", "الرابط")],
    )
    def test_that_is_not_open_explains_what_to_do(self, private, home, path, code, words):
        page = private.get(path.format(code))

        assert page.status_code == 410
        assert words in page.content.decode()
