"""The clock's jobs for the site itself. Apps declare their own."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core import first_pages
from core.background import worker
from core.clock import Job, retention, schedule
from core.languages.exchange import importing
from core.mail import delivery, outbox

JOBS = [
    Job(
        name="publish",
        title=_("Scheduled publishing"),
        every=timedelta(seconds=15),
        items=schedule.due,
        run=schedule.carry_out,
        next_moment=schedule.next_moment,
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
        run=retention.delete_expired_sessions,
    ),
    Job(
        name="forget-tasks",
        title=_("Finished background tasks"),
        every=timedelta(days=1),
        run=retention.delete_finished_tasks,
    ),
    Job(
        name="forget-cached",
        title=_("Expired attempts and notes"),
        every=timedelta(hours=1),
        run=retention.delete_expired_cache,
    ),
    Job(
        name="forget-revisions",
        title=_("Old versions of pages"),
        every=timedelta(days=1),
        run=retention.delete_old_revisions,
    ),
]
