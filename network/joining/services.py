"""Requests to join, from the first form until they are confirmed or deleted."""

import uuid
from collections.abc import Sequence
from typing import Final, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from core.mail import outbox
from network.mail import Letter
from network.models import Member
from network.row_locks import locked, save_with_free_address
from network.vocabulary.services import with_current_codes

State = Member.State
# Version of the text in templates/network/joining/consent.html.
# Raise it with every new wording.
CONSENT_VERSION: Final = "2026-11-27"


class Work(TypedDict, total=False):
    """Details that a member chooses from lists, and the audience of each detail."""

    roles: Sequence[str]
    country: str
    languages: Sequence[str]
    expertise: Sequence[str]
    work_settings: Sequence[str]
    methods: Sequence[str]
    populations: Sequence[str]
    shown: Sequence[str]
    shown_to_members: Sequence[str]
    has_page: bool


class JoinRequest(Work, total=False):
    """Content of a request to join."""

    kind: str
    name: str
    about: str
    offers: str
    needs: str
    affiliation: str
    ror: str
    orcid: str


@transaction.atomic
def request_to_join(*, email: str, language: str, **request: Unpack[JoinRequest]) -> Member:
    """Store a request and mail a link to its address.

    Whether the address is known is looked up only when the mail is sent, so that neither the response nor its timing
    reveals it.
    """
    current = with_current_codes(request)
    member = Member.objects.create(email=email.lower(), language=language, consent_version=CONSENT_VERSION, **current)
    outbox.queue(Letter.CONFIRM, about=member)
    return member


@transaction.atomic
def confirm(*, member: Member) -> Member:
    """Confirm the address of a request and submit it for review.

    Raises InvalidStateError.
    """
    member = locked(member, State.UNCONFIRMED)
    # This request replaces other unconfirmed and declined ones with the same address.
    Member.objects.filter(email=member.email, state__in=[State.UNCONFIRMED, State.DECLINED]).exclude(
        pk=member.pk
    ).delete()
    member.state = State.IN_REVIEW
    member.confirmed_at = timezone.now()
    member.link_key = uuid.uuid4()
    save_with_free_address(member)
    return member


@transaction.atomic
def purge(*, member: Member) -> None:
    """Delete one expired request, unless it has been confirmed in the meantime."""
    overdue = Member.objects.overdue().select_for_update().filter(pk=member.pk).first()
    if overdue is not None:
        ModelLogEntry.objects.for_instance(overdue).delete()
        overdue.delete()
