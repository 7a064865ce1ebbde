"""The demonstration's mailbox: every email stays on this machine.

It is open to everyone who can reach it: sign-in codes are read here.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, ListView

from core.scheduler import Job
from demo.models import Mail

KEPT = timedelta(days=14)


class MailboxBackend(BaseEmailBackend):
    """Store emails in the database, whichever process sends them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        mails = [self.to_mail(message) for message in email_messages if message.recipients()]
        Mail.objects.bulk_create(mails)
        return len(mails)

    def to_mail(self, message: EmailMessage) -> Mail:
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
    Mail.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()


JOB = Job(
    name="delete-demonstration-mail",
    title=_("Old demonstration emails"),
    every=timedelta(days=1),
    run=delete_old,
)


class MailboxView(ListView):  # type: ignore[type-arg]  # not generic when it runs
    model = Mail
    paginate_by = 50
    template_name = "demo/mailbox.html"
    context_object_name = "mails"
    extra_context = {"title": _("Demonstration mailbox")}

    def get_queryset(self) -> QuerySet[Mail]:
        return Mail.objects.defer("text", "alternatives")


class MailView(DetailView):  # type: ignore[type-arg]  # not generic when it runs
    model = Mail
    template_name = "demo/mail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.object.subject, **kwargs)
