"""The scheduled jobs of the helpline, and its metrics: numbers of listings, without their names."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.monitoring import AlertLimit, Metric
from core.scheduler import Job, render_daily
from helpline.admin.review_queue import todo
from helpline.exchange.imports import background
from helpline.finder.pages import FinderPage
from helpline.governance import integrity, reconfirmation, reports
from helpline.records.laws import CountryLaw
from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.scan import schedule
from helpline.scan import services as scan

LISTINGS = (Programme, SupportLine, CountryLaw)


def checks_due() -> float:
    today = timezone.localdate()
    return sum(model.objects.shown().overdue(today).count() for model in LISTINGS)


def numbers_hidden() -> float:
    today = timezone.localdate()
    return sum(model.objects.shown().stale(today).count() for model in LISTINGS)


METRICS = [
    Metric(
        name="waymark_listings_checks_due",
        title=_("Listings whose check is due"),
        value=checks_due,
    ),
    Metric(
        name="waymark_listings_hidden_numbers",
        title=_("Listings whose numbers are hidden because they have not been checked for too long"),
        value=numbers_hidden,
        limit=AlertLimit(
            above=0,
            lasting=timedelta(hours=1),
            advice=_(
                "People who look for help do not find these numbers any more. Tell those who check listings: their "
                "start page has the list."
            ),
        ),
    ),
]


def with_changed_freshness() -> Iterator[Listing]:
    """Yield the listings whose freshness has changed since the last run: due, sunk, hidden, or fresh again."""
    today = timezone.localdate()
    for model in LISTINGS:
        for listing in model._default_manager.only("pk", "standing", "checked_on", "next_check_due"):
            if listing.standing != listing.freshness(today):
                yield listing


def store_freshness(listing: Listing) -> None:
    """Store the freshness.

    Saving invalidates the pages that show the listing.
    """
    listing.standing = listing.freshness(timezone.localdate())
    listing.save(update_fields=["standing"])


JOBS = [
    Job(
        name="helpline-integrity",
        title=_("Hide listings that differ from what two people approved, and revert help pages"),
        every=timedelta(minutes=15),
        items=integrity.few_altered,
        run=integrity.hide_and_report,
    ),
    Job(
        name="helpline-freshness",
        title=_("Move listings down whose check is overdue, and hide their numbers"),
        every=timedelta(minutes=15),
        items=with_changed_freshness,
        run=store_freshness,
    ),
    Job(
        name="helpline-letters",
        title=_("Yearly letters to the operators of listings"),
        every=timedelta(minutes=15),
        items=reconfirmation.due,
        run=reconfirmation.send,
    ),
    Job(
        name="helpline-weekly",
        title=_("Weekly digest email about listings to check"),
        every=timedelta(days=7),
        run=todo.send,
    ),
    Job(
        name="helpline-forget-reports",
        title=_("Delete the email addresses of reporters, and old reports"),
        every=timedelta(days=1),
        run=reports.purge,
    ),
    Job(
        name="helpline-forget-operators",
        title=_("Delete the email addresses of services taken off the list"),
        every=timedelta(days=1),
        run=reconfirmation.purge,
    ),
    Job(
        name="helpline-sites",
        title=_("Collect the websites that listings link to"),
        every=timedelta(hours=6),
        run=schedule.update_sites,
    ),
    Job(
        name="helpline-scan",
        title=_("Run the privacy scan on one website"),
        every=timedelta(minutes=2),
        items=schedule.due,
        run=schedule.queue,
    ),
    Job(
        name="helpline-scan-age",
        title=_("Withdraw the results of outdated privacy scans"),
        every=timedelta(hours=6),
        items=scan.outdated,
        run=scan.regrade,
    ),
    render_daily(
        name="helpline-hours",
        title=_("Update the finders with the opening hours of the next eight days"),
        pages=FinderPage,
    ),
    Job(
        name="helpline-uploads",
        title=_("Delete files that were uploaded to be imported"),
        every=timedelta(hours=1),
        items=background.expired,
        run=background.forget,
    ),
]
