from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone

from network.members.querysets import DECLINED_KEPT

# After this, a member is reminded of a question, once; and after that, the team of a question that nobody answers.
REMIND_AFTER = timedelta(days=7)
UNANSWERED_AFTER = timedelta(days=14)


class ProposedWordsQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Words that nobody has decided about."""
        return self.filter(declined_at=None)

    def of_members(self) -> Self:
        """Words of those who have been let in. What belongs to a request waits with it."""
        known = self.model._meta.get_field("member").related_model
        return self.filter(member__state__in=[known.State.LISTED, known.State.PAUSED])

    def expired(self) -> Self:
        """Words that were declined long enough ago to be deleted."""
        return self.filter(declined_at__lte=timezone.now() - DECLINED_KEPT)


class ReviewEntryQuerySet(models.QuerySet[Any]):
    def unanswered(self) -> Self:
        return self.filter(kind=self.model.Kind.QUESTION, closed_at=None)

    def opinions_wanted(self) -> Self:
        return self.filter(kind=self.model.Kind.OPINION_WANTED, closed_at=None)

    def open(self) -> Self:
        return self.unanswered() | self.opinions_wanted()

    def for_member(self) -> Self:
        """What the member may read on their own page."""
        return self.filter(kind__in=self.model.FOR_MEMBER)

    def to_remind(self) -> Self:
        """Questions of which the member has to be reminded."""
        return self.unanswered().filter(
            reminded_at=None,
            written_at__lte=timezone.now() - REMIND_AFTER,
            member__state__in=self.model._meta.get_field("member").related_model.KNOWN,
        )

    def given_up_on(self) -> Self:
        """Questions that nobody has answered for so long that the team has to decide without."""
        return self.unanswered().filter(written_at__lte=timezone.now() - UNANSWERED_AFTER)
