"""Real processes, real faults: the database becomes unavailable, and a render or the site itself is killed.

The tests stop, kill and restart a separate site on a separate PostgreSQL.
"""

import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import brotli
import pytest

from config.settings.base import ROOT
from tests.support.forks import dying
from tests.support.postgres import Postgres
from tests.support.server import SiteServer

pytestmark = [pytest.mark.process, pytest.mark.django_db, pytest.mark.xdist_group("faults")]


@pytest.fixture
def postgres(fault_postgres: Postgres) -> Postgres:
    return fault_postgres


@pytest.fixture
def server(fault_site: SiteServer) -> SiteServer:
    return fault_site


@pytest.fixture(autouse=True)
def _database_is_there(postgres: Postgres) -> Iterator[None]:
    yield
    postgres.start()


def prerendered(server: SiteServer) -> list[str]:
    """Return every address that has a file."""
    root = server.folder / "prerender"
    names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    wanted = [name for name in names if not name.startswith(("errors/", ".prerender", "404.html"))]
    return sorted(
        quote("/" + name.removesuffix("index.html").removesuffix("/index.json"))
        for name in wanted
        if not name.endswith((".br", ".gz", ".moved", ".answers-query"))
    )


def everything(server: SiteServer) -> dict[str, tuple[int, bytes]]:
    answers = {path: server.get(path, headers={"Accept-Encoding": "br"}) for path in prerendered(server)}
    return {path: (answer.status, answer.body) for path, answer in answers.items()}


class TestDatabaseUnavailable:
    @pytest.mark.parametrize("how", ["stop", "kill"])
    def test_every_rendered_address_answers_with_the_same_bytes(self, server: SiteServer, postgres: Postgres, how: str):
        before = everything(server)
        assert len(before) > 10
        assert {status for status, _ in before.values()} == {200, 301}

        getattr(postgres, how)()

        assert everything(server) == before

    def test_shows_a_plain_error_page_and_comes_back_by_itself(self, server: SiteServer, postgres: Postgres):
        addresses = [
            ("/de/search/?q=words", "public"),
            ("/admin/", "private"),
            ("/account/login/", "private"),
            ("/en/page-1/", "private"),
        ]
        editor = sign_in(server)
        postgres.stop()

        for _ in range(4):  # often enough to reach each worker and each open connection
            for path, host in addresses:
                answer = server.get(path, host=host, headers={"Accept-Language": "de", **editor})
                assert answer.status in {503, 200}, (path, answer.status, server.output()[-2000:])
                if path != "/account/login/":  # the sign-in form needs no database until it is submitted
                    assert answer.status == 503, (path, answer.status)
                    assert answer.header("Retry-After") == "10"
                    assert answer.header("Cache-Control").startswith("no-store")

        postgres.start()
        while not all(server.get(path, host=host, headers=editor).status < 400 for path, host in addresses):
            time.sleep(0.1)

    def test_what_is_not_there_is_a_404_as_ever(self, server: SiteServer, postgres: Postgres):
        postgres.stop()

        assert server.get("/en/nowhere/").status == 404
        assert server.get("/en/nowhere").status == 404
        assert server.get("/admin/").status == 404
        assert server.get("/documents/5/x.pdf").status == 404

    def test_is_reported_in_the_readers_language(self, server: SiteServer, postgres: Postgres):
        postgres.stop()

        for code in ("en", "de", "ar"):
            answer = server.get(f"/{code}/search/?q=words")
            assert answer.status == 503
            spoken = code if (ROOT / f"locale/{code}/LC_MESSAGES/django.mo").exists() else "en"
            assert f'lang="{spoken}"' in answer.text

    def test_workers_that_start_without_it_serve_what_is_rendered(self, server: SiteServer, postgres: Postgres):
        before = everything(server)
        postgres.stop()
        server.stop("site")

        server.start()

        assert everything(server) == before

    def test_a_render_without_it_fails_and_changes_nothing(self, server: SiteServer, postgres: Postgres):
        before = everything(server)
        postgres.stop()

        assert server.manage("prerender", "--all", check=False).returncode != 0
        assert everything(server) == before


class TestDatabaseHangs:
    """Its connections stay open without a response.

    Without a limit, each request would wait until it runs again.
    """

    def test_keeps_no_reader_waiting_and_comes_back_by_itself(self, server: SiteServer, postgres: Postgres):
        before = everything(server)
        editor = sign_in(server)
        addresses = [("/de/search/?q=words", "public"), ("/admin/", "private"), ("/en/page-1/", "private")]
        for path, host in addresses * 2:  # opens the connections of both processes
            assert server.get(path, host=host, headers=editor).status < 400

        with postgres.hanging(), ThreadPoolExecutor(8) as readers:
            prerendered = [readers.submit(everything, server) for _ in range(3)]
            asked = [readers.submit(server.get, path, host=host, headers=editor) for path, host in addresses * 4]
            unavailable = [each.result() for each in asked]
            during = [each.result() for each in prerendered]

        assert {(answer.status, answer.header("Retry-After")) for answer in unavailable} == {(503, "10")}
        assert all(each == before for each in during)
        while not all(server.get(path, host=host, headers=editor).status < 400 for path, host in addresses):
            time.sleep(0.1)

    def test_is_not_said_of_a_statement_that_only_takes_long(self, server: SiteServer):
        """The server still serves others, so a long statement is not aborted."""
        code = (
            "from core.postgresql import waiting\n"
            "from django.db import connection\n"
            "with connection.cursor() as cursor:\n"
            "    waiting.PATIENCE = 0.5\n"
            "    cursor.execute('SELECT pg_sleep(2), 42')\n"
            "    print(cursor.fetchone()[1])"
        )

        assert server.manage("shell", "--no-imports", "-c", code).stdout.split() == ["42"]

    @pytest.mark.parametrize(
        ("limit", "statement", "end"),
        [
            ("statement_timeout", "SELECT pg_sleep(60)", "QueryCanceled"),
            ("lock_timeout", "SELECT pg_advisory_lock(1)", "LockNotAvailable"),
        ],
    )
    def test_is_not_needed_to_end_a_statement_at_its_limit(
        self, server: SiteServer, limit: str, statement: str, end: str
    ):
        code = (
            "from core.postgresql import base\n"
            f"base.LIMITS = {{'{limit}': '100ms'}}\n"
            "from django.db import OperationalError, connection\n"
            "other = connection.copy()\n"
            "with connection.cursor() as cursor, other.cursor() as holder:\n"
            "    holder.execute('SELECT pg_advisory_lock(1)')\n"
            "    try:\n"
            f"        cursor.execute('{statement}')\n"
            "    except OperationalError as ended:\n"
            "        print(type(ended.__cause__).__name__)"
        )

        assert server.manage("shell", "--no-imports", "-c", code).stdout.split() == [end]


def sign_in(server: SiteServer) -> dict[str, str]:
    """Sign a user in to the admin and return the cookie as a header."""
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


class TestKilledRender:
    def test_leaves_a_site_that_the_next_render_makes_whole(self, server: SiteServer, postgres: Postgres):
        moments = {
            "When the first page is rendered.": ("prerender.rendering.batches.make_file", 2),
            "While pages are rendered.": ("prerender.rendering.batches.make_file", 6),
            "While pages are put in place.": ("prerender.store.files.FileStore._place", 3),
        }
        for words, moment in moments.items():
            postgres.psql(f"UPDATE home_standardpage SET introduction = '{words}'")  # noqa: S608
            died = server.manage("shell", "--no-imports", "-c", dying(*moment, ("prerender", "--all")), check=False)
            assert died.returncode == -signal.SIGKILL, words

            for path in prerendered(server):
                plain = server.get(path)
                small = server.get(path, headers={"Accept-Encoding": "br"})
                packed = small.header("Content-Encoding") == "br"
                assert plain.status in {200, 301}
                assert (brotli.decompress(small.body) if packed else small.body) == plain.body

        server.manage("prerender", "--all")
        server.manage("prerender", "--check")
        assert "While pages are put in place." in server.get("/en/page-1/").text


class TestKilledWorker:
    def test_is_replaced_within_seconds(self, server: SiteServer):
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
