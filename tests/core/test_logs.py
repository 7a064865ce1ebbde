"""The logs contain nothing about clients, on either site."""

from __future__ import annotations

import inspect
import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.tasks import Task
from django.test import Client

from core.http.logs import JsonFormatter, NoTrace
from home.models import StandardPage
from tests.factories.core import StandardPageFactory

MARK = "canary-7f3a"


@pytest.fixture
def written() -> Iterator[list[str]]:
    """Return every line that a handler with the filter writes, at any level, traceback included."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record) + repr(vars(record)))

    handler = Lines(logging.DEBUG)
    handler.addFilter(NoTrace())
    root = logging.getLogger()
    root.addHandler(handler)
    level, root.level = root.level, logging.DEBUG
    yield lines
    root.removeHandler(handler)
    root.level = level


def visit(host: str, path: str = f"/en/about/{MARK}/", **options: Any) -> HttpResponse:
    marks = {
        "user-agent": MARK, "referer": f"https://{MARK}.example/", "accept-language": MARK,
        "x-forwarded-for": MARK, "cookie": f"a={MARK}",
    }  # fmt: skip
    client = Client(headers={"host": host, **marks}, raise_request_exception=False, REMOTE_ADDR="203.0.113.77")
    return client.get(path, {"q": MARK}, **options)


@pytest.fixture
def crashing(home, settings, monkeypatch) -> None:
    """Serve a page that fails with the visitor's query in the message, after logging it in three ways."""
    settings.RENDER_ON_REQUEST = True
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


class TestPublicSite:
    def test_tells_only_the_kind_of_error(self, crashing, written):
        assert visit(settings.PUBLIC_HOST, "/en/about/").status_code == 500

        assert len(written) >= 3
        assert [line for line in written if MARK in line or "203.0.113.77" in line] == []
        assert any("public site: ValueError" in line for line in written)

    @pytest.mark.parametrize("path", ["/nowhere/", f"/en/{MARK}/", f"/admin/{MARK}/", f"/media/{MARK}"])
    def test_tells_nothing_of_what_is_not_there(self, home, written, path: str):
        assert visit(settings.PUBLIC_HOST, path).status_code == 404

        assert [line for line in written if MARK in line] == []

    def test_tells_nothing_of_hosts_that_are_not_ours(self, db, written):
        assert visit(f"{MARK}.example").status_code == 400

        assert [line for line in written if MARK in line] == []

    def test_mutant_without_the_filter_everything_is_logged(self, crashing, written, monkeypatch):
        monkeypatch.setattr(NoTrace, "filter", lambda self, record: True)

        visit(settings.PUBLIC_HOST, "/en/about/")

        assert len([line for line in written if MARK in line]) >= 4

    def test_logs_only_errors(self, home, written):
        """A line for each visit would record the time of the visit."""
        visit(settings.PUBLIC_HOST, "/nowhere/")
        Client(headers={"host": settings.PUBLIC_HOST}).post("/en/")

        assert [line for line in written if "public site" in line] == []


class TestJson:
    def test_lines_are_objects_with_the_same_content(self, crashing, monkeypatch):
        lines: list[str] = []
        handler = logging.Handler(logging.DEBUG)
        handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
        handler.addFilter(NoTrace())
        handler.setFormatter(JsonFormatter())
        monkeypatch.setattr(logging.getLogger(), "handlers", [handler])

        visit(settings.PUBLIC_HOST, "/en/about/")
        try:
            raise ValueError("Odd: é\nand a second line")
        except ValueError:
            logging.getLogger("some.library").exception("It broke: %s", "“quoted”")

        assert [line for line in lines if MARK in line or "203.0.113.77" in line] == []
        found = [json.loads(line) for line in lines]
        assert {
            "level": "ERROR",
            "logger": "django.request",
            "message": "public site: ValueError",
        }.items() <= found[-2].items()
        assert found[-1]["message"] == "It broke: “quoted”"
        assert "and a second line" in found[-1]["trace"]
        assert datetime.fromisoformat(found[-1]["time"]).utcoffset() == timedelta(0)
        assert {key for line in found for key in line} == {"time", "level", "logger", "message", "trace"}


class TestPrivateSite:
    @pytest.fixture
    def crashing(self, db, monkeypatch) -> None:
        """Serve a page of the private site that fails with submitted data, because of another failure."""

        def read_token(token: str) -> None:
            logging.getLogger("some.library").warning("Asked with %s", token)
            logging.getLogger("some.library").error("Odd: %s", token)
            try:
                raise KeyError(token)
            except KeyError as cause:
                raise ValueError(token) from cause

        monkeypatch.setattr("helpline.governance.reconfirmation.read_token", read_token)
        monkeypatch.setattr("core.links.opened_token", lambda request, key: key)

    def test_logs_the_code_of_an_error_and_nothing_about_the_client(self, crashing, written):
        assert visit(settings.PRIVATE_HOST, f"/en/reconfirmation/opened/{MARK}/").status_code == 500

        assert [line for line in written if MARK in line or "203.0.113.77" in line] == []
        [crash] = [line for line in written if "ValueError" in line]
        assert "GET en/reconfirmation/opened/<str:key>/: builtins.ValueError" in crash
        assert "because of builtins.KeyError" in crash
        assert "admin/public_forms.py" in crash
        assert "reconfirmation.read_token(self.token)" in crash
        assert any("logged in test_logs.py, line" in line for line in written)

    def test_mutant_without_the_filter_everything_is_logged(self, crashing, written, monkeypatch):
        monkeypatch.setattr(NoTrace, "filter", lambda self, record: True)

        visit(settings.PRIVATE_HOST, f"/en/reconfirmation/opened/{MARK}/")

        assert len([line for line in written if MARK in line]) >= 3

    @pytest.mark.parametrize(
        "path", [f"/admin/{MARK}/", f"/en/report/{MARK}/", f"/en/members/link/{MARK}/", "/en/report/?q=%00"]
    )
    def test_logs_only_errors(self, home, written, path: str):
        visit(settings.PRIVATE_HOST, path)
        refused = Client(headers={"host": settings.PRIVATE_HOST, "user-agent": MARK}, enforce_csrf_checks=True)
        assert refused.post("/en/members/link/", {"link-email": f"{MARK}@example.org"}).status_code == 403

        assert [line for line in written if MARK in line or "private site: " in line] == []


OURS = {"core", "helpline", "network", "prerender", "users", "campaigns", "home"}


class TestTasks:
    def test_are_given_keys_and_never_words(self):
        """Their arguments are kept for two weeks, and a library may log them."""
        ours = {
            thing.module_path: thing
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] in OURS
            for thing in vars(module).values()
            if type(thing) is Task and thing.module_path.partition(".")[0] in OURS
        }

        taken = {
            (task.name, parameter.annotation)
            for task in ours.values()
            for parameter in inspect.signature(task.func).parameters.values()
        }

        assert len(ours) >= 4
        assert [name for name, annotation in taken if annotation not in (int, "int")] == []


class TestPrerender:
    def test_logs_why_a_page_cannot_be_rendered(self, home, written, monkeypatch):
        """The renderer uses the public site, but is not a visitor."""
        from prerender import services
        from prerender.models import PendingChange

        StandardPageFactory(parent=home, slug="about")
        PendingChange.objects.all().delete()
        monkeypatch.setattr(StandardPage, "serve", lambda *args, **kwargs: {}["a broken block"])

        services.render_paths(["/en/about/"])

        assert any("a broken block" in line and "Traceback" in line for line in written)


def test_plain_lines_say_when_with_the_offset_of_the_zone():
    plain = settings.LOGGING["formatters"]["plain"]
    formatter = logging.Formatter(plain["format"], plain["datefmt"])
    record = logging.LogRecord("prerender", logging.WARNING, "", 0, "Refused", None, None)

    when = formatter.format(record).split(" ")[0]

    assert datetime.fromisoformat(when).utcoffset() is not None
