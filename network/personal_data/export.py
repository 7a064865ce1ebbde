"""Export of everything that we hold about one member, for the member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.db.models import Field as Column
from wagtail.models import ModelLogEntry

from core.models import OutgoingMail
from network.mail import Letter
from network.members.models import DERIVED
from network.models import Conversation, Inbox, InboxShare, LetterSubscription
from network.vocabulary.details import Detail, DetailAudience

if TYPE_CHECKING:
    from collections.abc import Iterator

    from network.models import Member

# Derived from the rest for the database, or a secret that opens the profile.
LEFT_OUT = frozenset({"id", *DERIVED, "link_key", "user"})


def everything_about(member: Member) -> dict[str, Any]:
    """Return the row, all that waits or was said about it, the undelivered mail and the log, as values that can be serialised to JSON.

    Who of the team wrote something is not told: they are threatened, too.
    """
    fields = member._meta.get_fields()
    columns = [field for field in fields if isinstance(field, Column) and field.concrete]
    links = OutgoingMail.objects.filter(kind=Letter.PROFILE_LINK, recipient=member.email)
    return {
        "member": {
            column.name: column.value_from_object(member) for column in columns if column.name not in LEFT_OUT
        },
        "account": account_of(member),
        # As CSL-JSON, which programs for references read.
        "works": [work.item | {"id": str(work.uuid)} for work in member.works.all()],
        "key_outputs": [str(work.uuid) for work in member.works.filter(is_key=True)],
        "proofs": [
            {
                "kind": proof.kind,
                "what": proof.what,
                "asked_at": proof.asked_at,
                "confirmed_at": proof.confirmed_at,
                "read_at": proof.read_at,
                "problem": proof.problem,
            }
            for proof in member.proofs.all()
        ],
        # Of whom is their own business.
        "nominations_given": [proof.confirmed_at for proof in member.nominations.all()],
        "inbox": inbox_of(member),
        "conversations": [conversation_of(found, member) for found in Conversation.objects.of([member])],
        # Whom, by the end of the address of their page; who has blocked the member is their own business.
        "blocked": [
            {"member": made.blocked.uuid, "since": made.since}
            for made in member.blocks_made.select_related("blocked")
        ],
        "reports": [
            {"text": report.text, "reported_at": report.reported_at, "decided_at": report.decided_at}
            for report in member.conversation_reports.all()
        ],
        "proposed": [
            {
                "language": proposal.language,
                "words": proposal.words,
                "proposed_at": proposal.proposed_at,
                "declined_at": proposal.declined_at,
            }
            for proposal in member.proposals.all()
        ],
        "review": [
            {
                "kind": entry.kind,
                "by": "you" if entry.is_by_member else "team",
                "text": entry.text,
                "written_at": entry.written_at,
                "answered_at": entry.closed_at,
                "reminded_at": entry.reminded_at,
            }
            for entry in member.review.all()
        ],
        "postings": [
            {
                column.name: column.value_from_object(posting)
                for column in posting._meta.concrete_fields
                if column.name not in {"id", "owner", "words_key"}
            }
            for posting in member.postings.all()
        ],
        # With whom is the others' business, too.
        "proposed_for_postings": [each.proposed_at for each in member.proposals_for_postings.all()],
        "contacts": [
            {"taken_up_at": each.taken_up_at, "asked_at": each.asked_at, "answered_at": each.answered_at}
            for each in member.taken_up.all()
        ],
        "weekly_letter": [each.since for each in LetterSubscription.objects.filter(member=member)],
        "events": [
            {
                "event": each.event.uuid,
                "name": each.name,
                "state": each.state,
                "asked_at": each.asked_at,
                "attended": each.attended,
            }
            for each in member.registrations.select_related("event")
        ],
        "groups": [
            {
                "group": each.group_key,
                "asked_at": each.asked_at,
                "admitted_at": each.admitted_at,
                "is_chair": each.is_chair,
            }
            for each in member.groups.all()
        ],
        "letters": [
            {
                "kind": letter.kind.removeprefix("network."),
                "written_at": letter.created_at,
                "failed_at": letter.failed_at,
            }
            for letter in sorted([*member.outgoing_mail.all(), *links], key=lambda letter: letter.created_at)
        ],
        "log": [
            {"action": entry.action, "at": entry.timestamp}
            for entry in ModelLogEntry.objects.for_instance(member).order_by("timestamp")
        ],
    }


def inbox_of(member: Member) -> dict[str, Any]:
    """Return how the member receives messages, and whose inboxes they share or share with."""
    inbox = Inbox.objects.filter(member=member).first() or Inbox(member=member)
    return {
        "takes_messages": inbox.takes_messages,
        "opened_at": inbox.opened_at,
        "told_at": inbox.notice_sent_at,
        "shares": [
            {"member": other.uuid, "asked_at": share.asked_at, "accepted_at": share.accepted_at}
            for share in InboxShare.objects.of_either(member).select_related("organisation", "colleague")
            for other in (share.organisation, share.colleague)
            if other != member
        ],
    }


def conversation_of(conversation: Conversation, member: Member) -> dict[str, Any]:
    """Return a conversation as the member sees it. The other side is named as members see them."""
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
    """Return what is held to sign in with. The passkeys by the names that their owner gave them: the rest of them is for the machine."""
    if member.user is None:
        return None
    passkeys = Authenticator.objects.filter(user=member.user, type=Authenticator.Type.WEBAUTHN)
    return {
        "email": member.user.email,
        "since": member.user.date_joined,
        "signed_in_at": member.user.last_login,
        "passkeys": [passkey.wrap().name for passkey in passkeys],
    }


def rows(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what `everything_about` returns as rows of a table: where each value stands, and the value."""
    if isinstance(value, dict | list) and value:
        for name, part in value.items() if isinstance(value, dict) else enumerate(value, 1):
            yield from rows(part, f"{path}.{name}" if path else str(name))
    else:
        yield path, "" if isinstance(value, dict | list) else value
