"""What the clock does for campaigns. It publishes what is due for everybody: see `core.clock.schedule`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from campaigns import services
from core.clock import Job

if TYPE_CHECKING:
    from wagtail.models import Revision


def _keep_in_step(revision: Revision) -> None:
    services.keep_in_step(revision=revision)


# Registered before the publishing itself, so that nothing goes out at an hour that somebody has put off.
JOBS = [
    Job(
        name="campaign-embargoes",
        title=_("Embargoes of campaigns"),
        every=timedelta(seconds=15),
        items=services.out_of_step,
        run=_keep_in_step,
    ),
]
