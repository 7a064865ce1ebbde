"""Erasures, so that they can be repeated after an older backup was restored."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def in_order(self) -> Self:
        return self.order_by("erased_at", "pk")

    def expired(self) -> Self:
        """Return the erasures so old that no backup contains their data."""
        return self.filter(erased_at__lt=timezone.now() - settings.BACKUPS["kept"])


class Erasure(models.Model):
    """Record that a member, or only their account, was erased, and when.

    It keeps only their identifier: a random number, which is meaningless once the row that had it is gone.
    It is kept as long as a backup may contain that row (`settings.BACKUPS["kept"]`), here and in a file beside the
    backups (`network.personal_data.services`).
    """

    class Kind(models.TextChoices):
        MEMBER = "member", pgettext_lazy("what was erased", "everything about a member")
        ACCOUNT = "account", pgettext_lazy("what was erased", "the account of a member")

    # Not a foreign key, because the member's row is deleted.
    member = models.UUIDField()
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    erased_at = models.DateTimeField(_("erased at"), default=timezone.now)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("of a member", "erasure")
        verbose_name_plural = pgettext_lazy("of members", "erasures")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["member", "kind"], name="one_erasure_of_a_kind_for_each_member")]

    def __str__(self) -> str:
        return f"{self.erased_at.isoformat()} {self.kind} {self.member}"
