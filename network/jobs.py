"""Scheduled jobs of the network."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.clock import Job
from network import services
from network.models import Erasure, EvidenceReview, Member, Practice, Proof, ProposedWords, ReviewEntry
from network.outgoing import pages
from network.services import erasures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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
        services.keep_reading(proof=proof, problem=pages.read_page(proof))


def _pages_to_read() -> Iterable[int]:
    return Proof.objects.to_read().values_list("pk", flat=True) if settings.SCAN_LISTED_SITES else ()


def _ask_whether_right(key: int) -> None:
    if member := Member.objects.filter(pk=key).first():
        services.ask_whether_right(member=member)


def _erase_lapsed(key: int) -> None:
    if member := Member.objects.filter(pk=key).first():
        services.erase_lapsed(member=member)


def _erased_and_back() -> Iterable[Erasure]:
    return [entry for entry, _member in erasures.undone(erasures.in_file())]


def _erase_again(entry: Erasure) -> None:
    services.erase_again([entry])


def _forget_proof(key: int) -> None:
    if proof := Proof.objects.filter(pk=key).first():
        services.forget_proof(proof=proof)


def _of_practice(service: Callable[..., None]) -> Callable[[int], None]:
    def run(key: int) -> None:
        if practice := Practice.objects.filter(pk=key).first():
            service(practice=practice)

    return run


def _of_review(service: Callable[..., None]) -> Callable[[int], None]:
    def run(key: int) -> None:
        if review := EvidenceReview.objects.filter(pk=key).select_related("practice").first():
            service(review=review)

    return run


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
    Job(
        name="network-still-right",
        title=_("Questions to members whether their profile is still right"),
        every=timedelta(days=1),
        items=lambda: Member.objects.to_ask_whether_right().values_list("pk", flat=True),
        run=_ask_whether_right,
    ),
    Job(
        name="network-erase-lapsed",
        title=_("Paused profiles that nobody has come back to for a year"),
        every=timedelta(days=1),
        items=lambda: Member.objects.lapsed().values_list("pk", flat=True),
        run=_erase_lapsed,
    ),
    Job(
        name="network-erase-again",
        title=_("Members who have left and whom a restored backup has brought back"),
        every=timedelta(minutes=5),
        items=_erased_and_back,
        run=_erase_again,
    ),
    Job(
        name="network-forget-erasures",
        title=_("Erasures that are older than every backup"),
        every=timedelta(days=1),
        run=erasures.forget_old,
    ),
    Job(
        name="network-expire-evidence",
        title=_("Evidence of practices that has expired"),
        every=timedelta(hours=1),
        items=lambda: EvidenceReview.objects.to_expire().values_list("pk", flat=True),
        run=_of_review(services.note_expiry),
    ),
    Job(
        name="network-announce-expiry",
        title=_("Evidence of practices that will expire"),
        every=timedelta(days=1),
        items=lambda: EvidenceReview.objects.to_announce().values_list("pk", flat=True),
        run=_of_review(services.announce_expiry),
    ),
    Job(
        name="network-remind-of-practices",
        title=_("Questions to owners whether their practices are still right"),
        every=timedelta(days=1),
        items=lambda: Practice.objects.to_remind().values_list("pk", flat=True),
        run=_of_practice(services.remind_of_practice),
    ),
    Job(
        name="network-archive-practices",
        title=_("Practices that nobody has confirmed for two years"),
        every=timedelta(days=1),
        items=lambda: Practice.objects.to_archive().values_list("pk", flat=True),
        run=_of_practice(services.archive_practice),
    ),
]
