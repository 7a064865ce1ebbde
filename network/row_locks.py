"""Helpers for services: lock a row, and reject the operation if it has changed."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.log_actions import log

from network.models import (
    Conversation,
    ConversationReport,
    Event,
    EvidenceReview,
    Match,
    Member,
    Opportunity,
    Practice,
)
from users.models import User

State = Member.State


class InvalidStateError(Exception):
    """The member is not in a state that allows this: another user changed it first, or a link is old."""


def locked(member: Member, *states: Member.State) -> Member:
    """Return the current row, locked until the transaction ends.

    Raises InvalidStateError if it is in none of `states`.
    """
    now = Member.objects.select_for_update().filter(pk=member.pk).first()
    if now is None or now.state not in states:
        raise InvalidStateError
    return now


def locked_row[Row: (Practice, EvidenceReview, Conversation, ConversationReport, Event, Opportunity, Match)](
    row: Row,
) -> Row:
    """Return the current row, locked until the transaction ends.

    Raises InvalidStateError if it is gone.
    """
    now = type(row).objects.select_for_update().filter(pk=row.pk).first()
    if now is None:
        raise InvalidStateError
    return now


def mark_reconfirmed(member: Member) -> dict[str, Any]:
    """Mark a member's profile as reconfirmed: they have confirmed it, or changed something.

    Return the changed fields, for `update()`.
    """
    changes = {
        "reconfirmed_at": timezone.now(),
        "reconfirmation_letters": 0,
        "reconfirmation_asked_at": None,
        "lapsed_at": None,
    }
    for name, value in changes.items():
        setattr(member, name, value)
    return changes


def save_with_free_address(member: Member) -> None:
    """Save a member whose address is now confirmed.

    Raises InvalidStateError if another member has it.
    """
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as taken:
        raise InvalidStateError from taken


def log_member(member: Member, action: str, by: User) -> None:
    """Log an action on a member.

    The member is named by a UUID, which is meaningless once they have left.
    """
    details: dict[str, Any] = {"title": str(member.uuid)}
    log(member, action, user=by, **details)
