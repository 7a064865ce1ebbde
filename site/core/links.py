"""Links that are mailed: signed, for one purpose, for a time, and for one use.

A link carries whom it is for and a mark that changes when it is used. Whoever opens it is looked up, and the mark compared: there is
no table of links.
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
    """A link that does not open anything."""


class Broken(BadLink):
    """Cut off, or not one of ours."""


class Expired(BadLink):
    """Too old, or what it was for is no longer there."""


class Used(BadLink):
    """It, or a later one, has been used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a link is good for, how long, and how many bytes it carries. A link for one purpose opens no other."""

    name: str
    lasts: timedelta
    size: int

    @property
    def signer(self) -> signing.TimestampSigner:
        return signing.TimestampSigner(sep=".", salt=self.name)

    def make(self, content: bytes) -> str:
        """The part of an address that carries `content`."""
        return self.signer.sign(urlsafe_b64encode(content).decode().rstrip("="))

    def read(self, token: str) -> bytes:
        """What `make` was given. Raises Broken or Expired."""
        try:
            content = urlsafe_b64decode(self.signer.unsign(token, max_age=self.lasts) + "==")
        except signing.SignatureExpired as old:
            raise Expired from old
        except (signing.BadSignature, binascii.Error, ValueError) as wrong:
            raise Broken from wrong
        if len(content) != self.size:
            raise Broken
        return content
