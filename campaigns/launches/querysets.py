"""LAUNCH"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    pass


class LaunchContactQuerySet(models.QuerySet[Any]):
    def for_showing(self) -> Self:
        """Load the partners that have a record, with their words. Two queries."""
        return self.select_related("partner").prefetch_related("partner__texts")
