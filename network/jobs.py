"""Scheduled jobs of the network."""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.clock import Job
from network import proofs, services
from network.models import Member, Proof, ProposedWords, ReviewEntry


def _purge(key: int) -> None:
    if member := Member.objects.filter(pk=key).first():
        services.purge(member=member)


def _remind(key: int) -> None:
    if question := ReviewEntry.objects.filter(pk=key).select_related("member").first():
        services.remind(question=question)


def _forget_words(key: int) -> None:
    if proposal := ProposedWords.objects.filter(pk=key).first():
        services.forget_words(proposal=proposal)


def _read_page(key: int) -> None:
    if proof := Proof.objects.to_read().filter(pk=key).select_related("member").first():
        services.keep_reading(proof=proof, problem=proofs.read_page(proof))


def _pages_to_read() -> Iterable[int]:
    return Proof.objects.to_read().values_list("pk", flat=True) if settings.SCAN_LISTED_SITES else ()


def _forget_proof(key: int) -> None:
    if proof := Proof.objects.filter(pk=key).first():
        services.forget_proof(proof=proof)


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
    Job(
        name="network-read-pages",
        title=_("Pages that are to link to a member's profile"),
        every=timedelta(minutes=5),
        items=_pages_to_read,
        run=_read_page,
    ),
    Job(
        name="network-forget-proofs",
        title=_("Proofs of belonging that nobody has confirmed"),
        every=timedelta(days=1),
        items=lambda: Proof.objects.expired().values_list("pk", flat=True),
        run=_forget_proof,
    ),
]
