"""Export of all stored data about one member, for the member."""

from collections.abc import Callable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Field as Column
from django.db.models import QuerySet
from wagtail.models import ModelLogEntry

from core.models import OutgoingMail
from network.mail import Letter
from network.members.models import DERIVED
from network.models import (
    Conversation,
    DigestEmailSubscription,
    EvidenceReview,
    Inbox,
    InboxShare,
    Member,
    Message,
    Opportunity,
    Practice,
)
from network.vocabulary.details import Detail, DetailAudience

# Derived from other data for the database, or a secret that opens the profile.
LEFT_OUT = frozenset({"id", *DERIVED, "link_key", "user"})


def everything_about(member: Member) -> dict[str, Any]:
    """Return all data about a member, as values that can be serialised to JSON.

    It has the member's row, reviews, related rows, undelivered mail and log.
    Names of team members are left out to protect them from threats.
    """
    fields = member._meta.get_fields()
    columns = [field for field in fields if isinstance(field, Column) and field.concrete]
    row = {column.name: column.value_from_object(member) for column in columns if column.name not in LEFT_OUT}
    return {"member": row} | {name: part(member) for name, part in PARTS.items()}


def _values(rows: QuerySet[Any], *names: str, **renamed: str) -> list[dict[str, Any]]:
    """Return values of rows by name.

    `renamed`: name in the export → the field.
    """
    fields = {name: name for name in names} | renamed
    return [dict(zip(fields, found, strict=True)) for found in rows.values_list(*fields.values())]


def _review(member: Member) -> list[dict[str, Any]]:
    return [
        {
            "kind": entry.kind,
            "by": "you" if entry.is_by_member else "team",
            "text": entry.text,
            "written_at": entry.written_at,
            "answered_at": entry.closed_at,
            "reminded_at": entry.reminded_at,
        }
        for entry in member.review.all()
    ]


def _opportunities(member: Member) -> list[dict[str, Any]]:
    names = [column.name for column in Opportunity._meta.concrete_fields]
    return _values(member.opportunities.all(), *(name for name in names if name not in {"id", "owner", "words_key"}))


def _practices_owned(member: Member) -> list[dict[str, Any]]:
    """Return the practices that a member owns, with their given or proposed answers to evidence ratings."""
    answered = EvidenceReview.objects.exclude(answer="", proposed_answer="")
    return [
        {
            "practice": practice.uuid,
            "name": practice.name,
            "confirmed_on": practice.confirmed_on,
            "reminded_at": practice.reminded_at,
            "answers": _values(answered.filter(practice=practice), "answer", "answered_on", "proposed_answer"),
        }
        for practice in Practice.objects.filter(owner=member)
    ]


def _letters(member: Member) -> list[dict[str, Any]]:
    links = OutgoingMail.objects.filter(kind=Letter.PROFILE_LINK, recipient=member.email)
    return [
        {
            "kind": letter.kind.removeprefix("network."),
            "written_at": letter.created_at,
            "failed_at": letter.failed_at,
        }
        for letter in sorted([*member.outgoing_mail.all(), *links], key=lambda letter: letter.created_at)
    ]


def inbox_of(member: Member) -> dict[str, Any]:
    """Return the message settings of a member, and the inboxes that they share."""
    inbox = Inbox.objects.filter(member=member).first() or Inbox(member=member)
    return {
        "takes_messages": inbox.takes_messages,
        "opened_at": inbox.opened_at,
        "notified_at": inbox.notification_sent_at,
        "shares": [
            {"member": other.uuid, "asked_at": share.asked_at, "accepted_at": share.accepted_at}
            for share in InboxShare.objects.of_either(member).select_related("organisation", "colleague")
            for other in (share.organisation, share.colleague)
            if other != member
        ],
    }


def conversation_of(conversation: Conversation, member: Member) -> dict[str, Any]:
    """Return a conversation as the member sees it.

    The other participant is named as members see them.
    """
    other = conversation.other(member)
    return {
        "with": other.name if other.shows(Detail.NAME, to=DetailAudience.MEMBERS) else "",
        "subject": conversation.subject,
        "reported_at": [report.reported_at for report in conversation.reports.all()],
        "messages": [
            {
                "by": "you" if message.sender_id == member.pk else "other",
                "text": message.text,
                "written_at": message.written_at,
            }
            for message in conversation.messages.seen_by(member)
        ],
    }


def account_of(member: Member) -> dict[str, Any] | None:
    """Return the data for signing in.

    Passkeys are listed by the names that their owner gave them; their other data is only technical.
    """
    if member.user is None:
        return None
    passkeys = Authenticator.objects.filter(user=member.user, type=Authenticator.Type.WEBAUTHN)
    return {
        "email": member.user.email,
        "since": member.user.date_joined,
        "signed_in_at": member.user.last_login,
        "passkeys": [passkey.wrap().name for passkey in passkeys],
    }


# The parts of the export.
# `relations` says which relations each of them covers.
PARTS: dict[str, Callable[[Member], Any]] = {
    "account": account_of,
    # As CSL-JSON, which reference managers import.
    "publications": lambda member: [
        publication.item | {"id": str(publication.uuid)} for publication in member.publications.all()
    ],
    "key_outputs": lambda member: [str(publication.uuid) for publication in member.publications.filter(is_key=True)],
    "verifications": lambda member: _values(
        member.verifications.all(), "kind", "what", "asked_at", "confirmed_at", "read_at", "problem"
    ),
    # Without the nominated members, to protect their data.
    "nominations_given": lambda member: list(member.nominations.values_list("confirmed_at", flat=True)),
    "inbox": inbox_of,
    "conversations": lambda member: [conversation_of(found, member) for found in Conversation.objects.of([member])],
    "written_for_organisations": lambda member: _values(
        Message.objects.filter(author=member).exclude(sender=member), "text", "written_at"
    ),
    # Blocked members, by the UUID in the URL of their page.
    # Blocks of the member by others are left out, to protect those.
    "blocked": lambda member: _values(member.blocks_made.all(), "since", member="blocked__uuid"),
    "reports": lambda member: _values(member.conversation_reports.all(), "text", "reported_at", "decided_at"),
    "proposed": lambda member: _values(member.proposals.all(), "language", "texts", "proposed_at", "declined_at"),
    "review": _review,
    "opportunities": _opportunities,
    # Without the other members, to protect their data.
    "matches": lambda member: list(member.matches.values_list("matched_at", flat=True)),
    "contacts": lambda member: _values(member.taken_up.all(), "taken_up_at", "asked_at", "answered_at"),
    "digest_email": lambda member: list(
        DigestEmailSubscription.objects.filter(member=member).values_list("since", flat=True)
    ),
    "events": lambda member: _values(
        member.registrations.all(), "name", "state", "asked_at", "attended", event="event__uuid"
    ),
    "groups": lambda member: _values(member.groups.all(), "asked_at", "admitted_at", "is_chair", group="group_key"),
    "practices": lambda member: _values(
        member.practices.all(), "part", practice="practice__uuid", name="practice__name"
    ),
    "practices_owned": _practices_owned,
    "letters": _letters,
    "log": lambda member: _values(
        ModelLogEntry.objects.for_instance(member).order_by("timestamp"), "action", at="timestamp"
    ),
}


def rows(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the result of `everything_about` as rows of a table: the path of each value, and the value."""
    if isinstance(value, dict | list) and value:
        for name, part in value.items() if isinstance(value, dict) else enumerate(value, 1):
            yield from rows(part, f"{path}.{name}" if path else str(name))
    else:
        yield path, "" if isinstance(value, dict | list) else value
