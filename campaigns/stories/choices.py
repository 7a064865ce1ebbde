"""Choices of campaigns in the forms, lists and filters of the admin."""

import uuid
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from wagtail.admin.filters import WagtailFilterSet

from campaigns.models import CampaignPage


def campaign_choices() -> list[tuple[str, str]]:
    """Return each campaign once, as (key, title of the original page)."""
    pages = CampaignPage.objects.originals().order_by("title").values_list("translation_key", "title")
    return [("", gettext("None: it belongs to no campaign")), *((str(key), title) for key, title in pages)]


def campaign_field(**options: Any) -> forms.TypedChoiceField:
    """Return the form field in which a campaign is chosen by its key."""
    return forms.TypedChoiceField(
        label=_("Campaign"),
        choices=campaign_choices,
        coerce=lambda key: uuid.UUID(str(key)),
        empty_value=None,
        **options,
    )


def with_campaign(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate rows that refer to a campaign with the title of its original page."""
    title = CampaignPage.objects.originals().filter(translation_key=OuterRef("campaign_key")).values("title")[:1]
    return rows.annotate(campaign_title=Subquery(title))


class CampaignFilterSet(WagtailFilterSet):
    campaign_key = ChoiceFilter(label=_("Campaign"), choices=lambda: campaign_choices()[1:])
