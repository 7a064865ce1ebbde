"""Scheduled jobs of the network."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.clock import Job
from core.clock.days import print_daily
from network.events import services as events
from network.evidence import services as evidence
from network.joining import services as joining
from network.members import services as members
from network.messages import notifications
from network.messages import services as conversations
from network.models import (
    Conversation,
    Erasure,
    EventIndexPage,
    EventPage,
    EvidenceReview,
    Inbox,
    LetterSubscription,
    Member,
    Posting,
    Practice,
    Proof,
    Proposal,
    ProposedWords,
    Registration,
    ReviewEntry,
)
from network.opportunities import matches
from network.opportunities import services as opportunities
from network.personal_data import services as erasures
from network.practices import services as practices
from network.review import services as review_services
from network.verification import page_links
from network.verification import services as verification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def _purge(key: int) -> None:
    if member := Member.objects.filter(pk=key).first():
        joining.purge(member=member)


def _remind(key: int) -> None:
    if question := ReviewEntry.objects.filter(pk=key).select_related("member").first():
        review_services.remind(question=question)


def _forget_words(key: int) -> None:
    if proposal := ProposedWords.objects.filter(pk=key).first():
        review_services.forget_words(proposal=proposal)


def _read_page(key: int) -> None:
    if proof := Proof.objects.to_read().filter(pk=key).select_related("member").first():
        verification.keep_reading(proof=proof, problem=page_links.read_page(proof))


def _print_event(page: EventPage) -> None:
    """Store what it says from now on. Saving notifies the press, which prints the page."""
    page.shows_closed = not page.shows_closed
    page.save(update_fields=["shows_closed"], clean=False)


def _pages_to_read() -> Iterable[int]:
    return Proof.objects.to_read().values_list("pk", flat=True) if settings.SCAN_LISTED_SITES else ()


def _ask_whether_right(key: int) -> None:
    if member := Member.objects.filter(pk=key).first():
        members.ask_whether_right(member=member)


def _erase_lapsed(key: int) -> None:
    if member := Member.objects.filter(pk=key).first():
        members.erase_lapsed(member=member)


def _erased_and_back() -> Iterable[Erasure]:
    return [entry for entry, _member in erasures.undone(erasures.known())]


def _erase_again(entry: Erasure) -> None:
    members.erase_again([entry])


def _forget_proof(key: int) -> None:
    if proof := Proof.objects.filter(pk=key).first():
        verification.forget_proof(proof=proof)


def _tell(key: int) -> None:
    if inbox := Inbox.objects.due().filter(pk=key).select_related("member").first():
        notifications.send_notice(inbox=inbox)


def _forget_conversation(key: int) -> None:
    if conversation := Conversation.objects.filter(pk=key).first():
        conversations.forget_conversation(conversation=conversation)


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


def _of_posting(service: Callable[..., None]) -> Callable[[int], None]:
    def run(key: int) -> None:
        if posting := Posting.objects.filter(pk=key).first():
            service(posting=posting)

    return run


def _of_registration(service: Callable[..., None]) -> Callable[[int], None]:
    def run(key: int) -> None:
        if registration := Registration.objects.filter(pk=key).first():
            service(registration=registration)

    return run


def _ask_for_outcome(key: int) -> None:
    if proposal := Proposal.objects.filter(pk=key).first():
        opportunities.ask_for_outcome(proposal=proposal)


def _write_weekly_letter(key: int) -> None:
    if subscription := LetterSubscription.objects.filter(pk=key).select_related("member").first():
        new = matches.new_for(subscription.member, subscription.written_at)
        opportunities.write_weekly_letter(subscription=subscription, new=new)


JOBS = [
    Job(
        name="network-notices",
        title=_("Notices that something waits for a member"),
        every=timedelta(minutes=1),
        items=lambda: Inbox.objects.due().values_list("pk", flat=True),
        run=_tell,
    ),
    Job(
        name="network-forget-conversations",
        title=_("Conversations of members a year after the last message"),
        every=timedelta(hours=1),
        items=lambda: Conversation.objects.expired().values_list("pk", flat=True),
        run=_forget_conversation,
    ),
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
        run=_of_review(evidence.note_expiry),
    ),
    Job(
        name="network-announce-expiry",
        title=_("Evidence of practices that will expire"),
        every=timedelta(days=1),
        items=lambda: EvidenceReview.objects.to_announce().values_list("pk", flat=True),
        run=_of_review(evidence.announce_expiry),
    ),
    Job(
        name="network-remind-of-practices",
        title=_("Questions to owners whether their practices are still right"),
        every=timedelta(days=1),
        items=lambda: Practice.objects.to_remind().values_list("pk", flat=True),
        run=_of_practice(practices.remind_of_practice),
    ),
    Job(
        name="network-archive-practices",
        title=_("Practices that nobody has confirmed for two years"),
        every=timedelta(days=1),
        items=lambda: Practice.objects.to_archive().values_list("pk", flat=True),
        run=_of_practice(practices.archive_practice),
    ),
    Job(
        name="network-end-postings",
        title=_("Needs and offers whose day is over"),
        every=timedelta(hours=1),
        items=lambda: Posting.objects.to_end().values_list("pk", flat=True),
        run=_of_posting(opportunities.end_posting),
    ),
    Job(
        name="network-remind-of-postings",
        title=_("Questions to members whether their needs and offers are to stay open"),
        every=timedelta(days=1),
        items=lambda: Posting.objects.to_remind().values_list("pk", flat=True),
        run=_of_posting(opportunities.remind_of_posting),
    ),
    Job(
        name="network-forget-postings",
        title=_("Needs and offers that were closed a year ago"),
        every=timedelta(days=1),
        items=lambda: Posting.objects.to_forget().values_list("pk", flat=True),
        run=_of_posting(opportunities.forget_posting),
    ),
    Job(
        name="network-ask-for-outcomes",
        title=_("Questions to members what came of a contact"),
        every=timedelta(days=1),
        items=lambda: Proposal.objects.to_ask().values_list("pk", flat=True),
        run=_ask_for_outcome,
    ),
    Job(
        name="network-weekly-letter",
        title=_("The weekly letter about new needs and offers"),
        every=timedelta(hours=1),
        items=lambda: LetterSubscription.objects.due().values_list("pk", flat=True),
        run=_write_weekly_letter,
    ),
    Job(
        name="network-pass-places-on",
        title=_("Places at events that nobody has accepted in time"),
        every=timedelta(minutes=5),
        items=lambda: Registration.objects.lapsed().values_list("pk", flat=True),
        run=_of_registration(events.pass_place_on),
    ),
    Job(
        name="network-remind-of-events",
        title=_("Reminders of events on the day before"),
        every=timedelta(minutes=15),
        items=lambda: Registration.objects.to_remind().values_list("pk", flat=True),
        run=_of_registration(events.remind_of_event),
    ),
    Job(
        name="network-forget-registrations",
        title=_("Registrations that nobody has confirmed, and those of past events"),
        every=timedelta(hours=1),
        items=lambda: Registration.objects.to_forget().values_list("pk", flat=True),
        run=_of_registration(events.forget_registration),
    ),
    Job(
        name="network-close-events",
        title=_("Events for which registration has ended"),
        every=timedelta(minutes=5),
        items=EventPage.objects.out_of_date,
        run=_print_event,
    ),
    print_daily(
        name="network-print-events", title=_("Lists of events, printed each day"), pages=EventIndexPage
    ),
]
