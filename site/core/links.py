"""Mailed one-use links: signed, for one purpose, with an expiry time.

A link carries an identifier and a key that changes when the link is used. Opening it looks up the identifier and compares the key, so
there is no table of links.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core import signing

if TYPE_CHECKING:
    from datetime import timedelta


class BadLink(Exception):  # noqa: N818  (what it is)
    """A link that cannot be used."""


class Broken(BadLink):
    """Truncated, or not signed by us."""


class Expired(BadLink):
    """Too old, or its target no longer exists."""


class NotOpen(BadLink):
    """It has not been opened in this browser, or too long ago."""


class Used(BadLink):
    """The link, or a later one, has been used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a link is for, how long it is valid, and how many bytes it carries. It is valid for no other purpose."""

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
        """Return the content of a token. Raises Broken or Expired."""
        try:
            content = urlsafe_b64decode(self.signer.unsign(token, max_age=self.lasts) + "==")
        except signing.SignatureExpired as old:
            raise Expired from old
        except (signing.BadSignature, binascii.Error, ValueError) as wrong:
            raise Broken from wrong
        if len(content) != self.size:
            raise Broken
        return content
