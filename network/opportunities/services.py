"""What members look for and offer, who was proposed for it, what came of it, and the weekly letter."""

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
    LetterSubscription,
    Member,
    MemberBlock,
    Posting,
    Proposal,
    RecordedOutcome,
    ReviewEntry,
)
from network.row_locks import WrongState, locked, locked_row, log_member
from network.vocabulary.services import with_current_codes
from users.models import User

# So many postings of one member may be open at once.
MOST_OPEN = 10
LOCK = "network proposals"
# What a person has to read before everybody sees it.
WORDS = ("language", "title", "text")


class TooManyOpen(WrongState):
    """The member has as many open postings as one may have."""


class PostingFacts(TypedDict):
    """What the owner of a posting says of it."""

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
def post(*, member: Member, kind: str, **facts: Unpack[PostingFacts]) -> Posting:
    """Open a need or an offer. Members see it at once. Raises TooManyOpen, and WrongState for who shows nothing to members."""
    current = with_current_codes(facts)  # before the member is locked, as merging does it
    member = locked(member, Member.State.LISTED)
    if not Member.objects.listed("members").filter(pk=member.pk).exists():
        raise WrongState
    if member.postings.open().count() >= MOST_OPEN:
        raise TooManyOpen
    return member.postings.create(kind=kind, **current)


@transaction.atomic
def change_posting(*, posting: Posting, **facts: Unpack[PostingFacts]) -> Posting:
    """Change an open posting. Other words have to be read again before everybody sees them. Raises WrongState."""
    current = with_current_codes(facts)
    posting = locked_row(posting)
    if not posting.is_open:
        raise WrongState
    if any(getattr(posting, name) != current[name] for name in WORDS):
        posting.words_key, posting.read_at = uuid.uuid4(), None
    if posting.until != current["until"]:
        posting.reminded_at = None
    for name, value in current.items():
        setattr(posting, name, value)
    posting.save()
    return posting


@transaction.atomic
def close_posting(*, posting: Posting, outcome: str) -> Posting:
    """Close a posting and keep what came of it. Whoever is in contact about it is not asked any more. Raises WrongState."""
    posting = locked_row(posting)
    if posting.closed_at is not None:
        raise WrongState
    posting.closed_at, posting.outcome = timezone.now(), outcome
    posting.save()
    # One outcome for each match: what those in contact have said counts, and this only if they have said nothing.
    if not posting.proposals.filter(answered_at__isnull=False).exists():
        _record(outcome)
    posting.proposals.unanswered().update(answered_at=timezone.now())
    return posting


@transaction.atomic
def renew_posting(*, posting: Posting, until: date) -> Posting:
    """Keep a posting open until another day, or open it again. Raises TooManyOpen and WrongState."""
    member = locked(posting.owner, Member.State.LISTED)
    posting = locked_row(posting)
    if not posting.is_open and member.postings.open().count() >= MOST_OPEN:
        raise TooManyOpen
    posting.until, posting.closed_at, posting.outcome, posting.reminded_at = until, None, "", None
    posting.save()
    return posting


# --- What the team does ------------------------------------------------------------------------------------------------


@transaction.atomic
def release_posting(*, posting: Posting, seen: uuid.UUID, by: User) -> Posting:
    """Let everybody see a posting. `seen` is the key of the words that somebody has read. Raises WrongState if there are others."""
    posting = _read(posting, seen)
    posting.read_at = timezone.now()
    posting.save()
    log_member(posting.owner, "network.release_posting", by)
    return posting


@transaction.atomic
def keep_for_members(*, posting: Posting, seen: uuid.UUID, reason: str, by: User) -> Posting:
    """Leave a posting to members alone, and tell its owner why. Raises WrongState."""
    posting = _read(posting, seen)
    posting.is_for_everybody = False
    posting.save()
    _tell(posting, reason, by)
    log_member(posting.owner, "network.keep_posting", by)
    return posting


@transaction.atomic
def take_off_posting(*, posting: Posting, seen: uuid.UUID, reason: str, by: User) -> Posting:
    """Close a posting that nobody should see, and tell its owner why. Raises WrongState."""
    posting = _read(posting, seen)
    posting.is_for_everybody, posting.closed_at = False, timezone.now()
    posting.save()
    _tell(posting, reason, by)
    log_member(posting.owner, "network.take_off_posting", by)
    return posting


def _read(posting: Posting, seen: uuid.UUID) -> Posting:
    posting = locked_row(posting)
    if posting.words_key != seen or not posting.waits_for_reader or not posting.is_open:
        raise WrongState
    return posting


def _tell(posting: Posting, reason: str, by: User) -> None:
    posting.owner.review.create(kind=ReviewEntry.Kind.REASON, author=by, text=reason)
    outbox.queue(Letter.TEXTS_READ, about=posting.owner)


# --- What the clock does -----------------------------------------------------------------------------------------------


@transaction.atomic
def end_posting(*, posting: Posting) -> None:
    """Close a posting whose day is over, unless its owner has renewed it meanwhile."""
    due = Posting.objects.to_end().select_for_update().filter(pk=posting.pk).first()
    if due is not None:
        due.closed_at = timezone.now()
        due.save()


@transaction.atomic
def remind_of_posting(*, posting: Posting) -> None:
    """Ask the owner, once, whether a posting is to stay open."""
    # update() and not save(): nothing visible has changed, so nothing is printed.
    if Posting.objects.to_remind().filter(pk=posting.pk).update(reminded_at=timezone.now()):
        outbox.queue(Letter.POSTING_ENDS, about=posting)


@transaction.atomic
def ask_for_outcome(*, proposal: Proposal) -> None:
    """Ask, once, what came of a contact."""
    if Proposal.objects.to_ask().filter(pk=proposal.pk).update(asked_at=timezone.now()):
        outbox.queue(Letter.OUTCOME, about=proposal)


# --- Proposals ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def propose(*, posting: Posting, members: Iterable[int], most: int) -> dict[int, Proposal]:
    """Keep that members, best first and by primary key, are proposed for a posting. Return the proposals by member, `most` at most.

    Whoever has been proposed for it before is not counted again; whoever was proposed too often this week is left out, even if two ask in
    the same moment.
    """
    wait_for_lock(LOCK)
    full = Proposal.objects.at_limit(posting)
    wanted = [key for key in dict.fromkeys(members) if key not in full][:most]
    known = set(posting.proposals.filter(member__in=wanted).values_list("member", flat=True))
    now = timezone.now()
    Proposal.objects.bulk_create(
        Proposal(posting=posting, member_id=key, proposed_at=now) for key in wanted if key not in known
    )
    posting.proposals.filter(member__in=wanted, proposed_at=None).update(proposed_at=now)
    found = {each.member_id: each for each in posting.proposals.filter(member__in=wanted)}
    return {key: found[key] for key in wanted}


@transaction.atomic
def take_up(*, posting: Posting, by: Member, other: Member) -> Proposal:
    """Keep that a member will write to another: the owner of a posting to somebody who was proposed, or a reader to the owner.

    Once it was taken up, by either of the two, it stays as it is. Raises WrongState, also if one has blocked the other.
    """
    posting = locked_row(posting)
    is_blocked = MemberBlock.objects.between(by, other).exists()
    if not posting.is_open or by == other or posting.owner not in {by, other} or is_blocked:
        raise WrongState
    if by == posting.owner:
        proposal = posting.proposals.filter(member=other).first()
        if proposal is None:
            raise WrongState
    else:
        proposal, _is_new = posting.proposals.get_or_create(member=by, defaults={"proposed_at": None})
    if proposal.taken_up_at is None:
        proposal.taken_up_by, proposal.taken_up_at = by, timezone.now()
        proposal.save()
    return proposal


@transaction.atomic
def answer_outcome(*, proposal: Proposal, by: Member, outcome: str) -> None:
    """Keep what came of a contact, as a number. Raises WrongState if that was said before, or by somebody else."""
    proposal = locked_row(proposal)
    if proposal.taken_up_by != by or proposal.answered_at is not None:
        raise WrongState
    proposal.answered_at = timezone.now()
    proposal.save()
    _record(outcome)


def _record(outcome: str) -> None:
    RecordedOutcome.objects.create(outcome=outcome, month=timezone.localdate().replace(day=1))


# --- The weekly letter -------------------------------------------------------------------------------------------------


@transaction.atomic
def subscribe(*, member: Member) -> LetterSubscription:
    """Send a member the weekly letter from now on. Raises WrongState."""
    member = locked(member, Member.State.LISTED)
    return LetterSubscription.objects.get_or_create(member=member)[0]


@transaction.atomic
def unsubscribe(*, key: uuid.UUID) -> None:
    """End the weekly letter for good. Whoever has ended it already gets what they wanted: nothing happens."""
    LetterSubscription.objects.filter(uuid=key).delete()


@transaction.atomic
def write_weekly_letter(*, subscription: LetterSubscription, new: int) -> None:
    """Write the letter that says how many new postings fit. Without any there is none, and the next is due in a week."""
    if LetterSubscription.objects.due().filter(pk=subscription.pk).update(written_at=timezone.now()) and new:
        outbox.queue(Letter.WEEKLY, about=subscription, new=new)
