"""Writes to stories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from campaigns.models import (
    CampaignPage,
    ToolkitPage,
)

if TYPE_CHECKING:
    pass


def take_toolkits_off(instance: CampaignPage, **kwargs: Any) -> None:
    """Unpublish the toolkits of a campaign that was unpublished: they would be found, and lead nowhere."""
    for toolkit in ToolkitPage.objects.child_of(instance).live():
        toolkit.unpublish()
