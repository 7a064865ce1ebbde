"""Replication with two real servers: reads of the public site from the replica, and failover when it is promoted."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import InternalError, OperationalError, connections, router
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import DjangoDbBlocker
from wagtail.models import Site

from config import databases
from config.settings.base import VAR
from core import monitoring
from core.background.processes import SCHEDULER
from core.http import SiteKind
from core.http.middleware import ReplicaMiddleware
from core.postgresql import failover, replica
from core.postgresql.base import DatabaseWrapper
from core.postgresql.replica import ReplicaMonitor
from operations.diagnostics import DoctorFinding
from operations.diagnostics import database as diagnostics
from tests.prerender.test_faults import sign_in
from tests.support.postgres import Postgres, Standby, several
from tests.support.server import SiteServer, free_port
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("faults")]
SEARCH = "/en/search/?q=words"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return the folder of the replica.

    Its name is short, because it contains a socket.
    """
    made = Path(tempfile.mkdtemp(prefix="replica-", dir=VAR))
    made.chmod(0o755)
    yield made / "r"
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def built(folder: Path) -> Iterator[list[Standby]]:
    """Yield a list with the replica once a test has built it, which takes a while."""
    found: list[Standby] = []
    yield found
    take_away(found)


def take_away(built: list[Standby]) -> None:
    while built:
        standby = built.pop()
        if standby.is_running:
            standby.stop()
        shutil.rmtree(standby.folder)


@pytest.fixture
def standby(fault_postgres: Postgres, folder: Path, built: list[Standby]) -> Iterator[Standby]:
    """Yield a replica of the fault-injection site's database that has replayed everything.

    After a test that promotes it, it is rebuilt.
    """
    fault_postgres.start()
    if not built:
        built.append(Standby(folder, primary=fault_postgres))
    built[0].follow(fault_postgres)
    yield built[0]
    if built[0].is_promoted:
        take_away(built)
    fault_postgres.start()


@pytest.fixture
def site(fault_site: SiteServer, fault_postgres: Postgres, folder: Path) -> Iterator[SiteServer]:
    """Yield the fault-injection site on another port: one process, configured with both servers.

    Each test gets a new process, because after a failover a process accepts no older server.
    """
    port = free_port()
    environment = {
        **fault_site.environment,
        "PORT": str(port),
        "DATABASE_URL": several(fault_postgres.url, Standby.url_in(folder)),
        "WAYMARK_REPLICA_URL": Standby.url_in(folder),
        "WAYMARK_HEALTH_PORT": "",
    }
    own = folder.with_name("site")
    own.mkdir(exist_ok=True)
    server = SiteServer(port=port, folder=own, environment=environment, workers=1)
    server.start()
    yield server
    server.stop()


def last_read(standby: Standby) -> str:
    """Return the time of the last read on the replica, apart from checks of its position; empty if none."""
    return standby.psql(
        "SELECT max(query_start) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
        "AND query NOT LIKE '%pg_is_in_recovery%'"
    ).strip()


def search(site: SiteServer) -> str:
    answer = site.get(SEARCH)
    assert answer.status == 200, site.output()
    return answer.text


def is_used(site: SiteServer, standby: Standby) -> bool:
    """Search once, and return whether the replica was read."""
    before = last_read(standby)
    search(site)
    return last_read(standby) != before


@pytest.mark.django_db
class TestReplica:
    def test_is_read_from_unless_it_is_late_or_lost(self, site: SiteServer, fault_postgres: Postgres, standby: Standby):
        wait_until(lambda: is_used(site, standby))
        assert "/en/page-3/" in search(site)

        standby.psql("SELECT pg_wal_replay_pause()")
        fault_postgres.psql("UPDATE wagtailcore_page SET live = false WHERE slug = 'page-3'")
        withdrawn = time.monotonic()
        wait_until(lambda: "/en/page-3/" not in search(site))
        assert time.monotonic() - withdrawn < replica.LATE + 20  # the rest allows for a busy machine
        assert not is_used(site, standby)

        fault_postgres.psql("UPDATE wagtailcore_page SET live = true WHERE slug = 'page-3'")
        standby.psql("SELECT pg_wal_replay_resume()")
        wait_until(lambda: is_used(site, standby))

        standby.kill()
        assert "/en/page-3/" in search(site)
        assert "/en/page-3/" in search(site)

    def test_goes_on_without_the_primary_and_takes_its_place(
        self, site: SiteServer, fault_postgres: Postgres, standby: Standby
    ):
        wait_until(lambda: is_used(site, standby))
        editor = sign_in(site)
        standby.follow(fault_postgres)
        assert site.get("/admin/", host="private", headers=editor).status < 400

        fault_postgres.kill()

        for _ in range(5):
            assert "/en/page-3/" in search(site)
        assert site.get("/en/page-3/").status == 200
        assert site.get("/admin/", host="private", headers=editor).status == 503

        standby.promote()

        wait_until(lambda: site.get("/admin/", host="private", headers=editor).status < 400)
        assert "/en/page-3/" in search(site)

        fault_postgres.start()
        standby.psql("UPDATE wagtailcore_page SET live = false WHERE slug = 'page-3'")
        wait_until(lambda: "/en/page-3/" not in search(site))


@pytest.fixture
def monitor(
    fault_postgres: Postgres,
    standby: Standby,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[ReplicaMonitor]:
    """Return a monitor of the two servers, as databases of this process."""
    for alias, url in {"primary": fault_postgres.url, "replica": standby.url}.items():
        known = connections.configure_settings({"default": {}, alias: databases.parsed("DATABASE_URL", url)})
        monkeypatch.setitem(connections.settings, alias, known[alias])
    monkeypatch.setattr(replica, "monitor", ReplicaMonitor(primary="primary"))
    with django_db_blocker.unblock():
        yield replica.monitor
    for alias in ("primary", "replica"):
        connections[alias].close()
        del connections[alias]


def said_by(check: Callable[[], Iterator[DoctorFinding]]) -> list[str]:
    return [f"{found.verdict}: {found.says}" for found in check()]


def metric() -> float | None:
    (asked,) = (each for each in monitoring.declared() if each.name == "waymark_replica_lag_seconds")
    return monitoring.read(asked).value


class TestWatch:
    def test_has_an_unknown_lag_before_the_first_check(self, monitor: ReplicaMonitor):
        assert monitor.lag() is None
        assert not monitor.is_current()

    def test_takes_a_replica_that_has_everything_for_current(self, monitor: ReplicaMonitor):
        monitor.look()

        assert monitor.is_current()
        assert metric() == 0
        assert replica.wait_until_replayed()
        assert said_by(diagnostics.replication) == ["right: It has everything that the primary has."]

    def test_takes_one_that_lacks_a_change_for_late_once_that_is_too_old(
        self, monitor: ReplicaMonitor, fault_postgres: Postgres, standby: Standby, monkeypatch
    ):
        standby.psql("SELECT pg_wal_replay_pause()")
        fault_postgres.psql("UPDATE wagtailcore_site SET port = port")
        monitor.look()
        assert monitor.is_current()

        monkeypatch.setattr(replica, "LATE", 0.1)

        assert not monitor.is_current()
        assert metric() >= 1
        assert not replica.wait_until_replayed()
        (said,) = said_by(diagnostics.replication)
        assert said.startswith("wrong: It is late: ")

    def test_takes_one_that_has_all_for_current_when_the_primary_is_lost(
        self, monitor: ReplicaMonitor, fault_postgres: Postgres
    ):
        monitor.look()
        fault_postgres.kill()
        monitor.look()

        assert monitor.is_current()
        unknowing = ReplicaMonitor(primary="primary")
        unknowing.look()
        assert not unknowing.is_current()

    def test_does_without_one_that_lacks_something_when_the_primary_is_lost(
        self, monitor: ReplicaMonitor, fault_postgres: Postgres, standby: Standby, monkeypatch
    ):
        monkeypatch.setattr(replica, "LATE", replica.LOOKS_EVERY + 0.05)
        standby.psql("SELECT pg_wal_replay_pause()")
        fault_postgres.psql("UPDATE wagtailcore_site SET port = port")
        monitor.look()
        fault_postgres.kill()
        monitor.look()

        wait_until(lambda: not monitor.is_current())

    def test_does_without_one_that_is_lost(self, monitor: ReplicaMonitor, standby: Standby):
        monitor.look()
        standby.kill()
        monitor.look()

        assert not monitor.is_current()
        assert metric() == replica.REMEMBERED
        assert not replica.wait_until_replayed()
        (said,) = said_by(diagnostics.replication)
        assert said.startswith("wrong: It does not respond: ")

    def test_does_without_one_that_goes_its_own_way(
        self, monitor: ReplicaMonitor, fault_postgres: Postgres, standby: Standby, monkeypatch, caplog
    ):
        standby.promote()
        monitor.look()

        assert not monitor.is_current()
        assert said_by(diagnostics.replication) == ["wrong: It was promoted, and accepts changes itself."]

        # Both are named in DATABASE_URL: the promoted one must be used.
        monkeypatch.setattr(failover, "_chosen", {})
        url = several(fault_postgres.url, standby.url)
        settings = connections.configure_settings({"default": {}, "replica": databases.parsed("DATABASE_URL", url)})
        wrapper = DatabaseWrapper(settings["replica"], alias="replica")
        try:
            assert host_of(wrapper) == str(standby.folder)
            assert "Two databases can be written to." in caplog.text
            monkeypatch.setattr(diagnostics, "connection", wrapper)
            (said,) = said_by(diagnostics.servers)
            assert said.startswith("wrong: 2 of them accept changes: ")

            # A process that has seen the new primary never goes back to the old one.
            standby.kill()
            wrapper.close()
            with pytest.raises(OperationalError, match="was replaced by another one"):
                wrapper.ensure_connection()
            assert said_by(diagnostics.servers)[0].startswith("right: 2 are named")
            fault_postgres.kill()
            with pytest.raises(OperationalError, match="None of the databases"):
                wrapper.ensure_connection()
        finally:
            wrapper.close()

    def test_looks_until_it_is_stopped(self, monitor: ReplicaMonitor, monkeypatch):
        monkeypatch.setattr(replica, "LOOKS_EVERY", 0.001)
        stopped, looks = threading.Event(), []

        def look() -> None:
            looks.append(1)
            if len(looks) == 3:
                stopped.set()

        monkeypatch.setattr(monitor, "look", look)
        monitor.poll_loop(stopped)

        assert len(looks) == 3


def host_of(wrapper: DatabaseWrapper) -> str:
    """Connect, and return the host (for a socket, its folder)."""
    wrapper.ensure_connection()
    return str(wrapper.connection.info.host)


class TestRouter:
    """Choice of the database for queries, without servers."""

    def test_sends_everything_to_the_replica_only_while_reading(self):
        site = Site()
        site._state.db = "replica"
        for asked in (router.db_for_read, router.db_for_write):
            assert asked(Site, instance=site) == "default"
            with replica.reading():
                assert asked(Site) == "replica"
        assert router.allow_relation(site, Site())
        assert not router.allow_migrate("replica", "wagtailcore")

    @pytest.mark.parametrize("url", ["postgres://waymark@db1:5432,db2:5432/waymark", "db1"])
    def test_explains_the_format_of_an_address(self, monkeypatch, url):
        monkeypatch.setenv("WAYMARK_REPLICA_URL", url)

        with pytest.raises(ImproperlyConfigured, match=r"WAYMARK_REPLICA_URL is no address .*host=db1,db2"):
            databases.from_environment()


class TestPublicSite:
    """The replica is the test's own database under another name, and the test decides whether it is current."""

    @pytest.fixture
    def current(self, monkeypatch) -> Iterator[None]:
        monkeypatch.setattr(replica, "is_there", lambda: True)
        monkeypatch.setattr(replica.monitor, "is_current", lambda: True)
        monkeypatch.setattr(replica.monitor, "left_alone_until", 0.0)

    def asked(
        self,
        view: Callable[[HttpRequest], HttpResponse],
        *,
        site_kind: SiteKind = SiteKind.PUBLIC,
        **marks: bool,
    ):
        """Return the response of a view through the middleware, as Django would."""
        request = RequestFactory().get("/en/search/")
        request.site_kind = site_kind
        for name, value in marks.items():
            setattr(request, name, value)
        middleware = ReplicaMiddleware(lambda request: answered(view, request))

        def answered(view, request):
            try:
                return view(request)
            except (OperationalError, InternalError) as lost:
                return middleware.process_exception(request, lost) or HttpResponse(status=500)

        return middleware(request)

    @pytest.mark.parametrize(
        ("site_kind", "marks", "expected"),
        [
            (SiteKind.PUBLIC, {}, b"True"),
            (SiteKind.PRIVATE, {}, b"False"),
            (SiteKind.PUBLIC, {"is_prerendering": True}, b"False"),
            (SiteKind.PUBLIC, {"is_dummy": True}, b"False"),
        ],
    )
    def test_alone_reads_from_the_replica(self, current, site_kind, marks, expected):
        answer = self.asked(lambda request: HttpResponse(str(replica.is_reading())), site_kind=site_kind, **marks)

        assert answer.content == expected

    def test_asks_the_primary_when_the_replica_is_lost(self, current):
        def view(request: HttpRequest) -> HttpResponse:
            if replica.is_reading():
                raise OperationalError
            return HttpResponse("From the primary.")

        assert self.asked(view).content == b"From the primary."
        assert replica.monitor.left_alone_until > time.monotonic()

    def test_asks_the_primary_for_what_has_to_be_written(self, current):
        def view(request: HttpRequest) -> HttpResponse:
            if replica.is_reading():
                raise InternalError("cannot execute INSERT in a read-only transaction")
            return HttpResponse("Written.")

        assert self.asked(view).content == b"Written."
        assert replica.monitor.left_alone_until == 0

    def test_fails_when_both_are_lost(self, current):
        def view(request: HttpRequest) -> HttpResponse:
            raise OperationalError

        assert self.asked(view).status_code == 500  # which UnavailableMiddleware makes a plain 503

    def test_is_watched_for_in_the_scheduler_and_in_what_is_forked(self, monkeypatch):
        started, forked = [], []
        monkeypatch.setattr(replica, "start_thread", lambda: started.append(1))
        monkeypatch.setattr(os, "register_at_fork", lambda after_in_child: forked.append(after_in_child))
        replica.accompany(SCHEDULER)
        replica.start_monitoring()
        assert not started
        monkeypatch.setattr(replica, "is_there", lambda: True)

        replica.accompany("worker")
        replica.accompany(SCHEDULER)
        replica.start_monitoring()

        assert len(started) == 2
        assert len(forked) == 1
