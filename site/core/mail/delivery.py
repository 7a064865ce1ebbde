"""Delivers the outbox to the mail server.

A task does so right after the commit, and the scheduler every minute for mail left after a failure, or if no worker is
running.
One process delivers at a time (an advisory lock, which ends with its connection), one mail after the other.

- A mail is deleted as soon as the mail server has accepted it.
  If the process is killed in between, the mail is delivered twice, with the same Message-ID: SMTP has no way to check
  whether a mail has arrived.
- A mail that the server refuses permanently (5xx) is tried once.
  After a temporary refusal (4xx) it is retried at growing intervals.
- If the server itself fails (unreachable, hanging, refusing the login), no other mail is tried for a minute, or for
  longer after timeouts, which block the worker.
  As soon as it accepts one mail, all delayed mail is sent.
"""

import logging
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from enum import Enum

from django.core.mail import mailers
from django.db import transaction
from django.db.models import Max, Q, Sum
from django.tasks import task
from django.utils import timezone

from core.background import stopping
from core.background.locks import advisory_lock
from core.http.logs import trace
from core.mail import kinds
from core.mail.kinds import add_headers
from core.models import OutgoingMail

log = logging.getLogger(__name__)

LOCK = "mail"
SERVER = "server"  # the entry of settings.MAILERS that is the mail server
# The pause after each failure.
# After the last one, an administrator has to decide.
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60)]
# How long a failing server is left alone.
PAUSE = timedelta(minutes=1)
# The pause after each timeout; no longer, because users may be waiting for a sign-in code.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 2, 5)]
TIMED_OUT = ("TimeoutError", "SMTPServerDisconnected")
# Seconds after which a run ends, so that other tasks and jobs get their turn.
LONGEST_RUN = 30


class Fault(Enum):
    """The reason why a mail was not delivered."""

    SERVER = "the mail server does not work"
    LATER = "not now"
    FINAL = "never"


class ExpiredError(Exception):
    """The mail has expired."""


@task()
def deliver() -> None:
    """Deliver what is due.

    Continues in another task if there is too much, so that others get their turn.
    """
    if run():
        deliver.enqueue()


def run() -> bool:
    """Deliver mail that is due, unless another process is already doing so.

    Returns whether some is left for another run.
    """
    for useless in OutgoingMail.objects.expired():
        give_up(useless, ExpiredError())
    ends = time.monotonic() + LONGEST_RUN
    # The task of a mail committed just before the lock is released finds the lock taken: check once more.
    while (more := next_mail() is not None) and time.monotonic() < ends:
        with advisory_lock(LOCK) as held:
            if not held:
                return False
            while time.monotonic() < ends and (mail := next_mail()) is not None:
                if stopping.requested():
                    return True
                attempt(mail)
    return more


def next_mail() -> OutgoingMail | None:
    """Return the mail to try next; None if there is none, or while the server is left alone."""
    failures = OutgoingMail.objects.stalled().aggregate(
        last=Max("tried_at"), timeouts=Sum("attempts", filter=Q(error__in=TIMED_OUT), default=0)
    )
    if failures["last"] and failures["last"] > timezone.now() - pause_after(failures["timeouts"]):
        return None
    return OutgoingMail.objects.due().first()


def pause_after(timeouts: int) -> timedelta:
    return PAUSES[min(timeouts, len(PAUSES)) - 1] if timeouts else PAUSE


def attempt(mail: OutgoingMail) -> None:
    """Try to deliver one mail."""
    try:
        message = kinds.find(mail.kind).write(mail)
    except Exception as error:  # noqa: BLE001  (a fault of ours in one mail must not hold up the others)
        log.error("A mail could not be written: %s.\n%s", mail.kind, trace(error))
        reschedule(mail, error, Fault.LATER)
        return
    if message is None:
        OutgoingMail.objects.filter(pk=mail.pk).delete()
        return
    add_headers(message, mail)
    server = mailers[SERVER]
    try:
        server.open()
        server.send_messages([message])
    except Exception as error:  # noqa: BLE001  (the mail is kept after any error)
        reschedule(mail, error, fault_of(error))
    else:
        mark_delivered(mail)
    finally:
        with suppress(OSError):
            server.close()


def mark_delivered(mail: OutgoingMail) -> None:
    """Delete a mail that the server has accepted, and release mail delayed by a server failure."""
    with transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).delete()
        _call_hook(kinds.find(mail.kind).sent, mail)
    OutgoingMail.objects.stalled().update(stalled=False, due_at=timezone.now())


def reschedule(mail: OutgoingMail, error: Exception, fault: Fault) -> None:
    """Try again later, or give up.

    A mail that was deleted in the meantime stays deleted.
    """
    mail.attempts += 1
    mail.tried_at = timezone.now()
    if fault is Fault.FINAL or mail.attempts > len(BACK_OFF):
        give_up(mail, error)
        return
    _save_failure(
        mail,
        error,
        due_at=mail.tried_at + BACK_OFF[mail.attempts - 1],
        stalled=fault is Fault.SERVER,
    )


def give_up(mail: OutgoingMail, error: Exception) -> None:
    """Keep the mail until an administrator decides about it.

    An expired one loses its content and address.
    """
    if isinstance(error, ExpiredError):
        mail.data, mail.recipient = {}, ""
    with transaction.atomic():
        _save_failure(mail, error, failed_at=timezone.now(), stalled=False, data=mail.data, recipient=mail.recipient)
        with suppress(LookupError):
            _call_hook(kinds.find(mail.kind).given_up, mail)
    # The admin shows which; no log contains an address, so no message of an exception either.
    log.error("A mail was given up: %s, %s.", mail.kind, type(error).__name__)


def fault_of(error: Exception) -> Fault:
    """Return whether the server or the mail is at fault, and whether the refusal is permanent."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _answer in error.recipients.values()]
        case smtplib.SMTPDataError():
            codes = [error.smtp_code]
        case ValueError():  # the message cannot be written: an address with a line end
            return Fault.FINAL
        case _:
            # Includes a refused sender: that is our address, the same for every mail.
            return Fault.SERVER
    if 421 in codes:  # it is shutting down
        return Fault.SERVER
    return Fault.FINAL if min(codes) >= 500 else Fault.LATER


def _save_failure(mail: OutgoingMail, error: Exception, **changes: object) -> None:
    for name, value in {"error": type(error).__name__, "code": _code(error), **changes}.items():
        setattr(mail, name, value)
        changes[name] = value
    OutgoingMail.objects.filter(pk=mail.pk).update(attempts=mail.attempts, tried_at=mail.tried_at, **changes)


def _code(error: Exception) -> int | None:
    """Return the server's reply code, if it gave one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _answer in error.recipients.values()), None)
    code = getattr(error, "smtp_code", None)
    return code if isinstance(code, int) and 0 < code < 1000 else None


def _call_hook(hook: Callable[[OutgoingMail], None], mail: OutgoingMail) -> None:
    """Call a hook of the mail's kind.

    A failure in it does not bring the mail back.
    """
    try:
        with transaction.atomic():
            hook(mail)
    except Exception as error:  # noqa: BLE001
        log.error("What follows from a mail could not be done: %s.\n%s", mail.kind, trace(error))
