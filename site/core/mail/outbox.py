"""What the rest of the site does with the outbox: put mail into it, take mail out of it, ask how it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from core.mail import delivery, kinds
from core.mail.messages import serialize_message
from core.models import OutgoingMail

if TYPE_CHECKING:
    from django.core.mail import EmailMessage
    from django.db.models import Model

    from core.models.mail import OutgoingMailQuerySet

# How long mail that was given up stays for somebody to look at.
FAILED_KEPT = timedelta(days=30)
# Mail of which the sender did not say what it is.
DESK = "core.desk"


def send(message: EmailMessage, *, kind: str = DESK, about: Model | None = None) -> list[OutgoingMail]:
    """Deliver a message once the transaction is committed: to each recipient alone, so that one refusal concerns nobody else."""
    data = serialize_message(message)
    addresses = dict.fromkeys(str(address) for address in message.recipients())
    return [_keep(kind, about=about, recipient=address, data=data) for address in addresses]


def queue(kind: str, *, about: Model | None = None, recipient: str = "", **data: Any) -> OutgoingMail:
    """Have a mail written and delivered once the transaction is committed. `data` is what its kind needs, as JSON."""
    return _keep(kind, about=about, recipient=recipient, data=data)


@transaction.atomic
def try_again(mails: OutgoingMailQuerySet) -> int:
    """Give mail another chance from the start, at once. Returns how many: mail that has expired is of no use any more."""
    now = timezone.now()
    count = mails.exclude(expires_at__lte=now).update(
        failed_at=None, error="", code=None, attempts=0, stalled=False, due_at=now
    )
    # Otherwise the pause that other mail has caused would go on.
    OutgoingMail.objects.stalled().update(tried_at=None)
    _deliver_after_commit()
    return count


def drop(mails: OutgoingMailQuerySet) -> int:
    """Delete mail that is not to be delivered. Returns how many."""
    return mails.delete()[0]


def is_stalled() -> bool:
    """Whether mail is waiting for the mail server to work again."""
    return OutgoingMail.objects.stalled().exists()


def delete_failed() -> None:
    """Delete mail that was given up long ago."""
    OutgoingMail.objects.failed().filter(failed_at__lte=timezone.now() - FAILED_KEPT).delete()


def _keep(kind: str, *, about: Model | None, recipient: str, data: dict[str, Any]) -> OutgoingMail:
    lasts = kinds.find(kind).lasts
    mail = OutgoingMail.objects.create(
        kind=kind,
        about=about,
        recipient=recipient,
        data=data,
        expires_at=timezone.now() + lasts if lasts else None,
    )
    _deliver_after_commit()
    return mail


def _deliver_after_commit() -> None:
    # What the task misses, because its queue or its worker fails, the clock delivers a little later.
    transaction.on_commit(delivery.deliver.enqueue, robust=True)
