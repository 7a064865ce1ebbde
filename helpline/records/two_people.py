"""Two people for every listing.

Showing a listing or changing a fact takes two: whoever publishes made none of the revisions since the last approved one, and somebody
else with a name made at least one of them (so what an import wrote is not yet checked by anybody). Hiding, closing, an alert and a
recheck that changes nothing take one, at once.

The rule stands where publishing happens, `TwoPeople.publish()`, so the admin's button, a workflow, a bulk action, a schedule, a
translation, an import and a superuser all pass it. `TwoPeople.save()` lets nothing else put a listing on show, and no other facts or
words than were approved. `ApprovedPart` holds a child that is saved or deleted alone to the same, `refuse_update()` a queryset
(`helpline.records.querysets`). What gets past all of them, such as a statement of a migration, `helpline.governance.integrity` finds and
hides. A second person approves with `helpline.governance.approval.approve()`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.models import get_serializable_data_for_fields
from wagtail.models import DraftStateMixin

from helpline.vocabulary.codes import CLOSED_STATUSES, Alert

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wagtail.models import Revision


# What says something about the record and nothing to a reader.
BOOKKEEPING = frozenset(
    {
        "pk", "standing", "scan_grade", "live", "has_unpublished_changes", "first_published_at", "last_published_at", "live_revision", "latest_revision",
        "go_live_at", "expire_at", "expired", "locked", "locked_at", "locked_by", "sort_order", "checked_by",
        "revision_created_at", "created_at", "updated_at", "wagtail_admin_comments",
    }
)  # fmt: skip
# The key of a child to its record. Within the record it says nothing; a text of a programme, which stands alone, is about no other.
PARENT = frozenset({"programme"})
# What says that something is on show, and which version of it.
SHOW = frozenset({"live", "live_revision"})
RECHECK = frozenset({"checked_on", "checked_source", "next_check_due"})

ONLY_BY_PUBLISHING = gettext_lazy("What is on show can only be changed by publishing another version.")


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

    def reasons_not_to_show(self) -> Iterator[str]:
        """What is missing before anybody may approve this, as sentences for editors."""
        return iter(())

    def publish(self, revision: Revision, user: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Publish a revision, if two people stand behind it. Raises NotApproved, and then nothing has changed."""
        with transaction.atomic():
            lock(self)
            must_be_approved(listing=self, revision=revision, by=user)
            return super().publish(revision, user, *args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. What is not on show yet stays a draft, whatever its `live` says, unless its revision is approved.

        What is on show keeps the facts that were approved: raises NotApproved where others would come before the public.
        """
        fields = kwargs.get("update_fields")
        if fields is None or not BOOKKEEPING.issuperset(fields) or not SHOW.isdisjoint(fields):
            current = type(self)._default_manager.filter(pk=self.pk, live=True).first() if self.pk else None
            if not self.live:
                if current is not None:  # it is hidden: to show the same again takes two people again
                    self.approvals.update(is_withdrawn=True)
            elif current is None or current.live_revision_id != self.live_revision_id:
                if not is_approved(self, self.live_revision):
                    if current is not None:
                        raise NotApproved(_("Another version can only be shown by publishing it."))
                    self.live = False
                    self.live_revision = None
            elif any(
                name
                for name, _values in changes(facts(current), facts(self))
                if fields is None or name in fields
            ):
                raise NotApproved(ONLY_BY_PUBLISHING)
        super().save(*args, **kwargs)


class ApprovedPart(models.Model):
    """A child of a record that two people stand behind. While the record is on show, no other values are stored than were approved with it.

    The record itself saves its children after its own row: then the approved version is the one that is being published.
    """

    # The names of the foreign key, and of its other end.
    whole = ""
    parts = ""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. Raises NotApproved where that would bring something before the public that was not approved."""
        before = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        after = part_facts(self)
        owner = self._meta.get_field(self.whole).attname  # type: ignore[union-attr]
        moved = before is not None and getattr(before, owner) != getattr(self, owner)
        if before is None or moved or part_facts(before) != after:
            if after not in self._approved(getattr(self, owner), [after]):
                raise NotApproved(ONLY_BY_PUBLISHING)
            if before is not None and moved:
                before.check_removal()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete. Raises NotApproved where what was approved has it."""
        self.check_removal()
        return super().delete(*args, **kwargs)

    def check_removal(self) -> None:
        """Raises NotApproved where it is part of what was approved with the record that is on show."""
        if part_facts(self)["uuid"] in {part["uuid"] for part in self._approved(self._owner(), [])}:
            raise NotApproved(ONLY_BY_PUBLISHING)

    def _owner(self) -> Any:
        return type(self)._default_manager.values_list(self.whole, flat=True).get(pk=self.pk)

    def _approved(self, owner: Any, otherwise: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The parts as they were approved with the record that is on show; `otherwise`, where it is not on show."""
        model: Any = self._meta.get_field(self.whole).related_model
        record = model._default_manager.filter(pk=owner, live=True).select_related("live_revision").first()
        if record is None:
            return otherwise
        # An overwritten revision says no longer what was approved: then what stands there stays as it is.
        known = record.live_revision.as_object() if is_approved(record, record.live_revision) else record
        return [part_facts(part) for part in getattr(known, self.parts).all()]


def part_facts(part: Any) -> dict[str, Any]:
    """What a child says, as it would stand in a revision of its record."""
    plain: dict[str, Any] = _plain(get_serializable_data_for_fields(part))
    return plain


def refuse_update(rows: models.QuerySet[Any], names: Iterable[str], *, live: str = "live") -> None:
    """Keep a statement over many rows from changing what is on show, or from putting something on show. `live`: the field that says so.

    Raises NotApproved; the names are those of the fields that are to be changed.
    """
    changed = {name.removesuffix("_id") for name in names}
    if not SHOW.isdisjoint(changed):
        raise NotApproved(_("Another version can only be shown by publishing it."))
    if changed - BOOKKEEPING and rows.filter(**{live: True}).exists():
        raise NotApproved(ONLY_BY_PUBLISHING)


def digest(revision: Revision) -> str:
    """What tells a revision's words from others."""
    content = {name: _plain(value) for name, value in revision.content.items() if name not in BOOKKEEPING}
    return hashlib.sha256(json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def is_approved(listing: TwoPeople, revision: Revision | None) -> bool:
    """Whether somebody approved `revision` as it stands, and it was not hidden since."""
    if revision is None:
        return False
    return listing.approvals.valid().of(revision_id=revision.pk, digest=digest(revision)).exists()


def last_approved(listing: TwoPeople) -> Any:
    """The listing as it was last approved: what is on show, or what was before it was hidden. None where it never was."""
    current = type(listing)._default_manager.filter(pk=listing.pk, live=True).first()
    if current is not None:
        return current
    approval = listing.approvals.first()
    revision = listing.revisions.filter(pk=approval.revision_id).first() if approval else None
    # An author can overwrite a revision: then it says no longer what was approved.
    return revision.as_object() if revision is not None and digest(revision) == approval.digest else None


def lock(listing: TwoPeople) -> None:
    """Hold the row until the transaction ends, so that two approvals cannot pass each other."""
    type(listing)._default_manager.select_for_update().get(pk=listing.pk)


def no_answers() -> str:
    return _("The checklist of the listing policy has not been answered for this version.")


def record(listing: TwoPeople, revision: Revision, by: Any, **how: Any) -> None:
    listing.approvals.create(revision_id=revision.pk, digest=digest(revision), by=by, **how)


def must_be_approved(*, listing: TwoPeople, revision: Revision, by: Any) -> None:
    """Let only be published what is approved, and what `by` may publish alone. Raises NotApproved.

    `by` is None for a schedule: it carries out what was approved when it was set. Nothing newer may have been approved since.
    """
    newest = listing.approvals.first()
    if (
        newest
        and not newest.is_withdrawn
        and (newest.revision_id, newest.digest) == (revision.pk, digest(revision))
    ):
        return
    with transaction.atomic():
        lock(listing)
        against = list(reasons_against(listing=listing, revision=revision, by=by))
        if against or not one_is_enough(listing=listing, revision=revision):
            raise NotApproved(" ".join([*against, no_answers()]))
        record(listing, revision, by, rule="one")


def reasons_against(*, listing: TwoPeople, revision: Revision, by: Any) -> Iterator[str]:
    """Why `by` may not let `revision` be shown, as sentences; none where they may, once the checklist is answered."""
    if by is None or not by.pk:
        yield _("Nobody is named who takes responsibility for showing this.")
        return
    if one_is_enough(listing=listing, revision=revision):
        return
    yield from revision.as_object().reasons_not_to_show()
    yield from reasons_against_person(listing=listing, by=by)


def reasons_against_person(*, listing: TwoPeople, by: Any) -> Iterator[str]:
    """Why `by` is not the second person for what has been changed since the last approval."""
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
    # Not the row: what got into it in another way is approved by nobody who only confirms it.
    approved = facts(current.live_revision.as_object())
    changed = dict(changes(approved, facts(revision.as_object())))
    status = changed.pop("status", None)
    if status is not None and status[1] not in CLOSED_STATUSES:
        return False
    if status is None and "closed_until" in changed and approved["status"] not in CLOSED_STATUSES:
        return False
    alert = changed.pop("alert", None)
    if alert is not None and alert[1] == Alert.NONE:
        return False
    allowed = RECHECK | {"closed_until", "delisted_reason"}
    if alert is not None:
        allowed |= {"alert_note"}
    return changed.keys() <= allowed


def facts(listing: Any) -> dict[str, Any]:
    """What a listing says, as it would stand in a revision: with a value for each field that there is today."""
    plain: dict[str, Any] = json.loads(json.dumps(listing.serializable_data(), cls=DjangoJSONEncoder))
    return plain


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The fields that differ between two revisions' contents, with both values; children count as one field."""
    for name in sorted({*before, *after} - BOOKKEEPING):
        old, new = _plain(before.get(name)), _plain(after.get(name))
        if old != new:
            yield name, (old, new)


def touched(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The names of the facts that differ; those of children (contact points) as `contact_points.number`."""
    names = set()
    for name, (old, new) in changes(before, after):
        if not (isinstance(new, list) and all(isinstance(item, dict) for item in [*(old or ()), *new])):
            names.add(name)
            continue
        was = {item["uuid"]: item for item in old or ()}
        now = {item["uuid"]: item for item in new}
        for key in was.keys() | now.keys():
            names |= {f"{name}.{field}" for field, _values in changes(was.get(key, {}), now.get(key, {}))}
        if not names:
            names.add(name)  # only their order
    return names


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if name not in BOOKKEEPING | PARENT}
    # A revision that was just made still holds dates, one from the database holds their text.
    plain = value is None or isinstance(value, str | int | float)
    return value if plain else json.loads(json.dumps(value, cls=DjangoJSONEncoder))
