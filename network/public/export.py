"""Export of everything that we hold about one member, for the member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Field as Column
from wagtail.models import ModelLogEntry

from core.models import OutgoingMail
from network.mail import Letter

if TYPE_CHECKING:
    from network.models import Member

# Derived from the rest for the database, or a secret that opens the profile.
LEFT_OUT = frozenset({"id", "facets", "words", "order_key", "link_key"})


def everything_about(member: Member) -> dict[str, Any]:
    """Return the row, the undelivered mail and the desk's log entries, as values that can be serialised to JSON."""
    fields = member._meta.get_fields()
    columns = [field for field in fields if isinstance(field, Column) and field.concrete]
    links = OutgoingMail.objects.filter(kind=Letter.PROFILE_LINK, recipient=member.email)
    return {
        "member": {
            column.name: column.value_from_object(member) for column in columns if column.name not in LEFT_OUT
        },
        "letters": [
            {
                "kind": letter.kind.removeprefix("network."),
                "text": letter.data.get("text", ""),
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
