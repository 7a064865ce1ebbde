"""The clock: the one place where scheduled jobs run.

An app registers its jobs in `AppConfig.ready()`:

    clock.register(Job(name="remind", title=_("Reminders"), every=timedelta(hours=1), items=overdue, run=remind))

`items` lists what is due, and `run` handles one item in its own transaction. An item that fails is reported, stops nothing else, and is
due again at the next run. A job without `items` is a single task; with `own_transactions` it commits its own work. Only one runner works
at a time, because it holds an advisory lock in the database, which ends with the connection: a killed runner leaves no lock behind. An
interrupted job is resumed at once, so `run` must check whether its item is still due.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from core.doors.logs import trace
from core.locks import advisory_lock
from core.models.clock import JobRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

log = logging.getLogger(__name__)

# The most failures that are stored for one run; nobody would read more.
FAILURES = 50
# How late a job may be before the desk shows a warning.
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that runs at an interval.

    `items` returns what is due, of any type, and `run` takes one item. Without `items`, `run` takes no argument. `own_transactions`:
    run outside a transaction, for work that cannot be rolled back, such as sending mail.
    """

    name: str
    title: StrOrPromise
    run: Callable[..., object]
    every: timedelta
    items: Callable[[], Iterable[Any]] | None = None
    own_transactions: bool = False


_registry: dict[str, Job] = {}


def register(job: Job) -> None:
    """Register a job. Call it in `AppConfig.ready()`. Raises ImproperlyConfigured if another job has its name: one of them would never run."""
    if _registry.setdefault(job.name, job) != job:
        raise ImproperlyConfigured(f"Two jobs of the clock are called {job.name}.")


def registered() -> Sequence[Job]:
    return list(_registry.values())


def never() -> bool:
    return False


def tick(*, stop: Callable[[], bool] = never) -> list[JobRun] | None:
    """Run every job that is due, in the order of registration.

    Returns the runs, or None if another runner is at work. `stop` is called before each item. Raises OperationalError or
    InterfaceError if the database is lost; what was finished by then stays done.
    """
    with advisory_lock("clock") as held:
        if not held:
            return None
        last = {run.name: run for run in JobRun.objects.all()}
        now = timezone.now()
        return [
            _do(job, last.get(job.name), stop)
            for job in registered()
            if is_due(job, last.get(job.name), now) and not stop()
        ]


def is_due(job: Job, last: JobRun | None, now: datetime) -> bool:
    """Whether a job is due: never run, interrupted, or last run long enough ago. If the system clock was set back, it is due."""
    return last is None or last.finished_at is None or not timedelta(0) <= now - last.started_at < job.every


def late() -> list[Job]:
    """Return the overdue jobs. If all of them are, no clock is running."""
    now = timezone.now()
    finished = dict(JobRun.objects.values_list("name", "finished_at"))
    return [
        job for job in registered() if (at := finished.get(job.name)) is None or at + job.every + LATE < now
    ]


def _do(job: Job, last: JobRun | None, stop: Callable[[], bool]) -> JobRun:
    known = {failure["item"] for failure in last.failures} if last else set()
    run, _ = JobRun.objects.update_or_create(
        name=job.name, defaults={"started_at": timezone.now(), "finished_at": None}
    )
    run.done = 0
    failures: list[dict[str, str]] = []
    stopped = False
    for item, action in _steps(job, failures):
        if stop():
            stopped = True
            break
        try:
            with nullcontext() if job.own_transactions else transaction.atomic():
                action()
        except Exception as error:  # noqa: BLE001  (a failing item must not stop the next)
            _raise_if_lost(error)
            failures.append({"item": item, "error": _describe(error)})
            if item not in known:
                log.error(
                    "The job %s failed for %s. %s\n%s", job.name, item, failures[-1]["error"], trace(error)
                )
        else:
            run.done += 1
    run.failures = failures[:FAILURES]
    # A stopped job is not finished: the next runner resumes it.
    run.finished_at = None if stopped else timezone.now()
    if run.finished_at and not failures:
        run.succeeded_at = run.finished_at
    run.save()
    return run


def _steps(job: Job, failures: list[dict[str, str]]) -> Iterator[tuple[str, Callable[[], object]]]:
    if job.items is None:
        yield str(job.title), job.run
        return
    try:
        with transaction.atomic():
            items = list(job.items())
    except Exception as error:  # noqa: BLE001  (a failing list must not stop the other jobs)
        _raise_if_lost(error)
        failures.append({"item": str(job.title), "error": _describe(error)})
        log.error("The job %s could not list what is due. %s\n%s", job.name, _describe(error), trace(error))
        return
    for item in items:
        yield str(item), _bind(job.run, item)


def _bind(run: Callable[..., object], item: object) -> Callable[[], object]:
    return lambda: run(item)


def _raise_if_lost(error: Exception) -> None:
    if isinstance(error, (OperationalError, InterfaceError)) and not connection.is_usable():
        raise error


def _describe(error: Exception) -> str:
    # The database's own words may quote the row that it refused.
    words = "" if isinstance(error, DatabaseError) else f": {error}"
    return f"{type(error).__name__}{words}"[:500]
