"""Real processes, real faults: the database goes away while the site runs; and nothing that a visitor says is kept anywhere.

One site of its own, over a PostgreSQL of its own, that the tests of this module stop, kill and start again.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import brotli
import pytest

from config.settings.base import ROOT, VAR
from tests.support.postgres import Postgres
from tests.support.server import Answer, SiteServer, collected_static, database_url, environment, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker

pytestmark = [pytest.mark.process, pytest.mark.django_db, pytest.mark.xdist_group("faults")]

CONTENT = """
from django.db import transaction
from django.contrib.auth import get_user_model
from wagtail.models import Locale, Page, Site
from core.models import LanguageState
from home.models import StandardPage
from tests.factories.core import HomePageFactory, StandardPageFactory

with transaction.atomic():  # one print for all of it
    root = Page.objects.get(depth=1)
    Page.objects.filter(depth__gt=1).delete()
    for code in ("en", "de", "ar"):
        locale, _ = Locale.objects.get_or_create(language_code=code)
        LanguageState.objects.update_or_create(locale=locale, defaults={"state": "public"})
    english = Locale.objects.get(language_code="en")
    home = HomePageFactory(parent=root, locale=english)
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "port": PORT, "root_page": home})
    for number in range(5):
        StandardPageFactory(parent=home, slug=f"page-{number}", introduction="Words. " * 50)
    for code in ("de", "ar"):
        other = home.copy_for_translation(Locale.objects.get(language_code=code))
        other.save_revision().publish()
    StandardPage.objects.get(slug="page-0").move(StandardPage.objects.get(slug="page-1"), pos="last-child")
    get_user_model().objects.create_superuser(email="editor@example.org", password="a long password")
"""


@pytest.fixture(scope="module")
def postgres(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Postgres]:
    with django_db_blocker.unblock():
        source = database_url()
    # Not in pytest's own folder: another run may close that to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="fault-postgres-", dir=VAR))
    made = Postgres(folder, source=source)
    yield made
    made.start()
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteServer]:
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    static = collected_static()
    own = environment(port=port, static=static, tasks="immediate", scratch=folder, database=postgres.url)
    own["DJANGO_SETTINGS_MODULE"] = "tests.support.fault_settings"
    server = SiteServer(port=port, folder=folder, environment=own)
    server.manage("createcachetable", "cache")
    server.manage("shell", "--no-imports", "-c", CONTENT.replace("PORT", str(port)))
    server.manage("press", "--all", check=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _database_is_there(postgres: Postgres) -> Iterator[None]:
    yield
    postgres.start()


def printed(server: SiteServer) -> list[str]:
    """Every address that has a file."""
    root = server.folder / "press"
    names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    wanted = [name for name in names if not name.startswith(("errors/", ".press", "404.html"))]
    return sorted(
        quote("/" + name.removesuffix("index.html"))
        for name in wanted
        if not name.endswith((".br", ".gz", ".moved", ".answers-query"))
    )


def everything(server: SiteServer) -> dict[str, tuple[int, bytes]]:
    answers = {path: server.get(path, headers={"Accept-Encoding": "br"}) for path in printed(server)}
    return {path: (answer.status, answer.body) for path, answer in answers.items()}


class TestDatabaseAway:
    @pytest.mark.parametrize("how", ["stop", "kill"])
    def test_every_printed_address_answers_with_the_same_bytes(
        self, server: SiteServer, postgres: Postgres, how: str
    ):
        before = everything(server)
        assert len(before) > 10
        assert {status for status, _ in before.values()} == {200, 301}

        getattr(postgres, how)()

        assert everything(server) == before

    def test_says_plainly_that_it_is_away_and_comes_back_by_itself(
        self, server: SiteServer, postgres: Postgres
    ):
        addresses = [
            ("/de/search/?q=words", "public"),
            ("/admin/", "desk"),
            ("/account/login/", "desk"),
            ("/en/page-1/", "desk"),
        ]
        editor = sign_in(server)
        postgres.stop()

        for _ in range(4):  # each worker, and each connection that was open
            for path, door in addresses:
                answer = server.get(path, door=door, headers={"Accept-Language": "de", **editor})
                assert answer.status in {503, 200}, (path, answer.status, server.output()[-2000:])
                if path != "/account/login/":  # a form to sign in needs no database before it is sent
                    assert answer.status == 503, (path, answer.status)
                    assert answer.header("Retry-After") == "10"
                    assert answer.header("Cache-Control").startswith("no-store")

        postgres.start()
        since = time.monotonic()
        while not all(server.get(path, door=door, headers=editor).status < 400 for path, door in addresses):
            assert time.monotonic() - since < 10
            time.sleep(0.1)

    def test_what_is_not_there_is_a_404_as_ever(self, server: SiteServer, postgres: Postgres):
        postgres.stop()

        assert server.get("/en/nowhere/").status == 404
        assert server.get("/en/nowhere").status == 404
        assert server.get("/admin/").status == 404
        assert server.get("/documents/5/x.pdf").status == 404

    def test_says_so_in_the_readers_language(self, server: SiteServer, postgres: Postgres):
        postgres.stop()

        for code in ("en", "de", "ar"):
            answer = server.get(f"/{code}/search/?q=words")
            assert answer.status == 503
            spoken = code if (ROOT / f"locale/{code}/LC_MESSAGES/django.mo").exists() else "en"
            assert f'lang="{spoken}"' in answer.text

    def test_workers_that_start_without_it_serve_what_is_printed(
        self, server: SiteServer, postgres: Postgres
    ):
        before = everything(server)
        postgres.stop()
        server.stop("site")

        server.start()

        assert everything(server) == before

    def test_a_print_without_it_fails_and_changes_nothing(self, server: SiteServer, postgres: Postgres):
        before = everything(server)
        postgres.stop()

        assert server.manage("press", "--all", check=False).returncode != 0
        assert everything(server) == before


def sign_in(server: SiteServer) -> dict[str, str]:
    """The cookies of somebody at the desk, as a header."""
    code = (
        "from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model\n"
        "from django.contrib.sessions.backends.db import SessionStore\n"
        "user = get_user_model().objects.get()\n"
        "session = SessionStore()\n"
        "session.update({SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),\n"
        "    BACKEND_SESSION_KEY: 'django.contrib.auth.backends.ModelBackend'})\n"
        "session.save()\n"
        "print(session.session_key)"
    )
    key = server.manage("shell", "--no-imports", "-c", code).stdout.split()[-1]
    return {"Cookie": f"__Host-sessionid={key}"}


class TestKilledPrint:
    def test_leaves_a_site_that_the_next_print_makes_whole(self, server: SiteServer):
        change = "from home.models import StandardPage; StandardPage.objects.update(introduction='Round {} of many.')"
        for number, seconds in enumerate((1.5, 2.0, 2.5, 3.0)):
            server.manage("shell", "--no-imports", "-c", change.format(number))
            command = [sys.executable, "manage.py", "press", "--all"]
            printing = subprocess.Popen(
                command,
                cwd=ROOT,
                env=server.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(seconds)  # wherever it is by then
            printing.send_signal(signal.SIGKILL)
            printing.wait(10)

            for path in printed(server):
                plain = server.get(path)
                small = server.get(path, headers={"Accept-Encoding": "br"})
                packed = small.header("Content-Encoding") == "br"
                assert plain.status in {200, 301}
                assert (brotli.decompress(small.body) if packed else small.body) == plain.body

        server.manage("press", "--all")
        server.manage("press", "--check")
        assert "Round 3 of many." in server.get("/en/page-1/").text


class TestKilledWorker:
    def test_is_replaced_and_nobody_notices_for_long(self, server: SiteServer):
        before = everything(server)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(server.processes["site"].pid)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert len(children) >= 2
        server.stop("site", how=signal.SIGKILL)

        server.start()

        assert everything(server) == before


MARK = "canary8x3"


class TestNoTrace:
    """Marks in everything that a visitor sends, in every kind of answer; afterwards no byte of them is anywhere."""

    MARKED = {
        "User-Agent": f"{MARK}-agent",
        "Referer": f"https://{MARK}-referrer.example/",
        "Accept-Language": f"{MARK}-language",
        "Cookie": f"a={MARK}-cookie",
        "X-Forwarded-For": f"203.0.113.7, {MARK}-address",
        "X-Request-Id": f"{MARK}-id",
        "Accept-Encoding": "br",
    }

    def ask(self, server: SiteServer, path: str, method: str = "GET", **headers: str) -> Answer:
        joint = "&" if "?" in path else "?"
        return server.request(method, f"{path}{joint}q={MARK}-query", headers={**self.MARKED, **headers})

    def raw(self, server: SiteServer, sent: bytes) -> bytes:
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection,
            contextlib.suppress(OSError),
        ):
            connection.sendall(sent)
            return connection.recv(4096)
        return b""

    def visit(self, server: SiteServer, *, down: bool = False) -> set[int]:
        """One request of each kind. Gives the statuses that came back."""
        tag = self.ask(server, "/en/page-1/").header("ETag") or ""
        host = f"localhost:{server.port}"
        answers = [
            self.ask(server, "/en/page-1/"),
            self.ask(server, "/en/page-1/", "HEAD"),
            self.ask(server, "/en/page-1/", **{"If-None-Match": tag}),
            self.ask(server, "/en/page-1"),
            self.ask(server, "/en/page-0/"),
            self.ask(server, f"/en/{MARK}-path/"),
            self.ask(server, f"/{MARK}-path"),
            self.ask(server, f"/admin/{MARK}-path/"),
            self.ask(server, f"/media/images/{MARK}-path.webp"),
            self.ask(server, f"/static/{MARK}-path.css"),
            self.ask(server, f"/documents/1/{MARK}-path.pdf"),
            self.ask(server, "/en/search/"),
            self.ask(server, "/en/search/?page=" + "9" * 30),
            self.ask(server, "/crash/"),
            self.ask(server, "/en/page-1/", "POST"),
            self.ask(server, "/en/page-1/", "TRACE"),
            self.ask(server, "/en/page-1/", Host=f"{MARK}-host.example"),
            self.ask(server, "/en/page-1/", Host=f"{MARK} host"),
            self.ask(server, f"/en/%FF{MARK}/"),
            self.ask(server, f"/en/%00{MARK}/"),
            self.ask(server, f"/en/../../{MARK}/"),
        ]
        line = MARK.encode()
        common = f"Host: {host}\r\nUser-Agent: {MARK}-agent\r\n\r\n".encode()
        said = [
            self.raw(server, line + b" nonsense\r\n\r\n"),
            self.raw(server, b"POST /en/ HTTP/1.1\r\nContent-Length: 3600000\r\n" + common + line * 400_000),
            self.raw(server, b"GET /" + line * 20_000 + b" HTTP/1.1\r\n" + common),
            self.raw(server, b"GET / HTTP/1.1\r\nX-Long: " + line * 20_000 + b"\r\n" + common),
            self.raw(server, b"GET / HTTP/9.9\r\n" + common),
            self.raw(server, b"GET / HTTP/1.1\r\nContent-Length: -" + line + b"\r\n" + common),
            self.raw(server, b"GET http://" + line + b".example/ HTTP/1.1\r\n" + common),
            self.raw(server, b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n" + common + line),  # and goes away
        ]
        found = {answer.status for answer in answers}
        return found | {
            int(head.split()[1]) for head in said if head.startswith(b"HTTP/") and head.split()[1].isdigit()
        }

    def hits(self, *places: Path) -> list[str]:
        done = subprocess.run(
            ["grep", "-rlia", MARK, *map(str, places)], capture_output=True, text=True, check=False
        )
        return done.stdout.splitlines()

    def test_is_left_of_a_visit(self, server: SiteServer, postgres: Postgres):
        up = self.visit(server)
        postgres.stop()
        down = self.visit(server, down=True)
        postgres.start()
        self.visit(server)
        server.stop("site")

        assert {200, 301, 304, 400, 404, 405, 500} <= up
        assert 503 in down
        assert self.hits(server.folder, postgres.folder) == []
        server.start()

    def test_mutant_a_log_without_its_filter_is_noticed(self, server: SiteServer, tmp_path: Path):
        port = free_port()
        own = {**server.environment, "PORT": str(port), "WAYMARK_TEST_LEAK": "log"}
        leaking = SiteServer(port=port, folder=tmp_path, environment=own, workers=1)
        leaking.start()
        with contextlib.suppress(AssertionError):
            self.ask(leaking, "/crash/")
        leaking.stop()

        assert self.hits(tmp_path)

    def test_mutant_an_access_log_is_noticed(self, server: SiteServer, tmp_path: Path):
        port = free_port()
        own = {**server.environment, "PORT": str(port), "GRANIAN_LOG_ACCESS_ENABLED": "true"}
        leaking = SiteServer(port=port, folder=tmp_path, environment=own, workers=1)
        leaking.start()
        self.ask(leaking, f"/en/{MARK}-path/")
        leaking.stop()

        assert self.hits(tmp_path)
