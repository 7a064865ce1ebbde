"""What mail that must not be lost has in common: how long to wait before it is tried again, and when that is of no use."""

from __future__ import annotations

import smtplib
from datetime import timedelta

# How long to wait after each failure. After the last one a person has to look.
BACK_OFF = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60)]
# What a mail server that does not take a letter raises; ValueError: the letter cannot be written (an address with a line end).
UNSENT = (smtplib.SMTPException, OSError, ValueError)


def is_final(error: Exception) -> bool:
    """Whether trying again is of no use: the server will not have this recipient or this message."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _answer in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500 and not isinstance(
            error, (smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError)
        )
    return isinstance(error, ValueError)
