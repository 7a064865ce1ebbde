"""Scheduled jobs of the site itself, and retention periods of sessions, task results, revisions and cache entries.

Apps declare their own jobs.
"""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult
from wagtail.models import Page, Revision, WorkflowState

from core.background import worker
from core.languages.exchange import importing
from core.mail import delivery, outbox
from core.scheduler import Job, scheduled_publishing
from core.uploads import first_pages

# The results of background tasks.
TASKS = timedelta(days=14)
# Old revisions of pages.
# Those of listings are kept: they record who checked what.
REVISIONS = timedelta(days=365)


def delete_expired_sessions() -> None:
    """Delete expired sessions of staff."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def end_sessions() -> str:
    """End all sessions, such as those of a restored backup.

    Returns a sentence about it, or an empty string.
    """
    ended, _rows = Session.objects.all().delete()
    return f"{ended} sessions have ended: everybody signs in once more." if ended else ""


def delete_finished_tasks() -> None:
    """Delete the results of background tasks that finished long enough ago."""
    DBTaskResult.objects.finished().filter(finished_at__lte=timezone.now() - TASKS).delete()


def delete_old_revisions() -> None:
    """Delete old page revisions, except those that are live, latest, scheduled or under review."""
    pages = Page.objects.values_list
    open_states = (WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES)
    old = (
        Revision.objects.page_revisions()
        .filter(created_at__lt=timezone.now() - REVISIONS, approved_go_live_at=None)
        .exclude(pk__in=pages("live_revision_id").filter(live_revision__isnull=False))
        .exclude(pk__in=pages("latest_revision_id").filter(latest_revision__isnull=False))
        .exclude(task_states__workflow_state__status__in=open_states)
    )
    old.delete()


def delete_expired_cache() -> None:
    """Delete expired cache entries, such as sign-in attempts.

    Django does so only when the table is full.
    """
    cache = caches["default"]
    if isinstance(cache, DatabaseCache):
        table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [timezone.now()])  # noqa: S608


JOBS = [
    Job(
        name="publish",
        title=_("Scheduled publishing"),
        every=timedelta(seconds=15),
        items=scheduled_publishing.due,
        run=scheduled_publishing.carry_out,
        next_run_at=scheduled_publishing.next_run_at,
    ),
    Job(
        name="mail",
        title=_("Delivery of waiting mail"),
        every=timedelta(minutes=1),
        run=delivery.run,
        own_transactions=True,
    ),
    Job(
        name="adopt-tasks",
        title=_("Tasks of workers that have died"),
        every=timedelta(seconds=30),
        items=worker.orphans,
        run=worker.adopt,
    ),
    Job(
        name="first-pages",
        title=_("Pictures of uploaded files"),
        every=timedelta(seconds=15),
        items=first_pages.due,
        run=first_pages.draw,
    ),
    Job(
        name="forget-translation-files",
        title=_("Old imports of translations"),
        every=timedelta(days=1),
        items=importing.expired,
        run=importing.forget,
    ),
    Job(
        name="forget-mail",
        title=_("Old undelivered mail"),
        every=timedelta(days=1),
        run=outbox.delete_failed,
    ),
    Job(
        name="forget-sessions",
        title=_("Expired sessions"),
        every=timedelta(days=1),
        run=delete_expired_sessions,
    ),
    Job(
        name="forget-tasks",
        title=_("Finished background tasks"),
        every=timedelta(days=1),
        run=delete_finished_tasks,
    ),
    Job(
        name="forget-cached",
        title=_("Expired attempts and notes"),
        every=timedelta(hours=1),
        run=delete_expired_cache,
    ),
    Job(
        name="forget-revisions",
        title=_("Old versions of pages"),
        every=timedelta(days=1),
        run=delete_old_revisions,
    ),
]
