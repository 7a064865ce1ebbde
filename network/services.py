"""Every write to the network is in this file. Mail is sent, and pages are printed, when the transaction has been committed."""

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

# The text in templates/network/consent.html. A new wording is a new version: members are asked again.
CONSENT_VERSION: Final = "2026-11"


class WrongState(Exception):  # noqa: N818  (what it is)
    """What was to be done cannot be done to a member in this state: somebody was faster, or a link is old."""


class Work(TypedDict, total=False):
    """What a member chooses from lists, and which of all details the public sees."""

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
    """What somebody writes who asks to join."""

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
    """Keep a request and mail a link to its address.

    Nobody looks here whether the address is known: the answer, and the time that it takes, cannot tell. The letter finds out
    when it is sent.
    """
    member = Member.objects.create(
        email=email.lower(), language=language, consent_version=CONSENT_VERSION, **request
    )
    outbox.queue(Letter.CONFIRM, about=member)
    return member


@transaction.atomic
def confirm(*, member: Member) -> Member:
    """The address is the asker's own: the request goes to a person. Raises WrongState."""
    member = _locked(member, State.UNCONFIRMED)
    # Other requests with this address, and those that were declined, have had their answer.
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
    """A person has read the request and says yes: the member is listed with what they show. Raises WrongState."""
    member = _locked(member, State.IN_REVIEW)
    member.state = State.LISTED
    member.decided_at = timezone.now()
    member.save()
    _log(member, "network.approve", by)
    outbox.queue(Letter.WELCOME, about=member)
    return member


@transaction.atomic
def ask_back(*, member: Member, by: User, question: str) -> Member:
    """Ask something before the decision; the answer comes by mail. Raises WrongState."""
    member = _locked(member, State.IN_REVIEW)
    member.asked_back_at = timezone.now()
    member.save()
    _log(member, "network.ask_back", by)
    outbox.queue(Letter.QUESTION, about=member, text=question)
    return member


@transaction.atomic
def decline(*, member: Member, by: User, reason: str) -> Member:
    """Say no, and why. The request is kept for a while so that the person can answer. Raises WrongState."""
    member = _locked(member, State.IN_REVIEW)
    member.state = State.DECLINED
    member.decided_at = timezone.now()
    member.save()
    _log(member, "network.decline", by)
    outbox.queue(Letter.DECLINED, about=member, text=reason)
    return member


@transaction.atomic
def hide(*, member: Member, by: User) -> Member:
    """Take a member off every page at once. Only the team can show them again. Raises WrongState."""
    member = _locked(member, State.LISTED, State.PAUSED)
    member.state = State.PAUSED
    member.held_at = timezone.now()
    member.save()
    _log(member, "network.hide", by)
    return member


@transaction.atomic
def release(*, member: Member, by: User) -> Member:
    """Undo `hide`: the member decides again; the profile stays paused until they do. Raises WrongState."""
    member = _locked(member, State.PAUSED)
    if member.held_at is None:
        raise WrongState
    member.held_at = None
    member.save()
    _log(member, "network.release", by)
    return member


# --- Members about themselves ------------------------------------------------------------------------------------------


@transaction.atomic
def send_link(*, address: str, language: str) -> OutgoingMail:
    """Mail a link to the profile, if there is one: the letter finds out when it is sent, so nobody else can."""
    return outbox.queue(Letter.PROFILE_LINK, recipient=address.lower(), language=language)


@transaction.atomic
def open_profile(*, member: Member) -> Member:
    """Use up a mailed link. Raises WrongState."""
    member = _locked(member, *Member.KNOWN)
    # Nothing that anybody sees has changed, so nothing is printed.
    Member.objects.filter(pk=member.pk).update(link_key=uuid.uuid4())
    return member


@transaction.atomic
def update_profile(*, member: Member, **work: Unpack[Work]) -> Member:
    """Change what a member chose from lists and what they show. Their own words a person has read, so those stay. Raises WrongState."""
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
    """Bring a paused profile back. Raises WrongState, also where the team has hidden it."""
    member = _locked(member, State.PAUSED)
    if member.held_at is not None:
        raise WrongState
    member.state = State.LISTED
    member.save()
    return member


@transaction.atomic
def leave(*, member: Member, by: User | None = None) -> None:
    """Erase a member and everything that names them: letters, entries in the desk's log. `by`: somebody at the desk, on request."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    ModelLogEntry.objects.for_instance(member).delete()
    # Letters about a member are deleted together with them. A link is sent to an address, whoever it belongs to.
    OutgoingMail.objects.filter(kind=Letter.PROFILE_LINK, recipient=member.email).delete()
    if by is not None:
        # That somebody was erased, and by whom; not who.
        log(member, "network.erase", user=by, title=NOBODY)
    member.delete()


# --- Time --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def forget(*, member: Member) -> None:
    """Delete one request whose time is over; one that has been confirmed meanwhile stays."""
    overdue = Member.objects.overdue().select_for_update().filter(pk=member.pk).first()
    if overdue is not None:
        ModelLogEntry.objects.for_instance(overdue).delete()
        overdue.delete()


def forget_unconfirmed() -> int:
    """Delete requests that were not confirmed within a week, and declined ones after a month. Returns how many were due."""
    overdue = list(Member.objects.overdue())
    for member in overdue:
        forget(member=member)
    return len(overdue)


# ------------------------------------------------------------------------------------------------------------------------

NOBODY = "-"


def _locked(member: Member, *states: Member.State) -> Member:
    """The row as it is now, held until the transaction ends, if it is in one of `states`."""
    now = Member.objects.select_for_update().filter(pk=member.pk).first()
    if now is None or now.state not in states:
        raise WrongState
    return now


def _log(member: Member, action: str, by: User) -> None:
    """Who did what to whom. The log knows a member by a number that says nothing once the member has left."""
    details: dict[str, Any] = {"title": str(member.uuid)}
    log(member, action, user=by, **details)
