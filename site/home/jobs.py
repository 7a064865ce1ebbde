"""The clock's jobs for the home page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.clock import Job
from home.models import HomePage

if TYPE_CHECKING:
    from collections.abc import Iterator


def with_dates_of_another_day() -> Iterator[HomePage]:
    """Yield the home pages that show what lies ahead, as seen from another day."""
    for page in HomePage.objects.live().exclude(printed_for=timezone.localdate()):
        if page.shows_dates:
            yield page


def print_for_today(page: HomePage) -> None:
    """Store the day. Saving notifies the press, which prints the page without what is over."""
    page.printed_for = timezone.localdate()
    page.save(update_fields=["printed_for"], clean=False)


JOBS = [
    Job(
        name="home-dates",
        title=_("Print the dates on home pages for another day"),
        every=timedelta(minutes=15),
        items=with_dates_of_another_day,
        run=print_for_today,
    ),
]
