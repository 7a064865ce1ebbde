from __future__ import annotations

from typing import Any, Self

from django.db import models


class MemberBlockQuerySet(models.QuerySet[Any]):
    """Blocks of members. Whoever asks here must not show the answer to the one who was blocked."""

    def between(self, one: Any, other: Any) -> Self:
        """Blocks between two members, whoever has set them."""
        return self.filter(
            models.Q(blocker=one, blocked=other) | models.Q(blocker=other, blocked=one),
        )

    def others_of(self, member: Any) -> set[int]:
        """Return the keys of all members who have blocked a member, or whom that member has blocked. One query."""
        pairs = self.filter(models.Q(blocker=member) | models.Q(blocked=member))
        return {key for pair in pairs.values_list("blocker", "blocked") for key in pair} - {member.pk}
