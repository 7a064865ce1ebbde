"""The rule: showing a listing or a help page, or changing a fact in it, takes two people.

A user may publish a version if it contains no changes of their own since the last approval, and at least one by another
user.
So what the import command wrote counts as unchecked; a file imported in the admin is the work of the user who did.
One person is enough to hide or close a listing, to choose an alert, to reduce the countries of a support line, or to
recheck it without changes: one person changes state in codes and dates, never words or a contact.
These take effect immediately.
What one person may do and who may be the second person is decided in `core.publishing.approval`.

The rule is enforced where publishing happens (`helpline.approval.mixins`).
So it applies to the admin's button, workflows, bulk actions, schedules, translations, imports and superusers.
A second person approves with `helpline.governance.review.decisions.approve()`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models, transaction
from django.utils.translation import gettext as _
from wagtail.models import Revision

from core.publishing import approval
from core.publishing.approval import Author, Content, SecondPersonRequiredError
from helpline.approval.authorship import Authorship, Fact, WrittenVersion, authorships
from helpline.approval.models import Approval, ApprovalQuerySet
from helpline.approval.versions import (
    Versioned,
    changed_fields,
    content_of,
    digest,
    digest_of,
    in_words,
    whole_content,
)

# The user of a request.
# An anonymous user approves nothing.
type User = AbstractUser | AnonymousUser


class NotApprovedError(SecondPersonRequiredError):
    """Raised if this person may not publish the listing now."""


class Approvable(Versioned, Protocol):
    """A record or page that two people approve (`helpline.approval.mixins.SecondPerson`)."""

    _default_manager: ClassVar[models.Manager[Any]]
    _meta: ClassVar[models.options.Options[models.Model]]
    pk: int
    live: bool
    live_revision: Revision | None
    latest_revision: Revision | None
    approvals: ApprovalQuerySet
    revisions: models.QuerySet[Revision]

    def visibility_blockers(self) -> Iterator[str]: ...

    def other_authors(self, since: dt.datetime | None) -> set[Author]: ...

    def get_latest_revision(self) -> Revision | None: ...


# --- Publishing -----------------------------------------------------------------------------------


def ensure_approved(*, listing: Approvable, revision: Revision, by: User | None) -> None:
    """Allow only an approved revision, or one that `by` may publish alone.

    Raises NotApprovedError otherwise.
    `by` is None for a schedule, which publishes what was approved when it was set, unless something newer has been
    approved since.
    """
    newest = listing.approvals.first()
    if newest and not newest.is_withdrawn and (newest.revision_id, newest.digest) == (revision.pk, digest(revision)):
        return
    with transaction.atomic():
        lock_row(listing)
        against = list(blockers(listing=listing, revision=revision, by=by))
        if against or not takes_one(listing=listing, revision=revision):
            raise NotApprovedError(" ".join([*against, unanswered_message()]))
        record_approval(listing, revision, by, rule="one")


def lock_row(listing: Approvable) -> None:
    """Lock the row until the transaction ends, so that two approvals cannot overlap."""
    type(listing)._default_manager.select_for_update().get(pk=listing.pk)


def unanswered_message() -> str:
    return _("The checklist of the listing policy has not been answered for this version.")


def record_approval(listing: Approvable, revision: Revision, by: User | None, **how: str | dict[str, Any]) -> None:
    by_id = None if by is None else by.pk
    listing.approvals.create(revision_id=revision.pk, digest=digest(revision), by_id=by_id, **how)


# --- Who may approve ------------------------------------------------------------------------------


def blockers(*, listing: Approvable, revision: Revision, by: User | None) -> Iterator[str]:
    """Yield the blockers of an approval of `revision` by `by`, as sentences, leaving the checklist aside."""
    if by is None or not by.pk:
        yield _("No user is named as responsible for publishing this.")
        return
    if takes_one(listing=listing, revision=revision):
        return
    yield from revision.as_object().visibility_blockers()
    yield from person_blockers(listing=listing, by=by, revision=revision)


def person_blockers(*, listing: Approvable, by: User, revision: Revision | None = None) -> Iterator[str]:
    """Yield reasons why `by` cannot be the second person for the changes since the last approval, as sentences.

    `revision` is the version to approve: the newest, if it is not given.
    """
    authors = authors_since_approval(listing, revision)
    written = changes_since_approval(listing, revision) if by.pk in authors else {}
    own = [fact for fact, change in written.items() if change.author == by.pk]
    message = _("You have changed this since it was last approved (%(facts)s): a second person must approve it.")
    said = message % {"facts": in_words(listing._meta.model, own)} if own else ""
    yield from approval.blockers(by.pk, authors, own=said)
    if not authors - {by.pk, None}:
        yield _("No other person has checked this yet: one person checks and saves it first, then another approves it.")


def authors_since_approval(listing: Approvable, revision: Revision | None = None) -> set[Author]:
    """Return the keys of the authors of the changes in a version, the newest if none is given.

    None stands for the import command or a deleted user.
    """
    authors = {change.author for change in changes_since_approval(listing, revision).values()}
    return authors | other_authors_since_approval(listing)


def other_authors_since_approval(listing: Approvable) -> set[Author]:
    """Return the keys of users whose texts came into the newest version since then, although others saved it."""
    last = listing.approvals.by_two().first()
    return listing.other_authors(last.at if last is not None else None)


def changes_since_approval(listing: Approvable, revision: Revision | None = None) -> dict[Fact, Authorship]:
    """Return the author of each fact in which a version differs from what two people last approved.

    The version is the newest if none is given.
    A change that was taken back is in no version, so it has no author.
    A revision that one person was allowed to publish alone counts as approved.
    """
    model = listing._meta.model
    revisions = listing.revisions.order_by("created_at", "pk")
    last = listing.approvals.by_two().first()
    if last is not None:
        # An author can overwrite the newest revision, which is then later than its approval.
        revisions = revisions.filter(models.Q(pk__gt=last.revision_id) | models.Q(created_at__gt=last.at))
    if revision is not None:
        revisions = revisions.filter(
            models.Q(created_at__lt=revision.created_at) | models.Q(created_at=revision.created_at, pk__lte=revision.pk)
        )
    alone = set(listing.approvals.by_one().values_list("revision_id", "digest"))
    steps = [
        WrittenVersion(whole_content(model, each.content), each.user_id, (each.pk, digest(each)) in alone)
        for each in revisions
    ]
    return authorships(whole_content(model, _content_agreed_on(listing, last)), steps)


def _content_agreed_on(listing: Approvable, last: Approval | None) -> Content:
    """Return the content that two people last approved, or nothing if they never did or if it is lost."""
    if last is None:
        return {}
    revision = as_approved(listing, last)
    if revision is not None:
        return revision.content
    # It was overwritten or purged.
    # The row still holds it, unless it was changed by bypassing the rule.
    current = published(listing)
    known = {approval.digest for approval in listing.approvals.filter(at__gte=last.at)}
    content = {} if current is None else content_of(current)
    return content if digest_of(content) in known else {}


# --- What one person may publish ------------------------------------------------------------------


def takes_one(*, listing: Approvable, revision: Revision) -> bool:
    """Return whether the revision only restricts or confirms what is published, so that one person may publish it.

    The facts themselves say how (`core.publishing.approval`).
    """
    current = published(listing)
    if current is None or current.live_revision is None or not is_approved(current, current.live_revision):
        return False
    # Not the row: changes that bypassed the rule are not approved by a mere confirmation.
    before, after = content_of(current.live_revision.as_object()), content_of(revision.as_object())
    return not _beyond_one(listing, before, after)


def _beyond_one(listing: Approvable, before: Content, after: Content) -> list[str]:
    """Return the fields that differ between two versions by more than one person may change."""
    return [
        name
        for name, _values in changed_fields(before, after)
        if not approval.takes_one(type(listing), before=before, after=after, changed=[name])  # type: ignore[arg-type]
    ]


# --- What was approved ----------------------------------------------------------------------------


def published[Row: Approvable](listing: Row) -> Row | None:
    """Return the row as it is published, or None if it is not."""
    rows = type(listing)._default_manager.filter(pk=listing.pk, live=True)
    return rows.select_related("live_revision").first()


def is_approved(listing: Approvable, revision: Revision | None) -> bool:
    """Return whether `revision` was approved with its present content, and has not been hidden since."""
    if revision is None:
        return False
    return listing.approvals.valid().for_revision(revision_id=revision.pk, digest=digest(revision)).exists()


def differences(listing: Approvable) -> list[str] | None:
    """Return the fields in which the published row differs from the approved version.

    Returns None if its version was not approved.
    """
    revision = listing.live_revision
    if revision is None or not is_approved(listing, revision):
        return None
    # A field added since then has its default in the approved version, too.
    return [name for name, _values in changed_fields(content_of(revision.as_object()), content_of(listing))]


def written_by_one(listing: Approvable) -> tuple[list[str], Revision | None]:
    """Return the fields of the published version that one person changed although they take two, and the right version.

    That is the newest version that two people approved and that still exists.
    The published version is right if it follows from any of them: an approved one may wait for its day.
    If none is left, there is nothing to compare with.
    """
    live = listing.live_revision
    by_two = listing.approvals.by_two()
    if live is None or by_two.for_revision(revision_id=live.pk, digest=digest(live)).exists():
        return [], None
    after = content_of(live.as_object())
    found: tuple[list[str], Revision | None] = [], None
    for each in by_two:
        revision = as_approved(listing, each)
        if revision is None:
            continue
        fields = _beyond_one(listing, content_of(revision.as_object()), after)
        if not fields:
            return [], None
        found = found if found[0] else (fields, revision)
    return found


def last_approved[Row: Approvable](listing: Row) -> Row | None:
    """Return the listing as it was last approved: the published one, or the last one before it was hidden.

    Returns None if it never was.
    """
    current = published(listing)
    if current is not None:
        return current
    approval = listing.approvals.first()
    revision = None if approval is None else as_approved(listing, approval)
    return None if revision is None else revision.as_object()


def as_approved(listing: Approvable, approval: Approval) -> Revision | None:
    """Return the version that was approved, or None if it was purged, or overwritten by its author since."""
    revision = listing.revisions.filter(pk=approval.revision_id).first()
    return revision if revision is not None and digest(revision) == approval.digest else None
