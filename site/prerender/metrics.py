"""Metrics of the renderer."""

from datetime import timedelta

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from core.monitoring import AlertLimit, Metric, seconds_since
from prerender.mirrors import keeping
from prerender.models import PendingChange, PendingPath, PrerenderedPath, Withdrawal
from prerender.tasks import render_changes


def waiting() -> float:
    return PendingChange.objects.count() + PendingPath.everywhere.count()


def oldest() -> float:
    found = (
        PendingChange.objects.aggregate(at=Min("made_at"))["at"],
        PendingPath.everywhere.aggregate(at=Min("noted_at"))["at"],
    )
    return seconds_since(min((at for at in found if at is not None), default=None))


def refused() -> float:
    return PrerenderedPath.everywhere.refused().values("path").distinct().count()


def oldest_withdrawal() -> float:
    return seconds_since(Withdrawal.objects.aggregate(at=Min("noted_at"))["at"])


def failed_runs() -> float:
    since = timezone.now() - timedelta(days=1)
    return DBTaskResult.objects.failed().filter(task_path=render_changes.module_path, finished_at__gte=since).count()


METRICS = [
    Metric(
        name="waymark_prerender_waiting",
        title=_("Changes and addresses that are waiting to be rendered"),
        value=waiting,
    ),
    Metric(
        name="waymark_prerender_oldest_seconds",
        title=_("Age of the oldest change that is not rendered"),
        value=oldest,
        limit=AlertLimit(
            above=30 * 60,
            lasting=timedelta(minutes=5),
            severity="critical",
            advice=_(
                "The public sees old pages. See that the worker runs and that there "
                "is room on the disk; “manage.py prerender” renders what is due."
            ),
        ),
    ),
    Metric(
        name="waymark_prerender_refused_pages",
        title=_("Pages that could not be updated"),
        value=refused,
        limit=AlertLimit(
            above=0,
            lasting=timedelta(minutes=15),
            advice=_(
                "The public sees their previous version. Reports → Public pages in the admin names them, and says why."
            ),
        ),
    ),
    Metric(
        name="waymark_prerender_failed_runs",
        title=_("Rendering runs that failed in the last 24 hours"),
        value=failed_runs,
        limit=AlertLimit(
            above=0,
            lasting=timedelta(minutes=5),
            advice=_("The log of the worker says why. “manage.py prerender --check” compares the files with the site."),
        ),
    ),
    Metric(
        name="waymark_mirror_lag_seconds",
        title=_("How far behind the mirror is that is furthest behind"),
        value=keeping.lag,
        needs_database=False,
        limit=AlertLimit(
            above=keeping.BEHIND.total_seconds(),
            lasting=timedelta(minutes=5),
            severity="critical",
            advice=_(
                "Readers of a mirror may see what was taken back. "
                "“manage.py doctor” says which mirror it is and why; "
                "if it cannot be mended soon, disconnect the mirror from the network."
            ),
        ),
    ),
    Metric(
        name="waymark_prerender_withdrawn_seconds",
        title=_("How long a machine has been showing what was withdrawn elsewhere"),
        value=oldest_withdrawal,
        limit=AlertLimit(
            above=10,
            lasting=timedelta(minutes=1),
            severity="critical",
            advice=_(
                "A machine still shows what has been unpublished. Take it out of service, and start its worker; "
                "if it is gone for good: “manage.py prerender --forget” and its name."
            ),
        ),
    ),
]
