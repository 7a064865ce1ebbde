"""Messages between members through the site: no address is shown, and no text leaves it.

A conversation has two participants, and each is a member.
An organisation's conversations are read by the colleagues who share its inbox.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from network.members.models import Member
from network.review.models import ReviewEntry, ReviewEntryQuerySet

# Retention of conversations after their last message, and of an erased one that is kept for an open report.
CONVERSATION_KEPT = timedelta(days=365)
ERASED_KEPT = timedelta(days=30)
# The next notification waits until the member has opened the inbox, or this time has passed.
NOTIFIED_AGAIN_AFTER = timedelta(days=7)

LONGEST_TEXT = 4000  # characters
LONGEST_SUBJECT = 120


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, participants: Iterable[Member]) -> Self:
        """Return the conversations that these participants see, the newest first.

        Annotates `participant_id` (which of them), `seen_at` (the last message that this participant sees) and
        `is_unread`.
        Messages withheld from a participant are left out for it, and so are conversations with no other messages.
        """
        keys = [participant.pk for participant in participants]
        participant = models.OuterRef("participant_id")
        mine = models.Q(starter__in=keys)
        read = models.Case(models.When(mine, then=models.F("starter_read_at")), default=models.F("recipient_read_at"))
        never = models.Value(datetime(1900, 1, 1, tzinfo=UTC), models.DateTimeField())
        found = self.filter(mine | models.Q(recipient__in=keys), erased_at=None).annotate(
            participant_id=models.Case(
                models.When(mine, then=models.F("starter_id")), default=models.F("recipient_id")
            ),
            read_at=Coalesce(read, never),
        )
        own = Message.objects.filter(conversation=models.OuterRef("pk"))
        seen = own.filter(models.Q(is_withheld=False) | models.Q(sender=participant))
        unread = own.filter(is_withheld=False, written_at__gt=models.OuterRef("read_at")).exclude(sender=participant)
        return (
            found.annotate(
                seen_at=models.Subquery(seen.order_by("-written_at").values("written_at")[:1]),
                is_unread=models.Exists(unread),
            )
            .exclude(seen_at=None)
            .order_by("-seen_at", "pk")
        )

    def unread_by(self, member: Member) -> Self:
        """Return the conversations with unread messages for a member, as any of their participants."""
        return self.of(Member.objects.acting_for(member)).filter(is_unread=True)

    def expired(self) -> Self:
        """Return the conversations to delete."""
        now = timezone.now()
        return self.filter(
            models.Q(last_message_at__lte=now - CONVERSATION_KEPT) | models.Q(erased_at__lte=now - ERASED_KEPT)
        )


class MessageQuerySet(models.QuerySet["Message"]):
    def seen_by(self, participant: Member) -> Self:
        """Return the messages that a participant of the conversation sees."""
        return self.filter(models.Q(is_withheld=False) | models.Q(sender=participant))


class InboxQuerySet(models.QuerySet["Inbox"]):
    def to_be_notified(self) -> Self:
        """Return the inboxes that may get a notification: opened since the last one, or the last one is long ago."""
        return self.filter(
            models.Q(notification_sent_at=None)
            | models.Q(opened_at__gte=models.F("notification_sent_at"))
            | models.Q(notification_sent_at__lte=timezone.now() - NOTIFIED_AGAIN_AFTER)
        )

    def due(self) -> Self:
        """Return the inboxes with a notification to send, in random order, so that the order reveals nothing."""
        return self.filter(notification_due_at__lte=timezone.now()).order_by("?")


class InboxShareQuerySet(models.QuerySet["InboxShare"]):
    def of_either(self, member: Member) -> Self:
        """Return the shares in which a member is the organisation or the colleague."""
        return self.filter(models.Q(organisation=member) | models.Q(colleague=member))

    def accepted(self) -> Self:
        return self.filter(accepted_at__isnull=False)

    def asked_of(self, member: Member) -> Self:
        """Return the invitations that a member has not answered, except from organisations that they have blocked."""
        blocked = models.Exists(member.blocks_made.filter(blocked=models.OuterRef("organisation")))
        listed = Member.State.LISTED
        return self.filter(~blocked, colleague=member, accepted_at=None, organisation__state=listed)


class ConversationReportQuerySet(models.QuerySet["ConversationReport"]):
    def open(self) -> Self:
        """Return the undecided reports."""
        return self.filter(decided_at=None)


class Inbox(models.Model):
    """Message settings and notification state of a member.

    Without a row, a member takes messages, and has had no notification.
    """

    wagtail_reference_index_ignore = True

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="inbox")
    takes_messages = models.BooleanField(_("takes messages"), default=True)
    # Rounded up to the time grid (`network.messages.services.GRID`), so that it does not reveal when a message was
    # written.
    notification_due_at = models.DateTimeField(null=True)
    # When the mail server accepted the last notification, and when the inbox was last opened.
    notification_sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    objects = InboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("inbox")
        verbose_name_plural = _("inboxes")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["notification_due_at"],
                condition=models.Q(notification_due_at__isnull=False),
                name="notifications_of_messages",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class InboxShare(models.Model):
    """Access of a colleague to an organisation's inbox, in effect from `accepted_at`."""

    wagtail_reference_index_ignore = True

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    organisation = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="inbox_shares")
    colleague = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="shared_inboxes")
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    accepted_at = models.DateTimeField(_("accepted at"), null=True)

    objects = InboxShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared inbox")
        verbose_name_plural = _("shared inboxes")
        default_permissions = ()
        ordering = ("asked_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "colleague"], name="one_share_of_each_colleague")
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d}"


class Conversation(models.Model):
    """Messages between two members.

    Deleted with either of them, and a year after the last message.
    """

    wagtail_reference_index_ignore = True

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    starter = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="conversations_started")
    recipient = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="conversations_received")
    subject = models.CharField(_("subject"), max_length=LONGEST_SUBJECT, blank=True)
    last_message_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Up to when each participant has read it.
    starter_read_at = models.DateTimeField(null=True)
    recipient_read_at = models.DateTimeField(null=True)
    # Hidden from both participants, and kept until the team has decided about a report.
    erased_at = models.DateTimeField(null=True)

    # Annotated by `ConversationQuerySet.of`.
    participant_id: int
    seen_at: datetime
    is_unread: bool

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(starter=models.F("recipient")), name="nobody_writes_to_themselves"
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def other(self, participant: Member) -> Member:
        """Return the other participant."""
        return self.recipient if participant.pk == self.starter_id else self.starter

    def read_field(self, participant: Member) -> str:
        return "starter_read_at" if participant.pk == self.starter_id else "recipient_read_at"


class Message(models.Model):
    """Plain text from one participant of a conversation to the other."""

    wagtail_reference_index_ignore = True

    # Set by the form, so that submitting it twice sends one message.
    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    # The participant, and the member who wrote on its behalf.
    # The other participant sees only the former.
    sender = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="messages_sent")
    author = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(_("text"), max_length=LONGEST_TEXT)
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    # Written while the other participant had blocked this one: only the sender ever sees it.
    is_withheld = models.BooleanField(default=False, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ()
        ordering = ("written_at", "pk")
        indexes = [models.Index(fields=["conversation", "written_at"], name="messages_in_order")]

    def __str__(self) -> str:
        return str(self.uuid)


class ConversationReport(models.Model):
    """Report of a conversation by one participant.

    The team can read what that participant had seen by then, and only until it has decided.
    """

    wagtail_reference_index_ignore = True

    class Decision(models.TextChoices):
        NOTHING = "nothing", pgettext_lazy("decision about a report", "Do nothing")
        WARN = "warn", pgettext_lazy("decision about a report", "Warn the member")
        HIDE = "hide", pgettext_lazy("decision about a report", "Hide the member")

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="conversation_reports")
    text = models.TextField(_("what is wrong"), max_length=1000, blank=True)
    reported_at = models.DateTimeField(_("reported at"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decision = models.CharField(_("decision"), max_length=20, choices=Decision, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ConversationReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("reported conversation")
        verbose_name_plural = _("reported conversations")
        default_permissions = ()
        ordering = ("reported_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "reporter"],
                condition=models.Q(decided_at__isnull=True),
                name="one_open_report_by_each_participant",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reported_at:%Y-%m-%d}"

    @property
    def accused(self) -> Member:
        """Return the participant that the report is about."""
        return self.conversation.other(self.reporter)


def something_waits(member: Member) -> bool:
    """Return whether a member has not seen something.

    That is a message to a participant that they read for, an invitation, or a warning of the team.
    """
    if Conversation.objects.unread_by(member).exists():
        return True
    if InboxShare.objects.asked_of(member).exists():
        return True
    return new_warnings(member).exists()


def new_warnings(member: Member) -> ReviewEntryQuerySet:
    """Return the warnings of the team that a member has not seen in their inbox."""
    warnings: ReviewEntryQuerySet = member.review.filter(kind=ReviewEntry.Kind.WARNING)
    opened = Inbox.objects.filter(member=member, opened_at__isnull=False).first()
    return warnings.filter(written_at__gt=opened.opened_at) if opened else warnings


class MemberBlockQuerySet(models.QuerySet["MemberBlock"]):
    """Queryset of blocks.

    Callers must not reveal the result to the blocked member.
    """

    def between(self, one: Member, other: Member) -> Self:
        """Return the blocks between two members, in either direction."""
        return self.filter(
            models.Q(blocker=one, blocked=other) | models.Q(blocker=other, blocked=one),
        )

    def others_of(self, member: Member) -> set[int]:
        """Return the keys of all members who have blocked a member, or whom that member has blocked.

        One query.
        """
        pairs = self.filter(models.Q(blocker=member) | models.Q(blocked=member))
        return {key for pair in pairs.values_list("blocker", "blocked") for key in pair} - {member.pk}


class MemberBlock(models.Model):
    """Block of one member by another.

    Its effect is symmetrical: neither gets messages from the other, or is matched with the other.

    Only the blocker can see it: the other must not find out, and the team has no page for it.
    """

    wagtail_reference_index_ignore = True

    blocker = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocks_made")
    blocked = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocks_received")
    since = models.DateTimeField(_("since"), default=timezone.now)

    objects = MemberBlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("block of a member")
        verbose_name_plural = _("blocks of members")
        default_permissions = ()
        ordering = ("-since", "pk")
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="one_block_of_each_member"),
            models.CheckConstraint(condition=~models.Q(blocker=models.F("blocked")), name="nobody_blocks_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d}"
