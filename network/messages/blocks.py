"""Members who want nothing to do with each other."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from network.members.models import Member
from network.messages.block_querysets import MemberBlockQuerySet


class MemberBlock(models.Model):
    """That one member has blocked another. In effect it is symmetrical: neither gets messages from the other, or proposals about them.

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
