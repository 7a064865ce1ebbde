"""Services for the records of the registry of practices."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from core.mail import outbox
from core.publishing.approval import ensure_second_person
from network.mail import Letter
from network.models import EvidenceCriterion, EvidenceReview, Practice
from network.practices.evidence import EVIDENCE_LASTS
from network.row_locks import InvalidStateError, locked_row
from users.models import User

# Number of reviewers who have to agree on an evidence rating.
AGREED: Final = 2


@transaction.atomic
def publish_practice(*, practice: Practice, seen: int, by: User) -> Practice:
    """Publish the newest version of a practice, which counts as confirmed today.

    `seen` is the key of the version that the user has read.
    Raises InvalidStateError if there is a newer one, SecondPersonRequiredError if `by` has written in it.
    """
    practice = locked_row(practice)
    newest = practice.latest_revision
    if newest is None or newest.pk != seen or not practice.has_unpublished_changes:
        raise InvalidStateError
    newest.publish(user=by, skip_permission_checks=True)
    return _confirm_practice(practice)


@transaction.atomic
def confirm_practice(*, practice: Practice, by: User | None = None) -> Practice:
    """Record that a public practice is still correct, according to its owner, or to `by` on their behalf.

    Ends its archiving.
    Raises InvalidStateError.
    """
    practice = locked_row(practice)
    if not practice.live:
        raise InvalidStateError
    log(practice, "network.confirm_practice", user=by)
    return _confirm_practice(practice)


@transaction.atomic
def archive_practice(*, practice: Practice) -> None:
    """Archive a practice whose last confirmation is too old, unless it has been confirmed in the meantime.

    It stays readable.
    """
    due = Practice.objects.to_archive().select_for_update().filter(pk=practice.pk).first()
    if due is not None:
        due.archived_at = timezone.now()
        due.save(update_fields=["archived_at"])


@transaction.atomic
def remind_of_practice(*, practice: Practice) -> None:
    """Queue a reconfirmation request to the owner of a practice, unless it has been confirmed in the meantime."""
    # update() and not save(): nothing visible has changed, so nothing is rendered.
    if Practice.objects.to_remind().filter(pk=practice.pk).update(reminded_at=timezone.now()):
        outbox.queue(Letter.PRACTICE, about=practice)


@transaction.atomic
def import_practices(*, versions: Iterable[Practice], by: User) -> int:
    """Save versions that were read from a table.

    Another user has to publish them.
    Return their number.
    """
    count = 0
    for version in versions:
        if version.pk is None:
            version.save()
        version.save_revision(user=by, log_action=True)
        count += 1
    return count


@transaction.atomic
def import_criteria(*, criteria: Iterable[EvidenceCriterion]) -> int:
    """Save criteria that were read from a table.

    Return their number.
    """
    rows = list(criteria)
    for each in rows:
        each.save()
    return len(rows)


def _confirm_practice(practice: Practice) -> Practice:
    practice.refresh_from_db()
    practice.confirmed_on, practice.reminded_at, practice.archived_at = timezone.localdate(), None, None
    practice.save(update_fields=Practice.KEPT)
    return practice


class ConflictOfInterestError(InvalidStateError):
    """The user has declared a conflict of interest and may not decide."""


@transaction.atomic
def open_review(
    *, practice: Practice, outcome: str, studies: int, references: str, by: User, effect: str = ""
) -> EvidenceReview:
    """Open a review of the evidence for one outcome by two people.

    Raises InvalidStateError if there is an undecided one.
    """
    practice = locked_row(practice)
    if practice.reviews.open().filter(outcome=outcome).exists():
        raise InvalidStateError
    review: EvidenceReview = practice.reviews.create(
        outcome=outcome, studies=studies, effect=effect, references=references, opened_by=by
    )
    log(practice, "network.open_review", user=by)
    return review


@transaction.atomic
def withdraw_review(*, review: EvidenceReview, by: User) -> None:
    """Delete a review that was opened by mistake.

    Raises InvalidStateError if it is decided, or another user has given an assessment.

    Otherwise a user could make an unwelcome assessment disappear.
    """
    review = _open_review(review)
    if not review.may_be_withdrawn_by(by):
        raise InvalidStateError
    log(review.practice, "network.withdraw_review", user=by)
    review.delete()


@transaction.atomic
def declare_conflict(*, review: EvidenceReview, by: User, conflict: str) -> EvidenceReview:
    """Record a conflict of interest of a reviewer, and delete their assessment.

    Raises InvalidStateError if the review is decided.
    """
    review = _open_review(review)
    review.assessments.update_or_create(
        reviewer=by,
        defaults={
            "conflict": conflict,
            "rating": "",
            "criteria": [],
            "text": "",
            "written_at": timezone.now(),
        },
    )
    return review


@transaction.atomic
def assess(*, review: EvidenceReview, by: User, rating: str, criteria: Sequence[str], text: str) -> EvidenceReview:
    """Save one reviewer's assessment, and decide if that is enough: two who agree, or the third.

    Until then, reviewers may change their assessments.
    Raises ConflictOfInterestError, InvalidStateError if the review is decided, and SecondPersonRequiredError if `by`
    cannot stand beside another reviewer.
    """
    review = _open_review(review)
    others = review.assessments.filter(conflict="").exclude(reviewer=by).values_list("reviewer", flat=True)
    ensure_second_person(by.pk, set(others))
    if review.assessments.filter(reviewer=by).exclude(conflict="").exists():
        raise ConflictOfInterestError
    review.assessments.update_or_create(
        reviewer=by,
        defaults={"rating": rating, "criteria": list(criteria), "text": text, "written_at": timezone.now()},
    )
    _decide(review)
    return review


@transaction.atomic
def answer_rating(*, review: EvidenceReview, text: str, language: str, by: User) -> EvidenceReview:
    """Save the owner's answer to a rating, which is shown beside it.

    An empty text removes it.
    Raises InvalidStateError without a rating.
    """
    review = locked_row(review)
    if review.is_open:
        raise InvalidStateError
    review.answer = text
    review.answer_language = language if text else ""
    review.answered_on = timezone.localdate() if text else None
    review.proposed_answer = review.proposed_language = ""
    review.save()
    log(review.practice, "network.answer_rating", user=by)
    return review


@transaction.atomic
def propose_answer(*, review: EvidenceReview, text: str, language: str) -> None:
    """Save the owner's proposed answer to a rating, until it has been reviewed.

    Raises InvalidStateError without a rating.
    """
    review = locked_row(review)
    if review.is_open:
        raise InvalidStateError
    # update() and not save(): nothing visible has changed, so nothing is rendered.
    EvidenceReview.objects.filter(pk=review.pk).update(proposed_answer=text, proposed_language=language)


@transaction.atomic
def note_expiry(*, review: EvidenceReview) -> None:
    """Record that a rating has expired.

    Saving invalidates the pages that show it.
    """
    due = EvidenceReview.objects.to_expire().select_for_update().filter(pk=review.pk).first()
    if due is not None:
        due.expiry_noted = True
        due.save()


@transaction.atomic
def announce_expiry(*, review: EvidenceReview) -> None:
    """Notify the owner that a rating will expire, once."""
    if EvidenceReview.objects.to_announce().filter(pk=review.pk).update(reminded_at=timezone.now()):
        outbox.queue(Letter.EVIDENCE, about=review.practice)


def _decide(review: EvidenceReview) -> None:
    """Set the rating on which two reviewers agree.

    If they do not, the third decides.
    Reviewers with a conflict do not count.
    """
    everybody = list(review.assessments.all())
    read = [each for each in everybody if not each.conflict]
    if len(read) > AGREED:
        decisive = read[AGREED:]
    elif len(read) == AGREED and len({each.rating for each in read}) == 1:
        decisive = read
    else:
        return
    today = timezone.localdate()
    review.rating = decisive[0].rating
    review.is_by_third = len(read) > AGREED
    # The criteria that they have in common, in the order of the first.
    review.criteria = [code for code in decisive[0].criteria if all(code in each.criteria for each in decisive)]
    review.conflicts = len(everybody) - len(read)
    review.decided_on = today
    review.expires_on = today + EVIDENCE_LASTS
    review.save()
    log(review.practice, "network.decide_evidence")


def _open_review(review: EvidenceReview) -> EvidenceReview:
    review = locked_row(review)
    if not review.is_open:
        raise InvalidStateError
    return review
