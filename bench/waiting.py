"""Measure how a slow dependency of the site affects its response times.

    WAYMARK_MAIL_HOST=127.0.0.1 WAYMARK_MAIL_PORT=2525 WAYMARK_MAIL_TLS=0 make demo
    python bench/waiting.py [--port 8000] [--private-port 8001] [--mail-port 2525] [--database-seconds 20]

- Searches on the public site while the mail server accepts connections without a response, and people sign in.
- The sign-in page while forty people search at the same time.
- A search while twelve clients search for twenty invented words each.
- Prerendered pages, searches and the private site while all processes of the database are stopped (embedded database
  only).

Each is compared with the same site when nothing is wrong, in the same run: quote the ratio.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import re
import secrets
import socket
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.table import Row, machine, table  # noqa: E402
from tests.support.proof import solved  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIELD = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken)" value="([^"]*)"')
TASK = re.compile(r'data-proof="([^"]*)"')
SEARCH, SIGN_IN, PAGE = "/en/search/?q=help", "/account/login/code/", "/en/"
SEARCHES = 60  # enough for a percentile that one slow response does not decide
PATIENCE = 6 * 60  # seconds; a mail server that has failed is left alone for up to five minutes
COLLEAGUES = ("admin", "editor", "german", "french")  # of the demonstration: only known users get mail


@dataclass(frozen=True, slots=True)
class Site:
    """A running site whose hosts have a port each (or the same)."""

    port: int
    private_port: int

    def ask(
        self, path: str, *, private: bool = False, body: bytes | None = None, cookie: str = ""
    ) -> tuple[int, float, str, str]:
        """Send a request.

        Returns status, seconds, cookies and text.
        """
        port, host = (self.private_port, "private.localhost") if private else (self.port, "localhost")
        given = {"Host": f"{host}:{port}"}
        if body is not None:
            given |= {
                "Cookie": cookie,
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://{host}:{port}",
            }
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.request("GET" if body is None else "POST", path, body=body, headers=given)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            cookies = "; ".join(
                value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"
            )
            return answer.status, time.perf_counter() - started, cookies, text
        finally:
            connection.close()

    def prepare(self, address: str) -> Callable[[], float]:
        """Open the form for a sign-in code and solve its task.

        Returns a function that sends it and returns the seconds.
        """
        _status, _seconds, cookie, page = self.ask(SIGN_IN, private=True)
        task = TASK.search(page)
        proof = {"proof": solved(unescape(task[1]))} if task else {}
        fields = urlencode({**dict(FIELD.findall(page)), **proof, "email": address}).encode()
        return lambda: self.ask(SIGN_IN, private=True, body=fields, cookie=cookie)[1]


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[max(0, round(len(seconds) * 0.95) - 1)]


@contextlib.contextmanager
def hanging_mail_server(port: int) -> Iterator[list[socket.socket]]:
    """Accept every connection without a response.

    Yields the connections.
    """
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", port)) as listening:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(listening.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield taken
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for each in taken:
                each.close()


def searches(site: Site, count: int) -> list[float]:
    return [site.ask(SEARCH)[1] for _ in range(count)]


def with_hanging_mail(site: Site, mail_port: int, *, count: int = SEARCHES, patience: float = PATIENCE) -> list[Row]:
    """Compare searches while four people sign in with searches on a quiet site.

    They go on until the worker has tried the mail server, for at most `patience` seconds.
    """
    searches(site, 4)
    quiet = p95(searches(site, count))
    forms = [site.prepare(f"{name}@example.org") for name in COLLEAGUES]
    with hanging_mail_server(mail_port) as taken, ThreadPoolExecutor(4) as people:
        posts = [people.submit(send) for send in forms]
        busy, ends = searches(site, count), time.monotonic() + patience
        while not taken and time.monotonic() < ends:
            busy += searches(site, count)
        answered = max(each.result() for each in posts)
        tried = len(taken)
    return [
        Row(
            f"search, p95: quiet, and while four sign in ({tried} attempts at the hanging mail server)",
            quiet,
            p95(busy),
            "s",
            "1.5 x",
        ),
        Row("the slowest of the four posts", quiet, answered, "s"),
    ]


@contextlib.contextmanager
def searching(site: Site, parallel: int, path: Callable[[], str]) -> Iterator[None]:
    """Have clients search without a pause."""
    over = threading.Event()

    def search_on() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                site.ask(path())

    with ThreadPoolExecutor(parallel) as people:
        for _ in range(parallel):
            people.submit(search_on)
        time.sleep(1)
        try:
            yield
        finally:
            over.set()


def nonsense() -> str:
    """Return a search for twenty invented words."""
    return "/en/search/?q=" + "+".join(f"xq{secrets.token_hex(4)}" for _word in range(20))


def with_nonsense(site: Site, *, parallel: int = 12, count: int = 15) -> list[Row]:
    """Compare searches during many concurrent searches for invented words with searches on a quiet site."""
    searches(site, 4)
    quiet = searches(site, count)
    with searching(site, parallel, nonsense):
        busy = searches(site, count)
    medians = statistics.median(quiet), statistics.median(busy)
    return [
        Row(f"search: quiet, and beside {parallel} clients that search for invented words", *medians, "s"),
        Row("the slowest of these searches", max(quiet), max(busy), "s", "1 s"),
    ]


def with_many_searches(site: Site, *, parallel: int = 40, count: int = 10) -> list[Row]:
    """Compare the sign-in page during many concurrent searches with the same page on a quiet site."""

    def page() -> float:
        return statistics.median(site.ask("/account/login/", private=True)[1] for _ in range(count))

    page()
    quiet = page()
    with searching(site, parallel, lambda: SEARCH):
        busy = page()
    return [Row(f"sign-in page: quiet, and during {parallel} parallel searches", quiet, busy, "s", "0.5 s")]


@contextlib.contextmanager
def stopped(server: psutil.Process) -> Iterator[None]:
    """Stop all processes of the database."""
    processes = [server, *server.children(recursive=True)]
    try:
        for process in processes:
            process.suspend()
        yield
    finally:
        for process in processes:
            process.resume()


def with_stopped_database(
    site: Site, stop: Callable[[], contextlib.AbstractContextManager[None]], seconds: float
) -> list[str]:
    """Request prerendered pages, searches and the private site continuously, and return the results and their times."""
    over = threading.Event()
    right = site.ask(PAGE)[3]

    def ask_on(path: str, *, private: bool) -> list[tuple[int, float, bool]]:
        found = []
        while not over.is_set():
            status, took, _cookies, text = site.ask(path, private=private)
            found.append((status, took, text == right))
            time.sleep(0.02)
        return found

    for path, private in ((SEARCH, False), (SIGN_IN, True)) * 4:  # opens the connections
        site.ask(path, private=private)
    with ThreadPoolExecutor(8) as people:
        with stop():
            prerendered = [people.submit(ask_on, PAGE, private=False) for _ in range(4)]
            public = [people.submit(ask_on, SEARCH, private=False) for _ in range(2)]
            private = [people.submit(ask_on, "/en/report/", private=True) for _ in range(2)]
            time.sleep(seconds)
            over.set()
            for each in (*prerendered, *public, *private):
                each.result()
        back = time.perf_counter()
        while site.ask(SEARCH)[0] != 200 or site.ask("/en/report/", private=True)[0] >= 500:
            time.sleep(0.05)
        back = time.perf_counter() - back
    lines = []
    for what, futures in (
        ("prerendered pages", prerendered),
        ("searches", public),
        ("private site", private),
    ):
        answers = [answer for future in futures for answer in future.result()]
        statuses = sorted({status for status, _took, _right in answers})
        same = f", {sum(each[2] for each in answers)} right" if what == "prerendered pages" else ""
        slowest = max((took for _status, took, _right in answers), default=0.0)
        lines.append(
            f"database stopped for {seconds:.0f} s: "
            f"{len(answers)} {what}{same}, statuses {statuses}, slowest {slowest:.2f} s"
        )
    return [*lines, f"searches and the private site are back {back:.2f} s after it goes on"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--private-port", type=int, default=8001)
    parser.add_argument("--mail-port", type=int, default=2525)
    parser.add_argument("--database-seconds", type=float, default=20)
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="the demonstration's WAYMARK_VAR")
    given = parser.parse_args()
    site = Site(given.port, given.private_port)
    rows = [*with_many_searches(site), *with_nonsense(site), *with_hanging_mail(site, given.mail_port)]
    print(table(rows, first="quiet", second="under strain"))
    server = psutil.Process(int((given.var / "postgres" / "postmaster.pid").read_text().split()[0]))
    print("\n".join(with_stopped_database(site, lambda: stopped(server), given.database_seconds)))
    print(machine())


if __name__ == "__main__":
    main()
