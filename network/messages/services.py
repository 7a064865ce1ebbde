"""Services for messages between members.

A blocked member must not be able to find out: their messages are stored for them alone (`Message.is_withheld`), and
every response, limit and query is the same as for others.

A notification names neither the event nor the sender.
It is sent at a point of a grid of 15 minutes: the second to the fourth point after the message was written, chosen at
random.
So its time does not reveal when the message was written, and two are never closer than the width of the grid.
A member who has not opened the inbox since the last notification gets the next one only after a week.
"""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.mail import outbox
from core.models import OutgoingMail
from network import mail
from network.mail import Letter
from network.models import (
    Conversation,
    ConversationReport,
    Inbox,
    InboxShare,
    Member,
    MemberBlock,
    Message,
    ReviewEntry,
)
from network.review.services import hide
from network.row_locks import InvalidStateError, locked, locked_row, log_member
from users.models import User

GRID = timedelta(minutes=15)
# Number of grid points, after the next one, from which one is chosen at random.
POINTS = 3

State = Member.State
Decision = ConversationReport.Decision


class MessagesDisabledError(InvalidStateError):
    """The other participant takes no messages at the moment."""


class RecipientBlockedError(InvalidStateError):
    """The sender has blocked the other participant, and has to unblock them first."""


def notification_time(now: datetime) -> datetime:
    """Return the time of the notification for a message written now: 15 to 60 minutes later, at a point of the grid."""
    start = datetime.min.replace(tzinfo=UTC)
    next_point = start + ((now - start) // GRID + 1) * GRID
    return next_point + (secrets.randbelow(POINTS) + 1) * GRID


def plan_notifications(*, participant: Member, sender: Member) -> None:
    """Plan notifications for the readers of a participant.

    If the participant has blocked the sender, the queries are the same, but none is planned.
    """
    _plan(
        Member.objects.reading_for(participant),
        unless=models.Exists(MemberBlock.objects.filter(blocker=participant.pk, blocked=sender.pk)),
    )


def plan_notification(*, member: Member) -> None:
    """Plan a notification for one member."""
    _plan(Member.objects.filter(pk=member.pk))


def _plan(readers: QuerySet[Member], *, unless: models.Exists | None = None) -> None:
    keys = list(readers.values_list("pk", flat=True))
    Inbox.objects.bulk_create((Inbox(member_id=key) for key in keys), ignore_conflicts=True)
    wanted = Inbox.objects.to_be_notified().filter(member__in=keys, notification_due_at=None)
    if unless is not None:
        wanted = wanted.filter(~unless)
    wanted.update(notification_due_at=notification_time(timezone.now()))


@transaction.atomic
def send_notification(*, inbox: Inbox) -> None:
    """Queue a due notification, unless an earlier one has not been delivered yet.

    Whether anything is still unread is checked on delivery.
    """
    due = Inbox.objects.filter(pk=inbox.pk, notification_due_at__lte=timezone.now())
    # Check again: a delayed mail may have been sent since the notification was planned.
    is_wanted = due.to_be_notified().exists()
    if not due.update(notification_due_at=None) or not is_wanted:
        return
    if not inbox.member.outgoing_mail.filter(kind=Letter.MESSAGES, failed_at=None).exists():
        outbox.queue(Letter.MESSAGES, about=inbox.member)


def note_notification_sent(mail: OutgoingMail) -> None:
    """Record that the mail server has accepted a notification.

    Called in the transaction that deletes the mail.
    """
    if isinstance(mail.about, Member):
        Inbox.objects.filter(member=mail.about).update(notification_sent_at=timezone.now())


@transaction.atomic
def open_inbox(*, member: Member) -> None:
    """Record that a member has opened the inbox.

    A planned notification is cancelled, and the next message leads to a new one.
    """
    Inbox.objects.bulk_create([Inbox(member=member)], ignore_conflicts=True)
    Inbox.objects.filter(member=member).update(opened_at=timezone.now(), notification_due_at=None)


MAILS = tuple(mail.kinds(sent={Letter.MESSAGES: note_notification_sent}))


@transaction.atomic
def start_conversation(
    *, participant: Member, author: Member, recipient: Member, subject: str, text: str, key: UUID
) -> Conversation:
    """Start a conversation with a first message.

    `key` comes from the form, so that submitting it twice sends one message.

    Raises MessagesDisabledError, RecipientBlockedError, or InvalidStateError if the key belongs to another
    conversation, or sender and recipient are the same.
    """
    if participant == recipient:
        raise InvalidStateError
    _require_open(participant, recipient)
    try:
        with transaction.atomic():
            conversation = Conversation.objects.create(
                uuid=key, starter=participant, recipient=recipient, subject=subject
            )
    except IntegrityError as known:
        already = Conversation.objects.filter(uuid=key, starter=participant, recipient=recipient).first()
        if already is None:
            raise InvalidStateError from known
        return already
    _write(conversation, participant=participant, author=author, text=text, key=key)
    return conversation


@transaction.atomic
def write_message(*, conversation: Conversation, participant: Member, author: Member, text: str, key: UUID) -> None:
    """Write in a conversation, on behalf of one of its participants.

    Raises MessagesDisabledError, RecipientBlockedError, or InvalidStateError if it is gone.
    """
    conversation = locked_row(conversation)
    if conversation.erased_at is not None:
        raise InvalidStateError
    _require_open(participant, conversation.other(participant))
    if not Message.objects.filter(uuid=key).exists():
        _write(conversation, participant=participant, author=author, text=text, key=key)


def _require_open(participant: Member, other: Member) -> None:
    if MemberBlock.objects.filter(blocker=participant, blocked=other).exists():
        raise RecipientBlockedError
    if not Member.objects.taking_messages().filter(pk=other.pk).exists():
        raise MessagesDisabledError


def _write(conversation: Conversation, *, participant: Member, author: Member, text: str, key: UUID) -> None:
    other, now = conversation.other(participant), timezone.now()
    Message.objects.create(
        uuid=key,
        conversation=conversation,
        sender=participant,
        author=author,
        text=text,
        written_at=now,
        is_withheld=MemberBlock.objects.filter(blocker=other, blocked=participant).exists(),
    )
    setattr(conversation, conversation.read_field(participant), now)
    conversation.last_message_at = now
    conversation.save(update_fields=["last_message_at", conversation.read_field(participant)])
    plan_notifications(participant=other, sender=participant)


@transaction.atomic
def read_conversation(*, conversation: Conversation, participant: Member) -> None:
    """Record that a participant has read all messages so far.

    Raises InvalidStateError if the conversation is gone.
    """
    conversation = locked_row(conversation)
    Conversation.objects.filter(pk=conversation.pk).update(**{conversation.read_field(participant): timezone.now()})


@transaction.atomic
def erase_conversation(*, conversation: Conversation) -> None:
    """Delete a conversation for both participants.

    If it was reported, it is kept for the team until the decision.
    """
    try:
        conversation = locked_row(conversation)
    except InvalidStateError:
        return
    if conversation.reports.open().exists():
        conversation.erased_at = timezone.now()
        conversation.save(update_fields=["erased_at"])
    else:
        conversation.delete()


@transaction.atomic
def set_takes_messages(*, member: Member, takes: bool) -> None:
    """Stop messages to a member, or accept them again."""
    Inbox.objects.bulk_create([Inbox(member=member)], ignore_conflicts=True)
    Inbox.objects.filter(member=member).update(takes_messages=takes)


# --- Reports ------------------------------------------------------------------------------------------------


@transaction.atomic
def report_conversation(*, conversation: Conversation, reporter: Member, text: str) -> ConversationReport:
    """Report what a participant has seen so far to the team.

    Both participants can see the report.
    Raises InvalidStateError if the conversation is gone.
    """
    conversation = locked_row(conversation)
    if conversation.erased_at is not None:
        raise InvalidStateError
    report, _is_new = conversation.reports.open().get_or_create(
        reporter=reporter, defaults={"conversation": conversation, "text": text}
    )
    return report


@transaction.atomic
def decide_report(*, report: ConversationReport, by: User, decision: str, text: str = "") -> None:
    """Decide about a report, after which the team can no longer read the conversation.

    Raises InvalidStateError if it is decided already.

    `text` is a warning, which the other participant reads in the members' area; the mail contains only a link.
    The log contains neither the participants' texts nor the reporter.
    """
    report = locked_row(report)
    if report.decided_at is not None:
        raise InvalidStateError
    accused = report.accused
    report.decided_at, report.decision, report.decided_by = timezone.now(), decision, by
    report.save()
    log_member(accused, "network.decide_report", by)
    if decision == Decision.WARN:
        ReviewEntry.objects.create(member=accused, kind=ReviewEntry.Kind.WARNING, text=text, author=by)
        plan_notification(member=accused)
    elif decision == Decision.HIDE:
        hide(member=accused, by=by)
    conversation = report.conversation
    if conversation.erased_at is not None and not conversation.reports.open().exists():
        conversation.delete()


# --- Shared inboxes -----------------------------------------------------------------------------------------


@transaction.atomic
def share_inbox(*, organisation: Member, colleague: Member) -> InboxShare:
    """Invite a listed member to read and answer an organisation's messages.

    It takes effect once they accept.
    Raises InvalidStateError.
    """
    organisation = locked(organisation, State.LISTED)
    if organisation.kind != Member.Kind.ORGANISATION or colleague.kind != Member.Kind.PERSON:
        raise InvalidStateError
    if colleague.state != State.LISTED:
        raise InvalidStateError
    share, is_new = InboxShare.objects.get_or_create(organisation=organisation, colleague=colleague)
    if is_new:
        plan_notifications(participant=colleague, sender=organisation)
    return share


@transaction.atomic
def accept_share(*, share: InboxShare) -> None:
    """Accept an invitation to read and answer the organisation's messages."""
    InboxShare.objects.filter(pk=share.pk, accepted_at=None).update(accepted_at=timezone.now())


@transaction.atomic
def end_share(*, share: InboxShare) -> None:
    """Refuse an invitation, leave a shared inbox, or remove a colleague from it."""
    InboxShare.objects.filter(pk=share.pk).delete()


@transaction.atomic
def block(*, member: Member, other: Member) -> MemberBlock:
    """Prevent messages and matches between two members.

    Raises InvalidStateError for oneself.

    The other member is not notified, and no log names either of them.
    """
    if member == other:
        raise InvalidStateError
    member = locked(member, *Member.KNOWN)
    made, _is_new = MemberBlock.objects.get_or_create(blocker=member, blocked=other)
    return made


@transaction.atomic
def unblock(*, member: Member, other: Member) -> None:
    """Remove a member's own block; a block by the other member stays."""
    MemberBlock.objects.filter(blocker=member, blocked=other).delete()
