"""Metrics of the site itself: the scheduler, the worker, mail, the disk.

Apps declare others.
"""

import shutil
from datetime import timedelta

from django.conf import settings
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from core import scheduler
from core.models import JobRun, OutgoingMail
from core.monitoring import AlertLimit, Metric, seconds_since
from core.postgresql import replica

DAY = timedelta(days=1)


def scheduler_lateness() -> float:
    """Return the seconds by which the most overdue scheduled job is late.

    Jobs that have never finished are left out.
    """
    now = timezone.now()
    finished = dict(JobRun.objects.values_list("name", "finished_at"))
    due = [at + job.every for job in scheduler.declared() if (at := finished.get(job.name))]
    return max(0.0, (now - min(due)).total_seconds()) if due else 0.0


def oldest_task() -> float:
    ready = DBTaskResult.objects.ready()
    return seconds_since(ready.order_by().aggregate(at=Min("enqueued_at"))["at"])


def oldest_mail() -> float:
    """Return for how many seconds mail has been held up: by the mail server, or because no worker delivers due mail.

    Mail that one recipient's server has refused temporarily is due again only after hours, and does not count.
    """
    due = OutgoingMail.objects.due().order_by().aggregate(at=Min("due_at"))["at"]
    stalled = OutgoingMail.objects.stalled().aggregate(at=Min("created_at"))["at"]
    return seconds_since(min((at for at in (due, stalled) if at is not None), default=None))


def disk_free() -> float:
    usage = shutil.disk_usage(settings.VAR)
    return usage.free / usage.total


METRICS = [
    Metric(
        name="waymark_scheduler_lateness_seconds",
        title=_("How late the scheduler is"),
        value=scheduler_lateness,
        limit=AlertLimit(
            above=scheduler.LATE.total_seconds(),
            lasting=timedelta(minutes=5),
            severity="critical",
            advice=_(
                "Pages may not be published on time. "
                "Start the scheduler, and see Reports → Scheduled jobs in the admin."
            ),
        ),
    ),
    Metric(
        name="waymark_scheduler_failing_jobs",
        title=_("Scheduled jobs that have failed"),
        value=lambda: JobRun.objects.exclude(failures=[]).count(),
        limit=AlertLimit(
            above=0,
            lasting=timedelta(minutes=30),
            advice=_("Reports → Scheduled jobs in the admin says what went wrong. Each job is tried again by itself."),
        ),
    ),
    Metric(
        name="waymark_tasks_waiting",
        title=_("Background tasks that are waiting"),
        value=lambda: DBTaskResult.objects.ready().count(),
    ),
    Metric(
        name="waymark_tasks_oldest_seconds",
        title=_("Age of the oldest waiting background task"),
        value=oldest_task,
        limit=AlertLimit(
            above=15 * 60,
            lasting=timedelta(minutes=5),
            severity="critical",
            advice=_(
                "No page is updated, and mail is not sent immediately. Start the worker; if it is running, restart it."
            ),
        ),
    ),
    Metric(
        name="waymark_tasks_failed",
        title=_("Background tasks that have failed in the last 24 hours"),
        value=lambda: DBTaskResult.objects.failed().filter(finished_at__gte=timezone.now() - DAY).count(),
        limit=AlertLimit(
            above=10,
            lasting=timedelta(minutes=5),
            advice=_("The log of the worker says which tasks failed, and where."),
        ),
    ),
    Metric(
        name="waymark_mail_waiting",
        title=_("Emails that are waiting"),
        value=lambda: OutgoingMail.objects.waiting().count(),
    ),
    Metric(
        name="waymark_mail_oldest_seconds",
        title=_("How long mail has been held up"),
        value=oldest_mail,
        limit=AlertLimit(
            above=15 * 60,
            lasting=timedelta(minutes=5),
            severity="critical",
            advice=_(
                "Codes to sign in may not arrive. Reports → Mail in the admin says why mail is waiting; "
                "it is sent by itself once the mail server takes it."
            ),
        ),
    ),
    Metric(
        name="waymark_mail_given_up",
        title=_("Emails that were given up in the last 24 hours"),
        value=lambda: OutgoingMail.objects.failed().filter(failed_at__gte=timezone.now() - DAY).count(),
        limit=AlertLimit(
            above=10,
            lasting=timedelta(minutes=5),
            advice=_("Reports → Mail in the admin says why, and can try again."),
        ),
    ),
    Metric(
        name="waymark_replica_lag_seconds",
        title=_("How late the replica of the database is"),
        value=replica.lag,
        needs_database=False,
        limit=AlertLimit(
            above=30,
            lasting=timedelta(minutes=5),
            advice=_(
                "Searches read from the primary instead, and visitors see nothing outdated. "
                "“manage.py doctor” says what is wrong with the replica."
            ),
        ),
    ),
    Metric(
        name="waymark_disk_free_ratio",
        title=_("Free part of the disk that the site writes to"),
        value=disk_free,
        needs_database=False,
        limit=AlertLimit(
            below=0.1,
            lasting=timedelta(minutes=5),
            advice=_(
                "Make room. On a full disk no page is updated and nothing is uploaded; what is public already stays."
            ),
        ),
    ),
]
