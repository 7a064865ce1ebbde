"""Alert mails to administrators about what waits too long: at the start, once a day meanwhile, and at the end.

The limits are those of the metrics (`core.monitoring`), which are also the source of the rules for Prometheus.
The scheduler checks each minute.
If the scheduler does not run, the worker checks in its place: either reports that the other is missing.
"""

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext, gettext_lazy
from wagtail.users.models import UserProfile

from core import monitoring
from core.background.locks import wait_for_lock
from core.background.processes import WORKER
from core.http import private_url
from core.mail import outbox
from core.mail.kinds import MailKind
from core.models import OutgoingMail
from core.monitoring import Measurement, Metric
from core.monitoring.metrics import scheduler_lateness
from core.scheduler import Job
from operations.models import OpenAlert
from users.mail import site_name
from users.services import administrators

log = logging.getLogger(__name__)
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertUpdate:
    """Content of an alert mail: the metrics beyond their limits, with value and time, and those that no longer are."""

    beyond: list[dict[str, Any]]
    over: list[str]
    is_new: bool


def look() -> None:
    """Read all metrics, and mail the administrators if there is news.

    Call it outside a transaction.
    """
    readings = [monitoring.read(metric) for metric in monitoring.declared() if metric.limit]
    with transaction.atomic():
        wait_for_lock("alerts")
        news = compare(readings)
        if news is not None:
            notify(news)


def compare(readings: list[Measurement]) -> AlertUpdate | None:
    """Record which metrics are beyond their limits.

    Returns the alert to send now, or None.

    A metric that could not be read stays as it was; one that is not registered any more is forgotten.
    """
    now = timezone.now()
    alerts = {alert.metric: alert for alert in OpenAlert.objects.all()}
    OpenAlert.objects.exclude(metric__in=[reading.metric.name for reading in readings]).delete()
    over: list[str] = []
    lasting: list[tuple[OpenAlert, float]] = []
    for reading in readings:
        name, limit = reading.metric.name, reading.metric.limit
        if limit is None or reading.value is None:
            continue
        if not reading.is_beyond:
            if (alert := alerts.get(name)) is not None:
                over += [name] if alert.notified_at else []
                alert.delete()
            continue
        alert = alerts.get(name) or OpenAlert.objects.create(metric=name, since=now)
        if now - alert.since >= limit.lasting:
            lasting.append((alert, reading.value))
    is_new = any(alert.notified_at is None for alert, _value in lasting)
    due = any(alert.notified_at is None or now - alert.notified_at >= AGAIN for alert, _value in lasting)
    if not due and not over:
        return None
    OpenAlert.objects.filter(pk__in=[alert.pk for alert, _value in lasting]).update(notified_at=now)
    beyond = [{"metric": alert.metric, "value": value, "since": alert.since.isoformat()} for alert, value in lasting]
    return AlertUpdate(beyond=beyond, over=over, is_new=is_new)


def notify(news: AlertUpdate) -> None:
    for address, language in recipients():
        outbox.queue(
            ALERT.name,
            recipient=address,
            language=language,
            beyond=news.beyond,
            over=news.over,
            is_new=news.is_new,
        )


def recipients() -> Iterator[tuple[str, str]]:
    """Yield the recipients with their languages: the addresses in the settings, else all administrators."""
    if settings.ALERT_MAIL:
        yield from ((address, settings.LANGUAGE_CODE) for address in settings.ALERT_MAIL)
        return
    for user in administrators().exclude(email=""):
        yield user.email, UserProfile.get_for_user(user).get_preferred_language()


# --- The mail -------------------------------------------------------------------------------------


def write(mail: OutgoingMail) -> EmailMessage:
    data = mail.data
    metrics = {metric.name: metric for metric in monitoring.declared()}
    with translation.override(data["language"]):
        beyond = [_line(metrics[each["metric"]], each) for each in data["beyond"] if each["metric"] in metrics]
        over = [metrics[name].title for name in data["over"] if name in metrics]
        says = {"site": site_name()}
        if not beyond:
            subject = gettext("All clear at %(site)s") % says
        elif data["is_new"]:
            subject = gettext("Something at %(site)s needs attention") % says
        else:
            subject = gettext("Something at %(site)s still needs attention") % says
        context = {
            "beyond": beyond,
            "over": over,
            "site_name": says["site"],
            "private": private_url("wagtailadmin_home"),
        }
        body = render_to_string("operations/mail/alert.txt", context)
    return EmailMessage(subject=subject, body=body, to=[mail.recipient])


def _line(metric: Metric, found: dict[str, Any]) -> dict[str, Any]:
    since = datetime.fromisoformat(found["since"])
    return {
        "title": metric.title,
        "value": in_words(metric.name, found["value"]),
        "since": since,
        "advice": metric.limit.advice if metric.limit else "",
    }


def in_words(name: str, value: float) -> str:
    """Return a value with its unit, which is the last word of the name of its metric."""
    if name.endswith("_seconds"):
        now = timezone.now()
        return timesince(now - timedelta(seconds=value), now, depth=1)
    if name.endswith("_ratio"):
        return gettext("%(n)s %%") % {"n": number_format(value * 100, 0)}
    return number_format(value, 0, force_grouping=True)


ALERT = MailKind(name="operations.alert", title=gettext_lazy("Alert to administrators"), write=write)

# --- Check by the worker --------------------------------------------------------------------------

# Seconds between two checks by the worker, and how late the scheduler has to be for the worker to check in its place.
POLL_SECONDS = 5 * 60.0
SCHEDULER_IS_MISSING = 10 * 60.0


def check_scheduler() -> None:
    if scheduler_lateness() > SCHEDULER_IS_MISSING:
        look()


def accompany(process: str) -> None:
    """Have the worker check the scheduler in a thread."""
    if process == WORKER:
        threading.Thread(target=_poll_loop, name="alerts", daemon=True).start()


def _poll_loop() -> None:
    pause = threading.Event()
    while not pause.wait(POLL_SECONDS):
        try:
            check_scheduler()
        except (DatabaseError, InterfaceError):
            log.debug("The database is unavailable, and so is the outbox.")
        finally:
            connections.close_all()


JOBS = [
    Job(
        name="alerts",
        title=gettext_lazy("Alerts about what waits too long"),
        every=timedelta(minutes=1),
        run=look,
        own_transactions=True,
    ),
]
