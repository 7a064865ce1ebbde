"""The kinds of mail that the site sends.

An app declares its own on its `AppConfig` (`core.declarations`):

    RECEIPT = MailKind(name="archive.receipt", title=_("Receipt"), write=written)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import declarations
from core.mail.messages import parse_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from django.core.mail import EmailMessage
    from django_stubs_ext import StrOrPromise

    from core.models import OutgoingMail


def do_nothing(mail: OutgoingMail) -> None:
    pass


def show_recipient(mail: OutgoingMail) -> str:
    return mail.recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class MailKind:
    """How one kind of mail is written, and what follows from its delivery.

    `write` returns the message, or None if there is no longer anything to send; it is called for each attempt. `sent` is called in the
    transaction that deletes the mail, `given_up` when no further attempt will be made. `addressee` returns what the desk shows of the
    recipient; it makes no query except for `about`. A mail not delivered within `lasts` is given up, and its content deleted.
    """

    name: str
    title: StrOrPromise
    write: Callable[[OutgoingMail], EmailMessage | None] = parse_message
    sent: Callable[[OutgoingMail], None] = do_nothing
    given_up: Callable[[OutgoingMail], None] = do_nothing
    addressee: Callable[[OutgoingMail], str] = show_recipient
    lasts: timedelta | None = None


def declared(name: str) -> MailKind | None:
    return next((kind for kind in declarations.collect("mails") if kind.name == name), None)


def find(name: str) -> MailKind:
    """Return a declared kind. Raises LookupError."""
    if (kind := declared(name)) is None:
        raise LookupError(name)
    return kind


def title(name: str) -> StrOrPromise:
    """Return the name of a kind at the desk, even if it is no longer declared."""
    kind = declared(name)
    return kind.title if kind else name


def addressee(mail: OutgoingMail) -> str:
    """Return the recipient as the desk shows it."""
    kind = declared(mail.kind)
    return kind.addressee(mail) if kind else ""
