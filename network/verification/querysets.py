from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone

from network.members.querysets import UNCONFIRMED_KEPT

# How often a page is read that does not link to the profile yet.
READ_AGAIN_AFTER = timedelta(days=1)


class ProofQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Proofs that nobody has confirmed yet."""
        return self.filter(confirmed_at=None)

    def asked_of(self, member: Any) -> Self:
        """Nominations that others have asked this member for."""
        wanted = self.open().filter(kind="nomination", what=member.email).exclude(member=member)
        return wanted.filter(member__state__in=member.KNOWN).select_related("member")

    def to_read(self) -> Self:
        """Pages to read for a link: at once, and then once a day while it is not there."""
        due = models.Q(read_at=None) | models.Q(read_at__lte=timezone.now() - READ_AGAIN_AFTER)
        return self.open().filter(due, kind="link")

    def expired(self) -> Self:
        """Proofs that nobody has confirmed in time."""
        return self.open().filter(asked_at__lte=timezone.now() - UNCONFIRMED_KEPT)
