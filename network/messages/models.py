"""What members write to each other through the site: no address is seen, and no text leaves it.

A conversation has two participants, and each is a member. What belongs to an organisation is read by the colleagues who share its inbox.
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

# Conversations are deleted so long after their last message; one that was erased while the team reads it, so long after that.
CONVERSATION_KEPT = timedelta(days=365)
ERASED_KEPT = timedelta(days=30)
# Nobody is notified again of what waits before they have looked, or this time has passed.
NOTIFIED_AGAIN_AFTER = timedelta(days=7)

LONGEST_TEXT = 4000  # characters
LONGEST_SUBJECT = 120


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, participants: Iterable[Member]) -> Self:
        """Conversations that these participants see, the newest first.

        Annotates `participant_id` (which of them), `seen_at` (the last message that this participant sees) and `is_unread`. What was withheld from a participant
        is not there for it, and a conversation of nothing else is not there either.
        """
        keys = [participant.pk for participant in participants]
        participant = models.OuterRef("participant_id")
        mine = models.Q(starter__in=keys)
        read = models.Case(
            models.When(mine, then=models.F("starter_read_at")), default=models.F("recipient_read_at")
        )
        never = models.Value(datetime(1900, 1, 1, tzinfo=UTC), models.DateTimeField())
        found = self.filter(mine | models.Q(recipient__in=keys), erased_at=None).annotate(
            participant_id=models.Case(
                models.When(mine, then=models.F("starter_id")), default=models.F("recipient_id")
            ),
            read_at=Coalesce(read, never),
        )
        own = Message.objects.filter(conversation=models.OuterRef("pk"))
        seen = own.filter(models.Q(is_withheld=False) | models.Q(sender=participant))
        unread = own.filter(is_withheld=False, written_at__gt=models.OuterRef("read_at")).exclude(
            sender=participant
        )
        return (
            found.annotate(
                seen_at=models.Subquery(seen.order_by("-written_at").values("written_at")[:1]),
                is_unread=models.Exists(unread),
            )
            .exclude(seen_at=None)
            .order_by("-seen_at", "pk")
        )

    def unread_by(self, member: Member) -> Self:
        """Conversations in which something waits for a member, for whichever participant they read."""
        return self.of(Member.objects.acting_for(member)).filter(is_unread=True)

    def expired(self) -> Self:
        """Conversations to delete."""
        now = timezone.now()
        return self.filter(
            models.Q(last_message_at__lte=now - CONVERSATION_KEPT)
            | models.Q(erased_at__lte=now - ERASED_KEPT)
        )


class MessageQuerySet(models.QuerySet["Message"]):
    def seen_by(self, participant: Member) -> Self:
        """Messages that a participant of the conversation sees."""
        return self.filter(models.Q(is_withheld=False) | models.Q(sender=participant))


class InboxQuerySet(models.QuerySet["Inbox"]):
    def to_be_notified(self) -> Self:
        """Inboxes whose members may be notified that something waits: they have looked since the last time, or it is long ago."""
        return self.filter(
            models.Q(notification_sent_at=None)
            | models.Q(opened_at__gte=models.F("notification_sent_at"))
            | models.Q(notification_sent_at__lte=timezone.now() - NOTIFIED_AGAIN_AFTER)
        )

    def due(self) -> Self:
        """Inboxes with a notification to send, in an order that says nothing."""
        return self.filter(notification_due_at__lte=timezone.now()).order_by("?")


class InboxShareQuerySet(models.QuerySet["InboxShare"]):
    def of_either(self, member: Member) -> Self:
        """Shares of which a member is one end or the other."""
        return self.filter(models.Q(organisation=member) | models.Q(colleague=member))

    def accepted(self) -> Self:
        return self.filter(accepted_at__isnull=False)

    def asked_of(self, member: Member) -> Self:
        """Invitations that wait for a member's answer, but those of organisations that they have blocked."""
        blocked = models.Exists(member.blocks_made.filter(blocked=models.OuterRef("organisation")))
        listed = Member.State.LISTED
        return self.filter(~blocked, colleague=member, accepted_at=None, organisation__state=listed)


class ConversationReportQuerySet(models.QuerySet["ConversationReport"]):
    def open(self) -> Self:
        """Reports that the team has not decided about."""
        return self.filter(decided_at=None)


class Inbox(models.Model):
    """How a member receives messages. Whoever has none yet takes messages, and has been notified of none."""

    wagtail_reference_index_ignore = True

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="inbox")
    takes_messages = models.BooleanField(_("takes messages"), default=True)
    # A notification is due at a point of the grid (`network.messages.services.GRID`), and says nothing of when somebody wrote.
    notification_due_at = models.DateTimeField(null=True)
    # When the mail server took the last one, and when the inbox was last looked at.
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
    """That a member reads and answers what an organisation gets. It counts from `accepted_at` on."""

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
    """What two members write to each other. Deleted with either of them, and a year after the last message."""

    wagtail_reference_index_ignore = True

    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    starter = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="conversations_started")
    recipient = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="conversations_received")
    subject = models.CharField(_("subject"), max_length=LONGEST_SUBJECT, blank=True)
    last_message_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Up to when each participant has read it.
    starter_read_at = models.DateTimeField(null=True)
    recipient_read_at = models.DateTimeField(null=True)
    # Gone for both participants, and kept for the team until it has decided about a report.
    erased_at = models.DateTimeField(null=True)

    # What `ConversationQuerySet.of` annotates.
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

    # Given by the form, so that a form that is sent twice says it once.
    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    # The participant, and who wrote for it. The other participant sees the participant alone.
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
    """That one participant has shown a conversation to the team, which can read what that participant saw until then, and only until it has decided."""

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
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

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
        """The participant that the report is about."""
        return self.conversation.other(self.reporter)


def something_waits(member: Member) -> bool:
    """Whether a member has not looked at something: a message to a participant that they read for, an invitation, or a warning of the team."""
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
    """Blocks of members. Whoever asks here must not show the answer to the one who was blocked."""

    def between(self, one: Member, other: Member) -> Self:
        """Blocks between two members, whoever has set them."""
        return self.filter(
            models.Q(blocker=one, blocked=other) | models.Q(blocker=other, blocked=one),
        )

    def others_of(self, member: Member) -> set[int]:
        """Return the keys of all members who have blocked a member, or whom that member has blocked. One query."""
        pairs = self.filter(models.Q(blocker=member) | models.Q(blocked=member))
        return {key for pair in pairs.values_list("blocker", "blocked") for key in pair} - {member.pk}


class MemberBlock(models.Model):
    """That one member has blocked another. In effect it is symmetrical: neither gets messages from the other, or is matched with the other.

    Who has blocked whom is for the blocker alone: the other must not notice, and the team has no page for it.
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
            models.CheckConstraint(
                condition=~models.Q(blocker=models.F("blocked")), name="nobody_blocks_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d}"
