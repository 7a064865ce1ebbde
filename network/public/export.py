"""Export of everything that we hold about one member, for the member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.db.models import Field as Column
from wagtail.models import ModelLogEntry

from core.models import OutgoingMail
from network.mail import Letter
from network.models.members import DERIVED

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
