"""Tokens of the links mailed to members. Each holds the member and a key that changes once a link is used."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.links import Expired, Purpose, Used
from network.models import Member
from network.querysets import UNCONFIRMED_KEPT

CONFIRM = Purpose(name="network.confirm", lasts=UNCONFIRMED_KEPT, size=32)
PROFILE = Purpose(name="network.profile", lasts=timedelta(hours=1), size=32)


def make(member: Member, purpose: Purpose) -> str:
    return purpose.make(member.uuid.bytes + member.link_key.bytes)


def read(token: str, purpose: Purpose) -> Member:
    """Return the member that a token was made for. Raises Broken, Expired or Used. One query at most."""
    content = purpose.read(token)
    member = Member.objects.filter(uuid=UUID(bytes=content[:16])).first()
    if member is None:
        raise Expired
    if member.link_key != UUID(bytes=content[16:]):
        raise Used
    return member
