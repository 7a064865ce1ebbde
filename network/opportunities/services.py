"""Services for needs and offers, matches, outcomes, and the weekly digest email."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from core.background.locks import wait_for_lock
from core.mail import outbox
from network.mail import Letter
from network.models import (
    DigestEmailSubscription,
    Match,
    Member,
    MemberBlock,
    Opportunity,
    RecordedOutcome,
    ReviewEntry,
)
from network.row_locks import InvalidStateError, locked, locked_row, log_member
from network.vocabulary.services import with_current_codes
from users.models import User

# Maximum number of open opportunities of one member.
MOST_OPEN = 10
LOCK = "network matches"
# The fields that a reviewer has to read before an opportunity becomes public.
WORDS = ("language", "title", "text")


class TooManyOpenError(InvalidStateError):
    """The member has reached the maximum number of open opportunities."""


class OpportunityFacts(TypedDict):
    """Details of an opportunity, as given by its owner."""

    subject: str
    language: str
    title: str
    text: str
    languages: list[str]
    country: str
    expertise: list[str]
    populations: list[str]
    methods: list[str]
    work_settings: list[str]
    until: date
    is_for_everybody: bool


# --- Actions of the owner -----------------------------------------------------------------------------------


@transaction.atomic
def post(*, member: Member, kind: str, **facts: Unpack[OpportunityFacts]) -> Opportunity:
    """Open a need or an offer, visible to members immediately.

    Raises TooManyOpenError, and InvalidStateError for members who show nothing to members.
    """
    current = with_current_codes(facts)  # before the member is locked: the same order as when categories are merged
    member = locked(member, Member.State.LISTED)
    if not Member.objects.listed("members").filter(pk=member.pk).exists():
        raise InvalidStateError
    if member.opportunities.open().count() >= MOST_OPEN:
        raise TooManyOpenError
    return member.opportunities.create(kind=kind, **current)


@transaction.atomic
def change_opportunity(*, opportunity: Opportunity, **facts: Unpack[OpportunityFacts]) -> Opportunity:
    """Change an open opportunity.

    Changed texts have to be reviewed again before they are public.
    Raises InvalidStateError.
    """
    current = with_current_codes(facts)
    opportunity = locked_row(opportunity)
    if not opportunity.is_open:
        raise InvalidStateError
    if any(getattr(opportunity, name) != current[name] for name in WORDS):
        opportunity.words_key, opportunity.read_at = uuid.uuid4(), None
    if opportunity.until != current["until"]:
        opportunity.reminded_at = None
    for name, value in current.items():
        setattr(opportunity, name, value)
    opportunity.save()
    return opportunity


@transaction.atomic
def close_opportunity(*, opportunity: Opportunity, outcome: str) -> Opportunity:
    """Close an opportunity and record its outcome.

    Members in contact about it are no longer asked for one.
    Raises InvalidStateError.
    """
    opportunity = locked_row(opportunity)
    if opportunity.closed_at is not None:
        raise InvalidStateError
    opportunity.closed_at, opportunity.outcome = timezone.now(), outcome
    opportunity.save()
    # One outcome for each match: this one counts only if no member in contact has given one.
    if not opportunity.matches.filter(answered_at__isnull=False).exists():
        _record(outcome)
    opportunity.matches.unanswered().update(answered_at=timezone.now())
    return opportunity


@transaction.atomic
def renew_opportunity(*, opportunity: Opportunity, until: date) -> Opportunity:
    """Extend an opportunity to another day, or open it again.

    Raises TooManyOpenError and InvalidStateError.
    """
    member = locked(opportunity.owner, Member.State.LISTED)
    opportunity = locked_row(opportunity)
    if not opportunity.is_open and member.opportunities.open().count() >= MOST_OPEN:
        raise TooManyOpenError
    opportunity.until, opportunity.closed_at, opportunity.outcome, opportunity.reminded_at = (
        until,
        None,
        "",
        None,
    )
    opportunity.save()
    return opportunity


# --- Actions of the team ------------------------------------------------------------------------------------


@transaction.atomic
def release_opportunity(*, opportunity: Opportunity, seen: uuid.UUID, by: User) -> Opportunity:
    """Make an opportunity public.

    `seen` is the key of the texts that were reviewed.
    Raises InvalidStateError if they have changed.
    """
    opportunity = _read(opportunity, seen)
    opportunity.read_at = timezone.now()
    opportunity.save()
    log_member(opportunity.owner, "network.release_opportunity", by)
    return opportunity


@transaction.atomic
def keep_for_members(*, opportunity: Opportunity, seen: uuid.UUID, reason: str, by: User) -> Opportunity:
    """Keep an opportunity visible to members only, and notify its owner of the reason.

    Raises InvalidStateError.
    """
    opportunity = _read(opportunity, seen)
    opportunity.is_for_everybody = False
    opportunity.save()
    _notify(opportunity, reason, by)
    log_member(opportunity.owner, "network.keep_opportunity", by)
    return opportunity


@transaction.atomic
def unpublish_opportunity(*, opportunity: Opportunity, seen: uuid.UUID, reason: str, by: User) -> Opportunity:
    """Close an unacceptable opportunity, and notify its owner of the reason.

    Raises InvalidStateError.
    """
    opportunity = _read(opportunity, seen)
    opportunity.is_for_everybody, opportunity.closed_at = False, timezone.now()
    opportunity.save()
    _notify(opportunity, reason, by)
    log_member(opportunity.owner, "network.unpublish_opportunity", by)
    return opportunity


def _read(opportunity: Opportunity, seen: uuid.UUID) -> Opportunity:
    opportunity = locked_row(opportunity)
    if opportunity.words_key != seen or not opportunity.waits_for_reader or not opportunity.is_open:
        raise InvalidStateError
    return opportunity


def _notify(opportunity: Opportunity, reason: str, by: User) -> None:
    opportunity.owner.review.create(kind=ReviewEntry.Kind.REASON, author=by, text=reason)
    outbox.queue(Letter.TEXTS_READ, about=opportunity.owner)


# --- Jobs of the scheduler ----------------------------------------------------------------------------------


@transaction.atomic
def end_opportunity(*, opportunity: Opportunity) -> None:
    """Close an opportunity after its last day, unless its owner has renewed it in the meantime."""
    due = Opportunity.objects.to_end().select_for_update().filter(pk=opportunity.pk).first()
    if due is not None:
        due.closed_at = timezone.now()
        due.save()


@transaction.atomic
def remind_of_opportunity(*, opportunity: Opportunity) -> None:
    """Ask the owner, once, whether an opportunity is to stay open."""
    # update() and not save(): nothing visible has changed, so nothing is rendered.
    if Opportunity.objects.to_remind().filter(pk=opportunity.pk).update(reminded_at=timezone.now()):
        outbox.queue(Letter.OPPORTUNITY_ENDS, about=opportunity)


@transaction.atomic
def ask_for_outcome(*, match: Match) -> None:
    """Ask for the outcome of a contact, once."""
    if Match.objects.to_ask().filter(pk=match.pk).update(asked_at=timezone.now()):
        outbox.queue(Letter.OUTCOME, about=match)


# --- Matches ------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_matches(*, opportunity: Opportunity, members: Iterable[int], most: int) -> dict[int, Match]:
    """Record that members are matched with an opportunity, best first and by primary key.

    Return the matches by member, at most `most`.

    Members matched with it before are not counted again.
    Members at their weekly limit are left out, even if two requests come at the same time.
    """
    wait_for_lock(LOCK)
    full = Match.objects.at_limit(opportunity)
    wanted = [key for key in dict.fromkeys(members) if key not in full][:most]
    known = set(opportunity.matches.filter(member__in=wanted).values_list("member", flat=True))
    now = timezone.now()
    Match.objects.bulk_create(
        Match(opportunity=opportunity, member_id=key, matched_at=now) for key in wanted if key not in known
    )
    opportunity.matches.filter(member__in=wanted, matched_at=None).update(matched_at=now)
    found = {each.member_id: each for each in opportunity.matches.filter(member__in=wanted)}
    return {key: found[key] for key in wanted}


@transaction.atomic
def take_up(*, opportunity: Opportunity, by: Member, other: Member) -> Match:
    """Record that a member will write to another about an opportunity.

    Either the owner writes to a matched member, or a reader to the owner.
    A match that one of the two has taken up stays as it is.
    Raises InvalidStateError, also if one has blocked the other.
    """
    opportunity = locked_row(opportunity)
    is_blocked = MemberBlock.objects.between(by, other).exists()
    if not opportunity.is_open or by == other or opportunity.owner not in {by, other} or is_blocked:
        raise InvalidStateError
    if by == opportunity.owner:
        match = opportunity.matches.filter(member=other).first()
        if match is None:
            raise InvalidStateError
    else:
        match, _is_new = opportunity.matches.get_or_create(member=by, defaults={"matched_at": None})
    if match.taken_up_at is None:
        match.taken_up_by, match.taken_up_at = by, timezone.now()
        match.save()
    return match


@transaction.atomic
def answer_outcome(*, match: Match, by: Member, outcome: str) -> None:
    """Record the outcome of a contact, as a number.

    Raises InvalidStateError if it has one already, or another member has to give it.
    """
    match = locked_row(match)
    if match.taken_up_by != by or match.answered_at is not None:
        raise InvalidStateError
    match.answered_at = timezone.now()
    match.save()
    _record(outcome)


def _record(outcome: str) -> None:
    RecordedOutcome.objects.create(outcome=outcome, month=timezone.localdate().replace(day=1))


# --- The weekly digest email --------------------------------------------------------------------------------


@transaction.atomic
def subscribe(*, member: Member) -> DigestEmailSubscription:
    """Subscribe a member to the weekly digest email.

    Raises InvalidStateError.
    """
    member = locked(member, Member.State.LISTED)
    return DigestEmailSubscription.objects.get_or_create(member=member)[0]


@transaction.atomic
def unsubscribe(*, key: uuid.UUID) -> None:
    """End a subscription of the weekly digest email.

    Does nothing if it has ended already.
    """
    DigestEmailSubscription.objects.filter(uuid=key).delete()


@transaction.atomic
def write_digest_email(*, subscription: DigestEmailSubscription, new: int) -> None:
    """Queue the digest email with the number of new matching opportunities.

    Without any, none is sent, and the next is due in a week.
    """
    if DigestEmailSubscription.objects.due().filter(pk=subscription.pk).update(written_at=timezone.now()) and new:
        outbox.queue(Letter.DIGEST_EMAIL, about=subscription, new=new)
