"""RESULTS"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Max, Min, Sum

if TYPE_CHECKING:
    pass


class CampaignResultQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Those of campaigns that everybody may see."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.filter(campaign_key__in=campaigns.values("translation_key"))

    def added_up(self, *by: str) -> models.QuerySet[Any, dict[str, Any]]:
        """Return one row for each combination of the fields `by`, with the days and the sums of all numbers; None where nobody told one."""
        sums = {f"{name}_sum": Sum(name) for name in ("shown", "clicked", "put_up", "people")}
        days = {"begun": Min("first_day"), "ended": Max("last_day")}
        return self.order_by(*by).values(*by).annotate(results=Count("pk"), **days, **sums)
