"""Notices that something waits in a member's inbox.

A notice says neither what waits nor from whom, and is sent at a point of a grid of 15 minutes: the second to the fourth after the moment of
writing, which one by chance. So its time betrays no moment of writing, and two are never closer than the grid is wide. Whoever has been told
and has not looked since is told again only after a week.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils import timezone

from core.mail import outbox
from core.models import OutgoingMail
from network import mail
from network.mail import Letter
from network.models import Inbox, Member, MemberBlock

if TYPE_CHECKING:
    from django.db.models import QuerySet

GRID = timedelta(minutes=15)
# So many points after the next one, of which one is chosen by chance.
POINTS = 3


def notice_time(now: datetime) -> datetime:
    """Return when to tell of something that was written now: from 15 to 60 minutes later, at a point of the grid."""
    start = datetime.min.replace(tzinfo=UTC)
    next_point = start + ((now - start) // GRID + 1) * GRID
    return next_point + (secrets.randbelow(POINTS) + 1) * GRID


def plan_notices(*, side: Member, sender: Member) -> None:
    """Have the readers of a side told that something waits. The statements are the same if the side has blocked the sender; nothing follows."""
    _plan(
        Member.objects.reading_for(side),
        unless=models.Exists(MemberBlock.objects.filter(blocker=side.pk, blocked=sender.pk)),
    )


def plan_notice(*, member: Member) -> None:
    """Have one member told that something waits."""
    _plan(Member.objects.filter(pk=member.pk))


def _plan(readers: QuerySet[Member], *, unless: models.Exists | None = None) -> None:
    keys = list(readers.values_list("pk", flat=True))
    Inbox.objects.bulk_create((Inbox(member_id=key) for key in keys), ignore_conflicts=True)
    wanted = Inbox.objects.to_be_told().filter(member__in=keys, notice_due_at=None)
    if unless is not None:
        wanted = wanted.filter(~unless)
    wanted.update(notice_due_at=notice_time(timezone.now()))


@transaction.atomic
def send_notice(*, inbox: Inbox) -> None:
    """Put a notice that is due into the outbox, unless one is still on its way. Whether anything still waits is looked up on delivery."""
    due = Inbox.objects.filter(pk=inbox.pk, notice_due_at__lte=timezone.now())
    # Once more, for a mail that was held up may have gone since it was planned.
    is_wanted = due.to_be_told().exists()
    if not due.update(notice_due_at=None) or not is_wanted:
        return
    if not inbox.member.outgoing_mail.filter(kind=Letter.MESSAGES, failed_at=None).exists():
        outbox.queue(Letter.MESSAGES, about=inbox.member)


def note_notice_sent(mail: OutgoingMail) -> None:
    """Remember that the mail server has taken a notice. Called in the transaction that deletes the mail."""
    if isinstance(mail.about, Member):
        Inbox.objects.filter(member=mail.about).update(notice_sent_at=timezone.now())


@transaction.atomic
def open_inbox(*, member: Member) -> None:
    """Remember that a member has looked: they can be told again, and what is planned is not sent any more."""
    Inbox.objects.bulk_create([Inbox(member=member)], ignore_conflicts=True)
    Inbox.objects.filter(member=member).update(opened_at=timezone.now(), notice_due_at=None)


MAILS = tuple(mail.kinds(sent={Letter.MESSAGES: note_notice_sent}))
