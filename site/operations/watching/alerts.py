"""Letters to administrators about what waits too long: once when it does, once a day while it lasts, once when it is over.

The limits are those of the gauges (`core.watching`), which the rules for Prometheus are made of too. The scheduler looks each minute. If it is the
scheduler that does not run, the worker looks in its place: either tells that the other is missing.
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

from core import watching
from core.background.locks import wait_for_lock
from core.background.processes import WORKER
from core.doors import desk_url
from core.mail import outbox
from core.mail.kinds import MailKind
from core.models import OutgoingMail
from core.scheduler import Job
from core.watching import Gauge, Measurement
from core.watching.gauges import scheduler_lateness
from operations.models import OpenAlert
from users.mail import site_name
from users.services import administrators

log = logging.getLogger(__name__)
AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNews:
    """What a letter says: the names of the gauges that are beyond their limits, with value and time, and of those that are not any more."""

    beyond: list[dict[str, Any]]
    over: list[str]
    is_new: bool


def look() -> None:
    """Read all gauges, and write to the administrators if there is something new to say. Call it outside a transaction."""
    readings = [watching.read(gauge) for gauge in watching.declared() if gauge.limit]
    with transaction.atomic():
        wait_for_lock("alerts")
        news = compare(readings)
        if news is not None:
            tell(news)


def compare(readings: list[Measurement]) -> AlertNews | None:
    """Note which gauges are beyond their limits. Returns what somebody should be told of now, or None.

    A gauge that could not be read stays as it was; one that is not registered any more is forgotten.
    """
    now = timezone.now()
    alerts = {alert.gauge: alert for alert in OpenAlert.objects.all()}
    OpenAlert.objects.exclude(gauge__in=[reading.gauge.name for reading in readings]).delete()
    over: list[str] = []
    lasting: list[tuple[OpenAlert, float]] = []
    for reading in readings:
        name, limit = reading.gauge.name, reading.gauge.limit
        if limit is None or reading.value is None:
            continue
        if not reading.is_beyond:
            if (alert := alerts.get(name)) is not None:
                over += [name] if alert.told_at else []
                alert.delete()
            continue
        alert = alerts.get(name) or OpenAlert.objects.create(gauge=name, since=now)
        if now - alert.since >= limit.lasting:
            lasting.append((alert, reading.value))
    is_new = any(alert.told_at is None for alert, _value in lasting)
    due = any(alert.told_at is None or now - alert.told_at >= AGAIN for alert, _value in lasting)
    if not due and not over:
        return None
    OpenAlert.objects.filter(pk__in=[alert.pk for alert, _value in lasting]).update(told_at=now)
    beyond = [
        {"gauge": alert.gauge, "value": value, "since": alert.since.isoformat()} for alert, value in lasting
    ]
    return AlertNews(beyond=beyond, over=over, is_new=is_new)


def tell(news: AlertNews) -> None:
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
    """Yield whom to write to, and in which language: the addresses in the settings, else all administrators."""
    if settings.ALERT_MAIL:
        yield from ((address, settings.LANGUAGE_CODE) for address in settings.ALERT_MAIL)
        return
    for user in administrators().exclude(email=""):
        yield user.email, UserProfile.get_for_user(user).get_preferred_language()


# --- The letter ------------------------------------------------------------------------------------------------------------------------


def write(mail: OutgoingMail) -> EmailMessage:
    data = mail.data
    gauges = {gauge.name: gauge for gauge in watching.declared()}
    with translation.override(data["language"]):
        beyond = [_line(gauges[each["gauge"]], each) for each in data["beyond"] if each["gauge"] in gauges]
        over = [gauges[name].title for name in data["over"] if name in gauges]
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
            "desk": desk_url("wagtailadmin_home"),
        }
        body = render_to_string("operations/mail/alert.txt", context)
    return EmailMessage(subject=subject, body=body, to=[mail.recipient])


def _line(gauge: Gauge, found: dict[str, Any]) -> dict[str, Any]:
    since = datetime.fromisoformat(found["since"])
    return {
        "title": gauge.title,
        "value": in_words(gauge.name, found["value"]),
        "since": since,
        "advice": gauge.limit.advice if gauge.limit else "",
    }


def in_words(name: str, value: float) -> str:
    """Return a value with its unit, which is the last word of the name of its gauge."""
    if name.endswith("_seconds"):
        now = timezone.now()
        return timesince(now - timedelta(seconds=value), now, depth=1)
    if name.endswith("_ratio"):
        return gettext("%(n)s %%") % {"n": number_format(value * 100, 0)}
    return number_format(value, 0, force_grouping=True)


ALERT = MailKind(name="operations.alert", title=gettext_lazy("Alert to administrators"), write=write)

# --- When the scheduler is missing ---------------------------------------------------------------------------------------------------------

# Seconds between two looks of the worker, and how late the scheduler has to be for the worker to look in its place.
LOOKS_EVERY = 5 * 60.0
SCHEDULER_IS_MISSING = 10 * 60.0


def look_for_the_scheduler() -> None:
    if scheduler_lateness() > SCHEDULER_IS_MISSING:
        look()


def accompany(process: str) -> None:
    """Have the worker look for the scheduler, in a thread of its own."""
    if process == WORKER:
        threading.Thread(target=_keep_looking, name="alerts", daemon=True).start()


def _keep_looking() -> None:
    pause = threading.Event()
    while not pause.wait(LOOKS_EVERY):
        try:
            look_for_the_scheduler()
        except (DatabaseError, InterfaceError):
            log.debug("The database is away, and so is the outbox.")
        finally:
            connections.close_all()


JOBS = [
    Job(
        name="watch",
        title=gettext_lazy("Alerts about what waits too long"),
        every=timedelta(minutes=1),
        run=look,
        own_transactions=True,
    ),
]
