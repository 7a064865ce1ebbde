"""Tasks with Redis: what is promised of the table holds, whatever Redis does. With real processes: tests/press/test_worker_processes.py."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import trustme
from django.db import transaction
from django.tasks import TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import broker, worker
from core.watching import gauges
from operations.diagnosis import Verdict, work
from tests.support.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

pytestmark = [pytest.mark.process, pytest.mark.django_db, pytest.mark.xdist_group("redis")]

done: list[str] = []
QUEUES = ["default"]
KEY = broker.KEY.format(queue="default")


@task()
def note(word: str) -> None:
    done.append(word)


@pytest.fixture(autouse=True)
def _tasks_with_redis(settings, redis_server: RedisServer) -> Iterator[None]:
    settings.REDIS_URL = redis_server.url
    settings.TASKS = {"default": {"BACKEND": "core.broker.BrokerBackend", "QUEUES": []}}
    broker.current.cache_clear()
    yield
    broker.current.cache_clear()
    done.clear()


@pytest.fixture
def enqueue(django_capture_on_commit_callbacks):
    """A function that enqueues a task and commits. Returns the primary key."""

    def enqueue(word: str, *, priority: int = 0) -> UUID:
        before = set(DBTaskResult.objects.values_list("pk", flat=True))
        with django_capture_on_commit_callbacks(execute=True):
            note.using(priority=priority).enqueue(word)
        (key,) = set(DBTaskResult.objects.values_list("pk", flat=True)) - before
        return key

    return enqueue


def known(server: RedisServer) -> list[str]:
    return [member.decode() for member in server.client().zrange(KEY, 0, -1)]


def take() -> UUID | None:
    return broker.current().take(QUEUES)


class TestTask:
    def test_is_told_to_redis_when_it_is_committed_and_not_before(
        self, redis_server, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            note.enqueue("early")
            assert known(redis_server) == []

        assert known(redis_server) == [str(DBTaskResult.objects.get().pk)]

    def test_is_not_told_if_it_is_rolled_back(self, redis_server, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            note.enqueue("never")
            transaction.set_rollback(True)

        assert known(redis_server) == []
        assert not DBTaskResult.objects.exists()

    def test_is_not_told_before_it_may_begin(self, redis_server, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            note.using(run_after=timezone.now() + timedelta(hours=1)).enqueue("tomorrow")

        assert known(redis_server) == []
        assert take() is None

    def test_leaves_nothing_in_redis_but_its_key(self, redis_server, enqueue):
        key = enqueue("canary@example.org")

        client = redis_server.client()
        assert client.keys() == [KEY.encode()]
        assert client.zrange(KEY, 0, -1) == [str(key).encode()]

    def test_is_kept_while_redis_is_away_and_handed_over_later(self, redis_server, enqueue):
        redis_server.stop()
        key = enqueue("kept")
        assert take() == key  # of the table
        redis_server.start()
        broker.current.cache_clear()

        assert take() == key
        assert known(redis_server) == []


class TestWorkers:
    def test_get_the_most_urgent_task_first_and_then_the_oldest(self, enqueue):
        for word, priority in (("print", 0), ("import", -20), ("mail", 0), ("now", 100), ("scan", -50)):
            enqueue(word, priority=priority)
        some = worker.Worker(broker.current().take)

        while some.do_next():
            pass

        assert done == ["now", "print", "mail", "import", "scan"]
        assert set(DBTaskResult.objects.values_list("status", flat=True)) == {TaskResultStatus.SUCCESSFUL}

    def test_get_a_task_each(self, enqueue):
        one, two = broker.Broker(), broker.Broker()
        assert (one.take(QUEUES), two.take(QUEUES)) == (None, None)

        keys = {enqueue("one"), enqueue("two")}

        assert {one.take(QUEUES), two.take(QUEUES)} == keys
        assert (one.take(QUEUES), two.take(QUEUES)) == (None, None)

    def test_do_nothing_twice_that_is_handed_over_twice(self, redis_server, enqueue):
        key = enqueue("once")
        some = worker.Worker(broker.current().take)
        some.do_next()
        redis_server.client().zadd(KEY, {str(key): 0})

        assert some.do_next()
        assert done == ["once"]

    @pytest.mark.parametrize("lost", ["with its worker", "with Redis"])
    def test_find_what_was_lost_at_their_next_look(self, redis_server, enqueue, monkeypatch, lost):
        key = enqueue("late")
        if lost == "with its worker":
            broker.Broker().take(QUEUES)
        else:
            redis_server.stop()
            redis_server.start()
        assert known(redis_server) == []

        assert broker.Broker().take(QUEUES) == key

    def test_look_at_the_table_again_and_again(self, enqueue, monkeypatch):
        assert take() is None
        key = enqueue("lost")
        broker.Broker().client.delete(KEY)
        assert take() is None

        monkeypatch.setattr(broker.current(), "looks_at", 0.0)  # as after LOOK_EVERY

        assert take() == key

    def test_take_from_the_table_while_redis_is_away_and_say_so_once(
        self, redis_server, enqueue, monkeypatch, caplog
    ):
        monkeypatch.setattr(broker, "REST", 0.0)
        redis_server.stop()
        key = enqueue("away")
        assert (take(), take()) == (key, key)
        assert gauges.broker_away() == 1

        redis_server.start()

        assert take() == key
        assert gauges.broker_away() == 0
        assert [record.message for record in caplog.records] == [
            "The broker does not answer (ConnectionError). Tasks are taken from the database.",
            "The broker is back.",
        ]

    def test_survive_what_somebody_else_writes(self, redis_server, enqueue, caplog):
        key = enqueue("next")
        redis_server.client().zadd(KEY, {"os.system('rm')": -1})

        assert (take(), take()) == (None, key)
        assert "Something else writes" in caplog.text
        assert "os.system" not in caplog.text

    def test_of_a_batch_end_when_the_table_has_nothing_left(self, redis_server, enqueue):
        take()  # the look at the table is over
        enqueue("batch")
        redis_server.client().flushall()

        worker.work(pause=0, until_done=True)

        assert done == ["batch"]

    def test_that_stay_ask_redis(self, enqueue, monkeypatch):
        enqueue("one")
        taken = []

        def take(some: broker.Broker, queues: list[str]) -> UUID | None:
            taken.append(broker.in_table(QUEUES))
            raise KeyboardInterrupt  # it would never end

        monkeypatch.setattr(broker.Broker, "take", take)
        with pytest.raises(KeyboardInterrupt):
            worker.work(pause=0)

        assert taken == [DBTaskResult.objects.get().pk]


class TestQueues:
    def test_are_apart_and_that_of_a_machine_comes_first(self, enqueue, django_capture_on_commit_callbacks):
        common = enqueue("for everybody", priority=50)
        with django_capture_on_commit_callbacks(execute=True):
            own = note.using(queue_name="press one").enqueue("for one machine").db_result.pk

        assert broker.current().take(["default", "press two"]) == common
        assert broker.current().take(["default", "press one"]) == own
        assert broker.current().take(["default", "press one"]) is None


class TestRedisThatHangs:
    def test_is_waited_for_once_and_then_left_alone(self, redis_server, enqueue):
        take()
        redis_server.hang()
        began = time.monotonic()
        first = enqueue("first")
        after_first = time.monotonic()
        enqueue("second")
        assert take() == first
        after_all = time.monotonic()

        # It waits for PATIENCE and no retries, and what follows does not wait at all: generous, for the machine may be busy.
        assert after_first - began < 5 * broker.PATIENCE
        assert broker.current().rests_until > after_all
        assert (after_all - after_first) < (after_first - began) or after_all - after_first < 0.5


class TestAddress:
    @pytest.fixture
    def secured(self, tmp_path: Path) -> Iterator[tuple[RedisServer, Path]]:
        """A Redis that speaks nothing but TLS and wants a password, and the certificate of its authority."""
        authority = trustme.CA()
        certificate, anchor = tmp_path / "server.pem", tmp_path / "ca.pem"
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(certificate)
        authority.cert_pem.write_to_path(anchor)
        server = RedisServer(scheme="rediss", password="se%2Fcret", options={"requirepass": "se/cret"})
        server.stop()
        server.command += ["--port", "0", "--tls-port", str(server.port), "--tls-auth-clients", "no"]
        for name in ("cert", "key"):
            server.command += [f"--tls-{name}-file", str(certificate)]
        server.command += ["--tls-ca-cert-file", str(anchor)]
        server.start()
        yield server, anchor
        server.stop()

    def test_may_ask_for_tls_and_have_a_password(self, settings, secured):
        server, anchor = secured

        settings.REDIS_URL = server.url
        assert broker.problem() == "ConnectionError"  # nobody whom this machine trusts vouches for it
        settings.REDIS_URL = f"{server.url}?ssl_ca_certs={anchor}"
        assert broker.problem() == ""
        settings.REDIS_URL = settings.REDIS_URL.replace("se%2Fcret", "another")
        assert broker.problem() == "AuthenticationError"

    def test_that_is_empty_means_no_redis(self, settings):
        settings.REDIS_URL = ""

        assert not broker.is_configured()
        assert broker.problem() == ""
        assert [*work.task_broker()] == []


class TestDoctor:
    def test_says_whether_redis_answers(self, redis_server):
        assert [finding.verdict for finding in work.task_broker()] == [Verdict.RIGHT]
        redis_server.stop()

        (finding,) = work.task_broker()

        assert finding.verdict is Verdict.DOUBTFUL
        assert "ConnectionError" in str(finding)
