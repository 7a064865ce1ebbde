"""What one person may publish of campaigns: all of it (`core.publishing.approval`)."""

from collections.abc import Mapping

from django.db.models import Model

from campaigns.models import CampaignPage, ToolkitPage
from core.publishing import approval


def changes(model: type[Model]) -> Mapping[str, approval.AllowedChange]:
    """Allow one user to change every field of a campaign and of a toolkit."""
    if not issubclass(model, (CampaignPage, ToolkitPage)):
        return {}
    return {field.name: approval.freely for field in model._meta.concrete_fields}
