"""Services for verifications of a member's affiliation."""

import uuid
from contextlib import suppress

from django.db import transaction
from django.utils import timezone

from core.mail import outbox
from core.models import OutgoingMail
from network.mail import OF_VERIFICATIONS, Letter
from network.models import Member, Verification
from network.row_locks import InvalidStateError, locked
from network.verification.models import VerificationQuerySet

State = Member.State


@transaction.atomic
def verify_address(*, member: Member, address: str) -> Verification:
    """Mail a link to an address at an institution, and store its domain.

    The member's own address is confirmed already.
    Raises InvalidStateError.
    """
    member = locked(member, *Member.KNOWN)
    address = address.lower()
    member.verifications.open().filter(kind=Verification.Kind.ADDRESS).delete()
    verification: Verification = member.verifications.create(
        kind=Verification.Kind.ADDRESS, what=address.rpartition("@")[2]
    )
    if address == member.email:
        _confirm_verification(verification)
    else:
        outbox.queue(Letter.ADDRESS, about=member, recipient=address, verification=str(verification.uuid))
    return verification


@transaction.atomic
def confirm_address(*, verification: Verification, member: Member) -> None:
    """Confirm an address with the link that was mailed to it.

    Raises InvalidStateError, also if it is another member's.
    """
    _confirm_verification(
        _locked_verification(
            Verification.objects.open().filter(member=member, kind=Verification.Kind.ADDRESS), verification
        )
    )


@transaction.atomic
def verify_link(*, member: Member, url: str) -> Verification:
    """Request a check of a page that links to the profile.

    The scheduler reads it.
    Raises InvalidStateError.
    """
    member = locked(member, *Member.KNOWN)
    member.verifications.open().filter(kind=Verification.Kind.LINK).delete()
    return member.verifications.create(kind=Verification.Kind.LINK, what=url)


@transaction.atomic
def keep_reading(*, verification: Verification, problem: str) -> None:
    """Save the result of reading a page: confirmed if `problem` is empty, or the problem.

    Does nothing if the verification was withdrawn in the meantime.
    """
    with suppress(InvalidStateError):
        verification = _locked_verification(Verification.objects.open(), verification)
        verification.read_at, verification.problem = timezone.now(), problem
        verification.save()
        if not problem:
            _confirm_verification(verification)


@transaction.atomic
def ask_for_nomination(*, member: Member, address: str) -> None:
    """Ask a listed member for a nomination, by their email address.

    Raises InvalidStateError.

    Whether a member has the address is looked up only when the mail is sent, so that nothing reveals it.
    """
    member, address = locked(member, *Member.KNOWN), address.lower()
    if member.verifications.open().filter(kind=Verification.Kind.NOMINATION, what=address).exists():
        return
    verification: Verification = member.verifications.create(kind=Verification.Kind.NOMINATION, what=address)
    outbox.queue(Letter.NOMINATION, about=member, recipient=address, verification=str(verification.uuid))


@transaction.atomic
def nominate(*, verification: Verification, by: Member) -> None:
    """Nominate a member on behalf of another, who knows their work.

    Raises InvalidStateError if `by` is not the listed member who was asked, or has nominated them before.
    """
    by = locked(by, State.LISTED)
    verification = _locked_verification(Verification.objects.asked_of(by), verification)
    if by.nominations.filter(member=verification.member).exists():
        raise InvalidStateError
    # The address was only needed for the request; the nominator replaces it.
    verification.nominator, verification.what = by, ""
    _confirm_verification(verification)


@transaction.atomic
def refuse_to_nominate(*, verification: Verification, by: Member) -> None:
    """Delete a request for a nomination, without a notification.

    Raises InvalidStateError.
    """
    _locked_verification(Verification.objects.asked_of(locked(by, State.LISTED)), verification).delete()


@transaction.atomic
def take_back_verification(*, member: Member, verification: Verification) -> None:
    """Delete a member's own verification, confirmed or not.

    Raises InvalidStateError if it is gone.
    """
    member = locked(member, *Member.KNOWN)
    gone, _rows = member.verifications.filter(pk=verification.pk).delete()
    if not gone:
        raise InvalidStateError
    OutgoingMail.objects.filter(kind__in=OF_VERIFICATIONS, data__verification=str(verification.uuid)).delete()


def _locked_verification(rows: VerificationQuerySet, verification: Verification) -> Verification:
    """Return the current row, locked until the transaction ends.

    Raises InvalidStateError if it is none of `rows`.
    """
    now: Verification | None = rows.filter(pk=verification.pk).select_for_update(of=("self",)).first()
    if now is None:
        raise InvalidStateError
    return now


def _confirm_verification(verification: Verification) -> None:
    verification.confirmed_at = timezone.now()
    verification.link_key = uuid.uuid4()
    verification.save()
