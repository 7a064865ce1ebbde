"""Mailed one-use links: signed, for one purpose, with an expiry time.

A link carries an identifier and a key that changes when the link is used.
Opening it looks up the identifier and compares the key, so there is no table of links.

The token leaves the address at the first request.
An address can be read over the user's shoulder, from bookmarks, from the history and reopened tabs, and from the
Referer.
So the first request puts the token into a session cookie, and redirects to an address that has only a digest of the
token.
Nothing is stored on the server, and each link has a separate cookie, so that several can be open side by side.
(Browsers store the address that redirected them, and Firefox stores the cookie in its session file, though neither is
shown.
A link cannot prevent the former.
The token is worthless after the button on the page has been pressed, which uses the link up.)

    # The address in the mail.
    path("answer/<str:token>/", links.move_token, {"to": "archive:answer-here"}, name="answer"),
    # Calls `links.opened_token(request, key)`.
    path("answer/opened/<str:key>/", views.answer, name="answer-here"),
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe


class InvalidLinkError(Exception):
    """A link that cannot be used."""


class MalformedLinkError(InvalidLinkError):
    """Truncated, or without a valid signature."""


class ExpiredLinkError(InvalidLinkError):
    """Too old, or its target no longer exists."""


class LinkNotOpenError(InvalidLinkError):
    """It has not been opened in this browser, or too long ago."""


class UsedLinkError(InvalidLinkError):
    """The link, or a later one, has been used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """The purpose of a link, its lifetime, and the number of bytes that it carries.

    A link is valid for no other purpose.
    """

    name: str
    lasts: timedelta
    size: int

    @property
    def signer(self) -> signing.TimestampSigner:
        return signing.TimestampSigner(sep=".", salt=self.name)

    def make(self, content: bytes) -> str:
        """Return a signed token that carries `content`, for use in a URL."""
        return self.signer.sign(urlsafe_b64encode(content).decode().rstrip("="))

    def read(self, token: str) -> bytes:
        """Return the content of a token.

        Raises MalformedLinkError or ExpiredLinkError.
        """
        try:
            content = urlsafe_b64decode(self.signer.unsign(token, max_age=self.lasts) + "==")
        except signing.SignatureExpired as old:
            raise ExpiredLinkError from old
        except (signing.BadSignature, binascii.Error, ValueError) as wrong:
            raise MalformedLinkError from wrong
        if len(content) != self.size:
            raise MalformedLinkError
        return content


COOKIE = "__Host-link-"
LASTS = timedelta(hours=2)
# Tokens of this site are shorter; longer ones are cut and therefore invalid.
LONGEST = 200
# The maximum number of links that are open side by side.
# More cookies would not fit into a request.
MOST = 10
# Message for a browser that has not opened the link.
AGAIN = _("Please open the link in the email again")
WHY = _("For your privacy, a link stays open for two hours, and only in the browser in which you opened it.")


@require_safe
def move_token(request: HttpRequest, to: str, **parts: str) -> HttpResponse:
    """Redirect from the address in a mail to the view `to`, with a key for `opened_token`."""
    token = "/".join(parts.values())[:LONGEST]
    key = salted_hmac("core.links", token, algorithm="sha256").hexdigest()[:16]
    response = redirect(to, key=key)
    others = [name for name in request.COOKIES if name.startswith(COOKIE) and name != COOKIE + key]
    if len(others) >= MOST:
        for name in others:
            response.delete_cookie(name)
    # Signed, so that it ends in time.
    # Its name is part of the signature: one link cannot be passed off as another.
    kept = signing.dumps(token, salt=COOKIE + key)
    response.set_cookie(COOKIE + key, kept, secure=True, httponly=True, samesite="Lax")
    response["Referrer-Policy"] = "no-referrer"
    return response


def opened_token(request: HttpRequest, key: str) -> str:
    """Return the token of a link that was opened in this browser.

    Raises LinkNotOpenError.
    """
    try:
        kept: str = signing.loads(request.COOKIES.get(COOKIE + key, ""), salt=COOKIE + key, max_age=LASTS)
    except signing.BadSignature as gone:
        raise LinkNotOpenError from gone
    return kept
