"""SMTP with a time limit for each reply of the server, and for a delivery as a whole."""

import smtplib
import time
from typing import Any

from django.core.mail.backends import smtp

# Seconds that one delivery may take.
# `timeout` of settings.MAILERS limits the wait for each answer.
LONGEST = 30


class LimitedSMTP(smtplib.SMTP):
    """SMTP connection with a total time limit of LONGEST, also for servers that keep responding slowly."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._ends = time.monotonic() + LONGEST
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        left = self._ends - time.monotonic()
        if left <= 0:
            self.close()
            raise TimeoutError("The mail server takes too long.")
        if self.sock is not None and left < (self.sock.gettimeout() or left + 1):
            self.sock.settimeout(left)
        return super().getreply()


class LimitedSMTPOverTLS(LimitedSMTP, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's backend, with a time limit for each delivery."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return LimitedSMTPOverTLS if self.use_ssl else LimitedSMTP
