"""Scheduled jobs, done by hand, or left to a real one."""

from django.utils import timezone

from core.models import JobRun
from core.scheduler import Job, declared


def job(name: str) -> Job:
    return next(each for each in declared() if each.name == name)


def run(name: str) -> int:
    """Run a due job for each of its items, as the scheduler does.

    Return how many there were.
    """
    found = job(name)
    if found.items is None:
        found.run()
        return 1
    items = list(found.items())
    for item in items:
        found.run(item)
    return len(items)


def only_due(*names: str) -> None:
    """Say that all other jobs have just been done: a real scheduler would do each that it has never done."""
    now = timezone.now()
    others = [job.name for job in declared() if job.name not in names]
    JobRun.objects.bulk_create([JobRun(name=name, started_at=now, finished_at=now) for name in others])
