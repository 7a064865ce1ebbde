"""What the clock does for the network."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from network import mail, services
from network.models import Letter, Member


def _forget(member: Member) -> None:
    services.forget(member=member)


JOBS = [
    # The worker sends mail as soon as it can. This is the net under workers that died on the way.
    Job(
        name="network-mail",
        title=_("Mail to members"),
        every=timedelta(minutes=1),
        items=lambda: Letter.objects.due().values_list("pk", flat=True),
        run=mail.deliver.call,
    ),
    Job(
        name="network-forget",
        title=_("Requests to join whose time is over"),
        every=timedelta(hours=1),
        items=lambda: Member.objects.overdue(),
        run=_forget,
    ),
]
