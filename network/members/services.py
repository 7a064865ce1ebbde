"""Actions of members on their own profile and account."""

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Unpack

from django.db import IntegrityError, transaction
from django.db.models import Func, UUIDField
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from core.mail import outbox
from core.models import OutgoingMail
from network.events.services import give_up_place
from network.joining.services import Work
from network.mail import Letter
from network.members.querysets import RECONFIRMATION_LETTERS
from network.models import Erasure, Member, ProposedTexts, Verification
from network.personal_data import services as erasures
from network.row_locks import InvalidStateError, locked, log_member, mark_reconfirmed
from network.vocabulary.services import with_current_codes
from users import services as accounts
from users.models import User
from users.sign_in import second_factor

State = Member.State
NO_NAME = "-"


class OrcidTakenError(InvalidStateError):
    """The ORCID iD has been confirmed for another member."""


@transaction.atomic
def send_link(*, address: str, language: str) -> OutgoingMail:
    """Mail a link to the profile, if there is one.

    The lookup happens only when the mail is sent, so that nothing reveals the result.
    """
    return outbox.queue(Letter.PROFILE_LINK, recipient=address.lower(), language=language)


@transaction.atomic
def open_profile(*, member: Member) -> Member:
    """Mark a mailed link as used.

    Raises InvalidStateError.
    """
    member = locked(member, *Member.ANSWERABLE)
    # update() and not save(): nothing visible has changed, so nothing is rendered.
    Member.objects.filter(pk=member.pk).update(link_key=uuid.uuid4())
    return member


@transaction.atomic
def update_profile(*, member: Member, **work: Unpack[Work]) -> Member:
    """Change the details chosen from lists, and their audiences.

    Unlike texts, these take effect without review.
    Raises InvalidStateError.
    """
    current = with_current_codes(work)  # before the member is locked: the same order as when categories are merged
    member = locked(member, *Member.KNOWN)
    before = [set(member.shown), set(member.shown_to_members)]
    for name, value in current.items():
        setattr(member, name, value)
    if before != [set(member.shown), set(member.shown_to_members)]:
        member.shown_changed_at = timezone.now()
    mark_reconfirmed(member)
    member.save()
    return member


@transaction.atomic
def propose_texts(*, member: Member, language: str, texts: Mapping[str, str]) -> ProposedTexts | None:
    """Store all of a member's texts in one language, as detail → text.

    Raises InvalidStateError.

    Texts that they have emptied are removed without review.
    All others wait for review; returns the proposal, or None if there is nothing to review.
    """
    member = locked(member, *Member.KNOWN)
    # update() and not save(): nothing visible has changed yet.
    Member.objects.filter(pk=member.pk).update(**mark_reconfirmed(member))
    member.proposals.filter(language=language).delete()
    wanted = {detail: text for detail, text in texts.items() if text}
    current = member.texts_in(language)
    left = {detail: text for detail, text in current.items() if detail in wanted}
    if left != current:
        member.set_texts(language, left)
        member.save()
    if wanted == left:
        return None
    return member.proposals.create(language=language, texts=wanted)


@transaction.atomic
def take_back_texts(*, member: Member, language: str) -> None:
    """Delete a member's proposed texts in one language.

    Raises InvalidStateError if there are none.
    """
    member = locked(member, *Member.KNOWN)
    gone, _rows = member.proposals.filter(language=language).delete()
    if not gone:
        raise InvalidStateError


@transaction.atomic
def pause(*, member: Member) -> Member:
    """Remove the profile from every page until the member brings it back.

    Raises InvalidStateError.
    """
    member = locked(member, State.LISTED)
    member.state = State.PAUSED
    member.save()
    return member


@transaction.atomic
def resume(*, member: Member) -> Member:
    """Bring a paused profile back.

    Raises InvalidStateError, also if the team has hidden it.
    """
    member = locked(member, State.PAUSED)
    if member.held_at is not None:
        raise InvalidStateError
    member.state = State.LISTED
    mark_reconfirmed(member)
    member.save()
    return member


@transaction.atomic
def reconfirm(*, member: Member) -> Member:
    """Record that the profile is correct.

    A paused profile stays paused.
    Raises InvalidStateError.
    """
    member = locked(member, State.LISTED, State.PAUSED)
    # update() and not save(): nothing visible has changed, so nothing is rendered.
    Member.objects.filter(pk=member.pk).update(**mark_reconfirmed(member))
    return member


@transaction.atomic
def request_reconfirmation(*, member: Member) -> None:
    """Take the next step with a member whose reconfirmation is due, unless they have reconfirmed in the meantime.

    There is one request, two reminders, and then the profile is paused.
    Each step has a letter.
    """
    due = Member.objects.due_for_reconfirmation().select_for_update(of=("self",)).filter(pk=member.pk).first()
    if due is None:
        return
    if due.reconfirmation_letters < RECONFIRMATION_LETTERS:
        due.reconfirmation_letters += 1
        due.reconfirmation_asked_at = timezone.now()
        Member.objects.filter(pk=due.pk).update(
            reconfirmation_letters=due.reconfirmation_letters,
            reconfirmation_asked_at=due.reconfirmation_asked_at,
        )
        outbox.queue(Letter.RECONFIRMATION, about=due)
        return
    due.state, due.lapsed_at = State.PAUSED, timezone.now()
    due.save()
    outbox.queue(Letter.LAPSED, about=due)


@transaction.atomic
def erase_lapsed(*, member: Member) -> None:
    """Erase a member who was paused by `request_reconfirmation` a year ago, unless they have come back."""
    if Member.objects.lapsed().select_for_update().filter(pk=member.pk).exists():
        leave(member=member)


@transaction.atomic
def open_account(*, member: Member) -> User:
    """Give a listed member an account to sign in with, at their address.

    Raises InvalidStateError.

    A user of the admin with the same address already has an account, which is linked to the member: `works_in_admin` is
    true for it.
    They sign in to it as before.
    """
    member = locked(member, State.LISTED)
    if member.user is not None:
        raise InvalidStateError
    user = User.objects.filter(email=member.email, is_active=True, member=None).first()
    if user is None:
        try:
            user = accounts.make_account_without_admin(email=member.email)
        except accounts.AlreadyExistsError as switched_off:
            raise InvalidStateError from switched_off
    member.user = user
    # update() and not save(): nothing visible has changed, so nothing is rendered.
    Member.objects.filter(pk=member.pk).update(user=user)
    return user


@transaction.atomic
def confirm_orcid(*, member: Member, orcid: str, name: str) -> Member:
    """Save the iD that ORCID has confirmed, and the name it returned.

    No review is needed.
    Raises InvalidStateError or OrcidTakenError.
    """
    member = locked(member, *Member.KNOWN)
    member.orcid, member.orcid_name, member.orcid_confirmed_at = orcid, name, timezone.now()
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as taken:
        raise OrcidTakenError from taken
    for proposal in member.proposals.filter(language=member.language):
        # Otherwise accepting texts proposed earlier would remove the iD.
        proposal.texts = proposal.texts | {"orcid": orcid}
        proposal.save()
    return member


@transaction.atomic
def move_address(*, user: User, address: str) -> None:
    """Change the address of a member after they confirmed a new one.

    If it belongs to another member, the old address stays.
    """
    member = Member.objects.filter(user=user).select_for_update().first()
    if member is None:
        return
    with suppress(IntegrityError), transaction.atomic():
        Verification.objects.asked_of(member).update(what=address.lower())
        Member.objects.filter(pk=member.pk).update(email=address.lower())


@transaction.atomic
def remove_passkeys(*, member: Member, by: User) -> None:
    """Remove the passkeys of a member who has lost them, and end their sessions.

    A code by mail is enough again.
    Raises InvalidStateError.
    """
    member = locked(member, *Member.KNOWN)
    # Only administrators can remove the passkeys of users of the admin.
    if member.user is None or member.user.works_in_admin or not second_factor.remove(member.user):
        raise InvalidStateError
    accounts.end_sessions(user=member.user)
    log_member(member, "network.remove_passkeys", by)


@transaction.atomic
def close_account(*, member: Member) -> None:
    """Delete the account of a member with its passkeys and sessions.

    The profile stays.
    Raises InvalidStateError.

    An account that is also used in the admin cannot be deleted here.
    """
    member = locked(member, *Member.ANSWERABLE)
    if member.user is None or member.user.works_in_admin:
        raise InvalidStateError
    erasures.record(member=member.uuid, kind=Erasure.Kind.ACCOUNT)
    accounts.delete_account_without_admin(user=member.user)


@transaction.atomic
def leave(*, member: Member, by: User | None = None) -> None:
    """Erase a member and everything that names them: account, mail, sessions and log entries.

    `by` is set if staff do it on request.

    Does nothing if the member has been erased already, by themselves or by staff at the same time.
    """
    there = Member.objects.select_for_update().filter(pk=member.pk).first()
    if there is None:
        return
    member = there
    for registration in member.registrations.select_related("event").order_by("event"):
        give_up_place(registration=registration)
    erasures.record(member=member.uuid, kind=Erasure.Kind.MEMBER)
    ModelLogEntry.objects.for_instance(member).delete()
    # Mail about a member is deleted with them; links to profiles are queued by address alone.
    by_address = [Letter.PROFILE_LINK, Letter.NOMINATION]
    OutgoingMail.objects.filter(kind__in=by_address, recipient=member.email).delete()
    Verification.objects.open().filter(kind=Verification.Kind.NOMINATION, what=member.email).delete()
    if by is not None:
        # Record that a member was erased and by whom, but not which one.
        log(member, "network.erase", user=by, title=NO_NAME)
    if member.user is not None:
        accounts.delete_account_without_admin(user=member.user)
    else:
        # Sign-in may have been started for the address without an account, too.
        accounts.forget_address(email=member.email)
    member.delete()


def end_links() -> str:
    """Invalidate all mailed single-use links, because a restored backup lacks the record of their use.

    Returns a sentence about it.
    """
    for model in (Member, Verification):
        model.objects.update(link_key=Func(function="gen_random_uuid", output_field=UUIDField()))
    return "Links that were mailed before no longer work; members can ask for new ones."


def erase_restored() -> str:
    """Erase members who have left since a restored backup was made.

    Returns a sentence about it.
    """
    return f"Erased again: {erase_again(erasures.in_file())}"


def erase_again(entries: Iterable[Erasure]) -> int:
    """Erase the members and accounts that a restored backup has brought back.

    Adds the entries to the list in the database, and returns the number of erasures.
    """
    entries = list(entries)
    erasures.keep(entries)
    found = list(erasures.undone(entries))
    for entry, member in found:
        if entry.kind == Erasure.Kind.MEMBER:
            leave(member=member)
        else:
            close_account(member=member)
    return len(found)
