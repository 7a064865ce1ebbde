"""Messages as JSON, and the headers that all of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

if TYPE_CHECKING:
    from django.core.mail import EmailMessage

    from core.models import OutgoingMail


def serialize_message(message: EmailMessage) -> dict[str, object]:
    """Return a message as JSON, without its recipients. Raises ValueError for attachments, which no part of the site sends."""
    if message.attachments:
        raise ValueError("The outbox keeps no attachments.")
    return {
        "subject": str(message.subject),
        "body": str(message.body),
        "subtype": message.content_subtype,
        "sender": str(message.from_email),
        "reply_to": [str(address) for address in message.reply_to],
        "headers": {name: str(value) for name, value in message.extra_headers.items()},
        "alternatives": [[str(content), str(kind)] for content, kind in getattr(message, "alternatives", [])],
    }


def parse_message(mail: OutgoingMail) -> EmailMessage:
    """Return the message that `serialize_message` was given, addressed to one recipient."""
    data = mail.data
    message = EmailMultiAlternatives(
        subject=data["subject"],
        body=data["body"],
        from_email=data["sender"],
        to=[mail.recipient],
        reply_to=data["reply_to"],
        headers=data["headers"],
        alternatives=[(content, kind) for content, kind in data["alternatives"]],
    )
    message.content_subtype = data["subtype"]
    return message


def add_headers(message: EmailMessage, mail: OutgoingMail) -> None:
    """Mark the message as automatic, and give it the same Message-ID for each attempt."""
    message.extra_headers = {
        "Message-ID": f"<{mail.uuid}@{settings.DESK_HOST}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **message.extra_headers,
    }
