"""Checks of the work in the background: the scheduler, the worker, the renderer, the mail."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import mailers
from django.db.models import Min
from django.utils import timezone
from django.utils.timesince import timesince
from django_tasks_db.models import DBTaskResult

from core import scheduler
from core.mail import outbox
from core.models import JobRun, OutgoingMail
from operations.diagnostics import DoctorFinding, doubtful, right, wrong
from prerender.models import PendingPath, PrerenderedPath, PrerenderHost
from users import services
from users.sign_in import second_factor

# Times that a task, or an address, may wait before the worker, or the renderer, is presumed missing.
TASK_WAITS, PAGE_WAITS = timedelta(minutes=5), timedelta(minutes=15)
# Number of late jobs that the message names.
NAMED = 5
# A machine reports each minute: longest time without a report.
HOST_TIMEOUT = timedelta(minutes=5)


def jobs() -> Iterator[DoctorFinding]:
    late, failed = scheduler.late(), [run.name for run in JobRun.objects.all() if run.failures]
    if scheduler.is_stopped():
        yield wrong(
            "Scheduler",
            "It is not running.",
            meaning="Nothing is published on time, lists are not checked, waiting "
            "mail is not tried again, nothing is deleted when it should be.",
            remedy="`systemctl restart waymark-scheduler`, "
            "or `docker compose restart scheduler`. It catches up by itself.",
        )
    elif late:
        yield doubtful(
            "Scheduler",
            f"Late: {', '.join(job.name for job in late[:NAMED])}"
            f"{f', and {len(late) - NAMED} more' if len(late) > NAMED else ''}.",
            meaning="What these do happens later than promised.",
            remedy="*Reports → Scheduled jobs* in the admin says since when. "
            "If it does not end, restart the scheduler.",
        )
    else:
        yield right("Scheduler", f"{len(scheduler.declared())} jobs, none late.")
    if failed:
        yield doubtful(
            "Jobs",
            f"Failed at their last run: {', '.join(failed)}.",
            meaning="What these were to do is not done; they try again.",
            remedy="*Reports → Scheduled jobs* says why.",
        )


def worker() -> Iterator[DoctorFinding]:
    oldest = DBTaskResult.objects.ready().aggregate(at=Min("enqueued_at"))["at"]
    if oldest is not None and oldest < timezone.now() - TASK_WAITS:
        yield wrong(
            "Worker",
            f"A task has been waiting for {timesince(oldest)}.",
            meaning="Changes do not appear on the public site, and mail is delivered late.",
            remedy="`systemctl restart waymark-worker`, or `docker compose restart worker`. "
            "If it was running, its log says what holds it up.",
        )
    else:
        yield right("Worker", "No task has been waiting for long.")


def prerender() -> Iterator[DoctorFinding]:
    refused = list(PrerenderedPath.objects.refused().values_list("path", flat=True)[:4])
    oldest = PendingPath.objects.aggregate(at=Min("noted_at"))["at"]
    if oldest is not None and oldest < timezone.now() - PAGE_WAITS:
        yield wrong(
            "Rendering",
            f"{PendingPath.objects.values('path').distinct().count():,} addresses "
            f"wait to be rendered, the first for {timesince(oldest)}.",
            meaning="Visitors see earlier versions of these pages.",
            remedy="`manage.py prerender` renders them now, or says why it cannot.",
        )
    if refused:
        yield doubtful(
            "Rendering",
            f"Refused: {', '.join(refused[:3])}{' and others' if len(refused) > 3 else ''}.",
            meaning="Visitors see the previous version of these pages, or none.",
            remedy="*Reports → Public pages* in the admin says why.",
        )
    if not refused and (oldest is None or oldest >= timezone.now() - PAGE_WAITS):
        yield right(
            "Rendering",
            f"{PrerenderedPath.objects.exclude(rendered_at=None).count():,} addresses, none refused, none late.",
        )


def sizes_of_pages() -> Iterator[DoctorFinding]:
    """Check whether the size of a page tells an observer of encrypted traffic which page it is."""
    found = list(PrerenderedPath.objects.recognisable().order_by("path").values_list("path", flat=True))
    if found:
        yield doubtful(
            "Size of help pages",
            f"{len(found):,} can be recognised by their size, or by a picture that only they load, among them "
            f"{', '.join(found[:3])}.",
            meaning="People who watch the network of a visitor may find out that they read these pages. "
            "All help pages warn of it until none is left.",
            remedy="After an upgrade: wait until the site has been rendered. Otherwise shorten these pages, take "
            "pictures out of them, or enlarge the sizes in helpline/finder/size_classes.py: "
            "docs/operators/prerender.md.",
        )
    else:
        yield right("Size of help pages", "It tells no observer which page was read.")


def mail() -> Iterator[DoctorFinding]:
    waiting, given_up = OutgoingMail.objects.waiting().count(), OutgoingMail.objects.failed().count()
    if outbox.is_stalled() or given_up:
        yield doubtful(
            "Outbox",
            f"{waiting} letters wait for the mail server; {given_up} were given up.",
            meaning="A user is waiting for a sign-in code or a link.",
            remedy="*Reports → Mail* in the admin says why, and tries again.",
        )
    else:
        yield right("Outbox", f"{waiting} letters on their way.")


def mail_server() -> Iterator[DoctorFinding]:
    server = mailers["server"]
    try:
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as problem:
        host = settings.MAILERS["server"].get("OPTIONS", {}).get("host")
        yield wrong(
            "Mail server",
            f"{host} does not take mail from us: {type(problem).__name__}: {problem}",
            meaning="Users cannot sign in with a code, and members get no links. Mail waits.",
            remedy="Look at WAYMARK_MAIL_HOST, _PORT, _USER, _PASSWORD and _TLS, "
            "then `manage.py sendtestemail --using server you@example.org`.",
        )
    else:
        yield right("Mail server", "It answers, and lets us in.")


def second_factors() -> Iterator[DoctorFinding]:
    unreadable = 0
    factors = list(second_factor.encrypted())
    for factor in factors:
        for name in second_factor.SECRETS:
            try:
                if name in factor.data:
                    second_factor.cipher().decrypt(factor.data[name].encode())
            except InvalidToken:
                unreadable += 1
    if unreadable:
        yield wrong(
            "Secret key",
            f"{unreadable} second factors of {Authenticator.objects.count()} cannot be read with it.",
            meaning="Codes of authenticator apps and recovery codes do not fit.",
            remedy="Put the key that was used before into WAYMARK_SECRET_KEY_FALLBACKS, "
            "then `manage.py encrypt_second_factors`.",
        )
    elif settings.SECRET_KEY_FALLBACKS:
        yield doubtful(
            "Secret key",
            "An earlier one is still accepted.",
            meaning="Anyone with the earlier key can still make links and sessions.",
            remedy="`manage.py encrypt_second_factors`, then take it out of WAYMARK_SECRET_KEY_FALLBACKS and restart.",
        )
    else:
        yield right("Secret key", f"It opens all {len(factors)} second factors.")


def machines() -> Iterator[DoctorFinding]:
    """Check the machines with their own prerendered files, if there are any."""
    names = PrerenderHost.objects.names()
    timed_out = PrerenderHost.objects.filter(seen_at__lt=timezone.now() - HOST_TIMEOUT).names()
    if timed_out:
        yield wrong(
            "Machines",
            f"No report for {timesince(timezone.now() - HOST_TIMEOUT)} from {', '.join(timed_out)}.",
            meaning="If visitors are sent there, they see old pages, and what has been withdrawn since.",
            remedy="Take it out of service, then start its worker and scheduler. "
            "If it is gone for good: `manage.py prerender --forget` and its name.",
        )
    elif names and not settings.PRERENDER_HOST:
        yield wrong(
            "Machines",
            f"This one has no name, and others have: {', '.join(names)}.",
            meaning="What is withdrawn on the others stays here.",
            remedy="Set WAYMARK_PRERENDER_HOST on each machine with "
            "its own prerendered pages: docs/operators/several-machines.md.",
        )
    elif names:
        yield right("Machines", f"{', '.join(names)}: all are there.")


def people() -> Iterator[DoctorFinding]:
    count = services.people_with_roles().count()
    if count < services.FEWEST_PEOPLE:
        yield doubtful(
            "People",
            f"Only {count} {'person has' if count == 1 else 'people have'} a role in the admin.",
            meaning="Two people behind each number cannot be promised: an administrator who uses the account of "
            "another person to approve their own work has no witness, because no third person is notified.",
            remedy="Give another person a role: *People* in the admin.",
        )
    else:
        yield right("People", f"{count} have a role in the admin.")


CHECKS = [jobs, worker, prerender, sizes_of_pages, machines, mail, mail_server, second_factors, people]
