"""Scheduled jobs for campaigns.

All pages of a launch are published together.
`core.scheduler.scheduled_publishing` publishes other scheduled pages.
"""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from campaigns.launches import services
from campaigns.models import CampaignIndexPage
from campaigns.studio import recall
from campaigns.terms import addresses
from core.scheduler import Job, render_daily, scheduled_publishing

# Registered before scheduled publishing, which would otherwise publish at a time that has since been postponed,
# or publish the pages of a launch one by one.
JOBS = [
    Job(
        name="campaign-embargoes",
        title=_("Update the publishing time of campaigns under embargo"),
        every=timedelta(seconds=15),
        items=services.misscheduled,
        run=services.reschedule,
    ),
    Job(
        name="launches",
        title=_("Launch of campaigns"),
        every=timedelta(seconds=15),
        items=services.due_launches,
        run=services.launch,
        next_run_at=scheduled_publishing.next_run_at,
    ),
    render_daily(name="campaign-phases", title=_("Show which campaigns are running today"), pages=CampaignIndexPage),
    Job(
        name="preflight-launches",
        title=_("What would hold back pages at their launch"),
        every=timedelta(minutes=10),
        items=services.due_for_preflight,
        run=services.preflight,
    ),
    Job(
        name="forget-partners",
        title=_("Old preview links, and addresses of partners who were told"),
        every=timedelta(days=1),
        run=services.forget_partners,
    ),
    Job(
        name="studio-numbers",
        title=_("Recall and redraw outputs with an outdated number"),
        every=timedelta(seconds=30),
        items=recall.designs_to_recall,
        run=recall.recall_outdated,
    ),
    Job(
        name="campaign-links",
        title=_("Collect the web addresses that public texts link to"),
        every=timedelta(hours=6),
        run=addresses.update,
    ),
    Job(
        name="campaign-dead-links",
        title=_("Ask whether one of these addresses leads anywhere"),
        every=timedelta(minutes=2),
        items=addresses.due,
        run=addresses.queue,
    ),
]
