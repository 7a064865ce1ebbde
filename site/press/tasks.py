from __future__ import annotations

import logging

from django.tasks import task

from press import services

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
