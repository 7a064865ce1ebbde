"""The scheduled jobs of the press."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from press import tasks
from press.mirrors import keeping
from press.store import hosts, repair

JOBS = [
    # Before the next job, which prints what this one finds.
    Job(
        name="repair-print",
        title=_("Repair of printed files"),
        every=timedelta(minutes=1),
        run=repair.repair_everywhere,
    ),
    Job(
        name="press",
        title=_("Unfinished printing"),
        every=timedelta(minutes=1),
        run=tasks.queue_leftovers,
    ),
    keeping.job(),
    Job(
        name="press-hosts",
        title=_("Machines that have gone"),
        every=timedelta(hours=1),
        run=hosts.forget_silent,
    ),
]
