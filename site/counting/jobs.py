"""What the clock does about the numbers. The counter itself writes them, once a night."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from counting import services

JOBS = [
    Job(
        name="publish-pages-shown",
        title=_("Publish how often pages were shown, a week later"),
        every=timedelta(hours=1),
        items=services.to_publish,
        run=services.publish,
    )
]
