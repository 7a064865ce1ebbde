"""The worker: runs the background tasks, those of the common queue one after the other.

A second thread runs those of the queues that apps declare (`task_queues`): pages are rendered while an import, a batch
of posters or a slow mail server keeps the first one busy for minutes.

django-tasks-db keeps the queue; its own worker ends with a traceback when the database is lost, and leaves the task
that it had begun "running" for ever.
This one waits for the database, and holds an advisory lock on its current task: the lock ends with its connection, so a
running task whose lock is free has lost its worker.

Such a task is run again, up to ATTEMPTS times in all, so that a task that kills its worker does not kill every worker.
So a task may run twice, which is safe for the project's tasks: each reads its remaining work (the outbox, the render
queue, an import by its state, a website by the time of its last scan).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.tasks import DEFAULT_TASK_QUEUE_NAME, TaskContext, TaskResultStatus
from django.tasks.signals import task_finished, task_started
from django.utils.crypto import get_random_string
from django_tasks_db.models import DBTaskResult

from core import declarations
from core.background import processes, stopping
from core.background.locks import advisory_lock

log = logging.getLogger(__name__)
ATTEMPTS = 3
UNAVAILABLE = (OperationalError, InterfaceError)


class WorkerDiedError(Exception):
    """The task was begun ATTEMPTS times, and each time its worker died."""


def declared_queues() -> set[str]:
    """Return the queues of apps, for tasks that only this machine can do, or that no other task may delay."""
    return {name() for name in declarations.collect("task_queues")}


def queues() -> set[str]:
    """Return all queues that this worker handles."""
    return {DEFAULT_TASK_QUEUE_NAME, *declared_queues()}


def lock_name(key: UUID) -> str:
    return f"task {key}"


def make_ready(row: DBTaskResult[..., object], *, attempts: list[str]) -> None:
    """Give a task to the next worker.

    `attempts`: the workers whose attempts count.
    """
    row.status, row.started_at, row.worker_ids = TaskResultStatus.READY, None, attempts
    row.save(update_fields=["status", "started_at", "worker_ids"])


# --- Tasks of dead workers ------------------------------------------------------------------------------------------


def orphans() -> Iterator[DBTaskResult[..., object]]:
    """Yield the tasks that are running without a worker."""
    for task in DBTaskResult.objects.running():
        with advisory_lock(lock_name(task.pk)) as is_orphan:
            if is_orphan:
                yield task


def adopt(task: DBTaskResult[..., object]) -> None:
    """Make a task ready for another worker, unless it has been tried often enough.

    Does nothing if it is not an orphan.
    """
    with advisory_lock(lock_name(task.pk)) as is_orphan:
        row = DBTaskResult.objects.running().filter(pk=task.pk).first() if is_orphan else None
        if row is None:
            return
        if len(row.worker_ids) < ATTEMPTS:
            make_ready(row, attempts=row.worker_ids)
        else:
            row.set_failed(WorkerDiedError())
            log.error("A task was given up, because its worker died %s times: %s", ATTEMPTS, row.task_path)


def adopt_orphans() -> None:
    for task in list(orphans()):
        adopt(task)


# --- Doing tasks ----------------------------------------------------------------------------------------------------


class Worker:
    def __init__(self, queue_names: Iterable[str] | None = None) -> None:
        self.name = get_random_string(32)
        self.queues = queues() if queue_names is None else set(queue_names)

    def do_next(self) -> bool:
        """Run one task.

        Returns whether there may be more.
        Raises OperationalError or InterfaceError if the database is lost.
        """
        ready = DBTaskResult.objects.ready().filter(queue_name__in=self.queues)
        if (key := ready.values_list("pk", flat=True).first()) is None:
            return False
        with advisory_lock(lock_name(key)) as held:
            if not held:
                return False
            # Another worker may have done it by now.
            if (row := DBTaskResult.objects.ready().filter(pk=key).first()) is not None:
                row.claim(self.name)
                do(row)
        return True


def do(row: DBTaskResult[..., object]) -> None:
    """Run a claimed task, and record its outcome."""
    try:
        task, result = row.task, row.task_result
    except (ImportError, SuspiciousOperation) as unknown:  # of another version of the site
        row.set_failed(unknown)
        log.error("A task is not known here: %s", row.task_path)
        return
    backend = type(task.get_backend())
    task_started.send(sender=backend, task_result=result)
    context: list[object] = [TaskContext(task_result=result)] if task.takes_context else []
    try:
        row.set_successful(task.call(*context, *result.args, **result.kwargs))
    except UNAVAILABLE:
        raise  # It stays running, and is an orphan once the lock is released.
    except stopping.ShutdownRequestedError:
        make_ready(row, attempts=row.worker_ids[:-1])
        return
    except Exception as error:  # noqa: BLE001  (a failing task must not stop the worker)
        row.set_failed(error)
    task_finished.send(sender=backend, task_result=row.task_result)


def work(*, pause: float, until_done: bool = False) -> None:
    """Run tasks until this process has to stop, or, with `until_done`, until none is left.

    Waits while the database is unavailable.

    `pause`: seconds between two polls of an empty queue.
    """
    with stopping.on_signals() as stopped:
        if until_done:
            serve(Worker(), stopped, pause=pause, until_done=True)
            return
        with ThreadPoolExecutor(1, thread_name_prefix="worker") as threads:
            beside = threads.submit(serve_beside, Worker(declared_queues()), stopped, pause=pause)
            try:
                serve(Worker([DEFAULT_TASK_QUEUE_NAME]), stopped, pause=pause)
            finally:
                stopped.set()
        beside.result()


def serve_beside(worker: Worker, stopped: threading.Event, *, pause: float) -> None:
    """Run tasks in a second thread.

    An error in it ends the whole process, as one in the first does, so that it is started again.
    """
    try:
        serve(worker, stopped, pause=pause)
    finally:
        stopped.set()
        connection.close()


def serve(worker: Worker, stopped: threading.Event, *, pause: float, until_done: bool = False) -> None:
    lost, look_for_orphans = False, True
    while not stopped.is_set():
        processes.turn()
        try:
            if look_for_orphans:
                adopt_orphans()
                look_for_orphans = False
            if lost:
                log.error("The database is back. The worker continues.")
                lost = False
            if not connection.in_atomic_block:  # only in tests
                close_old_connections()
            busy = worker.do_next()
        except UNAVAILABLE as error:
            connection.close()
            if until_done:
                raise
            if not lost:
                log.error("The worker has lost the database (%s), and waits for it.", type(error).__name__)
            lost, look_for_orphans, busy = True, True, False
        if until_done and not busy:
            return
        if not busy:
            stopped.wait(pause)
