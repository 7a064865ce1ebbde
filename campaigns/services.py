"""What happens to campaigns by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from campaigns.models import CampaignPage

if TYPE_CHECKING:
    from wagtail.models import Revision


def out_of_step() -> list[Revision]:
    """Campaigns that somebody has published and that wait for another hour than the campaign does.

    The embargo is written once, on the page that the others are translations of; they may have been published before it was moved.
    """
    waiting = CampaignPage.objects.waiting()
    return [
        revision for revision in waiting if revision.as_object().go_live_at != revision.approved_go_live_at
    ]


@transaction.atomic
def keep_in_step(*, revision: Revision) -> None:
    """Let a waiting campaign wait for the hour of its embargo; it goes public at the next turn of the clock if there is none."""
    waiting = CampaignPage.objects.waiting().select_for_update(of=("self",)).filter(pk=revision.pk).first()
    if waiting is None:
        return
    hour = waiting.as_object().go_live_at
    waiting.approved_go_live_at = hour or timezone.now()
    waiting.save(update_fields=["approved_go_live_at"])
    CampaignPage.objects.filter(pk=waiting.object_id).update(go_live_at=hour)
