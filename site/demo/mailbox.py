"""The demonstration's mailbox: every email stays on this machine, and can be read at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.clock import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.mail import EmailMessage

    from demo.models import Mail

KEPT = timedelta(days=14)


class MailboxBackend(BaseEmailBackend):
    """Store emails in the database, whichever process sends them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        from demo.models import Mail

        mails = [self.to_mail(message) for message in email_messages if message.recipients()]
        Mail.objects.bulk_create(mails)
        return len(mails)

    def to_mail(self, message: EmailMessage) -> Mail:
        from demo.models import Mail

        message.message()  # raises for a broken header, which a mail server would refuse
        plain = message.content_subtype == "plain"
        others = [] if plain else [{"type": f"text/{message.content_subtype}", "content": str(message.body)}]
        others += [
            {"type": str(kind), "content": str(content)}
            for content, kind in getattr(message, "alternatives", None) or []
        ]
        return Mail(
            sender=message.from_email,
            recipients=", ".join(message.recipients()),
            reply_to=", ".join(message.reply_to),
            subject=str(message.subject),
            text=str(message.body) if plain else "",
            alternatives=others,
        )


def delete_old() -> None:
    """Delete old emails, so that a demonstration running for months does not grow."""
    from demo.models import Mail

    Mail.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()


JOB = Job(
    name="delete-demonstration-mail",
    title=_("Old demonstration emails"),
    every=timedelta(days=1),
    run=delete_old,
)
