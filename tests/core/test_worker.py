"""The worker: its handling of tasks, and of those left by a dead worker.

Tests with real processes are in tests/prerender/test_worker_processes.py.
"""

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from core import scheduler
from core.background import stopping, worker
from core.background.locks import advisory_lock

pytestmark = pytest.mark.django_db

done: list[str] = []
READY, RUNNING, FAILED, SUCCESSFUL = (TaskResultStatus[name] for name in ("READY", "RUNNING", "FAILED", "SUCCESSFUL"))


@task()
def note(word: str) -> None:
    done.append(word)


@task()
def fail() -> None:
    raise ValueError


@task()
def lose_the_database() -> None:
    raise OperationalError


@task()
def stop_half_way() -> None:
    raise stopping.ShutdownRequestedError


@task()
def wait_for_the_other() -> None:
    """Keep the common queue busy until a task of another queue has run, then stop the worker."""
    if released.wait(10):
        done.append("released")
    signal.raise_signal(signal.SIGTERM)


@task()
def release() -> None:
    released.set()


released = threading.Event()


@pytest.fixture(autouse=True)
def _queue_in_the_database(settings) -> Iterator[None]:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    yield
    done.clear()


def begun(*, attempts: int = 1) -> DBTaskResult:
    """Return a task that was begun `attempts` times, and not finished."""
    note.enqueue("late")
    row = DBTaskResult.objects.get()
    for number in range(attempts):
        row.claim(f"worker {number}")
    return row


def status() -> str:
    return DBTaskResult.objects.get().status


def work() -> None:
    worker.work(pause=0, until_done=True)


class TestWorker:
    def test_does_what_is_waiting(self):
        note.enqueue("one")
        note.enqueue("two")

        work()

        assert sorted(done) == ["one", "two"]
        assert set(DBTaskResult.objects.values_list("status", flat=True)) == {SUCCESSFUL}

    def test_goes_on_after_a_task_that_fails_or_is_not_known(self):
        fail.enqueue()
        note.enqueue("lost")
        DBTaskResult.objects.filter(args_kwargs__args=["lost"]).update(task_path="core.of_another_version")
        note.enqueue("next")

        work()

        assert done == ["next"]
        assert DBTaskResult.objects.failed().count() == 2

    def test_leaves_a_task_that_it_could_not_finish_to_the_next(self):
        stop_half_way.enqueue()

        assert worker.Worker().do_next()

        row = DBTaskResult.objects.get()
        assert (row.status, row.worker_ids) == (READY, [])  # it does not count as an attempt

    def test_leaves_a_task_that_lost_the_database_as_an_orphan(self):
        lose_the_database.enqueue()

        with pytest.raises(OperationalError):
            worker.Worker().do_next()

        assert status() == RUNNING
        assert [row.pk for row in worker.orphans()] == [DBTaskResult.objects.get().pk]


class TestTaskOfDeadWorker:
    def test_is_done_by_the_next(self):
        begun()

        work()

        assert done == ["late"]
        assert status() == SUCCESSFUL

    def test_is_found_by_the_scheduler(self):
        begun()

        (run,) = [run for run in scheduler.tick() or [] if run.name == "adopt-tasks"]

        assert (run.done, run.failures, status()) == (1, [], READY)

    def test_is_given_up_when_it_has_outlived_several(self, caplog):
        begun(attempts=worker.ATTEMPTS)

        work()

        assert (done, status()) == ([], FAILED)
        assert "its worker died 3 times: tests.core.test_worker.note" in caplog.text


@pytest.mark.django_db(transaction=True)
class TestTaskOfLivingWorker:
    def test_is_left_alone(self):
        row = begun()
        held, finished = threading.Event(), threading.Event()

        def living() -> None:
            with advisory_lock(worker.lock_name(row.pk)):
                held.set()
                finished.wait(60)
            connection.close()

        other: Any = threading.Thread(target=living)
        other.start()
        try:
            assert held.wait(60)
            assert list(worker.orphans()) == []
            worker.adopt(row)
            assert status() == RUNNING
        finally:
            finished.set()
            other.join(60)

        assert list(worker.orphans()) == [row]


@pytest.mark.django_db(transaction=True)
class TestQueueOfItsOwn:
    def test_is_served_while_a_task_of_the_common_one_takes_long(self, declare):
        """A page is rendered while a batch of posters is drawn."""
        declare(task_queues=[lambda: "render"])
        wait_for_the_other.enqueue()
        release.using(queue_name="render").enqueue()

        worker.work(pause=0.01)

        assert done == ["released"]
        assert set(DBTaskResult.objects.values_list("status", flat=True)) == {SUCCESSFUL}
