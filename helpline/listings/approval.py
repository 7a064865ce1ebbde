"""Two people for every listing.

Showing a listing or changing a fact takes two: whoever publishes made none of the revisions since the last approved one, and somebody
else with a name made at least one of them (so what an import wrote is not yet checked by anybody). Hiding, closing, an alert and a
recheck that changes nothing take one, at once.

The rule stands where publishing happens, `TwoPeople.publish()`, so the admin's button, a workflow, a bulk action, a schedule, a
translation, an import and a superuser all pass it. `TwoPeople.save()` lets nothing else put a listing on show.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext as _
from wagtail.models import DraftStateMixin

from helpline.codes import CLOSED_STATUSES, Alert

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.contrib.auth.models import AbstractBaseUser
    from wagtail.models import Revision

# What says something about the record and nothing to a reader.
BOOKKEEPING = frozenset(
    {
        "pk", "standing", "live", "has_unpublished_changes", "first_published_at", "last_published_at", "live_revision", "latest_revision",
        "go_live_at", "expire_at", "expired", "locked", "locked_at", "locked_by", "sort_order", "programme", "checked_by",
        "revision_created_at", "created_at", "updated_at", "wagtail_admin_comments",
    }
)  # fmt: skip
RECHECK = frozenset({"checked_on", "checked_source", "next_check_due"})


class NotApproved(PermissionDenied):
    """The listing may not be published by this person, now. The message says why, to an editor."""


class TwoPeople(DraftStateMixin):
    """A record that one person alone cannot put before the public. To be named before the other mixins of Wagtail."""

    approvals = GenericRelation("helpline.Approval", for_concrete_model=False)

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        live: bool
        live_revision: Revision | None

    # What only its own `publish()` may have done to a row: set there, read in `save()`.
    _fields_of_a_show: ClassVar[frozenset[str]] = frozenset({"live", "live_revision"})

    def reasons_not_to_show(self) -> Iterator[str]:
        """What is missing before anybody may approve this, as sentences for editors."""
        return iter(())

    def publish(self, revision: Revision, user: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Publish a revision, if two people stand behind it. Raises NotApproved, and then nothing has changed."""
        with transaction.atomic():
            # One at a time, so that two approvals cannot pass each other.
            type(self)._default_manager.select_for_update().get(pk=self.pk)
            approve(listing=self, revision=revision, by=user)
            return super().publish(revision, user, *args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. What is not on show yet stays a draft, whatever its `live` says, unless its revision is approved."""
        fields = kwargs.get("update_fields")
        if self.live and (fields is None or self._fields_of_a_show & set(fields)):
            shown = (
                type(self)
                ._default_manager.filter(pk=self.pk, live=True)
                .values_list("live_revision_id", flat=True)
                .first()
                if self.pk
                else None
            )
            if (shown is None or shown != self.live_revision_id) and not is_approved(
                self, self.live_revision
            ):
                if shown is not None:
                    raise NotApproved(_("Another version can only be shown by publishing it."))
                self.live = False
                self.live_revision = None
        super().save(*args, **kwargs)


def digest(revision: Revision) -> str:
    """What tells a revision's words from others."""
    content = {name: _plain(value) for name, value in revision.content.items() if name not in BOOKKEEPING}
    return hashlib.sha256(json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def is_approved(listing: TwoPeople, revision: Revision | None) -> bool:
    """Whether somebody approved `revision` as it stands."""
    if revision is None:
        return False
    return listing.approvals.of(revision_id=revision.pk, digest=digest(revision)).exists()


def approve(*, listing: TwoPeople, revision: Revision, by: AbstractBaseUser | None) -> None:
    """Record that `by` lets `revision` be shown. Raises NotApproved where the rule forbids it.

    `by` is None for a schedule: then somebody must have approved the same words before, when the schedule was set.
    """
    if by is None and is_approved(listing, revision):
        return
    reasons = list(reasons_against(listing=listing, revision=revision, by=by))
    if reasons:
        raise NotApproved(" ".join(reasons))
    rule = "one" if one_is_enough(listing=listing, revision=revision) else "two"
    listing.approvals.create(revision_id=revision.pk, digest=digest(revision), rule=rule, by=by)


def reasons_against(*, listing: TwoPeople, revision: Revision, by: AbstractBaseUser | None) -> Iterator[str]:
    """Why `by` may not publish `revision`, as sentences; none where they may."""
    if by is None or not by.pk:
        yield _("Nobody is named who takes responsibility for showing this.")
        return
    if one_is_enough(listing=listing, revision=revision):
        return
    yield from revision.as_object().reasons_not_to_show()
    authors = authors_since_approval(listing)
    if by.pk in authors:
        yield _("You have changed this listing since it was last approved: a second person must approve it.")
    if not authors - {by.pk, None}:
        yield _(
            "Nobody else has checked this yet: first one person checks and saves it, then another approves."
        )


def authors_since_approval(listing: TwoPeople) -> set[int | None]:
    """Who changed it since two people last agreed on it (None: an import, or somebody who has left).

    A revision that says what the one before it said changes nothing: the admin makes one when somebody opens a draft and publishes it
    as it is. What one person was allowed to publish alone is approved as well.
    """
    revisions = listing.revisions
    last = listing.approvals.by_two().first()
    before = ""
    if last is not None:
        # An author can overwrite the newest revision: then it was made after its approval.
        revisions = revisions.filter(models.Q(pk__gt=last.revision_id) | models.Q(created_at__gt=last.at))
        before = last.digest
    alone = set(listing.approvals.by_one().values_list("revision_id", "digest"))
    authors = set()
    for revision in revisions.order_by("created_at", "pk"):
        words = digest(revision)
        if words != before and (revision.pk, words) not in alone:
            authors.add(revision.user_id)
        before = words
    return authors


def one_is_enough(*, listing: TwoPeople, revision: Revision) -> bool:
    """Whether the revision does no more to what is on show than restrict it, or confirm it."""
    current = type(listing)._default_manager.filter(pk=listing.pk).select_related("live_revision").first()
    if current is None or not current.live or not is_approved(current, current.live_revision):
        return False
    changed = dict(changes(current.live_revision.content, revision.content))
    status = changed.pop("status", None)
    if status is not None and status[1] not in CLOSED_STATUSES:
        return False
    if status is None and "closed_until" in changed and current.status not in CLOSED_STATUSES:
        return False
    alert = changed.pop("alert", None)
    if alert is not None and alert[1] == Alert.NONE:
        return False
    allowed = RECHECK | {"closed_until", "delisted_reason"}
    if alert is not None:
        allowed |= {"alert_note"}
    return changed.keys() <= allowed


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The fields that differ between two revisions' contents, with both values; children count as one field."""
    for name in sorted({*before, *after} - BOOKKEEPING):
        old, new = _plain(before.get(name)), _plain(after.get(name))
        if old != new:
            yield name, (old, new)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: item for name, item in value.items() if name not in BOOKKEEPING}
    return value
