from __future__ import annotations

import logging

from django.conf import settings
from django.tasks import task
from django.utils import timezone

from helpline.scan import services
from helpline.scan.models import ListedSite

log = logging.getLogger(__name__)


# The lowest priority: printing goes first.
@task(priority=-50)
def scan_site(key: int) -> None:
    """Scan one website in the background."""
    site = ListedSite.objects.filter(pk=key).first()
    if site is None or not settings.SCAN_LISTED_SITES:
        return
    try:
        services.scan(site)
    except services.ScanRunning:
        log.debug("Another process is scanning a website; this one is queued again.")
        ListedSite.objects.filter(pk=key).update(due_at=timezone.now())
