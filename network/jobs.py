"""Scheduled jobs of the network."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from network import services
from network.models import Member


def _purge(key: int) -> None:
    if member := Member.objects.filter(pk=key).first():
        services.purge(member=member)


JOBS = [
    Job(
        name="network-forget",
        title=_("Expired requests to join"),
        every=timedelta(hours=1),
        # Not the members: what fails is kept with its name.
        items=lambda: Member.objects.overdue().values_list("pk", flat=True),
        run=_purge,
    ),
]
