"""Browsers in which somebody has signed in before: what strangers do to an address does not count against them.

The cookie says nothing about who signed in: it is a random name with a signature that fits one address alone. (OWASP, “Slow down online
guessing attacks with device cookies”.)
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.core.signing import BadSignature, TimestampSigner

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

COOKIE_NAME = "__Host-device"
COOKIE_AGE = 90 * 24 * 60 * 60  # seconds


def signer(email: str) -> TimestampSigner:
    return TimestampSigner(salt=f"users.devices:{email.strip().lower()}")


def remember(response: HttpResponse, *, email: str) -> None:
    """Remember the browser that somebody has just signed in with."""
    response.set_cookie(
        COOKIE_NAME,
        signer(email).sign(secrets.token_urlsafe(12)),
        max_age=COOKIE_AGE,
        path="/",
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def recognise(request: HttpRequest, *, email: str) -> str:
    """Return the name of the browser if the person with this address has signed in with it before; empty if not."""
    try:
        return signer(email).unsign(request.COOKIES.get(COOKIE_NAME, ""), max_age=COOKIE_AGE)
    except BadSignature:
        return ""
