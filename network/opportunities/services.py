"""What members look for and offer, the matches, what came of them, and the weekly digest email."""

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

# So many opportunities of one member may be open at once.
MOST_OPEN = 10
LOCK = "network matches"
# What a person has to read before everybody sees it.
WORDS = ("language", "title", "text")


class TooManyOpenError(InvalidStateError):
    """The member has as many open opportunities as one may have."""


class OpportunityFacts(TypedDict):
    """What the owner of an opportunity says of it."""

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


# --- What the owner does -----------------------------------------------------------------------------------------------


@transaction.atomic
def post(*, member: Member, kind: str, **facts: Unpack[OpportunityFacts]) -> Opportunity:
    """Open a need or an offer. Members see it at once. Raises TooManyOpenError, and InvalidStateError for who shows nothing to members."""
    current = with_current_codes(facts)  # before the member is locked, as merging does it
    member = locked(member, Member.State.LISTED)
    if not Member.objects.listed("members").filter(pk=member.pk).exists():
        raise InvalidStateError
    if member.opportunities.open().count() >= MOST_OPEN:
        raise TooManyOpenError
    return member.opportunities.create(kind=kind, **current)


@transaction.atomic
def change_opportunity(*, opportunity: Opportunity, **facts: Unpack[OpportunityFacts]) -> Opportunity:
    """Change an open opportunity. Other words have to be read again before everybody sees them. Raises InvalidStateError."""
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
    """Close an opportunity and keep what came of it. Whoever is in contact about it is not asked any more. Raises InvalidStateError."""
    opportunity = locked_row(opportunity)
    if opportunity.closed_at is not None:
        raise InvalidStateError
    opportunity.closed_at, opportunity.outcome = timezone.now(), outcome
    opportunity.save()
    # One outcome for each match: what those in contact have said counts, and this only if they have said nothing.
    if not opportunity.matches.filter(answered_at__isnull=False).exists():
        _record(outcome)
    opportunity.matches.unanswered().update(answered_at=timezone.now())
    return opportunity


@transaction.atomic
def renew_opportunity(*, opportunity: Opportunity, until: date) -> Opportunity:
    """Keep an opportunity open until another day, or open it again. Raises TooManyOpenError and InvalidStateError."""
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


# --- What the team does ------------------------------------------------------------------------------------------------


@transaction.atomic
def release_opportunity(*, opportunity: Opportunity, seen: uuid.UUID, by: User) -> Opportunity:
    """Let everybody see an opportunity. `seen` is the key of the words that somebody has read. Raises InvalidStateError if there are others."""
    opportunity = _read(opportunity, seen)
    opportunity.read_at = timezone.now()
    opportunity.save()
    log_member(opportunity.owner, "network.release_opportunity", by)
    return opportunity


@transaction.atomic
def keep_for_members(*, opportunity: Opportunity, seen: uuid.UUID, reason: str, by: User) -> Opportunity:
    """Leave an opportunity to members alone, and notify its owner why. Raises InvalidStateError."""
    opportunity = _read(opportunity, seen)
    opportunity.is_for_everybody = False
    opportunity.save()
    _notify(opportunity, reason, by)
    log_member(opportunity.owner, "network.keep_opportunity", by)
    return opportunity


@transaction.atomic
def unpublish_opportunity(*, opportunity: Opportunity, seen: uuid.UUID, reason: str, by: User) -> Opportunity:
    """Close an opportunity that nobody should see, and notify its owner why. Raises InvalidStateError."""
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


# --- What the scheduler does -----------------------------------------------------------------------------------------------


@transaction.atomic
def end_opportunity(*, opportunity: Opportunity) -> None:
    """Close an opportunity whose day is over, unless its owner has renewed it meanwhile."""
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
    """Ask, once, what came of a contact."""
    if Match.objects.to_ask().filter(pk=match.pk).update(asked_at=timezone.now()):
        outbox.queue(Letter.OUTCOME, about=match)


# --- Matches -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_matches(*, opportunity: Opportunity, members: Iterable[int], most: int) -> dict[int, Match]:
    """Keep that members, best first and by primary key, are matched with an opportunity. Return the matches by member, `most` at most.

    Whoever has been matched with it before is not counted again; whoever was matched too often this week is left out, even if two ask in
    the same moment.
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
    """Keep that a member will write to another: the owner of an opportunity to somebody who was matched, or a reader to the owner.

    Once it was taken up, by either of the two, it stays as it is. Raises InvalidStateError, also if one has blocked the other.
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
    """Keep what came of a contact, as a number. Raises InvalidStateError if that was said before, or by somebody else."""
    match = locked_row(match)
    if match.taken_up_by != by or match.answered_at is not None:
        raise InvalidStateError
    match.answered_at = timezone.now()
    match.save()
    _record(outcome)


def _record(outcome: str) -> None:
    RecordedOutcome.objects.create(outcome=outcome, month=timezone.localdate().replace(day=1))


# --- The weekly digest email -------------------------------------------------------------------------------------------------


@transaction.atomic
def subscribe(*, member: Member) -> DigestEmailSubscription:
    """Send a member the weekly digest email from now on. Raises InvalidStateError."""
    member = locked(member, Member.State.LISTED)
    return DigestEmailSubscription.objects.get_or_create(member=member)[0]


@transaction.atomic
def unsubscribe(*, key: uuid.UUID) -> None:
    """End the weekly digest email for good. Whoever has ended it already gets what they wanted: nothing happens."""
    DigestEmailSubscription.objects.filter(uuid=key).delete()


@transaction.atomic
def write_digest_email(*, subscription: DigestEmailSubscription, new: int) -> None:
    """Write the digest email that says how many new opportunities fit. Without any there is none, and the next is due in a week."""
    if (
        DigestEmailSubscription.objects.due().filter(pk=subscription.pk).update(written_at=timezone.now())
        and new
    ):
        outbox.queue(Letter.DIGEST_EMAIL, about=subscription, new=new)
