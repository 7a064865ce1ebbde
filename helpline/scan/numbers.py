"""Whether a listed phone number stands on a page, and whether it once did. A hint that somebody should look: nothing more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from helpline.scan.page import ScannedPage
    from helpline.vocabulary.phones import Phone

# Digits with what people write between them.
WRITTEN = re.compile(r"\+?\d(?:[\s\u00a0\u202f().\-\u2010-\u2014/]{0,3}\d){2,24}")
MOST = 100


def on_page(page: ScannedPage) -> list[str]:
    """The numbers on a page, as digits: of its links first, then of its words. Not all of them are phone numbers."""
    links = (link.partition(":")[2] for link in page.contacts if link.lower().startswith(("tel:", "sms:")))
    written = (found.group() for found in WRITTEN.finditer(page.text))
    digits = ("".join(filter(str.isdecimal, text)) for text in (*links, *written))
    return list(dict.fromkeys(one for one in digits if len(one) >= 3))[:MOST]


def stands_in(phone: Phone, digits: Iterable[str]) -> bool:
    """Whether a number is among those of a page, in whatever way it is written there."""
    number = phone.digits
    if number.startswith("+"):
        number = str(phonenumbers.national_significant_number(phonenumbers.parse(number)))
        return any(number in one for one in digits)
    return number in digits


def gone_since(phone: Phone, scans: Iterable[tuple[dt.datetime, list[str]]]) -> dt.datetime | None:
    """When a number that once stood on the page was first missed; None where it stands there, or never did. `scans`: newest first."""
    since = None
    for at, digits in scans:
        if stands_in(phone, digits):
            return since
        since = at
    return None
