from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.tasks import Task, task
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from core.scheduler import Job
from prerender import services
from prerender.models import PendingChange, PendingPath, PrerenderHost, this_host
from prerender.store.files import FileStore

log = logging.getLogger(__name__)


@task()
def render_changes() -> None:
    """Render what is due.

    Queued after each commit that affects the public site; the first task does the work of all.
    """
    try:
        outcome = services.render_due()
    except services.AlreadyRunningError:
        log.debug("Another process is rendering.")
    except services.SupersededError:
        log.error("Another version of the software renders now. This process is of an old one: restart it.")
    except OSError as problem:
        # The queue and the old files stay as they are.
        log.error("Nothing was rendered: %s", problem)
        raise
    else:
        # Commands report it to their caller instead.
        for path, why in sorted(outcome.refused.items()):
            log.warning("Not rendered: %s. %s", path, why)


def announce(changes: Iterable[int]) -> None:
    """Queue one render for changes that were committed together.

    Takes their primary keys.
    """
    if PendingChange.objects.filter(pk__in=list(changes), announced=False).update(announced=True):
        render_everywhere()


def render_everywhere() -> None:
    render_changes.using(queue_name=own_queue()).enqueue()
    for host in PrerenderHost.objects.others().names():
        enqueue_on(host, render_changes)


def queue_of(host: str) -> str:
    """Return the queue of tasks that work in the folder of one machine, or in the only folder."""
    return f"prerender {host}".strip()


def own_queue() -> str:
    """Return the queue that the worker of this machine serves beside the common one."""
    return queue_of(this_host())


def enqueue_on(host: str, what: Task[[], Any]) -> None:
    """Queue a task for another machine, unless one waits there, which will include all commits so far."""
    queue = queue_of(host)
    if not DBTaskResult.objects.ready().filter(queue_name=queue, task_path=what.module_path).exists():
        what.using(queue_name=queue).enqueue()


def queue_leftovers() -> None:
    """Queue a render for leftover changes, whose task was lost or failed.

    Run by the scheduler.
    """
    if PendingChange.objects.exists() or PendingPath.everywhere.exists() or FileStore().is_being_prepared:
        transaction.on_commit(render_everywhere)


def drop(hosts: Iterable[str]) -> None:
    DBTaskResult.objects.ready().filter(queue_name__in=[queue_of(host) for host in hosts]).delete()


JOB = Job(name="prerender", title=_("Unfinished updates of pages"), every=timedelta(minutes=1), run=queue_leftovers)
