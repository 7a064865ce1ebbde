"""Django's default mailer: puts all mail that is sent through Django into the outbox."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class OutboxBackend(BaseEmailBackend):
    """Store each message for delivery after the commit."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        from core.mail import outbox  # settings name this module before the models are loaded

        return sum(bool(outbox.send(message)) for message in email_messages)
