"""Proofs that a member belongs to an institution."""

import uuid
from contextlib import suppress

from django.db import transaction
from django.utils import timezone

from core.mail import outbox
from core.models import OutgoingMail
from network.mail import OF_PROOFS, Letter
from network.models import Member, Proof
from network.row_locks import WrongState, locked
from network.verification.models import ProofQuerySet

State = Member.State


@transaction.atomic
def prove_address(*, member: Member, address: str) -> Proof:
    """Mail a link to an address at an institution. We keep its domain. The member's own address has been confirmed already. Raises WrongState."""
    member = locked(member, *Member.KNOWN)
    address = address.lower()
    member.proofs.open().filter(kind=Proof.Kind.ADDRESS).delete()
    proof: Proof = member.proofs.create(kind=Proof.Kind.ADDRESS, what=address.rpartition("@")[2])
    if address == member.email:
        _confirm_proof(proof)
    else:
        outbox.queue(Letter.ADDRESS, about=member, recipient=address, proof=str(proof.uuid))
    return proof


@transaction.atomic
def confirm_address(*, proof: Proof, member: Member) -> None:
    """Confirm an address with the link that was mailed to it. Raises WrongState, also if it is another member's."""
    _confirm_proof(_locked_proof(Proof.objects.open().filter(member=member, kind=Proof.Kind.ADDRESS), proof))


@transaction.atomic
def prove_link(*, member: Member, url: str) -> Proof:
    """Have a page read that links to the profile. The clock does it. Raises WrongState."""
    member = locked(member, *Member.KNOWN)
    member.proofs.open().filter(kind=Proof.Kind.LINK).delete()
    return member.proofs.create(kind=Proof.Kind.LINK, what=url)


@transaction.atomic
def keep_reading(*, proof: Proof, problem: str) -> None:
    """Keep what was read on a page: the link if `problem` is empty, or why it was not found. Who has taken the proof back meanwhile has."""
    with suppress(WrongState):
        proof = _locked_proof(Proof.objects.open(), proof)
        proof.read_at, proof.problem = timezone.now(), problem
        proof.save()
        if not problem:
            _confirm_proof(proof)


@transaction.atomic
def ask_for_nomination(*, member: Member, address: str) -> None:
    """Ask a listed member for a nomination, by the address that they are known by. Raises WrongState.

    Whether anybody has it is looked up only when the mail is sent, so that nothing reveals it.
    """
    member, address = locked(member, *Member.KNOWN), address.lower()
    if member.proofs.open().filter(kind=Proof.Kind.NOMINATION, what=address).exists():
        return
    proof: Proof = member.proofs.create(kind=Proof.Kind.NOMINATION, what=address)
    outbox.queue(Letter.NOMINATION, about=member, recipient=address, proof=str(proof.uuid))


@transaction.atomic
def nominate(*, proof: Proof, by: Member) -> None:
    """Say that one knows a member and their work. Raises WrongState if `by` is not the listed member who was asked, or has said so before."""
    by = locked(by, State.LISTED)
    proof = _locked_proof(Proof.objects.asked_of(by), proof)
    if by.nominations.filter(member=proof.member).exists():
        raise WrongState
    # The address was needed to ask; now there is a name.
    proof.nominator, proof.what = by, ""
    _confirm_proof(proof)


@transaction.atomic
def refuse_to_nominate(*, proof: Proof, by: Member) -> None:
    """Forget that somebody was asked for a nomination. Nobody is notified. Raises WrongState."""
    _locked_proof(Proof.objects.asked_of(locked(by, State.LISTED)), proof).delete()


@transaction.atomic
def take_back_proof(*, member: Member, proof: Proof) -> None:
    """Delete a proof of one's own, confirmed or not. Raises WrongState if it is not there any more."""
    member = locked(member, *Member.KNOWN)
    gone, _rows = member.proofs.filter(pk=proof.pk).delete()
    if not gone:
        raise WrongState
    OutgoingMail.objects.filter(kind__in=OF_PROOFS, data__proof=str(proof.uuid)).delete()


def _locked_proof(rows: ProofQuerySet, proof: Proof) -> Proof:
    """Return the current row, locked until the transaction ends. Raises WrongState if it is none of `rows`."""
    now: Proof | None = rows.filter(pk=proof.pk).select_for_update(of=("self",)).first()
    if now is None:
        raise WrongState
    return now


def _confirm_proof(proof: Proof) -> None:
    proof.confirmed_at = timezone.now()
    proof.link_key = uuid.uuid4()
    proof.save()
