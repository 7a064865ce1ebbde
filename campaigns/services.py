"""What happens to campaigns automatically, and every write about partners."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from campaigns import tokens
from campaigns.models import CampaignPage, PartnerLink, ToolkitPage, UsageReport

if TYPE_CHECKING:
    from uuid import UUID

    from wagtail.models import Revision

    from campaigns.models import Partner


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


# --- Partners --------------------------------------------------------------------------------------------------------------

# So many reports of one partner can wait. Whoever has read them makes room.
MOST_WAITING = 40


class TooManyWaiting(Exception):  # noqa: N818  (what it is)
    """So many reports of this partner wait for an editor that no more are taken."""


@transaction.atomic
def make_link(*, partner: Partner, days: int, by: Any) -> str:
    """Make a link that works for so many days, and return its token: nobody can read it again. Raises ValueError for another term than those offered."""
    if days not in tokens.TERMS:
        raise ValueError(f"A link works for one of {tokens.TERMS} days.")
    key = tokens.new_key()
    PartnerLink.objects.create(
        partner=partner, digest=tokens.digest(key), ends_at=timezone.now() + timedelta(days=days), by=by
    )
    log(partner, "campaigns.make_link", user=by)
    return tokens.PARTNER.make(key)


@transaction.atomic
def withdraw_link(*, link: PartnerLink, by: Any) -> None:
    """End a link now. One that has ended stays as it is."""
    if PartnerLink.objects.open().filter(pk=link.pk).update(ends_at=timezone.now()):
        log(link.partner, "campaigns.withdraw_link", user=by)


def hand_in(*, partner: Partner, key: UUID, **told: Any) -> UsageReport:
    """Keep what a partner tells, for an editor to read. The same form sent again is kept once. Raises TooManyWaiting."""
    known = UsageReport.objects.filter(partner=partner, key=key).first()
    if known is not None:
        return known
    if UsageReport.objects.waiting().filter(partner=partner).count() >= MOST_WAITING:
        raise TooManyWaiting
    report, _is_new = UsageReport.objects.get_or_create(key=key, defaults={"partner": partner, **told})
    return report
