"""Tokens of the links mailed to members.

Each contains the member and a key that changes once a link is used.
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from core.links import ExpiredLinkError, Purpose, UsedLinkError
from network.events.models import ATTENDANCE_KEPT
from network.members.querysets import UNCONFIRMED_KEPT
from network.models import DigestEmailSubscription, Member, Registration, Verification

CONFIRM = Purpose(name="network.confirm", lasts=UNCONFIRMED_KEPT, size=32)
VERIFICATION = Purpose(name="network.verification", lasts=UNCONFIRMED_KEPT, size=32)
# The unsubscribe link has to work as long as recipients keep the digest email.
STOP = Purpose(name="network.stop_digest_email", lasts=timedelta(days=3653), size=16)
# It ends with the registration.
# Events are announced a year ahead at most.
REGISTRATION = Purpose(name="network.registration", lasts=ATTENDANCE_KEPT + timedelta(days=365), size=32)
PROFILE = Purpose(name="network.profile", lasts=timedelta(hours=1), size=32)
RECONFIRMATION = Purpose(name="network.reconfirmation", lasts=timedelta(days=60), size=24)


def make(about: Member | Verification | Registration, purpose: Purpose) -> str:
    return purpose.make(about.uuid.bytes + about.link_key.bytes)


def read(token: str, purpose: Purpose) -> Member:
    """Return the member of a token.

    Raises MalformedLinkError, ExpiredLinkError or UsedLinkError.
    One query at most.
    """
    return _found(Member.objects.all(), purpose.read(token))


def read_verification(token: str) -> Verification:
    """Return the verification of a token, with its member.

    Raises MalformedLinkError, ExpiredLinkError or UsedLinkError.
    One query at most.
    """
    return _found(Verification.objects.open().select_related("member"), VERIFICATION.read(token))


def _found[Row: (Member, Verification)](rows: QuerySet[Row], content: bytes) -> Row:
    row = rows.filter(uuid=UUID(bytes=content[:16])).first()
    if row is None:
        raise ExpiredLinkError
    if row.link_key != UUID(bytes=content[16:]):
        raise UsedLinkError
    return row


def make_for_answer(member: Member) -> str:
    """Return a token for reconfirming a member's profile.

    It is valid until they have done so, or have changed something.
    """
    return RECONFIRMATION.make(member.uuid.bytes + _moment(member))


def read_for_answer(token: str) -> Member:
    """Return the member of a token of `make_for_answer`.

    Raises MalformedLinkError, ExpiredLinkError or UsedLinkError.
    One query at most.
    """
    content = RECONFIRMATION.read(token)
    member = Member.objects.settled().filter(uuid=UUID(bytes=content[:16])).first()
    if member is None:
        raise ExpiredLinkError
    if _moment(member) != content[16:]:
        raise UsedLinkError
    return member


def _moment(member: Member) -> bytes:
    """Return the time of the member's last reconfirmation, in microseconds."""
    return int(member.reconfirmed_at.timestamp() * 1_000_000).to_bytes(8, "big")


def make_for_subscription(subscription: DigestEmailSubscription) -> str:
    return STOP.make(subscription.uuid.bytes)


def read_subscription(token: str) -> UUID:
    """Return the key of a subscription, which may have ended.

    Raises MalformedLinkError or ExpiredLinkError.
    """
    return UUID(bytes=STOP.read(token))


def read_registration(token: str) -> Registration:
    """Return the registration of a token, with its event and member.

    Raises MalformedLinkError or ExpiredLinkError.
    One query at most.

    The link is valid as long as the registration exists.
    It opens the confirmation, the joining details, leaving, and the certificate.
    """
    content = REGISTRATION.read(token)
    uuid, key = UUID(bytes=content[:16]), UUID(bytes=content[16:])
    found: Registration | None = (
        Registration.objects.filter(uuid=uuid, link_key=key).select_related("event", "member").first()
    )
    if found is None:
        raise ExpiredLinkError
    return found
