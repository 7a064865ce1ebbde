"""What happens to campaigns by itself: one that waits for its hour goes public in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from campaigns.models import CampaignPage

if TYPE_CHECKING:
    from datetime import datetime

    from wagtail.models import Revision


def waiting(*, now: datetime) -> list[Revision]:
    """The published revisions of campaigns whose embargo is over, the earliest first.

    The embargo may have been moved since the revision was published, so the campaign is asked and not Wagtail's note of the hour.
    """
    return [revision for revision in CampaignPage.objects.waiting() if _hour(revision, now) <= now]


@transaction.atomic
def publish(*, revision: Revision) -> None:
    """Let a campaign go public. Does nothing if somebody has published or withdrawn it in the meantime."""
    locked = CampaignPage.objects.waiting().select_for_update().filter(pk=revision.pk).first()
    if locked is not None:
        locked.publish(log_action="wagtail.publish.scheduled")


def _hour(revision: Revision, now: datetime) -> datetime:
    hour: datetime | None = revision.as_object().go_live_at
    return hour or now
