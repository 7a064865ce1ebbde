"""The clock's jobs for campaigns. Publishing what is due is done for all apps in `core.clock.schedule`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import services
from campaigns.models import CampaignIndexPage
from core.clock import Job

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from wagtail.models import Revision


def _keep_in_step(revision: Revision) -> None:
    services.keep_in_step(revision=revision)


def printed_for_another_day() -> QuerySet[CampaignIndexPage]:
    """Return the lists that still say which campaigns were running on another day."""
    return CampaignIndexPage.objects.live().exclude(printed_for=timezone.localdate())


def print_for_today(page: CampaignIndexPage) -> None:
    """Store the day. Saving notifies the press, which prints the list again."""
    page.printed_for = timezone.localdate()
    page.save(update_fields=["printed_for"], clean=False)


# Registered before scheduled publishing itself, so that nothing is published at a time that has since been postponed.
JOBS = [
    Job(
        name="campaign-embargoes",
        title=_("Update the publishing time of campaigns under embargo"),
        every=timedelta(seconds=15),
        items=services.out_of_step,
        run=_keep_in_step,
    ),
    Job(
        name="campaign-phases",
        title=_("Show which campaigns are running today"),
        every=timedelta(minutes=15),
        items=printed_for_another_day,
        run=print_for_today,
    ),
]
