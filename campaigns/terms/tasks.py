from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from campaigns.models import LinkedAddress
from campaigns.terms import addresses

# A check that was queued and never ran is queued again.
LOST_AFTER = dt.timedelta(days=1)


# The lowest priority: printing goes first.
@task(priority=-50)
def check_address(key: int) -> None:
    """Ask whether one address leads anywhere."""
    address = LinkedAddress.objects.filter(pk=key).first()
    if address is not None and settings.SCAN_LISTED_SITES:
        addresses.check(address)


def queue(address: LinkedAddress) -> None:
    """Have the worker ask whether an address leads anywhere."""
    LinkedAddress.objects.filter(pk=address.pk).update(due_at=timezone.now() + LOST_AFTER)
    transaction.on_commit(lambda: check_address.enqueue(address.pk))
