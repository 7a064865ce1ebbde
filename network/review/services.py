"""Review of requests and texts by the team: decisions, questions and opinions."""

from django.db import transaction
from django.utils import timezone

from core.mail import outbox
from network.mail import Letter
from network.models import Member, ProposedTexts, ReviewEntry
from network.row_locks import InvalidStateError, locked, log_member, mark_reconfirmed, save_with_free_address
from users.models import User

State = Member.State
Kind = ReviewEntry.Kind


class OpinionPendingError(InvalidStateError):
    """The user has asked for a second opinion and may not decide in favour before it is given."""


@transaction.atomic
def approve(*, member: Member, by: User) -> Member:
    """Approve a reviewed request: the member is listed with what they show.

    Raises InvalidStateError.
    """
    member = locked(member, State.IN_REVIEW)
    _wait_for_opinion(member, by)
    _close(member, Kind.QUESTION, Kind.OPINION_WANTED)
    member.state = State.LISTED
    member.decided_at = timezone.now()
    mark_reconfirmed(member)
    member.save()
    log_member(member, "network.approve", by)
    outbox.queue(Letter.WELCOME, about=member)
    return member


@transaction.atomic
def decline(*, member: Member, by: User, reason: str) -> Member:
    """Decline a request with a reason.

    It is kept for a while so that the person can answer.
    Raises InvalidStateError.
    """
    member = locked(member, State.IN_REVIEW)
    _close(member, Kind.QUESTION, Kind.OPINION_WANTED)
    _write(member, Kind.REASON, reason, by)
    member.state = State.DECLINED
    member.decided_at = timezone.now()
    member.save()
    log_member(member, "network.decline", by)
    outbox.queue(Letter.DECLINED, about=member)
    return member


@transaction.atomic
def accept_texts(*, proposal: ProposedTexts, by: User) -> Member:
    """Make reviewed profile texts current.

    Raises InvalidStateError, also if the member has changed or withdrawn these texts.
    """
    member, proposal = _locked_proposal(proposal)
    _wait_for_opinion(member, by)
    _close(member, Kind.OPINION_WANTED)
    member.set_texts(proposal.language, proposal.texts)
    member.save()
    proposal.delete()
    log_member(member, "network.accept_texts", by)
    _notify_about_texts(member)
    return member


@transaction.atomic
def decline_texts(*, proposal: ProposedTexts, by: User, reason: str) -> Member:
    """Decline texts with a reason.

    The member finds both on their own page and can revise the texts.
    Raises InvalidStateError.
    """
    member, proposal = _locked_proposal(proposal)
    _close(member, Kind.OPINION_WANTED)
    _write(member, Kind.REASON, reason, by)
    proposal.declined_at = timezone.now()
    proposal.save()
    log_member(member, "network.decline_texts", by)
    _notify_about_texts(member)
    return member


@transaction.atomic
def hide(*, member: Member, by: User) -> Member:
    """Remove a member from every page immediately.

    Only the team can undo it.
    Raises InvalidStateError.
    """
    member = locked(member, State.LISTED, State.PAUSED)
    member.state = State.PAUSED
    member.held_at = timezone.now()
    member.save()
    log_member(member, "network.hide", by)
    return member


@transaction.atomic
def release(*, member: Member, by: User) -> Member:
    """Undo `hide`.

    The profile stays paused until the member brings it back.
    Raises InvalidStateError.
    """
    member = locked(member, State.PAUSED)
    if member.held_at is None:
        raise InvalidStateError
    member.held_at = None
    member.save()
    log_member(member, "network.release", by)
    return member


@transaction.atomic
def ask_back(*, member: Member, by: User, question: str) -> Member:
    """Ask a question before deciding.

    The member reads and answers it on their own page; the mail contains only a link.
    Raises InvalidStateError.
    """
    member = locked(member, *Member.KNOWN)
    _write(member, Kind.QUESTION, question, by)
    log_member(member, "network.ask_back", by)
    outbox.queue(Letter.QUESTION, about=member)
    return member


@transaction.atomic
def note(*, member: Member, by: User, text: str) -> Member:
    """Save a note for the team.

    Raises InvalidStateError.
    """
    member = locked(member, *Member.ANSWERABLE)
    _write(member, Kind.NOTE, text, by)
    return member


@transaction.atomic
def ask_for_opinion(*, member: Member, by: User, text: str) -> Member:
    """Ask the rest of the team for a second opinion.

    Until it is given, `by` may not decide in favour.
    Raises InvalidStateError.
    """
    member = locked(member, *Member.KNOWN)
    if member.review.opinions_wanted().exists():
        raise InvalidStateError
    _write(member, Kind.OPINION_WANTED, text, by)
    log_member(member, "network.ask_for_opinion", by)
    return member


@transaction.atomic
def give_opinion(*, member: Member, by: User, text: str) -> Member:
    """Give the second opinion that another user has asked for.

    Raises InvalidStateError.
    """
    member = locked(member, *Member.KNOWN)
    if not member.review.opinions_wanted().exclude(author=by).exists():
        raise InvalidStateError
    _close(member, Kind.OPINION_WANTED)
    _write(member, Kind.OPINION, text, by)
    log_member(member, "network.give_opinion", by)
    return member


@transaction.atomic
def answer(*, member: Member, text: str) -> Member:
    """Answer all open questions.

    A declined request is reviewed once more.
    Raises InvalidStateError without an open question, or if the address is in use.
    """
    member = locked(member, *Member.ANSWERABLE)
    is_asked = _close(member, Kind.QUESTION)
    if member.state == State.DECLINED:
        member.state = State.IN_REVIEW
        member.decided_at = None
        save_with_free_address(member)
    elif not is_asked:
        raise InvalidStateError
    _write(member, Kind.ANSWER, text, None)
    return member


@transaction.atomic
def remind(*, question: ReviewEntry) -> None:
    """Remind a member of a question, once, unless it has been answered in the meantime."""
    try:
        member = locked(question.member, *Member.KNOWN)
    except InvalidStateError:
        return
    due = member.review.to_remind()
    if due.filter(pk=question.pk).exists():
        due.update(reminded_at=timezone.now())
        outbox.queue(Letter.REMINDER, about=member)


def _locked_proposal(proposal: ProposedTexts) -> tuple[Member, ProposedTexts]:
    """Return the pending proposal, and the locked member.

    A proposal changed by the member is another row.
    Raises InvalidStateError.
    """
    member = locked(proposal.member, *Member.KNOWN)
    now = member.proposals.waiting().filter(pk=proposal.pk).first()
    if now is None:
        raise InvalidStateError
    return member, now


def _write(member: Member, kind: ReviewEntry.Kind, text: str, author: User | None) -> None:
    ReviewEntry.objects.create(member=member, kind=kind, text=text, author=author)


def _close(member: Member, *kinds: ReviewEntry.Kind) -> bool:
    """Close the open entries of these kinds, and return whether there were any."""
    return bool(member.review.open().filter(kind__in=kinds).update(closed_at=timezone.now()))


def _wait_for_opinion(member: Member, by: User) -> None:
    if member.review.opinions_wanted().filter(author=by).exists():
        raise OpinionPendingError


def _notify_about_texts(member: Member) -> None:
    """Queue a mail about a decision.

    During the review of a request, the decision about the request covers the texts as well.
    """
    if member.state != State.IN_REVIEW:
        outbox.queue(Letter.TEXTS_READ, about=member)
