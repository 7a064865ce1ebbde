"""What the clock does for operators."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from operations.watching import alerts

JOBS = [
    Job(
        name="watch",
        title=_("Alerts about what waits too long"),
        every=timedelta(minutes=1),
        run=alerts.look,
        own_transactions=True,
    ),
]
