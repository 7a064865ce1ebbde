"""The outbox as the rest of the site uses it: queue mail, retry it, delete it, check whether it is stalled."""

from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.mail import delivery, kinds
from core.mail.kinds import serialize_message
from core.models import OutgoingMail
from core.models.background import OutgoingMailQuerySet

# How long undeliverable mail is kept for an administrator to review.
FAILED_KEPT = timedelta(days=30)
# The kind of mail sent without naming one.
ADMIN = "core.admin"
NOTICE = kinds.MailKind(name=ADMIN, title=_("Notice to staff"))
# The error of mail that came back with a backup.
RESTORED = "RestoredError"


def send(message: EmailMessage, *, kind: str = ADMIN, about: Model | None = None) -> list[OutgoingMail]:
    """Deliver a message after the commit, to each recipient separately, so that a refusal affects only one."""
    data = serialize_message(message)
    addresses = dict.fromkeys(str(address) for address in message.recipients())
    return [_keep(kind, about=about, recipient=address, data=data) for address in addresses]


def queue(kind: str, *, about: Model | None = None, recipient: str = "", **data: object) -> OutgoingMail:
    """Have a mail written and delivered after the commit.

    `data` is what its kind needs, as JSON.
    """
    return _keep(kind, about=about, recipient=recipient, data=data)


@transaction.atomic
def try_again(mails: OutgoingMailQuerySet) -> int:
    """Retry mail immediately, with a fresh set of attempts.

    Returns how many; expired mail is skipped.
    """
    now = timezone.now()
    count = mails.exclude(expires_at__lte=now).update(
        failed_at=None, error="", code=None, attempts=0, stalled=False, due_at=now
    )
    # End the pause that other mail has caused.
    OutgoingMail.objects.stalled().update(tried_at=None)
    _deliver_after_commit()
    return count


def give_up_restored() -> str:
    """Give up all mail waiting in a restored backup: it may have been delivered since, and must not be sent twice.

    An administrator decides in the admin, under *Reports → Mail*.
    Returns a sentence about it, or an empty string.
    """
    held = OutgoingMail.objects.waiting().update(failed_at=timezone.now(), error=RESTORED, stalled=False)
    return f"{held} letters that were waiting are held back: see Reports → Mail." if held else ""


def is_stalled() -> bool:
    """Return whether mail is waiting for the mail server to work again."""
    return OutgoingMail.objects.stalled().exists()


def delete_failed() -> None:
    """Delete mail that was given up more than FAILED_KEPT ago."""
    OutgoingMail.objects.failed().filter(failed_at__lte=timezone.now() - FAILED_KEPT).delete()


def _keep(kind: str, *, about: Model | None, recipient: str, data: dict[str, object]) -> OutgoingMail:
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
    # If the task queue or its worker fails, the scheduler delivers a little later.
    transaction.on_commit(delivery.deliver.enqueue, robust=True)
