"""P2: counts of pages do not depend on order or person.

The same pages, shown in two orders, at other times, to other people, leave the same bytes in the database.
What nginx sends to the collector is read as it comes, byte by byte; what is kept is looked at as PostgreSQL stores
it; and the noise is drawn many times.
"""

import ast
import datetime as dt
import itertools
import math
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

import analytics
from analytics import collector, services
from analytics.collector import Collector, WeekInMemory
from config.settings.base import ROOT
from tests.promises.mutants import Mutant, Started, of
from tests.support.nginx import heard, needs_nginx, nginx_before
from tests.support.server import SiteServer, free_port

pytestmark = pytest.mark.django_db

CELLS = {("de", "finder"), ("de", "lu"), ("en", "finder"), ("en", "lu"), ("en", "pt")}
SHOWN = [("de", "finder")] * 4 + [("en", "lu")] * 3 + [("de", "lu")]
MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
COLUMNS = {"analytics_pagecount": {"week", "language", "page", "n"},
    "analytics_countedweek": {"week", "state", "starts"}}  # fmt: skip


def stored() -> list[tuple[Any, ...]]:
    """Return the rows of PostgreSQL in the order in which they lie in its files."""
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for table in COLUMNS:
            cursor.execute(f"SELECT * FROM {table} ORDER BY ctid")  # noqa: S608
            rows += cursor.fetchall()
    return rows


def emptied() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_pagecount; DELETE FROM analytics_countedweek")


def a_week(shown: list[tuple[str, str]], *, pause: dt.timedelta) -> Iterator[list[tuple[Any, ...]]]:
    """Show pages with a pause between them, and yield the stored data after each, and after the night."""
    fixed = itertools.cycle([2, -1, 0]).__next__
    collector = Collector(MONDAY, lambda: CELLS, draw=fixed)
    collector.pass_to(MONDAY)
    yield stored()
    for number, (language, page) in enumerate(shown):
        collector.count(language, page)
        collector.pass_to(MONDAY + number * pause)
        yield stored()
    collector.pass_to(MONDAY + dt.timedelta(days=1))
    yield stored()


def check_order() -> None:
    found = []
    for shown, pause in (
        (SHOWN, dt.timedelta(minutes=1)),
        (SHOWN[::-1], dt.timedelta(minutes=40)),
        (sorted(SHOWN), dt.timedelta(0)),
    ):
        emptied()
        states = list(a_week(shown, pause=pause))
        assert states[0] == states[-2], "something was written because a page was shown"
        found.append(states[-1])
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == len(CELLS) + 1, "a number is there for each page, shown or not"


def check_columns() -> None:
    with connection.cursor() as cursor:
        for table, columns in COLUMNS.items():
            cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
            assert {name for (name,) in cursor.fetchall()} == columns


def check_noise() -> None:
    """Compare the drawn noise with its distribution: chi-square, with one false alarm in 100,000 runs."""
    draws = 6000
    drawn = Counter(
        max(-4, min(4, n)) for n in WeekInMemory("", {("en", f"p{i}") for i in range(draws)}).numbers.values()
    )
    alpha = math.exp(-1)
    expected = {k: (1 - alpha) / (1 + alpha) * alpha ** abs(k) for k in range(-3, 4)}
    tail = (1 - sum(expected.values())) / 2
    expected |= {-4: tail, 4: tail}
    square = sum((drawn[k] - draws * p) ** 2 / (draws * p) for k, p in expected.items())
    assert square < 39.0  # 8 degrees of freedom
    fresh = WeekInMemory("", {("en", f"p{i}") for i in range(200)})
    assert fresh.with_noise() != fresh.numbers, "the noise of the night is missing"


def check_sources(change: tuple[str, str] = ("", "")) -> None:
    """Check that the noise is not drawn from a predictable source."""
    [folder] = analytics.__path__
    for file in Path(folder).rglob("*.py"):
        text = file.read_text().replace(*change) if change[0] else file.read_text()
        for node in ast.walk(ast.parse(text)):
            names = [each.name for each in getattr(node, "names", [])] + [getattr(node, "module", "")]
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not {name.split(".")[0] for name in names if name} & {"random", "numpy"}, file.name


def check_what_is_said(folder: Path, change: Any = lambda conf: conf) -> None:
    """Send nginx requests with marks in everything, and compare what the collector receives with the two codes."""
    prerender, nginx, collector = folder / "prerender", folder / "nginx", free_port()
    for path in ("en/help", "en/help/lu", "de/help", "en/about", "en/campaigns/open-doors/kits"):
        (prerender / path).mkdir(parents=True, exist_ok=True)
        (prerender / path / "index.html").write_text("<!doctype html><p>Page</p>")
        (prerender / path / "index.html.br").write_bytes(b"brotli")
    (prerender / "en/campaigns/open-doors/kits/all.zip").write_bytes(b"PK")
    behind = SiteServer(port=free_port(), folder=folder, environment={})
    marks = {
        "User-Agent": "Mozilla/5.0 mark", "Referer": "https://mark.example/", "Cookie": "a=mark",
        "X-Forwarded-For": "203.0.113.77",
        "Accept-Language": "mark", "X-Request-Id": "mark",
    }  # fmt: skip
    with (
        heard(collector) as said,
        nginx_before(
            behind,
            folder=nginx,
            prerender=prerender,
            static_and_media=folder,
            change=change,
            collector=collector,
        ) as front,
    ):
        assert front.get("/en/help/", headers=marks).status == 200
        assert front.get("/en/help/lu/", headers={**marks, "Accept-Encoding": "br"}).body == b"brotli"
        assert front.request("GET", "/de/help/", headers=marks, body=b"mark").status in {200, 413}
        assert front.get("/en/campaigns/open-doors/kits/all.zip", headers=marks).body == b"PK"
        front.request("HEAD", "/en/help/", headers=marks)
        for path in ("/en/about/", "/en/help/?utm_source=mark", "/en/help", "/en/help/mark/", "/.count"):
            front.get(path, headers=marks)
        front.get("/en/help/", headers={**marks, "User-Agent": "Somebot/1.0"})
        until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
        while len(said) < 4 and dt.datetime.now(dt.UTC) < until:
            threading.Event().wait(0.02)
    wanted = ("en/finder", "en/lu", "de/finder", "en/kit.open-doors")
    assert sorted(said) == sorted(f"POST /{cell} HTTP/1.0\r\nHost: collector\r\n\r\n".encode() for cell in wanted)


class TestOrderAndPerson:
    def test_leave_the_same_bytes_in_any_case(self):
        check_order()

    def test_have_no_column(self):
        check_columns()

    def test_cannot_be_told_from_the_noise(self):
        check_noise()
        check_sources()

    @needs_nginx
    @pytest.mark.process
    def test_are_not_sent_to_the_collector(self, tmp_path):
        check_what_is_said(tmp_path)


def now_and_then(self: WeekInMemory, cell: tuple[str, str]) -> None:
    with self.lock:
        self.numbers[cell] += 1
    services.keep(self.week, self.numbers, is_over=False)


def as_they_come(self: WeekInMemory, cell: tuple[str, str]) -> None:
    with self.lock:
        self.numbers[cell] = self.numbers.pop(cell) + 1


def unsorted(self: WeekInMemory) -> dict[tuple[str, str], int]:
    return dict(self.numbers)


class TestMutants:
    @needs_nginx
    @pytest.mark.process
    @pytest.mark.parametrize("mutant", of("P2"))
    def test_are_noticed(self, mutant: Mutant, tmp_path, monkeypatch):
        if not isinstance(mutant.change, Started):
            mutant.change((ROOT / "docs/operators/nginx.conf").read_text())  # the mutant is about the guide's file
            check = partial(check_what_is_said, tmp_path, mutant.change)
        else:
            check = partial(getattr(self, mutant.change.leak), monkeypatch)
        with pytest.raises(AssertionError):
            check()

    def arrival(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(WeekInMemory, "count", now_and_then)
        check_order()

    def order(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(WeekInMemory, "count", as_they_come)
        patch.setattr(WeekInMemory, "with_noise", unsorted)
        check_order()

    def only_shown(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(WeekInMemory, "extend", lambda self, cells: None)
        patch.setattr(
            WeekInMemory,
            "count",
            lambda self, cell: self.numbers.__setitem__(cell, self.numbers.get(cell, 0) + 1),
        )
        check_order()

    def moment(self, patch: pytest.MonkeyPatch) -> None:
        self.column("at timestamptz DEFAULT now()")

    def serial(self, patch: pytest.MonkeyPatch) -> None:
        self.column("id bigserial")

    def column(self, what: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE analytics_pagecount ADD COLUMN {what}")
        check_columns()

    def silence(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(collector, "draw", lambda: 0)
        patch.setattr(collector.WeekInMemory.__init__, "__kwdefaults__", {"draw": lambda: 0})
        check_noise()

    def half(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(WeekInMemory, "with_noise", unsorted)
        check_noise()

    def predictable(self, patch: pytest.MonkeyPatch) -> None:
        check_sources(("import secrets", "import random as secrets"))
