"""What happens to campaigns automatically."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import CampaignPage, ToolkitPage

if TYPE_CHECKING:
    from wagtail.models import Revision


def out_of_step() -> list[Revision]:
    """Return the scheduled revisions whose publishing time differs from the embargo of their campaign.

    The embargo is set once, on the original page; translations may have been published before it was changed.
    """
    scheduled = [
        *CampaignPage.objects.scheduled_revisions(),
        *ToolkitPage.objects.scheduled_revisions(),
    ]
    return [
        revision for revision in scheduled if revision.as_object().go_live_at != revision.approved_go_live_at
    ]


@transaction.atomic
def keep_in_step(*, revision: Revision) -> None:
    """Reschedule a revision to the embargo of its campaign; without an embargo, it goes live at the next run of the clock."""
    model = revision.content_type.model_class()
    scheduled = (
        model.objects.scheduled_revisions().select_for_update(of=("self",)).filter(pk=revision.pk).first()
    )
    if scheduled is None:
        return
    hour = scheduled.as_object().go_live_at
    scheduled.approved_go_live_at = hour or timezone.now()
    scheduled.save(update_fields=["approved_go_live_at"])
    model.objects.filter(pk=scheduled.object_id).update(go_live_at=hour)


def take_toolkits_off(instance: CampaignPage, **kwargs: Any) -> None:
    """Unpublish the toolkits of a campaign that was unpublished: they would be found, and lead nowhere."""
    for toolkit in ToolkitPage.objects.child_of(instance).live():
        toolkit.unpublish()
