"""Querysets of partners, their activities, reports and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Prefetch, Q, Sum
from django.utils import timezone

from core.models import Rendition

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping
    from datetime import datetime


LOGO = "max-400x160"


class PartnerQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        return self.filter(is_public=True)

    def with_address(self) -> Self:
        """Those that a letter can be written to."""
        return self.exclude(contact_email="")

    def for_showing(self) -> Self:
        """Load what shows a partner: its logo and its words. A fixed number of queries."""
        drawn = Rendition.objects.filter(filter_spec__startswith=LOGO)
        return self.select_related("logo").prefetch_related(
            "texts", Prefetch("logo__renditions", queryset=drawn, to_attr="prefetched_renditions")
        )

    def for_drawing(self) -> Self:
        """Load what the studio draws, in the order of the sheets."""
        return self.select_related("logo").prefetch_related("texts").order_by("name", "pk")


class ActivityQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """Those that everybody may see: of public partners, for no campaign or for one that is public."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.filter(
            Q(campaign_key__in=campaigns.values("translation_key")) | Q(campaign_key__isnull=True),
            is_public=True,
            partner__is_public=True,
        )

    def of_campaign(self, campaign_key: uuid.UUID) -> Self:
        return self.filter(campaign_key=campaign_key)

    def for_showing(self) -> Self:
        """Load what a list shows: words, and the partner with its words. A fixed number of queries."""
        return self.select_related("partner").prefetch_related("texts", "partner__texts")


class UsageReportQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Those that nobody has read."""
        return self.filter(state="waiting")

    def public(self) -> Self:
        """Those that everybody may see: an editor has let them through, of public partners."""
        return self.filter(state="shown", partner__is_public=True)

    def of_campaign(self, campaign_key: uuid.UUID) -> Self:
        return self.filter(campaign_key=campaign_key)

    def matching(self, wanted: Mapping[str, Any]) -> Self:
        """Those that an editor has read, of a campaign, a country and a language, as far as one is given."""
        fields = {"campaign_key": "campaign_key", "country": "country", "language": "material_language"}
        narrowed = {own: wanted[name] for name, own in fields.items() if wanted.get(name)}
        return self.exclude(state="waiting").filter(**narrowed)

    def copies_by(self, field: str) -> models.QuerySet[Any, Any]:
        """Return how many copies were reported, for each value of a field."""
        told = self.exclude(copies=None).order_by(field)
        return told.values_list(field).annotate(Sum("copies"))

    def for_showing(self) -> Self:
        return self.select_related("material", "partner").prefetch_related(
            "material__texts", "partner__texts"
        )


class SecretLinkQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        """Links that work."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def ended_before(self, moment: datetime) -> Self:
        """Links that have not worked since a moment."""
        return self.filter(Q(expires_at__lt=moment) | Q(revoked_at__lt=moment))
