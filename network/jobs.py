"""Scheduled jobs of the network."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from core.clock import Job
from network import services
from network.models import Member, ProposedWords, ReviewEntry


def _purge(key: int) -> None:
    if member := Member.objects.filter(pk=key).first():
        services.purge(member=member)


def _remind(key: int) -> None:
    if question := ReviewEntry.objects.filter(pk=key).select_related("member").first():
        services.remind(question=question)


def _forget_words(key: int) -> None:
    if proposal := ProposedWords.objects.filter(pk=key).first():
        services.forget_words(proposal=proposal)


JOBS = [
    Job(
        name="network-forget",
        title=_("Expired requests to join"),
        every=timedelta(hours=1),
        # Not the members: what fails is kept with its name.
        items=lambda: Member.objects.overdue().values_list("pk", flat=True),
        run=_purge,
    ),
    Job(
        name="network-remind",
        title=_("Reminders of unanswered questions to members"),
        every=timedelta(hours=1),
        items=lambda: ReviewEntry.objects.to_remind().values_list("pk", flat=True),
        run=_remind,
    ),
    Job(
        name="network-forget-words",
        title=_("Declined words of members"),
        every=timedelta(days=1),
        items=lambda: ProposedWords.objects.expired().values_list("pk", flat=True),
        run=_forget_words,
    ),
]
