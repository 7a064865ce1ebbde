"""The kinds of mail that the site sends.

An app registers its own in `AppConfig.ready()`:

    kinds.register(MailKind(name="archive.receipt", title=_("Receipt"), write=written))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


_registry: dict[str, MailKind] = {}


def register(kind: MailKind) -> None:
    """Register a kind of mail."""
    _registry[kind.name] = kind


def find(name: str) -> MailKind:
    """Return a registered kind. Raises LookupError."""
    return _registry[name]


def title(name: str) -> StrOrPromise:
    """Return the name of a kind at the desk, even if it is no longer registered."""
    kind = _registry.get(name)
    return kind.title if kind else name


def addressee(mail: OutgoingMail) -> str:
    """Return the recipient as the desk shows it."""
    kind = _registry.get(mail.kind)
    return kind.addressee(mail) if kind else ""
