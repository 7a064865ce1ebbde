"""Reviews of research digests by practitioners."""

import datetime as dt
from typing import TypedDict

from django.db import transaction
from django.utils.translation import gettext

from core.publishing.approval import ensure_second_person
from network.models import DigestPage, DigestReview
from users.models import User


class DigestChangedError(Exception):
    """Another version of the digest was saved while its review was being recorded."""


class PracticeReview(TypedDict):
    """Feedback of a practitioner on a digest, named as they agreed to be."""

    reviewer_name: str
    reviewer_role: str
    reviewed_on: dt.date
    review_fits: str
    review_does_not_fit: str


@transaction.atomic
def record_review(*, digest: DigestPage, version: object, review: PracticeReview, by: User) -> DigestReview:
    """Put a review from practice into the draft of a digest, which may then be published as it is.

    `version` is the primary key of the reviewed revision.
    Raises DigestChangedError if there is a newer one, and SecondPersonRequiredError if `by` has written in the digest
    since it was last reviewed.
    """
    digest = DigestPage.objects.select_for_update(of=("self",)).get(pk=digest.pk)
    if str(digest.latest_revision_id) != str(version):
        raise DigestChangedError
    own = gettext("You have written in this digest: another person records its review.")
    ensure_second_person(by.pk, digest.authors_since_review(), own=own)
    draft = digest.get_latest_revision_as_object()
    for name, value in review.items():
        setattr(draft, name, value)
    revision = draft.save_revision(user=by, log_action=True)
    return digest.reviews.create(revision=revision, content_hash=revision.as_object().content_hash(), recorded_by=by)
