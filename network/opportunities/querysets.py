from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

# A need or an offer is open for a year at most. Its owner is asked before it ends; a year after the end it is forgotten.
OPEN_AT_MOST = timedelta(days=365)
ASK_BEFORE_END = timedelta(days=14)
POSTING_KEPT = timedelta(days=365)
# How often a member is proposed at most, and in which time.
PROPOSED_AT_MOST = 5
PROPOSED_WITHIN = timedelta(days=7)
# When who has taken up a proposal is asked what came of it, and how often there is a letter about what is new.
ASK_OUTCOME_AFTER = timedelta(days=30)
LETTER_EVERY = timedelta(days=7)


class PostingQuerySet(models.QuerySet[Any]):
    """Needs and offers of members."""

    def open(self) -> Self:
        """Postings that members see: neither closed nor over, of members whom they see as well."""
        member = self.model._meta.get_field("owner").related_model
        return self.filter(
            closed_at=None, until__gte=timezone.localdate(), owner__in=member.objects.listed("members")
        )

    def public(self) -> Self:
        """Open postings that everybody sees: their owner wants it, and a person has read them."""
        return self.open().filter(is_for_everybody=True, read_at__isnull=False)

    def to_read(self) -> Self:
        """Postings that a person has to read before everybody sees them, oldest first."""
        return self.open().filter(is_for_everybody=True, read_at=None).order_by("created_at", "pk")

    def not_of(self, members: Collection[int]) -> Self:
        return self.exclude(owner__in=members)

    def new_since(self, moment: datetime) -> Self:
        return self.filter(created_at__gt=moment)

    def for_showing(self) -> Self:
        return self.select_related("owner")

    def to_end(self) -> Self:
        """Postings that are over and whose pages do not say so yet."""
        return self.filter(closed_at=None, until__lt=timezone.localdate())

    def to_remind(self) -> Self:
        """Postings of whose end the owner has to be told, once."""
        return self.open().filter(reminded_at=None, until__lte=timezone.localdate() + ASK_BEFORE_END)

    def to_forget(self) -> Self:
        """Postings that were closed long ago. With them goes who was proposed; what came of it stays as a number."""
        return self.filter(closed_at__lte=timezone.now() - POSTING_KEPT)


class ProposalQuerySet(models.QuerySet[Any]):
    """Who was proposed for which posting."""

    def recent(self) -> Self:
        """Proposals that count against those who may be proposed."""
        return self.filter(proposed_at__gt=timezone.now() - PROPOSED_WITHIN)

    def at_limit(self, posting: Any) -> set[int]:
        """Return the members who may not be proposed for one more posting. Who has been proposed for this one already may. One query."""
        counted = self.recent().values("member").annotate(times=models.Count("pk"))
        full = counted.filter(times__gte=PROPOSED_AT_MOST).values_list("member", flat=True)
        known = self.filter(posting=posting, proposed_at__isnull=False)
        return set(full.exclude(member__in=known.values("member")))

    def last_times(self, posting: Any) -> dict[int, datetime]:
        """Return when each member was last proposed for another posting: by primary key, without those who never were. One query."""
        others = self.exclude(posting=posting).filter(proposed_at__isnull=False)
        return dict(others.values_list("member").annotate(last=models.Max("proposed_at")).order_by())

    def taken_up(self) -> Self:
        return self.filter(taken_up_at__isnull=False)

    def unanswered(self) -> Self:
        """Contacts of which nobody has said what came of them."""
        return self.taken_up().filter(answered_at=None)

    def to_ask(self) -> Self:
        """Contacts after which it is time to ask, once, what came of them."""
        return self.unanswered().filter(asked_at=None, taken_up_at__lte=timezone.now() - ASK_OUTCOME_AFTER)


class RecordedOutcomeQuerySet(models.QuerySet[Any]):
    def by_month(self) -> list[tuple[date, str, int]]:
        """Return (first day of the month, outcome, how often) in order, without what never was. Small numbers are for the caller to suppress."""
        counted = self.values_list("month", "outcome").annotate(times=models.Count("pk"))
        return list(counted.order_by("month", "outcome"))


class SubscriptionQuerySet(models.QuerySet[Any]):
    def due(self) -> Self:
        """Subscriptions of listed members whose last letter is a week old."""
        member = self.model._meta.get_field("member").related_model
        return self.filter(written_at__lte=timezone.now() - LETTER_EVERY, member__state=member.State.LISTED)
