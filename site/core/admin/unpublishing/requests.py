"""Requests to unpublish a page that needs two people: one user requests it with a reason, another decides.

A request is an entry in the history of the page, and so is its end.
It expires after a week, and when the page is published again, since the public then sees another version.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry

ASK, KEEP = "core.request_unpublish", "core.keep_on_site"
ENDS = (KEEP, "wagtail.publish", "wagtail.unpublish")
LAST_FOR = timedelta(days=7)
# Sent with `instance`, the page, when a user has requested to unpublish it.
asked = Signal()


def open_requests(pages: Iterable[Page]) -> dict[int, PageLogEntry]:
    """Return the newest undecided request for each of these pages, by the page's primary key.

    One query.
    """
    entries = (
        PageLogEntry.objects.filter(page__in=pages, action__in=(ASK, *ENDS), timestamp__gte=timezone.now() - LAST_FOR)
        .select_related("user")
        .order_by("timestamp", "pk")
    )
    newest = {entry.page_id: entry for entry in entries}
    return {pk: entry for pk, entry in newest.items() if entry.action == ASK}


@transaction.atomic
def ask(page: Page, *, by: Any, reason: str) -> None:
    log(instance=page, action=ASK, user=by, data={"reason": reason})
    asked.send(type(page), instance=page)


def keep(page: Page, *, by: Any, reason: str) -> None:
    """Decide that a page stays.

    The author of a request withdraws it in the same way.
    """
    log(instance=page, action=KEEP, user=by, data={"reason": reason})
