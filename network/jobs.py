"""Scheduled jobs of the network."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.scheduler import Job, render_daily
from network.events import services as events
from network.joining import services as joining
from network.members import services as members
from network.messages import services
from network.models import (
    Conversation,
    DigestEmailSubscription,
    Erasure,
    EventIndexPage,
    EventPage,
    EvidenceReview,
    Inbox,
    Match,
    Member,
    Opportunity,
    Practice,
    ProposedTexts,
    Registration,
    ReviewEntry,
    Verification,
)
from network.opportunities import matches
from network.opportunities import services as opportunities
from network.personal_data import services as erasures
from network.practices import services as practices
from network.review import services as review
from network.verification import page_links
from network.verification import services as verifications


def _each(
    rows: Callable[[], QuerySet[Any]], service: Callable[..., object], name: str, *related: str
) -> dict[str, Any]:
    """Return `items` and `run` of a job that calls a service for each row, by keyword.

    Rows deleted in the meantime are skipped.

    Items are keys, not rows, because an item that fails is stored under its name.
    """

    def run(key: int) -> None:
        found = rows().model._default_manager.filter(pk=key)
        if row := (found.select_related(*related) if related else found).first():
            service(**{name: row})

    return {"items": lambda: rows().values_list("pk", flat=True), "run": run}


def _deleting(rows: Callable[[], QuerySet[Any]]) -> dict[str, Any]:
    """Return `items` and `run` of a job that deletes each row, unless it no longer belongs to these rows by then."""
    return {
        "items": lambda: rows().values_list("pk", flat=True),
        "run": lambda key: rows().filter(pk=key).delete(),
    }


def _read_page(*, verification: Verification) -> None:
    if Verification.objects.to_read().filter(pk=verification.pk).exists():
        verifications.keep_reading(verification=verification, problem=page_links.read_page(verification))


def _pages_to_read() -> QuerySet[Verification]:
    return Verification.objects.to_read() if settings.SCAN_LISTED_SITES else Verification.objects.none()


def _send_notification(*, inbox: Inbox) -> None:
    if Inbox.objects.due().filter(pk=inbox.pk).exists():
        services.send_notification(inbox=inbox)


def _render_event(page: EventPage) -> None:
    """Store that the page now shows the other state of registration.

    Saving invalidates the page.
    """
    page.shows_closed = not page.shows_closed
    page.save(update_fields=["shows_closed"], clean=False)


def _erased_and_back() -> Iterable[Erasure]:
    return [entry for entry, _member in erasures.undone(erasures.known())]


def _write_digest_email(*, subscription: DigestEmailSubscription) -> None:
    new = matches.fitting(subscription.member, subscription.written_at)
    opportunities.write_digest_email(subscription=subscription, new=len(new))


JOBS = [
    Job(
        name="network-notifications",
        title=_("Notifications that something waits for a member"),
        every=timedelta(minutes=1),
        **_each(Inbox.objects.due, _send_notification, "inbox", "member"),
    ),
    Job(
        name="network-forget-conversations",
        title=_("Conversations of members a year after the last message"),
        every=timedelta(hours=1),
        **_deleting(Conversation.objects.expired),
    ),
    Job(
        name="network-forget",
        title=_("Expired requests to join"),
        every=timedelta(hours=1),
        **_each(Member.objects.overdue, joining.purge, "member"),
    ),
    Job(
        name="network-remind",
        title=_("Reminders of unanswered questions to members"),
        every=timedelta(hours=1),
        **_each(ReviewEntry.objects.to_remind, review.remind, "question", "member"),
    ),
    Job(
        name="network-forget-texts",
        title=_("Declined texts of members"),
        every=timedelta(days=1),
        **_deleting(ProposedTexts.objects.expired),
    ),
    Job(
        name="network-read-pages",
        title=_("Pages that are to link to a member's profile"),
        every=timedelta(minutes=5),
        **_each(_pages_to_read, _read_page, "verification", "member"),
    ),
    Job(
        name="network-forget-verifications",
        title=_("Unconfirmed verifications of affiliation"),
        every=timedelta(days=1),
        **_deleting(Verification.objects.expired),
    ),
    Job(
        name="network-reconfirmation",
        title=_("Reconfirmation requests to members"),
        every=timedelta(days=1),
        **_each(Member.objects.due_for_reconfirmation, members.request_reconfirmation, "member"),
    ),
    Job(
        name="network-erase-lapsed",
        title=_("Paused profiles whose members have not come back for a year"),
        every=timedelta(days=1),
        **_each(Member.objects.lapsed, members.erase_lapsed, "member"),
    ),
    Job(
        name="network-erase-again",
        title=_("Members who have left and whom a restored backup has brought back"),
        every=timedelta(minutes=5),
        items=_erased_and_back,
        run=lambda entry: members.erase_again([entry]),
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
        **_each(EvidenceReview.objects.to_expire, practices.note_expiry, "review", "practice"),
    ),
    Job(
        name="network-announce-expiry",
        title=_("Evidence of practices that will expire"),
        every=timedelta(days=1),
        **_each(EvidenceReview.objects.to_announce, practices.announce_expiry, "review", "practice"),
    ),
    Job(
        name="network-remind-of-practices",
        title=_("Reconfirmation requests to owners of practices"),
        every=timedelta(days=1),
        **_each(Practice.objects.to_remind, practices.remind_of_practice, "practice"),
    ),
    Job(
        name="network-archive-practices",
        title=_("Practices without confirmation for two years"),
        every=timedelta(days=1),
        **_each(Practice.objects.to_archive, practices.archive_practice, "practice"),
    ),
    Job(
        name="network-end-opportunities",
        title=_("Needs and offers whose day is over"),
        every=timedelta(hours=1),
        **_each(Opportunity.objects.to_end, opportunities.end_opportunity, "opportunity"),
    ),
    Job(
        name="network-remind-of-opportunities",
        title=_("Questions to members whether their needs and offers are to stay open"),
        every=timedelta(days=1),
        **_each(Opportunity.objects.to_remind, opportunities.remind_of_opportunity, "opportunity"),
    ),
    Job(
        name="network-forget-opportunities",
        title=_("Needs and offers that were closed a year ago"),
        every=timedelta(days=1),
        **_deleting(Opportunity.objects.to_forget),
    ),
    Job(
        name="network-ask-for-outcomes",
        title=_("Questions to members what came of a contact"),
        every=timedelta(days=1),
        **_each(Match.objects.to_ask, opportunities.ask_for_outcome, "match"),
    ),
    Job(
        name="network-digest-email",
        title=_("The weekly digest email about new needs and offers"),
        every=timedelta(hours=1),
        **_each(DigestEmailSubscription.objects.due, _write_digest_email, "subscription", "member"),
    ),
    Job(
        name="network-pass-places-on",
        title=_("Places at events that were not accepted in time"),
        every=timedelta(minutes=5),
        **_each(Registration.objects.lapsed, events.pass_place_on, "registration"),
    ),
    Job(
        name="network-remind-of-events",
        title=_("Reminders of events on the day before"),
        every=timedelta(minutes=15),
        **_each(Registration.objects.to_remind, events.remind_of_event, "registration"),
    ),
    Job(
        name="network-forget-registrations",
        title=_("Unconfirmed registrations, and those of past events"),
        every=timedelta(hours=1),
        **_deleting(Registration.objects.to_forget),
    ),
    Job(
        name="network-close-events",
        title=_("Events for which registration has ended"),
        every=timedelta(minutes=5),
        items=EventPage.objects.out_of_date,
        run=_render_event,
    ),
    render_daily(name="network-update-events", title=_("Lists of events, updated each day"), pages=EventIndexPage),
]
