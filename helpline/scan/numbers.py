"""Whether a listed phone number is on a page, or once was. Only a hint that the listing should be checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from helpline.scan.page import ScannedPage
    from helpline.vocabulary.phones import Phone

# Digits, with the separators that people write between them.
WRITTEN = re.compile(r"\+?\d(?:[\s\u00a0\u202f().\-\u2010-\u2014/]{0,3}\d){2,24}")
MAX_NUMBERS = 100


def on_page(page: ScannedPage) -> list[str]:
    """Return the numbers on a page as digits: those in links first, then those in the text. Not all are phone numbers."""
    links = (link.partition(":")[2] for link in page.contacts if link.lower().startswith(("tel:", "sms:")))
    written = (found.group() for found in WRITTEN.finditer(page.text))
    digits = ("".join(filter(str.isdecimal, text)) for text in (*links, *written))
    return list(dict.fromkeys(one for one in digits if len(one) >= 3))[:MAX_NUMBERS]


def is_among(phone: Phone, digits: Iterable[str]) -> bool:
    """Return whether a phone number is among the numbers of a page, however it is written there."""
    number = phone.digits
    if number.startswith("+"):
        number = str(phonenumbers.national_significant_number(phonenumbers.parse(number)))
        return any(number in one for one in digits)
    return number in digits


def missing_since(phone: Phone, scans: Iterable[tuple[dt.datetime, list[str]]]) -> dt.datetime | None:
    """Return when a number that was once on the page was first missing; None if it is still there or never was.

    `scans`: (time, digits) pairs, newest first.
    """
    since = None
    for at, digits in scans:
        if is_among(phone, digits):
            return since
        since = at
    return None
