from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone


class ErasureQuerySet(models.QuerySet[Any]):
    def in_order(self) -> Self:
        return self.order_by("erased_at", "pk")

    def expired(self) -> Self:
        """Erasures so old that no backup holds what they are about."""
        return self.filter(erased_at__lt=timezone.now() - settings.BACKUPS_KEPT)
