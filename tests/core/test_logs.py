"""The logs know everything about the desk and nothing about a visitor."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from core.doors.logs import PublicDoor
from home.models import StandardPage
from tests.factories.core import StandardPageFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "canary-7f3a"


@pytest.fixture
def written() -> Iterator[list[str]]:
    """Every line that a handler with our filter writes, at any level, traceback included."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record) + repr(vars(record)))

    handler = Lines(logging.DEBUG)
    handler.addFilter(PublicDoor())
    root = logging.getLogger()
    root.addHandler(handler)
    level, root.level = root.level, logging.DEBUG
    yield lines
    root.removeHandler(handler)
    root.level = level


def visit(host: str, path: str = f"/en/about/{MARK}/", **options: Any) -> HttpResponse:
    marks = {
        "user-agent": MARK, "referer": f"https://{MARK}.example/", "accept-language": MARK, "x-forwarded-for": MARK, "cookie": f"a={MARK}",
    }  # fmt: skip
    client = Client(
        headers={"host": host, **marks}, raise_request_exception=False, REMOTE_ADDR="203.0.113.77"
    )
    return client.get(path, {"q": MARK}, **options)


@pytest.fixture
def crashing(home, settings, monkeypatch) -> None:
    """A page that fails with the visitor's words in the message, after logging them in three ways."""
    settings.PRESS_RENDERS_ON_REQUEST = True
    StandardPageFactory(parent=home, slug="about")

    def serve(page: StandardPage, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        words = request.GET["q"]
        logging.getLogger("some.library").warning("Asked for %s", words)
        logging.getLogger("django.request").error(
            "Odd: %s", request.path, extra={"request": request, "status_code": 400}
        )
        try:
            raise KeyError(words)
        except KeyError:
            logging.getLogger("some.library").exception(
                "No luck with %s", request.META["HTTP_USER_AGENT"], stack_info=True
            )
        raise ValueError(words)

    monkeypatch.setattr(StandardPage, "serve", serve)


class TestPublicDoor:
    def test_tells_only_the_kind_of_error(self, crashing, written):
        assert visit(settings.PUBLIC_HOST, "/en/about/").status_code == 500

        assert len(written) >= 3
        assert [line for line in written if MARK in line or "203.0.113.77" in line] == []
        assert any("public door: ValueError" in line for line in written)

    @pytest.mark.parametrize("path", ["/nowhere/", f"/en/{MARK}/", f"/admin/{MARK}/", f"/media/{MARK}"])
    def test_tells_nothing_of_what_is_not_there(self, home, written, path: str):
        assert visit(settings.PUBLIC_HOST, path).status_code == 404

        assert [line for line in written if MARK in line] == []

    def test_tells_nothing_of_hosts_that_are_not_ours(self, db, written):
        assert visit(f"{MARK}.example").status_code == 400

        assert [line for line in written if MARK in line] == []

    def test_mutant_without_the_filter_everything_is_told(self, crashing, written, monkeypatch):
        monkeypatch.setattr(PublicDoor, "filter", lambda self, record: True)

        visit(settings.PUBLIC_HOST, "/en/about/")

        assert len([line for line in written if MARK in line]) >= 4

    def test_says_nothing_of_what_is_no_error(self, home, written):
        """A line for each visit would record when somebody came."""
        visit(settings.PUBLIC_HOST, "/nowhere/")
        Client(headers={"host": settings.PUBLIC_HOST}).post("/en/")

        assert [line for line in written if "public door" in line] == []


class TestDesk:
    def test_is_told_whole(self, home, written, admin_user):
        logging.getLogger("some.library").warning("At the desk: %s", MARK)
        visit(settings.DESK_HOST, f"/admin/{MARK}/")

        assert any(f"At the desk: {MARK}" in line for line in written)


class TestPress:
    def test_is_told_why_a_page_cannot_be_printed(self, home, written, monkeypatch):
        """The press uses the public door, but is not a visitor."""
        from press import services
        from press.models import PendingChange

        StandardPageFactory(parent=home, slug="about")
        PendingChange.objects.all().delete()
        monkeypatch.setattr(StandardPage, "serve", lambda *args, **kwargs: {}["a broken block"])

        services.print_paths(["/en/about/"])

        assert any("a broken block" in line and "Traceback" in line for line in written)
