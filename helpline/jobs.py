"""What the helpline leaves to the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.clock import Job
from helpline.desk.importing import forget, left_behind
from helpline.desk.worklist import weekly
from helpline.finder.pages import FinderPage
from helpline.governance import integrity, letters, reports
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.scan import schedule
from helpline.scan import services as scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def grown_older() -> Iterator[Programme | SupportLine]:
    """The listings that stand elsewhere today than when the clock last looked: due, sunk, hidden, or fresh again."""
    today = timezone.localdate()
    for model in (Programme, SupportLine):
        for listing in model.objects.only("pk", "standing", "checked_on", "next_check_due", "name"):
            if listing.standing != listing.freshness(today):
                yield listing


def note_age(listing: Programme | SupportLine) -> None:
    """Keep where it stands. Saving it tells the press, which prints again what shows it."""
    listing.standing = listing.freshness(timezone.localdate())
    listing.save(update_fields=["standing"])


def printed_for_another_day() -> Iterable[FinderPage]:
    """The finders that still show the opening hours of yesterday's week."""
    return FinderPage.objects.live().exclude(printed_for=timezone.localdate())


def print_for_today(page: FinderPage) -> None:
    """Keep the day. Saving it tells the press, which prints the page with the hours of the days to come."""
    page.printed_for = timezone.localdate()
    page.save(update_fields=["printed_for"], clean=False)


JOBS = [
    Job(
        name="helpline-integrity",
        title=_("Hide listings that differ from what two people approved"),
        every=timedelta(minutes=15),
        items=integrity.few_altered,
        run=integrity.take_back,
    ),
    Job(
        name="helpline-freshness",
        title=_("Let listings that nobody has checked sink, and hide their numbers"),
        every=timedelta(minutes=15),
        items=grown_older,
        run=note_age,
    ),
    Job(
        name="helpline-letters",
        title=_("Yearly letters to the operators of listings"),
        every=timedelta(minutes=15),
        items=letters.due,
        run=letters.send,
    ),
    Job(
        name="helpline-weekly",
        title=_("Weekly letter about listings to check"),
        every=timedelta(days=7),
        run=weekly.send,
    ),
    Job(
        name="helpline-forget-reports",
        title=_("Addresses of those who reported something, and old reports"),
        every=timedelta(days=1),
        run=reports.forget,
    ),
    Job(
        name="helpline-forget-operators",
        title=_("Addresses of services that were taken off the list"),
        every=timedelta(days=1),
        run=letters.forget,
    ),
    Job(
        name="helpline-sites",
        title=_("Know which websites listings lead to"),
        every=timedelta(hours=6),
        run=schedule.gather,
    ),
    Job(
        name="helpline-scan",
        title=_("Look at one website for the privacy scan"),
        every=timedelta(minutes=2),
        items=schedule.due,
        run=schedule.queue,
    ),
    Job(
        name="helpline-scan-age",
        title=_("Take back what an old privacy scan says"),
        every=timedelta(hours=6),
        items=scan.outdated,
        run=scan.settle,
    ),
    Job(
        name="helpline-hours",
        title=_("Print the finders with the opening hours of the next eight days"),
        every=timedelta(minutes=15),
        items=printed_for_another_day,
        run=print_for_today,
    ),
    Job(
        name="helpline-uploads",
        title=_("Delete files that were read for an import and never taken in"),
        every=timedelta(hours=1),
        items=left_behind,
        run=forget,
    ),
]
