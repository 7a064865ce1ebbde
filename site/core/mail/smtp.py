"""SMTP with an end: each answer of the server is waited for, but not for ever, and so is the whole of a delivery."""

from __future__ import annotations

import smtplib
import time
from typing import Any

from django.core.mail.backends import smtp

# Seconds that one delivery may take. `timeout` of settings.MAILERS limits the wait for each answer.
LONGEST = 30


class _Limited:
    """Put before a connection of smtplib: a server that answers slowly, again and again, does not hold us longer than that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._ends = time.monotonic() + LONGEST
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        left = self._ends - time.monotonic()
        if left <= 0:
            self.close()  # type: ignore[attr-defined]
            raise TimeoutError("The mail server takes too long.")
        if self.sock is not None and left < (self.sock.gettimeout() or left + 1):  # type: ignore[attr-defined]
            self.sock.settimeout(left)  # type: ignore[attr-defined]
        return super().getreply()  # type: ignore[misc]


class LimitedSMTP(_Limited, smtplib.SMTP):
    pass


class LimitedSMTPOverTLS(_Limited, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    """Django's, with a limit on the time of a delivery."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return LimitedSMTPOverTLS if self.use_ssl else LimitedSMTP
