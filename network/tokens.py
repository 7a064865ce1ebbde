"""Links that are mailed to members: signed, for one purpose, for a time, and for one use."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing

from network.models import Member
from network.querysets import UNCONFIRMED_KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a link is good for, and how long."""

    name: str
    lasts: timedelta

    @property
    def signer(self) -> signing.TimestampSigner:
        return signing.TimestampSigner(sep=".", salt=f"network.{self.name}")


CONFIRM = Purpose(name="confirm", lasts=UNCONFIRMED_KEPT)
PROFILE = Purpose(name="profile", lasts=timedelta(hours=1))


class BadLink(Exception):  # noqa: N818  (what it is)
    """A link that does not open anything."""


class Broken(BadLink):
    """Cut off, or not one of ours."""


class Expired(BadLink):
    """Too old, or what it was for is no longer there."""


class Used(BadLink):
    """It, or a later one, has been used."""


def make(member: Member, purpose: Purpose) -> str:
    raw = member.uuid.bytes + member.link_key.bytes
    return purpose.signer.sign(base64.urlsafe_b64encode(raw).decode().rstrip("="))


def read(token: str, purpose: Purpose) -> Member:
    """The member that a token was made for. Raises Broken, Expired or Used; queries once at most."""
    try:
        raw = base64.urlsafe_b64decode(purpose.signer.unsign(token, max_age=purpose.lasts) + "==")
    except signing.SignatureExpired as old:
        raise Expired from old
    except (signing.BadSignature, binascii.Error, ValueError) as wrong:
        raise Broken from wrong
    member = Member.objects.filter(uuid=UUID(bytes=raw[:16])).first()
    if member is None:
        raise Expired
    if member.link_key != UUID(bytes=raw[16:]):
        raise Used
    return member
