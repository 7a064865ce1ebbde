"""Every write to what members write to each other.

Who has been blocked must not notice: what they write is kept for them alone (`Message.is_withheld`), and every answer, limit and statement
is the same as for others.

A notification says neither what waits nor from whom, and is sent at a point of a grid of 15 minutes: the second to the fourth after the moment of
writing, which one by chance. So its time betrays no moment of writing, and two are never closer than the grid is wide. Whoever has been notified
and has not looked since is notified again only after a week.
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
# So many points after the next one, of which one is chosen by chance.
POINTS = 3

State = Member.State
Decision = ConversationReport.Decision


class MessagesDisabledError(InvalidStateError):
    """The other participant takes no messages at the moment."""


class RecipientBlockedError(InvalidStateError):
    """Whoever writes has blocked the other participant, and has to take that back first."""


def notification_time(now: datetime) -> datetime:
    """Return when to notify of something that was written now: from 15 to 60 minutes later, at a point of the grid."""
    start = datetime.min.replace(tzinfo=UTC)
    next_point = start + ((now - start) // GRID + 1) * GRID
    return next_point + (secrets.randbelow(POINTS) + 1) * GRID


def plan_notifications(*, participant: Member, sender: Member) -> None:
    """Notify the readers of a participant that something waits. The statements are the same if the participant has blocked the sender; nothing follows."""
    _plan(
        Member.objects.reading_for(participant),
        unless=models.Exists(MemberBlock.objects.filter(blocker=participant.pk, blocked=sender.pk)),
    )


def plan_notification(*, member: Member) -> None:
    """Notify one member that something waits."""
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
    """Put a notification that is due into the outbox, unless one is still on its way. Whether anything still waits is looked up on delivery."""
    due = Inbox.objects.filter(pk=inbox.pk, notification_due_at__lte=timezone.now())
    # Once more, for a mail that was held up may have gone since it was planned.
    is_wanted = due.to_be_notified().exists()
    if not due.update(notification_due_at=None) or not is_wanted:
        return
    if not inbox.member.outgoing_mail.filter(kind=Letter.MESSAGES, failed_at=None).exists():
        outbox.queue(Letter.MESSAGES, about=inbox.member)


def note_notification_sent(mail: OutgoingMail) -> None:
    """Remember that the mail server has taken a notification. Called in the transaction that deletes the mail."""
    if isinstance(mail.about, Member):
        Inbox.objects.filter(member=mail.about).update(notification_sent_at=timezone.now())


@transaction.atomic
def open_inbox(*, member: Member) -> None:
    """Remember that a member has looked: they can be notified again, and what is planned is not sent any more."""
    Inbox.objects.bulk_create([Inbox(member=member)], ignore_conflicts=True)
    Inbox.objects.filter(member=member).update(opened_at=timezone.now(), notification_due_at=None)


MAILS = tuple(mail.kinds(sent={Letter.MESSAGES: note_notification_sent}))


@transaction.atomic
def start_conversation(
    *, participant: Member, author: Member, recipient: Member, subject: str, text: str, key: UUID
) -> Conversation:
    """Write to somebody for the first time about something. `key` is the form's: sent twice, it says it once.

    Raises MessagesDisabledError, RecipientBlockedError, or InvalidStateError if the key is somebody else's, or the two are one.
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
def write_message(
    *, conversation: Conversation, participant: Member, author: Member, text: str, key: UUID
) -> None:
    """Write in a conversation, for one of its participants. Raises MessagesDisabledError, RecipientBlockedError, or InvalidStateError if it is gone."""
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
    """Remember that a participant has read all that is there now. Raises InvalidStateError if it is gone."""
    conversation = locked_row(conversation)
    Conversation.objects.filter(pk=conversation.pk).update(
        **{conversation.read_field(participant): timezone.now()}
    )


@transaction.atomic
def erase_conversation(*, conversation: Conversation) -> None:
    """Delete a conversation for both participants. What the team has been shown is kept for it until it has decided, and for nobody else."""
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
    """Let a member be left alone for now, or not any more."""
    Inbox.objects.bulk_create([Inbox(member=member)], ignore_conflicts=True)
    Inbox.objects.filter(member=member).update(takes_messages=takes)


# --- Reports ------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def report_conversation(*, conversation: Conversation, reporter: Member, text: str) -> ConversationReport:
    """Show the team what a participant has seen until now. Both participants can see that it was reported. Raises InvalidStateError if it is gone."""
    conversation = locked_row(conversation)
    if conversation.erased_at is not None:
        raise InvalidStateError
    report, _is_new = conversation.reports.open().get_or_create(
        reporter=reporter, defaults={"conversation": conversation, "text": text}
    )
    return report


@transaction.atomic
def decide_report(*, report: ConversationReport, by: User, decision: str, text: str = "") -> None:
    """Decide about a report, after which nobody of the team can read the conversation. Raises InvalidStateError if somebody else has.

    `text` is a warning, which the other participant reads in their own area; the mail says only that something waits. The log names neither participant's
    words nor who reported.
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


# --- Shared inboxes -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def share_inbox(*, organisation: Member, colleague: Member) -> InboxShare:
    """Ask a listed member to read and answer what an organisation gets. It counts once they accept. Raises InvalidStateError."""
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
    """Read and answer what the organisation gets, from now on."""
    InboxShare.objects.filter(pk=share.pk, accepted_at=None).update(accepted_at=timezone.now())


@transaction.atomic
def end_share(*, share: InboxShare) -> None:
    """Refuse an invitation, leave a shared inbox, or take somebody out of it."""
    InboxShare.objects.filter(pk=share.pk).delete()


@transaction.atomic
def block(*, member: Member, other: Member) -> MemberBlock:
    """Have neither of two members get messages from the other, or be matched with the other. Raises InvalidStateError for oneself.

    The other is not notified, and no log names either.
    """
    if member == other:
        raise InvalidStateError
    member = locked(member, *Member.KNOWN)
    made, _is_new = MemberBlock.objects.get_or_create(blocker=member, blocked=other)
    return made


@transaction.atomic
def unblock(*, member: Member, other: Member) -> None:
    """Take back one's own block; what the other has blocked stays blocked."""
    MemberBlock.objects.filter(blocker=member, blocked=other).delete()
