"""The kinds of mail that the site sends, and messages as JSON.

An app declares its own kinds on its `AppConfig` (`core.declarations`):

    RECEIPT = MailKind(name="archive.receipt", title=_("Receipt"), write=written)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives

from core import declarations
from core.languages.lazy import StrOrPromise
from core.models import OutgoingMail


def serialize_message(message: EmailMessage) -> dict[str, object]:
    """Return a message as JSON, without its recipients.

    Raises ValueError for attachments, which are not supported.
    """
    if message.attachments:
        raise ValueError("Attachments are not supported.")
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
    """Return the message serialised by `serialize_message`, addressed to one recipient."""
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
    """Mark the message as automatic, and set the same Message-ID for each attempt."""
    message.extra_headers = {
        "Message-ID": f"<{mail.uuid}@{settings.PRIVATE_HOST}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **message.extra_headers,
    }


def do_nothing(mail: OutgoingMail) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailKind:
    """One kind of mail: its text, and the consequences of its delivery.

    `write` returns the message, or None if there is no longer anything to send; it is called for each attempt.
    `sent` is called in the transaction that deletes the mail, `given_up` when no further attempt will be made.
    `addressee` returns the recipient as shown in the admin; it makes no query except for `about`.
    A mail not delivered within `lasts` is given up, and its content deleted.
    """

    name: str
    title: StrOrPromise
    write: Callable[[OutgoingMail], EmailMessage | None] = parse_message
    sent: Callable[[OutgoingMail], None] = do_nothing
    given_up: Callable[[OutgoingMail], None] = do_nothing
    addressee: Callable[[OutgoingMail], str] = attrgetter("recipient")
    lasts: timedelta | None = None


def declared(name: str) -> MailKind | None:
    return next((kind for kind in declarations.collect("mails") if kind.name == name), None)


def find(name: str) -> MailKind:
    """Return a declared kind.

    Raises LookupError.
    """
    if (kind := declared(name)) is None:
        raise LookupError(name)
    return kind


def title(name: str) -> StrOrPromise:
    """Return the name of a kind in the admin, even if it is no longer declared."""
    kind = declared(name)
    return kind.title if kind else name


def addressee(mail: OutgoingMail) -> str:
    """Return the recipient as the admin shows it."""
    kind = declared(mail.kind)
    return kind.addressee(mail) if kind else ""
