"""The scheduler: the one place where scheduled jobs run.

An app declares its jobs on its `AppConfig` (`core.declarations`):

    JOBS = [Job(name="remind", title=_("Reminders"), every=timedelta(hours=1), items=overdue, run=remind)]

A job that is due at an exact time has a `next_run_at`: the scheduler sleeps no longer than until then, and a running
job is interrupted for it after its current item.

`items` lists the due items, and `run` handles one item in its own transaction.
An item that fails is reported, stops nothing else, and is due again at the next run.
A job without `items` is a single task; with `own_transactions` it commits its own work.
Only one runner works at a time, because it holds an advisory lock in the database, which ends with the connection: a
killed runner leaves no lock behind.
An interrupted job is resumed immediately, so `run` must check whether its item is still due.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from wagtail.models import Page

from core import declarations
from core.background.locks import advisory_lock
from core.http.logs import trace
from core.languages.lazy import StrOrPromise
from core.models.background import JobRun

log = logging.getLogger(__name__)

# The maximum number of failures stored for one run, to keep the report readable.
FAILURES = 50
# The delay after which the admin shows a warning about a job.
LATE = timedelta(minutes=5)
# A scheduler that has begun and ended nothing for this long is not running: it has jobs for every 15 seconds.
STOPPED = timedelta(minutes=10)
# The clock of the machine and the one that a process sleeps by differ a little: seconds to sleep again if it woke
# early.
SHORTEST = 0.02
# Work that cannot be interrupted does not begin this close to a run time.
UNDISTURBED = timedelta(seconds=35)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that runs at an interval, and optionally at exact times.

    `items` returns the due items, of any type, and `run` takes one item.
    Without `items`, `run` takes no argument.
    `own_transactions`: run outside a transaction, for work that cannot be rolled back, such as sending mail.
    `next_run_at` takes a time and returns the next one after it at which an item falls due, or None; it is called every
    few seconds.
    """

    name: str
    title: StrOrPromise
    run: Callable[..., object]
    every: timedelta
    items: Callable[[], Iterable[Any]] | None = None
    own_transactions: bool = False
    next_run_at: Callable[[datetime], datetime | None] | None = None


def declared() -> Sequence[Job]:
    """Return the jobs of all apps."""
    return declarations.collect("jobs")


def never() -> bool:
    return False


def tick(*, stop: Callable[[], bool] = never) -> list[JobRun] | None:
    """Run every job that is due, in the order of the apps and of their declarations.

    Returns the runs, or None if another runner is at work.
    `stop` is called before each item.
    Raises OperationalError or InterfaceError if the database is lost; what was finished by then stays done.
    """
    with advisory_lock("scheduler") as held:
        return _Round(stop).run() if held else None


def is_due(job: Job, last: JobRun | None, now: datetime, run_at: datetime | None = None) -> bool:
    """Return whether a job is due: never run, interrupted, last run long enough ago, or its `run_at` has come.

    A job is also due if the system clock was set back.
    """
    if last is None or last.finished_at is None or not timedelta(0) <= now - last.started_at < job.every:
        return True
    return run_at is not None and run_at <= now


def seconds_until_next(longest: float) -> float:
    """Return how long the scheduler may sleep: until the next run time of a job, and no longer than `longest`.

    One query, and those of the jobs.
    A run time that came while its job was last running does not count.
    """
    now = timezone.now()
    times = _next_runs({run.name: run for run in JobRun.objects.all()}).values()
    soonest = min(times, default=None)
    return longest if soonest is None else min(longest, max(SHORTEST, (soonest - now).total_seconds()))


def _next_runs(last: Mapping[str, JobRun]) -> dict[str, datetime]:
    """Return the next run time of each job that has one, after its last start.

    Items left by that run wait for the job's interval.
    """
    now = timezone.now()
    found = {}
    for job in declared():
        if job.next_run_at is None:
            continue
        run = last.get(job.name)
        if (run_at := job.next_run_at(min(run.started_at, now) if run else now)) is not None:
            found[job.name] = run_at
    return found


def late() -> list[Job]:
    """Return the overdue jobs.

    A running one counts once it has run for too long.
    """
    now = timezone.now()
    runs = {run.name: run for run in JobRun.objects.all()}
    return [job for job in declared() if is_late(job, runs.get(job.name), now)]


def is_stopped() -> bool:
    """Return whether no scheduler is running.

    Daily and weekly jobs become late only long after it has stopped, so late jobs alone do not show it.
    """
    runs = JobRun.objects.values_list("started_at", "finished_at")
    newest = max((run_at for run in runs for run_at in run if run_at is not None), default=None)
    return newest is None or newest + STOPPED < timezone.now()


def is_late(job: Job, last: JobRun | None, now: datetime) -> bool:
    if last is None:
        return True
    expected = last.started_at if last.finished_at is None else last.finished_at + job.every
    return expected + LATE < now


class _Round:
    """One round of the scheduler: each due job once, and in between the jobs with exact run times."""

    def __init__(self, stop: Callable[[], bool]) -> None:
        self.stop = stop
        self.last = {run.name: run for run in JobRun.objects.all()}
        self.next_runs = _next_runs(self.last)
        self.runs: list[JobRun] = []
        self.interrupting = False

    def run(self) -> list[JobRun]:
        for job in declared():
            if self.stop():
                break
            self.run_timed_jobs()
            run_at = self.next_runs.get(job.name)
            due = is_due(job, self.last.get(job.name), timezone.now(), run_at)
            if due and not self.comes_too_late(job):
                self.do(job)
        return self.runs

    def run_timed_jobs(self) -> None:
        """Run the jobs whose run time has come since their last start, in their order."""
        now = timezone.now()
        if self.interrupting or not any(run_at <= now for run_at in self.next_runs.values()):
            return
        self.interrupting = True
        try:
            for job in declared():
                if self.next_runs.get(job.name, now) <= now and job.next_run_at is not None and not self.stop():
                    self.do(job)
        finally:
            self.interrupting = False

    def comes_too_late(self, job: Job) -> bool:
        soonest = min(self.next_runs.values(), default=None)
        return job.own_transactions and soonest is not None and soonest <= timezone.now() + UNDISTURBED

    def do(self, job: Job) -> None:
        last = self.last.get(job.name)
        known = {failure["item"] for failure in last.failures} if last else set()
        run, _ = JobRun.objects.update_or_create(
            name=job.name, defaults={"started_at": timezone.now(), "finished_at": None}
        )
        self.last[job.name] = run
        self.update_next_run(job, run)
        run.done = 0
        failures: list[dict[str, str]] = []
        stopped = False
        for item, action in _steps(job, failures):
            self.run_timed_jobs()
            if self.stop():
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
                        "The job %s failed for %s. %s\n%s",
                        job.name,
                        item,
                        failures[-1]["error"],
                        trace(error),
                    )
            else:
                run.done += 1
        run.failures = failures[:FAILURES]
        # A stopped job is not finished: the next runner resumes it.
        if not stopped:
            note_finished(run)
        run.save()
        self.runs.append(run)

    def update_next_run(self, job: Job, run: JobRun) -> None:
        """Update the run time after this run, which handles everything due by now."""
        self.next_runs.pop(job.name, None)
        if job.next_run_at is not None and (run_at := job.next_run_at(run.started_at)) is not None:
            self.next_runs[job.name] = run_at


def note_finished(run: JobRun) -> None:
    run.finished_at = timezone.now()
    if not run.failures:
        run.succeeded_at = run.finished_at


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
        yield str(item), partial(job.run, item)


def _raise_if_lost(error: Exception) -> None:
    if isinstance(error, (OperationalError, InterfaceError)) and not connection.is_usable():
        raise error


def _describe(error: Exception) -> str:
    # The database's message may quote the row that it refused.
    words = "" if isinstance(error, DatabaseError) else f": {error}"
    return f"{type(error).__name__}{words}"[:500]


def render_daily(
    *, name: str, title: StrOrPromise, pages: type[Page], which: Callable[[Page], bool] | None = None
) -> Job:
    """Return a job that has pages rendered again on each new day.

    `pages` is a kind of page with the field `rendered_for`; `which` selects the pages that differ from day to day, if
    not all do.
    """

    def due() -> Iterator[Page]:
        for page in pages._default_manager.live().exclude(rendered_for=timezone.localdate()):
            if which is None or which(page):
                yield page

    return Job(name=name, title=title, every=timedelta(minutes=15), items=due, run=_render_for_today)


def _render_for_today(page: Page) -> None:
    """Store the day.

    Saving invalidates the page.
    """
    page.rendered_for = timezone.localdate()
    page.save(update_fields=["rendered_for"], clean=False)
