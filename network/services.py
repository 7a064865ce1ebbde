"""Every write to the network. Mail is sent and pages are printed once the transaction is committed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from core.mail import outbox
from core.models import OutgoingMail
from network.mail import Letter
from network.models import Member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from users.models import User

State = Member.State

# Version of the text in templates/network/consent.html. Raise it with every new wording.
CONSENT_VERSION: Final = "2026-11"


class WrongState(Exception):  # noqa: N818  (what it is)
    """The member is not in a state that allows this: somebody else changed it first, or a link is old."""


class Work(TypedDict, total=False):
    """What a member chooses from lists, and which details the public sees."""

    roles: Sequence[str]
    country: str
    languages: Sequence[str]
    expertise: Sequence[str]
    work_settings: Sequence[str]
    methods: Sequence[str]
    populations: Sequence[str]
    shown: Sequence[str]
    has_page: bool


class JoinRequest(Work, total=False):
    """The content of a request to join."""

    kind: str
    name: str
    about: str
    offers: str
    needs: str
    affiliation: str
    ror: str
    orcid: str


# --- Joining -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_to_join(*, email: str, language: str, **request: Unpack[JoinRequest]) -> Member:
    """Store a request and mail a link to its address.

    Whether the address is known is looked up only when the mail is sent, so that neither the response nor its timing reveals it.
    """
    member = Member.objects.create(
        email=email.lower(), language=language, consent_version=CONSENT_VERSION, **request
    )
    outbox.queue(Letter.CONFIRM, about=member)
    return member


@transaction.atomic
def confirm(*, member: Member) -> Member:
    """Confirm the address of a request and put it up for review. Raises WrongState."""
    member = _locked(member, State.UNCONFIRMED)
    # Other unconfirmed and declined requests with this address are settled by this one.
    Member.objects.filter(email=member.email, state__in=[State.UNCONFIRMED, State.DECLINED]).exclude(
        pk=member.pk
    ).delete()
    member.state = State.IN_REVIEW
    member.confirmed_at = timezone.now()
    member.link_key = uuid.uuid4()
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as taken:
        raise WrongState from taken
    return member


# --- Reviewing ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def approve(*, member: Member, by: User) -> Member:
    """Approve a reviewed request: the member is listed with what they show. Raises WrongState."""
    member = _locked(member, State.IN_REVIEW)
    member.state = State.LISTED
    member.decided_at = timezone.now()
    member.save()
    _log(member, "network.approve", by)
    outbox.queue(Letter.WELCOME, about=member)
    return member


@transaction.atomic
def ask_back(*, member: Member, by: User, question: str) -> Member:
    """Ask a question before deciding; the answer comes by mail. Raises WrongState."""
    member = _locked(member, State.IN_REVIEW)
    member.asked_back_at = timezone.now()
    member.save()
    _log(member, "network.ask_back", by)
    outbox.queue(Letter.QUESTION, about=member, text=question)
    return member


@transaction.atomic
def decline(*, member: Member, by: User, reason: str) -> Member:
    """Decline a request with a reason. It is kept for a while so that the person can reply. Raises WrongState."""
    member = _locked(member, State.IN_REVIEW)
    member.state = State.DECLINED
    member.decided_at = timezone.now()
    member.save()
    _log(member, "network.decline", by)
    outbox.queue(Letter.DECLINED, about=member, text=reason)
    return member


@transaction.atomic
def hide(*, member: Member, by: User) -> Member:
    """Take a member off every page at once. Only the team can undo it. Raises WrongState."""
    member = _locked(member, State.LISTED, State.PAUSED)
    member.state = State.PAUSED
    member.held_at = timezone.now()
    member.save()
    _log(member, "network.hide", by)
    return member


@transaction.atomic
def release(*, member: Member, by: User) -> Member:
    """Undo `hide`. The profile stays paused until the member brings it back. Raises WrongState."""
    member = _locked(member, State.PAUSED)
    if member.held_at is None:
        raise WrongState
    member.held_at = None
    member.save()
    _log(member, "network.release", by)
    return member


# --- Members' own actions ----------------------------------------------------------------------------------------------


@transaction.atomic
def send_link(*, address: str, language: str) -> OutgoingMail:
    """Mail a link to the profile, if there is one. That is looked up only when the mail is sent, so that nothing reveals it."""
    return outbox.queue(Letter.PROFILE_LINK, recipient=address.lower(), language=language)


@transaction.atomic
def open_profile(*, member: Member) -> Member:
    """Use up a mailed link. Raises WrongState."""
    member = _locked(member, *Member.KNOWN)
    # update() and not save(): nothing visible has changed, so nothing is printed.
    Member.objects.filter(pk=member.pk).update(link_key=uuid.uuid4())
    return member


@transaction.atomic
def update_profile(*, member: Member, **work: Unpack[Work]) -> Member:
    """Change what a member chose from lists and what they show, but not their texts, which a person has reviewed. Raises WrongState."""
    member = _locked(member, *Member.KNOWN)
    if "shown" in work and set(work["shown"]) != set(member.shown):
        member.shown_changed_at = timezone.now()
    for name, value in work.items():
        setattr(member, name, value)
    member.save()
    return member


@transaction.atomic
def pause(*, member: Member) -> Member:
    """Take the profile off every page until the member brings it back. Raises WrongState."""
    member = _locked(member, State.LISTED)
    member.state = State.PAUSED
    member.save()
    return member


@transaction.atomic
def resume(*, member: Member) -> Member:
    """Bring a paused profile back. Raises WrongState, also if the team has hidden it."""
    member = _locked(member, State.PAUSED)
    if member.held_at is not None:
        raise WrongState
    member.state = State.LISTED
    member.save()
    return member


@transaction.atomic
def leave(*, member: Member, by: User | None = None) -> None:
    """Erase a member and everything that names them: mail and log entries. `by` is set if staff do it on request.

    If they have been erased already, by themselves or by staff in the same moment, that is what was wanted: nothing is done.
    """
    there = Member.objects.select_for_update().filter(pk=member.pk).first()
    if there is None:
        return
    member = there
    ModelLogEntry.objects.for_instance(member).delete()
    # Mail about a member is deleted with them; links to profiles are queued by address alone.
    OutgoingMail.objects.filter(kind=Letter.PROFILE_LINK, recipient=member.email).delete()
    if by is not None:
        # Record that a member was erased and by whom, but not which one.
        log(member, "network.erase", user=by, title=NO_NAME)
    member.delete()


# --- Retention ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def purge(*, member: Member) -> None:
    """Delete one expired request, unless it has been confirmed meanwhile."""
    overdue = Member.objects.overdue().select_for_update().filter(pk=member.pk).first()
    if overdue is not None:
        ModelLogEntry.objects.for_instance(overdue).delete()
        overdue.delete()


def purge_overdue() -> int:
    """Delete requests not confirmed within 7 days, and declined ones after 30 days. Return how many were due."""
    overdue = list(Member.objects.overdue())
    for member in overdue:
        purge(member=member)
    return len(overdue)


# ------------------------------------------------------------------------------------------------------------------------

NO_NAME = "-"


def _locked(member: Member, *states: Member.State) -> Member:
    """Return the current row, locked until the transaction ends. Raises WrongState if it is in none of `states`."""
    now = Member.objects.select_for_update().filter(pk=member.pk).first()
    if now is None or now.state not in states:
        raise WrongState
    return now


def _log(member: Member, action: str, by: User) -> None:
    """Log who did what to whom. A member is named by a UUID, which says nothing once they have left."""
    details: dict[str, Any] = {"title": str(member.uuid)}
    log(member, action, user=by, **details)
