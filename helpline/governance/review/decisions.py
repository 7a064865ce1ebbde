"""Approval by a second person, who answers the checklist of the listing policy and says how it was checked.

Both are recorded.
The rule is enforced where publishing happens: `helpline.approval.rule`.
"""

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Revision

from helpline.approval.rule import (
    Approvable,
    NotApprovedError,
    User,
    blockers,
    lock_row,
    record_approval,
    takes_one,
    unanswered_message,
)
from helpline.approval.versions import changed_facts, content_of
from helpline.governance.review import policy
from helpline.governance.review.policy import Checklist


def approve(
    *,
    listing: Approvable,
    revision: Revision,
    by: User,
    reason: str = "",
    checklist: Checklist | None = None,
) -> None:
    """Record that `by`, a second person, approves `revision`, how it was checked, and the answers to the checklist.

    Versions that one person may publish alone need no checklist.
    Raises NotApprovedError if the rule forbids it, or the checklist is not complete.
    """
    with transaction.atomic():
        lock_row(listing)
        against = list(blockers(listing=listing, revision=revision, by=by))
        if not against and takes_one(listing=listing, revision=revision):
            record_approval(listing, revision, by, rule="one", reason=reason)
            return
        asked = points_asked(listing=listing, revision=revision)
        if checklist is None:
            against.append(unanswered_message())
        else:
            against += [f"{point.rule} {problem}" for point, problem in policy.problems(asked, checklist)]
            if not reason.strip():
                against.append(_("Say how you checked it."))
        if against:
            raise NotApprovedError(" ".join(against))
        answers = policy.answers_to_store(asked, checklist or {})
        record_approval(listing, revision, by, rule="two", reason=reason.strip(), checklist=answers)
        log(
            instance=listing,
            action="helpline.approve",
            user=by,
            revision=revision,
            data={"reason": reason.strip(), "checklist": answers},
        )


def points_asked(*, listing: Approvable, revision: Revision) -> tuple[policy.PolicyPoint, ...]:
    """Return the points that a second person answers: all of them at first, later those affected by the changes."""
    current = type(listing)._default_manager.filter(pk=listing.pk, live=True).first()
    changed = None if current is None else changed_facts(content_of(current), content_of(revision.as_object()))
    return policy.points(listing._meta.model_name or "", changed)
