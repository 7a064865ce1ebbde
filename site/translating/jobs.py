"""The scheduled jobs of translations."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from translating import digest, states

JOBS = [
    Job(
        name="translation-states",
        title=_("States of translations"),
        every=timedelta(seconds=15),
        run=states.write_noted,
    ),
    Job(
        name="tell-translators",
        title=_("Mail to translators"),
        every=timedelta(minutes=10),
        items=digest.due,
        run=digest.tell,
    ),
]
