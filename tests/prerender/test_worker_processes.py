"""A real worker with real faults: it loses its database, is killed, and is stopped, with work in hand."""

import contextlib
import signal
from collections.abc import Callable, Iterator

import psycopg2
import pytest

from tests.support.forks import Forked, Forks, forking
from tests.support.postgres import Postgres
from tests.support.server import SiteServer
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.process, pytest.mark.django_db, pytest.mark.xdist_group("faults")]

ENQUEUE = """
INSERT INTO django_tasks_database_dbtaskresult (id, status, enqueued_at, args_kwargs, priority, task_path, worker_ids,
    queue_name, backend_name, run_after, exception_class_path, traceback)
VALUES (gen_random_uuid(), 'READY', now(), '{"args": [], "kwargs": {}}', 0, 'prerender.tasks.render_changes', '[]',
    'default', 'default', now(), '', '')
"""
ALL_DUE = """
INSERT INTO prerender_pendingpath (host, path, kind, source, urgency, noted_at)
SELECT host, path, kind, source, 2, now() FROM prerender_prerenderedpath
"""


@pytest.fixture(scope="module")
def forks(fault_site: SiteServer) -> Iterator[Forks]:
    with forking({**fault_site.environment, "WAYMARK_TEST_TASKS": "database"}) as made:
        yield made


@pytest.fixture
def start(fault_site: SiteServer, fault_postgres: Postgres, forks: Forks) -> Iterator[Callable[..., Forked]]:
    """Return a function that starts a worker (or another command) on the fault-injection site.

    Its log is `worker.log`.
    """
    started: list[Forked] = []

    def start(*command: str) -> Forked:
        command = command or ("worker", "--interval", "0.1")
        started.append(forks.start(*command, stdout=fault_site.folder / "worker.log"))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()
    fault_postgres.start()
    fault_postgres.psql("DELETE FROM django_tasks_database_dbtaskresult")


def statuses(postgres: Postgres) -> list[str]:
    return postgres.psql("SELECT status FROM django_tasks_database_dbtaskresult ORDER BY enqueued_at").split()


@contextlib.contextmanager
def render_stuck(postgres: Postgres) -> Iterator[None]:
    """Make everything due, and let a render get as far as recording its first batch."""
    postgres.psql(ALL_DUE, ENQUEUE)
    holder = psycopg2.connect(postgres.url)
    try:
        with holder.cursor() as cursor:
            cursor.execute("LOCK TABLE prerender_pendingpath IN SHARE MODE")  # it may be read, but nothing is done
            yield
    finally:
        holder.close()


def is_stuck(postgres: Postgres) -> bool:
    return postgres.psql("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted").strip() == "t"


class TestWorker:
    def test_waits_for_a_lost_database_and_goes_on(self, start, fault_site: SiteServer, fault_postgres: Postgres):
        fault_postgres.psql(ENQUEUE)
        process = start()
        wait_until(lambda: statuses(fault_postgres) == ["SUCCESSFUL"])

        fault_postgres.stop()
        fault_site.wait_until_written("The worker has lost the database")
        fault_postgres.start()
        fault_postgres.psql(ENQUEUE)

        wait_until(lambda: statuses(fault_postgres) == ["SUCCESSFUL"] * 2)
        assert "The worker continues." in (fault_site.folder / "worker.log").read_text()
        assert "Traceback" not in (fault_site.folder / "worker.log").read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    def test_takes_over_from_one_that_was_killed_in_the_middle_of_a_render(
        self, start, fault_site: SiteServer, fault_postgres: Postgres
    ):
        with render_stuck(fault_postgres):
            killed = start()
            wait_until(lambda: is_stuck(fault_postgres))
            killed.kill()
            killed.wait()
            assert statuses(fault_postgres) == ["RUNNING"]

        start()

        wait_until(lambda: statuses(fault_postgres) == ["SUCCESSFUL"])
        assert fault_postgres.psql("SELECT count(*) FROM prerender_pendingpath").strip() == "0"
        assert fault_site.manage("prerender", "--check").returncode == 0

    def test_stops_although_the_render_in_hand_is_stuck(self, start, fault_site: SiteServer, fault_postgres: Postgres):
        with render_stuck(fault_postgres):
            process = start()
            wait_until(lambda: is_stuck(fault_postgres))
            process.send_signal(signal.SIGTERM)
            process.wait(60)  # it is cut off while the lock is still held
            assert fault_postgres.psql("SELECT count(*) > 0 FROM prerender_pendingpath").strip() == "t"

        assert start("worker", "--batch").wait(120) == 0
        assert fault_postgres.psql("SELECT count(*) FROM prerender_pendingpath").strip() == "0"
