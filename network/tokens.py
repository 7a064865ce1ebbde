"""Tokens of the links mailed to members. Each holds the member and a key that changes once a link is used."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core.links import Expired, Purpose, Used
from network.models import LetterSubscription, Member, Proof, Registration
from network.querysets import ATTENDANCE_KEPT, UNCONFIRMED_KEPT

CONFIRM = Purpose(name="network.confirm", lasts=UNCONFIRMED_KEPT, size=32)
PROOF = Purpose(name="network.proof", lasts=UNCONFIRMED_KEPT, size=32)
# The link with which one unsubscribes has to work as long as somebody keeps the letter.
STOP = Purpose(name="network.stop_letter", lasts=timedelta(days=3653), size=16)
# It ends with the registration. Events are announced a year ahead at most.
REGISTRATION = Purpose(name="network.registration", lasts=ATTENDANCE_KEPT + timedelta(days=365), size=32)
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


def make_for_proof(proof: Proof) -> str:
    return PROOF.make(proof.uuid.bytes + proof.link_key.bytes)


def read_proof(token: str) -> Proof:
    """Return the proof that a token was made for, with its member. Raises Broken, Expired or Used. One query at most."""
    content = PROOF.read(token)
    proof: Proof | None = (
        Proof.objects.open().filter(uuid=UUID(bytes=content[:16])).select_related("member").first()
    )
    if proof is None:
        raise Expired
    if proof.link_key != UUID(bytes=content[16:]):
        raise Used
    return proof


def make_for_subscription(subscription: LetterSubscription) -> str:
    return STOP.make(subscription.uuid.bytes)


def read_subscription(token: str) -> UUID:
    """Return the key of a subscription, which may have ended. Raises Broken or Expired."""
    return UUID(bytes=STOP.read(token))


def make_for_registration(registration: Registration) -> str:
    return REGISTRATION.make(registration.uuid.bytes + registration.link_key.bytes)


def read_registration(token: str) -> Registration:
    """Return the registration that a token was made for, with its event and member. Raises Broken or Expired. One query at most.

    The link works as long as the registration: with it one confirms, sees the way to the event, leaves, and has the certificate.
    """
    content = REGISTRATION.read(token)
    uuid, key = UUID(bytes=content[:16]), UUID(bytes=content[16:])
    found: Registration | None = (
        Registration.objects.filter(uuid=uuid, link_key=key).select_related("event", "member").first()
    )
    if found is None:
        raise Expired
    return found
