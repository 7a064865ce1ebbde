"""Schedule of the privacy scan, and the websites that it visits."""

import datetime as dt
import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.tasks import task
from django.utils import timezone

from helpline.records.programmes import ContactPoint, Programme
from helpline.records.support_lines import SupportLine
from helpline.scan import services
from helpline.scan.models import ListedSite
from helpline.scan.report import addresses_of

log = logging.getLogger(__name__)

# The shortest time between two scans of a website on request of staff.
MIN_INTERVAL = dt.timedelta(minutes=10)
# A queued scan that never ran is queued again.
LOST_AFTER = dt.timedelta(days=1)


class ScanTooSoonError(Exception):
    """Raised if the website was scanned less than `MIN_INTERVAL` ago."""


class ScanDisabledError(Exception):
    """Raised if the operator has turned off outgoing requests of this site (`SCAN_LISTED_SITES`)."""


# --- Which websites -------------------------------------------------------------------------------


def update_sites() -> None:
    """Add the websites that open listings link to, and delete those that no listing names any more.

    For the scheduler.
    """
    known = set(ListedSite.objects.values_list("url", flat=True))
    listed = set(_listed())
    ListedSite.objects.bulk_create([ListedSite(url=url) for url in sorted(listed - known)], ignore_conflicts=True)
    anywhere = set(_in_any_listing())
    for site in ListedSite.objects.with_urls(known - anywhere):
        site.delete()


def _listed() -> Iterator[str]:
    for model in (Programme, SupportLine):
        shown = model.objects.shown().open()
        yield from shown.exclude(website="").values_list("website", flat=True)
        if model is Programme:
            points = ContactPoint.objects.filter(programme__in=shown).exclude(url="")
            yield from points.values_list("url", flat=True)


def _in_any_listing() -> Iterator[str]:
    for rows, column in (
        (Programme.objects, "website"),
        (SupportLine.objects, "website"),
        (ContactPoint.objects, "url"),
    ):
        yield from rows.exclude(**{column: ""}).values_list(column, flat=True).distinct()


def note_published(sender: type[Model], instance: Model, **kwargs: object) -> None:
    """Scan the new websites of a listing that was just published.

    Connected to Wagtail's `published` signal.
    """
    if not isinstance(instance, Programme | SupportLine):
        return
    for url in addresses_of(instance):
        site, made = ListedSite.objects.get_or_create(url=url)
        if made and settings.SCAN_LISTED_SITES:
            queue(site)
    services.copy_grade(instance)


# --- When -----------------------------------------------------------------------------------------


def due() -> list[ListedSite]:
    """Return the next website that is due, if any.

    One per run of the scheduler spreads the scans out.
    """
    return list(ListedSite.objects.due(timezone.now())[:1]) if settings.SCAN_LISTED_SITES else []


def queue(site: ListedSite) -> None:
    """Scan a website in the background."""
    ListedSite.objects.filter(pk=site.pk).update(due_at=timezone.now() + LOST_AFTER)
    transaction.on_commit(lambda: scan_site.enqueue(site.pk))


def request_scan(site: ListedSite) -> None:
    """Queue a scan requested by a member of staff.

    Raises ScanTooSoonError, or ScanDisabledError.
    """
    if not settings.SCAN_LISTED_SITES:
        raise ScanDisabledError
    if site.tried_at and site.tried_at > timezone.now() - MIN_INTERVAL:
        raise ScanTooSoonError
    queue(site)


# The lowest priority: rendering goes first.
@task(priority=-50)
def scan_site(key: int) -> None:
    """Scan one website in the background."""
    site = ListedSite.objects.filter(pk=key).first()
    if site is None or not settings.SCAN_LISTED_SITES:
        return
    try:
        services.scan(site)
    except services.ScanRunningError:
        log.debug("Another process is scanning a website; this one is queued again.")
        ListedSite.objects.filter(pk=key).update(due_at=timezone.now())
