from __future__ import annotations

import logging

from django.db import transaction
from django.tasks import task

from press import services
from press.files import Folder
from press.models import Due, PendingChange

log = logging.getLogger(__name__)


@task()
def print_changes() -> None:
    """Print whatever is due. Queued after each commit that touches the public site; the first does the work of all."""
    try:
        services.print_due()
    except services.Busy:
        log.debug("Another process is printing.")
    except OSError as problem:
        # What is due stays due, and the old print stays where it is.
        log.error("Nothing was printed: %s", problem)
        raise


def announce() -> None:
    """Queue a print, once for all changes that were committed together."""
    if PendingChange.objects.filter(announced=False).update(announced=True):
        print_changes.enqueue()


def queue_leftovers() -> None:
    """Queue a print for what has been waiting: its task was lost, failed, or died. For the clock."""
    if PendingChange.objects.exists() or Due.objects.exists() or Folder().is_being_prepared:
        transaction.on_commit(print_changes.enqueue)
