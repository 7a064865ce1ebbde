from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.tasks import task

from press import services
from press.files import Folder
from press.models import Due, PendingChange

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)


@task()
def print_changes() -> None:
    """Print whatever is due. Queued after each commit that affects the public site; the first task does the work of all."""
    try:
        services.print_due()
    except services.Busy:
        log.debug("Another process is printing.")
    except OSError as problem:
        # The queue and the old files stay as they are.
        log.error("Nothing was printed: %s", problem)
        raise


def announce(changes: Iterable[int]) -> None:
    """Queue one print for changes that were committed together. Takes their primary keys."""
    if PendingChange.objects.filter(pk__in=list(changes), announced=False).update(announced=True):
        print_changes.enqueue()


def queue_leftovers() -> None:
    """Queue a print for leftover changes, whose task was lost or failed. Run by the clock."""
    if PendingChange.objects.exists() or Due.objects.exists() or Folder().is_being_prepared:
        transaction.on_commit(print_changes.enqueue)
