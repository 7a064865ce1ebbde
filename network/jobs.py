"""Scheduled jobs of the network."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from network import services
from network.models import Member


def _purge(member: Member) -> None:
    services.purge(member=member)


JOBS = [
    Job(
        name="network-forget",
        title=_("Expired requests to join"),
        every=timedelta(hours=1),
        items=lambda: Member.objects.overdue(),
        run=_purge,
    ),
]
