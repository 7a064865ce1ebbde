"""Querysets of designs and their outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Count, Q

if TYPE_CHECKING:
    import uuid


class DesignQuerySet(models.QuerySet[Any]):
    def for_listing(self) -> Self:
        """Load what the list at the desk shows: the languages that there are words in, and how many sheets are drawn."""
        return self.select_related("material").annotate(
            in_languages=ArrayAgg("texts__language", distinct=True, default=[]),
            drawn_count=Count("sheets", distinct=True, filter=Q(sheets__document__isnull=False)),
        )


class RetiredSheetQuerySet(models.QuerySet[Any]):
    def of_campaign(self, campaign_key: uuid.UUID) -> Self:
        return self.filter(campaign_key=campaign_key)

    def with_wrong_numbers(self) -> Self:
        """Those whose number must not be relied on: it has changed, or is no longer confirmed."""
        return self.filter(why__in=["number", "closed"])
