"""Querysets of materials and their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection


class MaterialQuerySet(models.QuerySet[Any]):
    def of_campaign(self, campaign_key: uuid.UUID) -> Self:
        """The materials of a campaign, by the translation key of its pages."""
        return self.filter(campaign_key=campaign_key)


class MaterialFileQuerySet(models.QuerySet[Any]):
    def shown(self) -> Self:
        """Files of published materials."""
        return self.filter(material__live=True)

    def public(self) -> Self:
        """Files that readers can get in the library: of materials of a public campaign, and of materials of none."""
        campaigns = apps.get_model("campaigns.CampaignPage").objects.public()
        return self.shown().filter(
            Q(material__campaign_key__in=campaigns.values("translation_key"))
            | Q(material__campaign_key__isnull=True)
        )

    def of_campaign(self, campaign_key: uuid.UUID | None, *, and_materials: Collection[int] = ()) -> Self:
        """Files of a campaign (if any), and of materials that an editor has placed in a text."""
        of_campaign = Q(material__campaign_key=campaign_key) if campaign_key else Q()
        return self.filter(Q(material__in=and_materials) | of_campaign)

    def with_pictures_of(self, campaigns: Collection[uuid.UUID]) -> Self:
        """Files of campaigns, with what shows them."""
        found = self.filter(material__campaign_key__in=campaigns)
        return found.select_related("material", "document__first_page", "preview")

    def for_downloads(self, themes: models.QuerySet[Any]) -> Self:
        """Load all that a download list shows: documents, texts, and the theme's name in the language of `themes`."""
        theme = themes.filter(translation_key=OuterRef("material__theme__translation_key")).values("name")[:1]
        return (
            self.select_related("material", "document__first_page", "document__sheet", "preview", "captions")
            .prefetch_related("material__texts")
            .annotate(theme_name=Coalesce(Subquery(theme), "material__theme__name"))
            .order_by("material__name", "material_id", "language", "pk")
        )
