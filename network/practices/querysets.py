from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone

# The owner of a practice is asked once a year whether it is still right. A record that nobody has confirmed for two years is archived.
CONFIRM_AFTER = timedelta(days=365)
ARCHIVE_AFTER = timedelta(days=730)
ASK_AGAIN_AFTER = timedelta(days=330)


class PracticeQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Practices on the site, archived ones too: they stay readable."""
        return self.filter(live=True)

    def current(self) -> Self:
        return self.public().filter(archived_at=None)

    def for_showing(self) -> Self:
        return self.prefetch_related("texts", "people__member", "reviews").select_related("owner")

    def to_approve(self) -> Self:
        """Practices with a version that is not public."""
        return self.filter(has_unpublished_changes=True)

    def to_remind(self) -> Self:
        """Practices whose owner has to be asked whether they are still right: after a year, and once more before they are archived."""
        now = timezone.now()
        return self.current().filter(
            models.Q(reminded_at=None) | models.Q(reminded_at__lte=now - ASK_AGAIN_AFTER),
            confirmed_on__lte=timezone.localdate() - CONFIRM_AFTER,
            owner__isnull=False,
        )

    def to_archive(self) -> Self:
        return self.current().filter(confirmed_on__lte=timezone.localdate() - ARCHIVE_AFTER)

    def owned_by(self, member: Any) -> Self:
        return self.public().filter(owner=member)
