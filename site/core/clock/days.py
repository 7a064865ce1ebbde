"""Pages that say what is true today: they are printed anew each day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from core.clock import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django_stubs_ext import StrOrPromise
    from wagtail.models import Page


def print_daily(
    *, name: str, title: StrOrPromise, pages: type[Page], which: Callable[[Page], bool] | None = None
) -> Job:
    """Return a job that has pages printed anew when another day has begun.

    `pages` is a kind of page with the field `printed_for`; of these, `which` tells the pages that differ from day to day, if not all of them do.
    """

    def due() -> Iterator[Page]:
        for page in pages._default_manager.live().exclude(printed_for=timezone.localdate()):
            if which is None or which(page):
                yield page

    return Job(name=name, title=title, every=timedelta(minutes=15), items=due, run=_print_for_today)


def _print_for_today(page: Page) -> None:
    """Store the day. Saving notifies the press, which prints the page."""
    page.printed_for = timezone.localdate()
    page.save(update_fields=["printed_for"], clean=False)
