"""Writes to stories."""

from __future__ import annotations

from typing import Any

from wagtail.signals import page_unpublished

from campaigns.models import CampaignPage, ToolkitPage
from core.declarations import Receiver


def take_toolkits_off(instance: CampaignPage, **kwargs: Any) -> None:
    """Unpublish the toolkits of a campaign that was unpublished: they would be found, and lead nowhere."""
    for toolkit in ToolkitPage.objects.child_of(instance).live():
        toolkit.unpublish()


RECEIVERS = (Receiver(signal=page_unpublished, function=take_toolkits_off, senders=(CampaignPage,)),)
