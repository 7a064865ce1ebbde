"""The real site in separate processes, over the database of the tests.

A journey asks for `site_server` and writes its rows with the factories, as any test does; they must be committed for
the server to see them:

    @pytest.mark.process
    @pytest.mark.django_db(transaction=True)
    class TestReading:
        def test_shows_a_page(self, site_server, home):
            StandardPageFactory(parent=home, slug="about")

            assert site_server.get("/en/about/").status == 200

- There is ONE database: the server was given the address of pytest-django's.
  After the test its rows are put back to what they were after the migrations (tests/support/postgresql), so
  journeys run in any order, and other tests after them.
- Test and server share media and prerendered pages (`settings.MEDIA_ROOT`, `settings.PRERENDER_ROOT`), cache,
  addresses (`settings.PUBLIC_URL`, `settings.PRIVATE_URL`) and static files.
  A page that the test publishes is rendered by the test itself.
- `site_server` does background work inside the request (the immediate backend).
  `working_site` is the same server with the database backend and a real worker: what is published is rendered a
  moment later, so wait for it: `working_site.wait_for(path)`.
- `real_site` is the same with a worker, and not the demonstration: it shows only what two people have approved.
- It runs the demonstration's settings (`WAYMARK_DEMO`: hashed static files, password sign-in), with two granian
  workers.
- In a browser go to `site_server.public_url` and `site_server.private_url`.
  In Python use `get` and `request`, which connect to 127.0.0.1 and say the host's name, because Python may not know
  `private.localhost`.
- `manage("prerender", "--all")` runs a command as the server would.
  `output()` is all that the server has written so far.

The server starts in about two seconds, once for all tests.
"""

import contextlib
import hashlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoDbBlocker

from config.settings.base import ROOT, VAR
from tests.support.forks import Forked, Forks

TASKS = {
    "immediate": "django.tasks.backends.immediate.ImmediateBackend",
    "database": "django_tasks_db.DatabaseBackend",
}

# Replaces the program `granian`: the site is imported once and the workers are forked from it.
GRANIAN = "import config.wsgi; from granian.cli import entrypoint; entrypoint()"

# The fixtures that start a site.
KINDS = ("site_server", "working_site", "real_site")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response: `headers` keeps names as they were sent, in order; `header` finds one in any case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(kw_only=True)
class SiteServer:
    """granian with the site, and what a journey needs to talk to it."""

    port: int
    folder: Path  # holds media, prerendered pages and logs
    environment: dict[str, str]
    workers: int = 2
    private_port: int = 0  # if separate processes serve the private site
    forks: Forks | None = None  # of the same environment, if many commands are to be run
    processes: dict[str, subprocess.Popen[bytes] | Forked] = field(default_factory=dict)

    scheme: ClassVar[str] = "http"

    @property
    def public_url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    @property
    def private_url(self) -> str:
        return f"{self.scheme}://private.localhost:{self.private_port or self.port}"

    def connection(self, host: str, port: int, *, timeout: float) -> http.client.HTTPConnection:
        """Return a connection to this machine, in which the host is only a name."""
        return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def open_socket(self, *, host: str = "localhost", timeout: float = 5) -> socket.socket:
        """Return a connection, for bytes that no client sends. The host is only said where there is TLS."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def start(self) -> None:
        self._run(
            "site",
            [
                sys.executable, "-c", GRANIAN, "--interface", "wsgi", "--host", "127.0.0.1",
                "--port", str(self.port), "--workers", str(self.workers), "--blocking-threads", "1",
                "config.wsgi:application",
            ],
        )  # fmt: skip
        until = time.monotonic() + 90
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.get("/favicon.ico")
                return
            if time.monotonic() > until or self.processes["site"].poll() is not None:
                raise RuntimeError(f"The site did not start:\n{self.output()}")
            time.sleep(0.05)

    def start_worker(self, *, interval: float = 0.2) -> None:
        """Start a process for background work (only with the database backend), which polls each `interval` seconds."""
        self._start("worker", "worker", "--interval", str(interval))

    def start_scheduler(self) -> None:
        """Start the process that does what is due at a time."""
        self._start("scheduler", "scheduler")

    def start_collector(self) -> None:
        """Start the process that counts pages, and wait until it listens."""
        self._start("collector", "analytics")
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port + 2), 1):
                return
            assert time.monotonic() < until, f"The collector does not listen:\n{self.output()}"
            time.sleep(0.05)

    def finish_tasks(self) -> None:
        """Drop the waiting tasks, and let the worker finish its own: it would end if the row of that were deleted."""
        while (worker := self.processes.get("worker")) is not None and worker.poll() is None:
            DBTaskResult.objects.ready().delete()
            if not DBTaskResult.objects.running().exists():
                break
            time.sleep(0.05)

    def stop(self, name: str | None = None, *, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop one process (`site`, `worker`) with its children, or all of them."""
        for key in [name] if name else list(self.processes):
            process = self.processes.pop(key, None)
            if process is None:
                continue
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, how)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    def request(
        self,
        method: str,
        path: str,
        *,
        host: Literal["public", "private"] = "public",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 30,
    ) -> Answer:
        """Make one request; redirects are not followed.

        A `Host` among the headers replaces the site's.
        """
        at = urlsplit(self.public_url if host == "public" else self.private_url)
        asked = self.connection(str(at.hostname), at.port or 0, timeout=timeout)
        try:
            asked.request(method, path, body=body, headers={"Host": at.netloc, **(headers or {})})
            answer = asked.getresponse()
            return Answer(status=answer.status, headers=answer.getheaders(), body=answer.read())
        finally:
            asked.close()

    def get(
        self,
        path: str,
        *,
        host: Literal["public", "private"] = "public",
        headers: Mapping[str, str] | None = None,
        timeout: float = 30,
    ) -> Answer:
        return self.request("GET", path, host=host, headers=headers, timeout=timeout)

    def wait_for(
        self,
        path: str,
        *,
        status: int = 200,
        seconds: float = 120,
        contains: str = "",
        lacks: str | None = None,
    ) -> Answer:
        """Ask the public site until the answer has this status, contains these words, and lacks those."""
        until = time.monotonic() + seconds
        while True:
            answer = self.get(path)
            if (
                answer.status == status
                and contains.encode() in answer.body
                and (lacks is None or lacks.encode() not in answer.body)
            ):
                return answer
            if time.monotonic() > until:
                raise AssertionError(
                    f"{path} is {answer.status} after {seconds} s:\n{answer.text[:500]}\n{self.output()}"
                )
            time.sleep(0.1)

    def wait_until_idle(self, *, seconds: float = 120) -> None:
        """Wait until the worker has done everything that there is to do: what is not public then will not be."""
        until = time.monotonic() + seconds
        while DBTaskResult.objects.ready().exists() or DBTaskResult.objects.running().exists():
            assert time.monotonic() < until, f"The worker is still at work:\n{self.output()}"
            time.sleep(0.1)

    def wait_until_written(self, words: str, *, seconds: float = 30) -> None:
        """Wait until the processes have written these words."""
        until = time.monotonic() + seconds
        while words not in self.output():
            assert time.monotonic() < until, f"“{words}” was never written"
            time.sleep(0.1)

    def manage(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command as the server would."""
        if self.forks:
            done = self.forks.run(*command)
        else:
            done = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def output(self) -> str:
        """Return all that the processes have written."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def _start(self, name: str, *command: str) -> None:
        if self.forks:
            self.processes[name] = self.forks.start(*command, stdout=self.folder / f"{name}.log")
        else:
            self._run(name, [sys.executable, "manage.py", *command])

    def _run(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )


def database_url() -> str:
    """Return the address of the database of the tests, as `DATABASE_URL` names it."""
    at = connection.get_connection_params()
    user = quote(str(at.get("user") or ""), safe="")
    if at.get("password"):
        user += ":" + quote(str(at["password"]), safe="")
    name = at.get("dbname") or at.get("database")
    return f"postgres://{user}@{quote(str(at.get('host') or ''), safe='')}:{at.get('port') or 5432}/{name}"


def collected_static() -> Path:
    """Return static files as production serves them, collected again only if one has changed."""
    from django.contrib.staticfiles.finders import get_finders

    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            seen.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    folder = VAR / "test-static"
    target = folder / seen.hexdigest()[:16]
    if not target.exists():
        # Another run may be collecting the same, so: in a folder of our own, then named in one step.
        making = folder / f"making-{os.getpid()}"
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev", "WAYMARK_DEMO": "1"}
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
            cwd=ROOT,
            env={**environment, "WAYMARK_STATIC": str(making)},
            check=True,
        )
        for old in sorted(folder.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime)[:-3]:
            shutil.rmtree(old, ignore_errors=True)
        try:
            making.rename(target)
        except OSError:
            shutil.rmtree(making)
    return target


def free_port() -> int:
    """Return a free port for a test's own site, below those that the system assigns by itself."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port


def environment(
    *, port: int, static: Path, tasks: str, scratch: Path | None = None, database: str | None = None
) -> dict[str, str]:
    """Return the environment of the site's processes, by default with the tests' own folder and database."""
    return process_environment(
        scratch=scratch,
        database=database,
        WAYMARK_VAR=str(VAR),
        WAYMARK_STATIC=str(static),
        WAYMARK_TEST_TASKS=tasks,
        # Helpers load the whole site first, and beside other tests no core is free for them.
        # They are covered by test_processes and the demonstration.
        WAYMARK_PRERENDER_PROCESSES="1",
        PORT=str(port),
    )


def process_environment(
    *, scratch: Path | None = None, database: str | None = None, **variables: str
) -> dict[str, str]:
    """Return the environment of a process, with the tests' own folder and database if no others are given."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("WAYMARK_", "GRANIAN_"))}
    return {
        **outer,
        "DJANGO_SETTINGS_MODULE": "tests.support.served_settings",
        "WAYMARK_DEMO": "1",
        "WAYMARK_TEST_SCRATCH": str(scratch or settings.SCRATCH),
        "WAYMARK_TEST_TASKS": "database",
        "DATABASE_URL": database or database_url(),
        "PYTHONUNBUFFERED": "1",
        **variables,
    }


class Servers:
    """The server for each kind of background work, started when a test first asks for it; one at a time."""

    def __init__(self) -> None:
        self.static = collected_static()
        self.server: SiteServer | None = None
        self.kind: tuple[str, bool] = ("", True)
        self.forks: dict[tuple[str, bool], Forks] = {}  # for the workers of each kind

    def running(self, tasks: str, *, demo: bool = True) -> SiteServer:
        if self.server is not None and (
            self.kind != (tasks, demo) or any(process.poll() is not None for process in self.server.processes.values())
        ):
            self.stop()
        if self.server is not None and tasks == "database" and "worker" not in self.server.processes:
            self.server.start_worker()
        if self.server is None:
            port = int(os.environ["PORT"])
            folder = settings.SCRATCH / "server"
            folder.mkdir(parents=True, exist_ok=True)
            given = environment(port=port, static=self.static, tasks=tasks)
            if not demo:
                given["WAYMARK_TEST_REAL"] = "1"
            self.kind = (tasks, demo)
            if tasks == "database" and self.kind not in self.forks:
                self.forks[self.kind] = Forks(given)
            self.server = SiteServer(port=port, folder=folder, environment=given, forks=self.forks.get(self.kind))
            self.server.start()
            if tasks == "database":
                self.server.start_worker()
        return self.server

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None


def kind_of_server(item: pytest.Item) -> int:
    """Return which server a test asks for, as a number; 0 for none."""
    asked = getattr(item, "fixturenames", ())
    return next((number for number, name in enumerate(KINDS, start=1) if name in asked), 0)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests of a file that need the same kind of server, because another kind means another start."""
    items[:] = [
        item for _file, tests in groupby(items, lambda item: item.path) for item in sorted(tests, key=kind_of_server)
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the worker of a site before a test that does not ask for it: it would take that test's tasks."""
    servers = getattr(item, "funcargs", {}).get("_servers")
    if servers and servers.server and (nextitem is None or kind_of_server(nextitem) != kind_of_server(item)):
        servers.server.stop("worker")


@pytest.fixture(scope="session")
def _servers(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Servers]:
    with django_db_blocker.unblock():
        call_command("createcachetable", "cache")
        servers = Servers()
    yield servers
    servers.stop()
    for forks in servers.forks.values():
        forks.close()


def _shared(servers: Servers, tasks: str, *, demo: bool = True) -> Iterator[SiteServer]:
    """Let the test use what the server uses: cache, static files, background work."""
    served = {
        "DEMO": demo,
        "CACHES": {
            "default": {
                **settings.CACHES["default"],
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "cache",
            }
        },
        "STATIC_ROOT": servers.static,
        "STORAGES": {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "core.assets.storage.StaticStorage"},
        },
        "TASKS": {"default": {"BACKEND": TASKS[tasks], "QUEUES": []}},
        "WAGTAILSEARCH_BACKENDS": {"default": {**settings.WAGTAILSEARCH_BACKENDS["default"], "AUTO_UPDATE": True}},
    }
    with override_settings(**served):
        server = servers.running(tasks, demo=demo)
        yield server
        server.finish_tasks()


@pytest.fixture
def site_server(_servers: Servers, transactional_db: None) -> Iterator[SiteServer]:
    """The real site; published pages are rendered immediately.

    See the docstring of this module.
    """
    yield from _shared(_servers, "immediate")


@pytest.fixture
def working_site(_servers: Servers, transactional_db: None) -> Iterator[SiteServer]:
    """The real site with a worker; what is published is rendered a moment later."""
    yield from _shared(_servers, "database")


@pytest.fixture
def real_site(_servers: Servers, transactional_db: None) -> Iterator[SiteServer]:
    """The real site with a worker, that shows only what two people have approved."""
    yield from _shared(_servers, "database", demo=False)
