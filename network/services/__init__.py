"""Every write to the network. Mail is sent and pages are printed once the transaction is committed."""

from __future__ import annotations

import tomllib
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Locale, ModelLogEntry

from core.mail import outbox
from core.models import OutgoingMail
from network.mail import OF_PROOFS, Letter
from network.models import (
    Category,
    DigestPage,
    DigestReview,
    EvidenceReview,
    Member,
    Practice,
    Proof,
    ProposedWords,
    ReviewEntry,
    ReviewTemplate,
    categories,
)
from network.models.vocabulary import DETAILS, CategoryGroup
from network.querysets import EVIDENCE_LASTS
from users import second_factor
from users import services as accounts
from users.models import User

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from network.models import EvidenceCriterion
    from network.querysets import ProofQuerySet

State = Member.State
Kind = ReviewEntry.Kind

# Version of the text in templates/network/consent.html. Raise it with every new wording.
CONSENT_VERSION: Final = "2026-11-27"

# How many reviewers have to agree on a label of evidence.
AGREED: Final = 2

STARTER = Path(__file__).parent / "data"


class WrongState(Exception):  # noqa: N818  (what it is)
    """The member is not in a state that allows this: somebody else changed it first, or a link is old."""


class OrcidTaken(WrongState):
    """This ORCID iD has been confirmed for another member."""


class DigestChanged(Exception):  # noqa: N818  (what happened)
    """Somebody saved another version of the digest while its review was being recorded."""


class OwnDigest(Exception):  # noqa: N818  (what it is)
    """Whoever has written in a digest does not record its review."""


class OpinionAwaited(WrongState):
    """Whoever asked for a second opinion does not decide in favour before it is given."""


class Work(TypedDict, total=False):
    """What a member chooses from lists, and who sees which details."""

    roles: Sequence[str]
    country: str
    languages: Sequence[str]
    expertise: Sequence[str]
    work_settings: Sequence[str]
    methods: Sequence[str]
    populations: Sequence[str]
    shown: Sequence[str]
    shown_to_members: Sequence[str]
    has_page: bool


class PracticeReview(TypedDict):
    """What somebody from practice said of a digest, named as they agreed to be."""

    reviewer_name: str
    reviewer_role: str
    reviewed_on: dt.date
    review_fits: str
    review_does_not_fit: str


class JoinRequest(Work, total=False):
    """The content of a request to join."""

    kind: str
    name: str
    about: str
    offers: str
    needs: str
    affiliation: str
    ror: str
    orcid: str


# --- Joining -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_to_join(*, email: str, language: str, **request: Unpack[JoinRequest]) -> Member:
    """Store a request and mail a link to its address.

    Whether the address is known is looked up only when the mail is sent, so that neither the response nor its timing reveals it.
    """
    current = _with_current_codes(request)
    member = Member.objects.create(
        email=email.lower(), language=language, consent_version=CONSENT_VERSION, **current
    )
    outbox.queue(Letter.CONFIRM, about=member)
    return member


@transaction.atomic
def confirm(*, member: Member) -> Member:
    """Confirm the address of a request and put it up for review. Raises WrongState."""
    member = _locked(member, State.UNCONFIRMED)
    # Other unconfirmed and declined requests with this address are settled by this one.
    Member.objects.filter(email=member.email, state__in=[State.UNCONFIRMED, State.DECLINED]).exclude(
        pk=member.pk
    ).delete()
    member.state = State.IN_REVIEW
    member.confirmed_at = timezone.now()
    member.link_key = uuid.uuid4()
    _save_with_free_address(member)
    return member


# --- Reviewing ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def approve(*, member: Member, by: User) -> Member:
    """Approve a reviewed request: the member is listed with what they show. Raises WrongState."""
    member = _locked(member, State.IN_REVIEW)
    _wait_for_opinion(member, by)
    _close(member, Kind.QUESTION, Kind.OPINION_WANTED)
    member.state = State.LISTED
    member.decided_at = timezone.now()
    member.save()
    _log(member, "network.approve", by)
    outbox.queue(Letter.WELCOME, about=member)
    return member


@transaction.atomic
def decline(*, member: Member, by: User, reason: str) -> Member:
    """Decline a request with a reason. It is kept for a while so that the person can answer. Raises WrongState."""
    member = _locked(member, State.IN_REVIEW)
    _close(member, Kind.QUESTION, Kind.OPINION_WANTED)
    _write(member, Kind.REASON, reason, by)
    member.state = State.DECLINED
    member.decided_at = timezone.now()
    member.save()
    _log(member, "network.decline", by)
    outbox.queue(Letter.DECLINED, about=member)
    return member


@transaction.atomic
def accept_words(*, proposal: ProposedWords, by: User) -> Member:
    """Make words count that somebody has read. Raises WrongState, also if the member has changed or taken back exactly these words."""
    member, proposal = _locked_proposal(proposal)
    _wait_for_opinion(member, by)
    _close(member, Kind.OPINION_WANTED)
    member.set_words(proposal.language, proposal.words)
    member.save()
    proposal.delete()
    _log(member, "network.accept_words", by)
    _tell_about_words(member)
    return member


@transaction.atomic
def decline_words(*, proposal: ProposedWords, by: User, reason: str) -> Member:
    """Decline words with a reason. The member finds both on their own page and can put the words right. Raises WrongState."""
    member, proposal = _locked_proposal(proposal)
    _close(member, Kind.OPINION_WANTED)
    _write(member, Kind.REASON, reason, by)
    proposal.declined_at = timezone.now()
    proposal.save()
    _log(member, "network.decline_words", by)
    _tell_about_words(member)
    return member


@transaction.atomic
def hide(*, member: Member, by: User) -> Member:
    """Take a member off every page at once. Only the team can undo it. Raises WrongState."""
    member = _locked(member, State.LISTED, State.PAUSED)
    member.state = State.PAUSED
    member.held_at = timezone.now()
    member.save()
    _log(member, "network.hide", by)
    return member


@transaction.atomic
def release(*, member: Member, by: User) -> Member:
    """Undo `hide`. The profile stays paused until the member brings it back. Raises WrongState."""
    member = _locked(member, State.PAUSED)
    if member.held_at is None:
        raise WrongState
    member.held_at = None
    member.save()
    _log(member, "network.release", by)
    return member


# --- Talking about a request -------------------------------------------------------------------------------------------


@transaction.atomic
def ask_back(*, member: Member, by: User, question: str) -> Member:
    """Ask a question before deciding. It is read and answered on the member's own page; the mail says only that. Raises WrongState."""
    member = _locked(member, *Member.KNOWN)
    _write(member, Kind.QUESTION, question, by)
    _log(member, "network.ask_back", by)
    outbox.queue(Letter.QUESTION, about=member)
    return member


@transaction.atomic
def note(*, member: Member, by: User, text: str) -> Member:
    """Keep a note for the team. Raises WrongState."""
    member = _locked(member, *Member.ANSWERABLE)
    _write(member, Kind.NOTE, text, by)
    return member


@transaction.atomic
def ask_for_opinion(*, member: Member, by: User, text: str) -> Member:
    """Ask somebody else of the team. Until they have answered, `by` does not decide in favour. Raises WrongState."""
    member = _locked(member, *Member.KNOWN)
    if member.review.opinions_wanted().exists():
        raise WrongState
    _write(member, Kind.OPINION_WANTED, text, by)
    _log(member, "network.ask_for_opinion", by)
    return member


@transaction.atomic
def give_opinion(*, member: Member, by: User, text: str) -> Member:
    """Give the second opinion that somebody else has asked for. Raises WrongState."""
    member = _locked(member, *Member.KNOWN)
    if not member.review.opinions_wanted().exclude(author=by).exists():
        raise WrongState
    _close(member, Kind.OPINION_WANTED)
    _write(member, Kind.OPINION, text, by)
    _log(member, "network.give_opinion", by)
    return member


@transaction.atomic
def answer(*, member: Member, text: str) -> Member:
    """Answer all open questions. A declined request is read once more. Raises WrongState if nothing was asked, or the address is in use."""
    member = _locked(member, *Member.ANSWERABLE)
    is_asked = _close(member, Kind.QUESTION)
    if member.state == State.DECLINED:
        member.state = State.IN_REVIEW
        member.decided_at = None
        _save_with_free_address(member)
    elif not is_asked:
        raise WrongState
    _write(member, Kind.ANSWER, text, None)
    return member


@transaction.atomic
def remind(*, question: ReviewEntry) -> None:
    """Remind a member of a question, once, unless it has been answered meanwhile."""
    try:
        member = _locked(question.member, *Member.KNOWN)
    except WrongState:
        return
    due = member.review.to_remind()
    if due.filter(pk=question.pk).exists():
        due.update(reminded_at=timezone.now())
        outbox.queue(Letter.REMINDER, about=member)


# --- Members' own actions ----------------------------------------------------------------------------------------------


@transaction.atomic
def send_link(*, address: str, language: str) -> OutgoingMail:
    """Mail a link to the profile, if there is one. That is looked up only when the mail is sent, so that nothing reveals it."""
    return outbox.queue(Letter.PROFILE_LINK, recipient=address.lower(), language=language)


@transaction.atomic
def open_profile(*, member: Member) -> Member:
    """Use up a mailed link. Raises WrongState."""
    member = _locked(member, *Member.ANSWERABLE)
    # update() and not save(): nothing visible has changed, so nothing is printed.
    Member.objects.filter(pk=member.pk).update(link_key=uuid.uuid4())
    return member


@transaction.atomic
def update_profile(*, member: Member, **work: Unpack[Work]) -> Member:
    """Change what a member chose from lists and what they show. It counts at once, unlike words, which a person reads first. Raises WrongState."""
    current = _with_current_codes(work)  # before the member is locked, as merging does it
    member = _locked(member, *Member.KNOWN)
    before = [set(member.shown), set(member.shown_to_members)]
    for name, value in current.items():
        setattr(member, name, value)
    if before != [set(member.shown), set(member.shown_to_members)]:
        member.shown_changed_at = timezone.now()
    member.save()
    return member


@transaction.atomic
def propose_words(*, member: Member, language: str, words: Mapping[str, str]) -> ProposedWords | None:
    """Take all that a member says about themselves in one language, as detail → text. Raises WrongState.

    What they have emptied is gone at once: nobody needs to read it. All else waits for a person; returns what waits, if anything does.
    """
    member = _locked(member, *Member.KNOWN)
    member.proposals.filter(language=language).delete()
    wanted = {detail: text for detail, text in words.items() if text}
    current = member.words_in(language)
    left = {detail: text for detail, text in current.items() if detail in wanted}
    if left != current:
        member.set_words(language, left)
        member.save()
    if wanted == left:
        return None
    return member.proposals.create(language=language, words=wanted)


@transaction.atomic
def take_back_words(*, member: Member, language: str) -> None:
    """Forget what a member has proposed in one language. Raises WrongState if there is nothing."""
    member = _locked(member, *Member.KNOWN)
    gone, _rows = member.proposals.filter(language=language).delete()
    if not gone:
        raise WrongState


@transaction.atomic
def pause(*, member: Member) -> Member:
    """Take the profile off every page until the member brings it back. Raises WrongState."""
    member = _locked(member, State.LISTED)
    member.state = State.PAUSED
    member.save()
    return member


@transaction.atomic
def resume(*, member: Member) -> Member:
    """Bring a paused profile back. Raises WrongState, also if the team has hidden it."""
    member = _locked(member, State.PAUSED)
    if member.held_at is not None:
        raise WrongState
    member.state = State.LISTED
    member.save()
    return member


@transaction.atomic
def open_account(*, member: Member) -> User:
    """Give a listed member an account to sign in with, at their address. Raises WrongState.

    Whoever works at the desk with the same address already has one, which becomes theirs as a member, too: `works_at_desk` tells. They sign
    in to it as ever.
    """
    member = _locked(member, State.LISTED)
    if member.user is not None:
        raise WrongState
    user = User.objects.filter(email=member.email, is_active=True, member=None).first()
    if user is None:
        try:
            user = accounts.make_account_without_desk(email=member.email)
        except accounts.AlreadyExistsError as switched_off:
            raise WrongState from switched_off
    member.user = user
    # update() and not save(): nothing visible has changed, so nothing is printed.
    Member.objects.filter(pk=member.pk).update(user=user)
    return user


@transaction.atomic
def confirm_orcid(*, member: Member, orcid: str, name: str) -> Member:
    """Keep the iD that ORCID has confirmed, and the name that it gave. It needs no reader. Raises WrongState or OrcidTaken."""
    member = _locked(member, *Member.KNOWN)
    member.orcid, member.orcid_name, member.orcid_confirmed_at = orcid, name, timezone.now()
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as taken:
        raise OrcidTaken from taken
    for proposal in member.proposals.filter(language=member.language):
        # Or the iD would be gone again once somebody accepts words that were written before.
        proposal.words = proposal.words | {"orcid": orcid}
        proposal.save()
    return member


@transaction.atomic
def move_address(*, user: User, address: str) -> None:
    """Have our mail follow a member who has proved that another address is theirs. If it is another member's, mail goes where it went."""
    member = Member.objects.filter(user=user).select_for_update().first()
    if member is None:
        return
    with suppress(IntegrityError), transaction.atomic():
        Proof.objects.asked_of(member).update(what=address.lower())
        Member.objects.filter(pk=member.pk).update(email=address.lower())


@transaction.atomic
def remove_passkeys(*, member: Member, by: User) -> None:
    """Remove the passkeys of a member who has lost them, and end their sessions. A code by mail is enough again. Raises WrongState."""
    member = _locked(member, *Member.KNOWN)
    # Whoever works at the desk is in the care of its administrators.
    if member.user is None or member.user.works_at_desk or not second_factor.remove(member.user):
        raise WrongState
    accounts.end_sessions(user=member.user)
    _log(member, "network.remove_passkeys", by)


@transaction.atomic
def leave(*, member: Member, by: User | None = None) -> None:
    """Erase a member and everything that names them: account, mail and log entries. `by` is set if staff do it on request.

    If they have been erased already, by themselves or by staff in the same moment, that is what was wanted: nothing is done.
    """
    there = Member.objects.select_for_update().filter(pk=member.pk).first()
    if there is None:
        return
    member = there
    ModelLogEntry.objects.for_instance(member).delete()
    # Mail about a member is deleted with them; links to profiles are queued by address alone.
    by_address = [Letter.PROFILE_LINK, Letter.NOMINATION]
    OutgoingMail.objects.filter(kind__in=by_address, recipient=member.email).delete()
    Proof.objects.open().filter(kind=Proof.Kind.NOMINATION, what=member.email).delete()
    if by is not None:
        # Record that a member was erased and by whom, but not which one.
        log(member, "network.erase", user=by, title=NO_NAME)
    if member.user is not None:
        accounts.delete_account_without_desk(user=member.user)
    member.delete()


# --- Proofs of belonging -----------------------------------------------------------------------------------------------


@transaction.atomic
def prove_address(*, member: Member, address: str) -> Proof:
    """Mail a link to an address at an institution. We keep its domain. The member's own address has been confirmed already. Raises WrongState."""
    member = _locked(member, *Member.KNOWN)
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
    member = _locked(member, *Member.KNOWN)
    member.proofs.open().filter(kind=Proof.Kind.LINK).delete()
    proof: Proof = member.proofs.create(kind=Proof.Kind.LINK, what=url)
    return proof


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
    member, address = _locked(member, *Member.KNOWN), address.lower()
    if member.proofs.open().filter(kind=Proof.Kind.NOMINATION, what=address).exists():
        return
    proof: Proof = member.proofs.create(kind=Proof.Kind.NOMINATION, what=address)
    outbox.queue(Letter.NOMINATION, about=member, recipient=address, proof=str(proof.uuid))


@transaction.atomic
def nominate(*, proof: Proof, by: Member) -> None:
    """Say that one knows a member and their work. Raises WrongState if `by` is not the listed member who was asked, or has said so before."""
    by = _locked(by, State.LISTED)
    proof = _locked_proof(Proof.objects.asked_of(by), proof)
    if by.nominations.filter(member=proof.member).exists():
        raise WrongState
    # The address was needed to ask; now there is a name.
    proof.nominator, proof.what = by, ""
    _confirm_proof(proof)


@transaction.atomic
def refuse_to_nominate(*, proof: Proof, by: Member) -> None:
    """Forget that somebody was asked for a nomination. Nobody is told. Raises WrongState."""
    _locked_proof(Proof.objects.asked_of(_locked(by, State.LISTED)), proof).delete()


@transaction.atomic
def take_back_proof(*, member: Member, proof: Proof) -> None:
    """Delete a proof of one's own, confirmed or not. Raises WrongState if it is not there any more."""
    member = _locked(member, *Member.KNOWN)
    gone, _rows = member.proofs.filter(pk=proof.pk).delete()
    if not gone:
        raise WrongState
    OutgoingMail.objects.filter(kind__in=OF_PROOFS, data__proof=str(proof.uuid)).delete()


@transaction.atomic
def forget_proof(*, proof: Proof) -> None:
    """Delete a proof that nobody has confirmed in time."""
    Proof.objects.expired().filter(pk=proof.pk).delete()


# --- Retention ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def purge(*, member: Member) -> None:
    """Delete one expired request, unless it has been confirmed meanwhile."""
    overdue = Member.objects.overdue().select_for_update().filter(pk=member.pk).first()
    if overdue is not None:
        ModelLogEntry.objects.for_instance(overdue).delete()
        overdue.delete()


def purge_overdue() -> int:
    """Delete requests not confirmed within 7 days, and declined ones after 30 days. Return how many were due."""
    overdue = list(Member.objects.overdue())
    for member in overdue:
        purge(member=member)
    return len(overdue)


@transaction.atomic
def forget_words(*, proposal: ProposedWords) -> None:
    """Delete words that were declined long ago, unless the member has replaced them meanwhile."""
    ProposedWords.objects.expired().filter(pk=proposal.pk).delete()


# --- Categories --------------------------------------------------------------------------------------------------------


class NotMergeable(Exception):  # noqa: N818  (what they are)
    """Two categories that are not of one group, are the same, or of which one is retired, was merged, or is no longer there."""


@transaction.atomic
def retire(*, category: Category, by: User) -> None:
    """Let nobody choose a category any more. It stays with those who have it."""
    _set_retired(category, retired=True)
    log(category, "network.retire_category", user=by)


@transaction.atomic
def bring_back(*, category: Category, by: User) -> None:
    """Undo `retire`."""
    _set_retired(category, retired=False)
    log(category, "network.bring_back_category", user=by)


@transaction.atomic
def merge(*, category: Category, into: Category, by: User) -> int:
    """Put `into` in the place of `category` wherever codes are stored, and return how many rows had it. Raises NotMergeable.

    Readers see all of it or nothing. One statement changes each column, however many rows there are; addresses with the old code go on working.
    """
    categories.wait_to_merge()
    old, new = (Category.objects.filter(pk=each.pk, replaced_by="").first() for each in (category, into))
    if old is None or new is None or not old.can_become(new):
        raise NotMergeable
    group = Category.objects.filter(group=old.group)
    group.filter(replaced_by=old.code).update(replaced_by=new.code)
    group.filter(code=old.code).update(replaced_by=new.code)
    changed = sum(column.replace(old.code, new.code) for column in categories.columns(old.group))
    old.save()  # so that what shows it is printed again
    log(old, "network.merge_category", user=by, data={"into": new.code, "rows": changed})
    return changed


def _set_retired(category: Category, *, retired: bool) -> None:
    Category.objects.coded(category.group, category.code).update(retired=retired)
    category.save()  # so that what shows it is printed again


def _with_current_codes(work: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a member has chosen with categories that were merged meanwhile replaced. From here on nobody merges."""
    current = dict(work)
    categories.hold_still()
    vocabulary = categories.vocabulary(settings.LANGUAGE_CODE)
    for rule in DETAILS:
        if rule.has_categories and rule.detail in current:
            current[rule.detail] = vocabulary.current(rule.facet, current[rule.detail])
    return current


# --- Practices ---------------------------------------------------------------------------------------------------------


class ConflictDeclared(WrongState):
    """Whoever has declared a conflict of interest does not decide."""


@transaction.atomic
def publish_practice(*, practice: Practice, seen: int, by: User) -> Practice:
    """Publish the newest version of a practice, which counts as confirmed today.

    `seen` is the key of the version that somebody has read. Raises WrongState if there is a newer one, PublishedAlone if `by` has written in it.
    """
    practice = _locked_row(practice)
    newest = practice.latest_revision
    if newest is None or newest.pk != seen or not practice.has_unpublished_changes:
        raise WrongState
    newest.publish(user=by, skip_permission_checks=True)
    return _confirm_practice(practice)


@transaction.atomic
def confirm_practice(*, practice: Practice, by: User | None = None) -> Practice:
    """Keep that a public practice is still right: the owner says so, or has said so to `by`. Takes it out of the archive. Raises WrongState."""
    practice = _locked_row(practice)
    if not practice.live:
        raise WrongState
    log(practice, "network.confirm_practice", user=by)
    return _confirm_practice(practice)


@transaction.atomic
def archive_practice(*, practice: Practice) -> None:
    """Archive a practice that nobody has confirmed for long, unless somebody has meanwhile. It stays readable."""
    due = Practice.objects.to_archive().select_for_update().filter(pk=practice.pk).first()
    if due is not None:
        due.archived_at = timezone.now()
        due.save(update_fields=["archived_at"])


@transaction.atomic
def remind_of_practice(*, practice: Practice) -> None:
    """Ask the owner whether a practice is still right, unless somebody has confirmed it meanwhile."""
    # update() and not save(): nothing visible has changed, so nothing is printed.
    if Practice.objects.to_remind().filter(pk=practice.pk).update(reminded_at=timezone.now()):
        outbox.queue(Letter.PRACTICE, about=practice)


@transaction.atomic
def import_practices(*, versions: Iterable[Practice], by: User) -> int:
    """Keep versions that were read from a table. Somebody else has to publish them. Return how many there were."""
    count = 0
    for version in versions:
        if version.pk is None:
            version.save()
        version.save_revision(user=by, log_action=True)
        count += 1
    return count


@transaction.atomic
def import_criteria(*, criteria: Iterable[EvidenceCriterion]) -> int:
    """Save criteria that were read from a table. Return how many there were."""
    rows = list(criteria)
    for each in rows:
        each.save()
    return len(rows)


# --- Evidence of practices ---------------------------------------------------------------------------------------------


@transaction.atomic
def open_review(
    *, practice: Practice, outcome: str, studies: int, references: str, by: User
) -> EvidenceReview:
    """Ask two people to weigh the evidence for one outcome. Raises WrongState if that has been asked already, and nobody has decided."""
    practice = _locked_row(practice)
    if practice.reviews.open().filter(outcome=outcome).exists():
        raise WrongState
    review: EvidenceReview = practice.reviews.create(
        outcome=outcome, studies=studies, references=references, opened_by=by
    )
    log(practice, "network.open_review", user=by)
    return review


@transaction.atomic
def declare_conflict(*, review: EvidenceReview, by: User, conflict: str) -> EvidenceReview:
    """Keep that somebody has a conflict of interest: what they thought no longer counts. Raises WrongState if it has been decided."""
    review = _open_review(review)
    review.assessments.update_or_create(
        reviewer=by,
        defaults={
            "conflict": conflict,
            "label": "",
            "criteria": [],
            "text": "",
            "written_at": timezone.now(),
        },
    )
    return review


@transaction.atomic
def assess(
    *, review: EvidenceReview, by: User, label: str, criteria: Sequence[str], text: str
) -> EvidenceReview:
    """Keep what one reviewer thinks, and decide if that is enough: two who agree, or the third.

    Until then, reviewers may change their minds. Raises ConflictDeclared, and WrongState if it has been decided.
    """
    review = _open_review(review)
    if review.assessments.filter(reviewer=by).exclude(conflict="").exists():
        raise ConflictDeclared
    review.assessments.update_or_create(
        reviewer=by,
        defaults={"label": label, "criteria": list(criteria), "text": text, "written_at": timezone.now()},
    )
    _decide(review)
    return review


@transaction.atomic
def answer_label(*, review: EvidenceReview, text: str, language: str, by: User) -> EvidenceReview:
    """Keep what the owner says to a label, which is shown beside it. An empty text takes it away. Raises WrongState before there is a label."""
    review = _locked_row(review)
    if review.is_open:
        raise WrongState
    review.answer = text
    review.answer_language = language if text else ""
    review.answered_on = timezone.localdate() if text else None
    review.proposed_answer = review.proposed_language = ""
    review.save()
    log(review.practice, "network.answer_label", user=by)
    return review


@transaction.atomic
def propose_answer(*, review: EvidenceReview, text: str, language: str) -> None:
    """Keep what the owner wants to say to a label, until somebody of the team has read it. Raises WrongState before there is a label."""
    review = _locked_row(review)
    if review.is_open:
        raise WrongState
    # update() and not save(): nothing visible has changed, so nothing is printed.
    EvidenceReview.objects.filter(pk=review.pk).update(proposed_answer=text, proposed_language=language)


@transaction.atomic
def note_expiry(*, review: EvidenceReview) -> None:
    """Have the pages say that a label has expired."""
    due = EvidenceReview.objects.to_expire().select_for_update().filter(pk=review.pk).first()
    if due is not None:
        due.expiry_noted = True
        due.save()


@transaction.atomic
def announce_expiry(*, review: EvidenceReview) -> None:
    """Tell the owner that a label will expire, once."""
    if EvidenceReview.objects.to_announce().filter(pk=review.pk).update(reminded_at=timezone.now()):
        outbox.queue(Letter.EVIDENCE, about=review.practice)


def _decide(review: EvidenceReview) -> None:
    """Give the label on which two reviewers agree. If they do not, the third decides. A conflict is no opinion."""
    everybody = list(review.assessments.all())
    read = [each for each in everybody if not each.conflict]
    if len(read) > AGREED:
        decisive = read[AGREED:]
    elif len(read) == AGREED and len({each.label for each in read}) == 1:
        decisive = read
    else:
        return
    today = timezone.localdate()
    review.label = decisive[0].label
    review.is_by_third = len(read) > AGREED
    # What they have in common, in the order of the first.
    review.criteria = [
        code for code in decisive[0].criteria if all(code in each.criteria for each in decisive)
    ]
    review.conflicts = len(everybody) - len(read)
    review.decided_on = today
    review.expires_on = today + EVIDENCE_LASTS
    review.save()
    log(review.practice, "network.decide_evidence")


def _open_review(review: EvidenceReview) -> EvidenceReview:
    review = _locked_row(review)
    if not review.is_open:
        raise WrongState
    return review


def _locked_row[Row: (Practice, EvidenceReview)](row: Row) -> Row:
    """Return the current row, locked until the transaction ends. Raises WrongState if it is gone."""
    now = type(row).objects.select_for_update().filter(pk=row.pk).first()
    if now is None:
        raise WrongState
    return now


def _confirm_practice(practice: Practice) -> Practice:
    practice.refresh_from_db()
    practice.confirmed_on, practice.reminded_at, practice.archived_at = timezone.localdate(), None, None
    practice.save(update_fields=Practice.KEPT)
    return practice


# --- Research digests ------------------------------------------------------------------------------------------------


@transaction.atomic
def record_review(*, digest: DigestPage, version: object, review: PracticeReview, by: User) -> DigestReview:
    """Put a review from practice into the draft of a digest, which may then be published as it is.

    `version` is the primary key of the revision that was reviewed. Raises DigestChanged if there is a newer one, and OwnDigest if `by` has
    written in the digest since it was last reviewed.
    """
    digest = DigestPage.objects.select_for_update(of=("self",)).get(pk=digest.pk)
    if str(digest.latest_revision_id) != str(version):
        raise DigestChanged
    if by.pk in digest.authors_since_review():
        raise OwnDigest
    draft = digest.get_latest_revision_as_object()
    for name, value in review.items():
        setattr(draft, name, value)
    revision = draft.save_revision(user=by, log_action=True)
    return digest.reviews.create(
        revision=revision, content_hash=revision.as_object().content_hash(), recorded_by=by
    )


# --- What a new site starts with --------------------------------------------------------------------------------------------


@transaction.atomic
def seed_review_templates() -> str:
    """Write the first templates in the languages that the site has, and say so. Templates that somebody may have edited are left alone."""
    if ReviewTemplate.objects.exists():
        return ""
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    made = ReviewTemplate.objects.bulk_create(
        ReviewTemplate(locale=locales[language], use=template["use"], translation_key=key, **words)
        for template in starter("review_templates")["templates"]
        for key in [uuid.uuid4()]
        for language, words in template.items()
        if language in locales
    )
    return f"{len(made)} templates for the review of members were added."


@transaction.atomic
def seed_categories() -> str:
    """Write the first categories in the languages that the site has, and say so.

    Categories that somebody may have edited are left alone; one that is not there in a language that was added later gets its name in it.
    """
    is_new = not Category.objects.exclude(group=CategoryGroup.FIELD).exists()
    there = {(row.group, row.code): row.translation_key for row in Category.objects.all()}
    named = set(Category.objects.values_list("group", "code", "locale__language_code"))
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    made = []
    for group, first in starter("categories").items():
        for code, words in first.items():
            if not is_new and (group, code) not in there:
                continue
            key = there.get((group, code)) or uuid.uuid4()
            made += [
                Category(group=group, code=code, name=name, locale=locales[language], translation_key=key)
                for language, name in words.items()
                if language in locales and (group, code, language) not in named
            ]
    Category.objects.bulk_create(made)
    return f"{len(made)} names of categories were added." if made else ""


def starter(name: str) -> dict[str, Any]:
    """Return what a new site starts with, as it stands in `data/`."""
    with (STARTER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


# ------------------------------------------------------------------------------------------------------------------------

NO_NAME = "-"


def _locked(member: Member, *states: Member.State) -> Member:
    """Return the current row, locked until the transaction ends. Raises WrongState if it is in none of `states`."""
    now = Member.objects.select_for_update().filter(pk=member.pk).first()
    if now is None or now.state not in states:
        raise WrongState
    return now


def _locked_proposal(proposal: ProposedWords) -> tuple[Member, ProposedWords]:
    """Return what still waits, and the locked member. A change by the member is another row. Raises WrongState."""
    member = _locked(proposal.member, *Member.KNOWN)
    now = member.proposals.waiting().filter(pk=proposal.pk).first()
    if now is None:
        raise WrongState
    return member, now


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


def _save_with_free_address(member: Member) -> None:
    """Save a member whose address becomes known. Raises WrongState if somebody else's is the same."""
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as taken:
        raise WrongState from taken


def _write(member: Member, kind: ReviewEntry.Kind, text: str, author: User | None) -> None:
    ReviewEntry.objects.create(member=member, kind=kind, text=text, author=author)


def _close(member: Member, *kinds: ReviewEntry.Kind) -> bool:
    """Close what is open of these kinds, and return whether anything was."""
    return bool(member.review.open().filter(kind__in=kinds).update(closed_at=timezone.now()))


def _wait_for_opinion(member: Member, by: User) -> None:
    if member.review.opinions_wanted().filter(author=by).exists():
        raise OpinionAwaited


def _tell_about_words(member: Member) -> None:
    """Mail that a decision waits. Who is not a member yet hears of everything at once, with the decision about the request."""
    if member.state != State.IN_REVIEW:
        outbox.queue(Letter.WORDS_READ, about=member)


def _log(member: Member, action: str, by: User) -> None:
    """Log who did what to whom. A member is named by a UUID, which says nothing once they have left."""
    details: dict[str, Any] = {"title": str(member.uuid)}
    log(member, action, user=by, **details)
