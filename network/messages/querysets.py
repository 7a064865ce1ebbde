from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

# Conversations are deleted so long after their last message; one that was erased while the team reads it, so long after that.
CONVERSATION_KEPT = timedelta(days=365)
ERASED_KEPT = timedelta(days=30)
# Nobody is told again of what waits before they have looked, or this time has passed.
TOLD_AGAIN_AFTER = timedelta(days=7)


class ConversationQuerySet(models.QuerySet[Any]):
    def of(self, sides: Iterable[Any]) -> Self:
        """Conversations that these sides see, the newest first.

        Annotates `side_id` (which of them), `seen_at` (the last message that this side sees) and `is_unread`. What was withheld from a side
        is not there for it, and a conversation of nothing else is not there either.
        """
        keys = [side.pk for side in sides]
        messages = self.model._meta.get_field("messages").related_model.objects
        side = models.OuterRef("side_id")
        mine = models.Q(starter__in=keys)
        read = models.Case(
            models.When(mine, then=models.F("starter_read_at")), default=models.F("recipient_read_at")
        )
        never = models.Value(datetime(1900, 1, 1, tzinfo=UTC), models.DateTimeField())
        found = self.filter(mine | models.Q(recipient__in=keys), erased_at=None).annotate(
            side_id=models.Case(
                models.When(mine, then=models.F("starter_id")), default=models.F("recipient_id")
            ),
            read_at=Coalesce(read, never),
        )
        own = messages.filter(conversation=models.OuterRef("pk"))
        seen = own.filter(models.Q(is_withheld=False) | models.Q(sender=side))
        unread = own.filter(is_withheld=False, written_at__gt=models.OuterRef("read_at")).exclude(sender=side)
        return (
            found.annotate(
                seen_at=models.Subquery(seen.order_by("-written_at").values("written_at")[:1]),
                is_unread=models.Exists(unread),
            )
            .exclude(seen_at=None)
            .order_by("-seen_at", "pk")
        )

    def unread_by(self, member: Any) -> Self:
        """Conversations in which something waits for a member, on whichever side they read."""
        return self.of(type(member).objects.acting_for(member)).filter(is_unread=True)

    def expired(self) -> Self:
        """Conversations to delete."""
        now = timezone.now()
        return self.filter(
            models.Q(last_message_at__lte=now - CONVERSATION_KEPT)
            | models.Q(erased_at__lte=now - ERASED_KEPT)
        )


class MessageQuerySet(models.QuerySet[Any]):
    def seen_by(self, side: Any) -> Self:
        """Messages that a side of the conversation sees."""
        return self.filter(models.Q(is_withheld=False) | models.Q(sender=side))


class InboxQuerySet(models.QuerySet[Any]):
    def to_be_told(self) -> Self:
        """Inboxes whose members may be told that something waits: they have looked since the last time, or it is long ago."""
        return self.filter(
            models.Q(notice_sent_at=None)
            | models.Q(opened_at__gte=models.F("notice_sent_at"))
            | models.Q(notice_sent_at__lte=timezone.now() - TOLD_AGAIN_AFTER)
        )

    def due(self) -> Self:
        """Inboxes with a notice to send, in an order that says nothing."""
        return self.filter(notice_due_at__lte=timezone.now()).order_by("?")


class InboxShareQuerySet(models.QuerySet[Any]):
    def of_either(self, member: Any) -> Self:
        """Shares of which a member is one end or the other."""
        return self.filter(models.Q(organisation=member) | models.Q(colleague=member))

    def accepted(self) -> Self:
        return self.filter(accepted_at__isnull=False)

    def asked_of(self, member: Any) -> Self:
        """Invitations that wait for a member's answer, but those of organisations that they have blocked."""
        blocked = models.Exists(
            member.blocks_made.filter(blocked=models.OuterRef("organisation")),
        )
        listed = member.State.LISTED
        return self.filter(~blocked, colleague=member, accepted_at=None, organisation__state=listed)


class ConversationReportQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Reports that the team has not decided about."""
        return self.filter(decided_at=None)
