"""Two people for every listing, and for every help page.

Showing a listing or changing a fact takes two people: whoever publishes made none of the revisions since the last approved one, and
another user made at least one of them (so what an import wrote has not been checked by anybody). Hiding, closing, an alert and a
recheck that changes nothing take one person and effect at once.

The rule is enforced where publishing happens, in `SecondPerson.publish()`, so the admin's button, a workflow, a bulk action, a schedule, a
translation, an import and a superuser all pass it. `SecondPerson.save()` keeps anything else from publishing a listing, and from changing
what was approved. `ApprovedPart` applies the same to a child that is saved or deleted alone, `refuse_update()` to a queryset
(`helpline.records.querysets`). Whatever gets past all of them, such as a statement in a migration, `helpline.governance.integrity` finds
and hides. A second person approves with `helpline.governance.approval.approve()`.
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
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from wagtail.models import Revision


# Fields about the record that say nothing to a reader.
BOOKKEEPING = frozenset(
    {
        "pk", "standing", "scan_grade", "live", "has_unpublished_changes", "first_published_at", "last_published_at", "live_revision", "latest_revision",
        "go_live_at", "expire_at", "expired", "locked", "locked_at", "locked_by", "sort_order", "checked_by",
        # Of a page: its place in the tree, what is noted beside it, and for which day it is printed.
        "path", "depth", "numchild", "url_path", "draft_title", "latest_revision_created_at", "owner", "alias_of",
        "wagtail_admin_comments", "printed_for",
    }
)  # fmt: skip
# The foreign key of a part to its record. It is ignored only within the record: a text of a programme is approved on its own.
PARENT = frozenset({"programme"})
# The fields that say whether a record is published, and which version of it.
SHOW = frozenset({"live", "live_revision"})
RECHECK = frozenset({"checked_on", "checked_source", "next_check_due"})

ONLY_BY_PUBLISHING = gettext_lazy("Published content can only be changed by publishing another version.")


class NotApproved(PermissionDenied):
    """This person may not publish the listing now. The message tells an editor why."""


# Not a base at run time: a page has the fields of that mixin already.
_Base = DraftStateMixin if TYPE_CHECKING else models.Model


class SecondPerson(_Base):
    """What one person alone cannot publish: a record (`TwoPeople`) or a page. List it before Wagtail's own bases."""

    approvals = GenericRelation("helpline.Approval", for_concrete_model=False)

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        live: bool
        live_revision: Revision | None

    def reasons_not_to_show(self) -> Iterator[str]:
        """Yield what is missing before this can be approved, as sentences for editors."""
        return iter(())

    def says_nothing(self) -> bool:
        """Whether nobody has written anything in it yet, so that it may be shown as the software made it."""
        return False

    def other_authors(self, since: dt.datetime | None) -> set[int | None]:
        """Return the keys of those whose words are in the newest revision without having saved one since then."""
        return set()

    def publish(self, revision: Revision, user: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Publish a revision if the rule allows it. Raises NotApproved otherwise, and then nothing has changed."""
        with transaction.atomic():
            lock_row(self)
            ensure_approved(listing=self, revision=revision, by=user)
            return super().publish(revision, user, *args, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. An unpublished record stays a draft, whatever its `live` says, unless its revision is approved.

        A published record keeps the facts that were approved: raises NotApproved if others would become public.
        """
        fields = kwargs.get("update_fields")
        if fields is None or not BOOKKEEPING.issuperset(fields) or not SHOW.isdisjoint(fields):
            current = type(self)._default_manager.filter(pk=self.pk, live=True).first() if self.pk else None
            if not self.live:
                if current is not None:  # it is being hidden: showing it again takes two people again
                    self.approvals.update(is_withdrawn=True)
            elif current is None or current.live_revision_id != self.live_revision_id:
                if not is_approved(self, self.live_revision) and not (
                    current is None and self.says_nothing()
                ):
                    if current is not None:
                        raise NotApproved(_("Another version can only go live by publishing it."))
                    self.live = False
                    self.live_revision = None
            elif any(
                name
                for name, _values in changed_fields(content_of(current), content_of(self))
                if fields is None or name in fields
            ):
                raise NotApproved(ONLY_BY_PUBLISHING)
        super().save(*args, **kwargs)


class TwoPeople(SecondPerson, DraftStateMixin):
    """A record that one person alone cannot publish. List it before Wagtail's mixins of drafts and revisions."""

    class Meta:
        abstract = True


class ApprovedPart(models.Model):
    """A child of a record that takes two people. While the record is published, only values that were approved with it are stored.

    The record saves its children after its own row, when the approved version is already the one being published.
    """

    # The names of the foreign key to the record, and of its reverse relation.
    owner_field: str
    owner_relation: str

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. Raises NotApproved if that would publish something that was not approved."""
        before = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        after = part_facts(self)
        owner = self._meta.get_field(self.owner_field).attname  # type: ignore[union-attr]
        moved = before is not None and getattr(before, owner) != getattr(self, owner)
        if before is None or moved or part_facts(before) != after:
            if after not in self._approved(getattr(self, owner), [after]):
                raise NotApproved(ONLY_BY_PUBLISHING)
            if before is not None and moved:
                before.check_removal()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete. Raises NotApproved if it is part of what was approved and is published."""
        self.check_removal()
        return super().delete(*args, **kwargs)

    def check_removal(self) -> None:
        """Raise NotApproved if it is part of what was approved with the published record."""
        if part_facts(self)["uuid"] in {part["uuid"] for part in self._approved(self._owner(), [])}:
            raise NotApproved(ONLY_BY_PUBLISHING)

    def _owner(self) -> Any:
        return type(self)._default_manager.values_list(self.owner_field, flat=True).get(pk=self.pk)

    def _approved(self, owner: Any, otherwise: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the parts as they were approved with the published record, or `otherwise` if it is not published."""
        model: Any = self._meta.get_field(self.owner_field).related_model
        record = model._default_manager.filter(pk=owner, live=True).select_related("live_revision").first()
        if record is None:
            return otherwise
        # An overwritten revision is no longer what was approved: then the stored parts stay as they are.
        known = record.live_revision.as_object() if is_approved(record, record.live_revision) else record
        return [part_facts(part) for part in getattr(known, self.owner_relation).all()]


def part_facts(part: Any) -> dict[str, Any]:
    """Return the content of a child as a revision of its record would hold it."""
    plain: dict[str, Any] = _plain(get_serializable_data_for_fields(part))
    return plain


def refuse_update(rows: models.QuerySet[Any], names: Iterable[str], *, live: str = "live") -> None:
    """Refuse a bulk statement that would change published content, or publish something. Raises NotApproved.

    `names` are the fields to be changed; `live` is the lookup of the field that says whether a row is published.
    """
    changed = {name.removesuffix("_id") for name in names}
    if not SHOW.isdisjoint(changed):
        raise NotApproved(_("Another version can only go live by publishing it."))
    if changed - BOOKKEEPING and rows.filter(**{live: True}).exists():
        raise NotApproved(ONLY_BY_PUBLISHING)


def digest(revision: Revision) -> str:
    """Return a hash of the content of a revision, bookkeeping apart."""
    content = {name: _plain(value) for name, value in revision.content.items() if name not in BOOKKEEPING}
    return hashlib.sha256(json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def is_approved(listing: SecondPerson, revision: Revision | None) -> bool:
    """Whether `revision` was approved with its present content, and has not been hidden since."""
    if revision is None:
        return False
    return listing.approvals.valid().for_revision(revision_id=revision.pk, digest=digest(revision)).exists()


def last_approved(listing: SecondPerson) -> Any:
    """Return the listing as it was last approved: the published one, or the last one before it was hidden. None if it never was."""
    current = type(listing)._default_manager.filter(pk=listing.pk, live=True).first()
    if current is not None:
        return current
    approval = listing.approvals.first()
    revision = listing.revisions.filter(pk=approval.revision_id).first() if approval else None
    # An author can overwrite a revision: then it is no longer what was approved.
    return revision.as_object() if revision is not None and digest(revision) == approval.digest else None


def lock_row(listing: SecondPerson) -> None:
    """Lock the row until the transaction ends, so that two approvals cannot overlap."""
    type(listing)._default_manager.select_for_update().get(pk=listing.pk)


def unanswered_message() -> str:
    return _("The checklist of the listing policy has not been answered for this version.")


def record_approval(listing: SecondPerson, revision: Revision, by: Any, **how: Any) -> None:
    listing.approvals.create(revision_id=revision.pk, digest=digest(revision), by=by, **how)


def ensure_approved(*, listing: SecondPerson, revision: Revision, by: Any) -> None:
    """Allow only an approved revision, or one that `by` may publish alone. Raises NotApproved otherwise.

    `by` is None for a schedule, which publishes what was approved when it was set, unless something newer has been approved since.
    """
    newest = listing.approvals.first()
    if (
        newest
        and not newest.is_withdrawn
        and (newest.revision_id, newest.digest) == (revision.pk, digest(revision))
    ):
        return
    with transaction.atomic():
        lock_row(listing)
        against = list(reasons_against(listing=listing, revision=revision, by=by))
        if against or not one_is_enough(listing=listing, revision=revision):
            raise NotApproved(" ".join([*against, unanswered_message()]))
        record_approval(listing, revision, by, rule="one")


def reasons_against(*, listing: SecondPerson, revision: Revision, by: Any) -> Iterator[str]:
    """Yield why `by` may not approve `revision`, as sentences; nothing if they may once the checklist is answered."""
    if by is None or not by.pk:
        yield _("Nobody is named as responsible for publishing this.")
        return
    if one_is_enough(listing=listing, revision=revision):
        return
    yield from revision.as_object().reasons_not_to_show()
    yield from reasons_against_person(listing=listing, by=by)


def reasons_against_person(*, listing: SecondPerson, by: Any) -> Iterator[str]:
    """Yield why `by` cannot be the second person for the changes since the last approval, as sentences."""
    authors = authors_since_approval(listing)
    if by.pk in authors:
        yield _("You have changed this since it was last approved: a second person must approve it.")
    if not authors - {by.pk, None}:
        yield _(
            "Nobody else has checked this yet: one person checks and saves it first, then another approves it."
        )


def authors_since_approval(listing: SecondPerson) -> set[int | None]:
    """Return the keys of those who changed it since two people last agreed on it (None: an import, or a deleted user).

    A revision with the content of the one before it changes nothing: the admin makes one when an editor publishes a draft unchanged.
    A revision that one person was allowed to publish alone counts as approved.
    """
    revisions = listing.revisions
    last = listing.approvals.by_two().first()
    before = ""
    if last is not None:
        # An author can overwrite the newest revision: then its date is later than its approval.
        revisions = revisions.filter(models.Q(pk__gt=last.revision_id) | models.Q(created_at__gt=last.at))
        before = last.digest
    alone = set(listing.approvals.by_one().values_list("revision_id", "digest"))
    authors = set()
    for revision in revisions.order_by("created_at", "pk"):
        words = digest(revision)
        if words != before and (revision.pk, words) not in alone:
            authors.add(revision.user_id)
        before = words
    return authors | listing.other_authors(last.at if last is not None else None)


def one_is_enough(*, listing: SecondPerson, revision: Revision) -> bool:
    """Whether the revision only restricts or confirms what is published, so that one person may publish it."""
    current = type(listing)._default_manager.filter(pk=listing.pk).select_related("live_revision").first()
    if current is None or not current.live or not is_approved(current, current.live_revision):
        return False
    # Not the row: what got into it in another way is not approved by a mere confirmation.
    approved = content_of(current.live_revision.as_object())
    changed = dict(changed_fields(approved, content_of(revision.as_object())))
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


def content_of(listing: Any) -> dict[str, Any]:
    """Return the content of a listing as a revision would hold it, with a value for each field of today's model."""
    plain: dict[str, Any] = json.loads(json.dumps(listing.serializable_data(), cls=DjangoJSONEncoder))
    return plain


def changed_fields(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield the fields that differ between the contents of two revisions, with both values; children count as one field."""
    for name in sorted({*before, *after} - BOOKKEEPING):
        old, new = _plain(before.get(name)), _plain(after.get(name))
        if old != new:
            yield name, (old, new)


def changed_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Return the names of the facts that differ; those of children (contact points) as `contact_points.number`."""
    names = set()
    for name, (old, new) in changed_fields(before, after):
        if not (isinstance(new, list) and all(isinstance(item, dict) for item in [*(old or ()), *new])):
            names.add(name)
            continue
        was = {item["uuid"]: item for item in old or ()}
        now = {item["uuid"]: item for item in new}
        found = set()
        for key in was.keys() | now.keys():
            found |= {
                f"{name}.{field}" for field, _values in changed_fields(was.get(key, {}), now.get(key, {}))
            }
        names |= found or {name}  # only their order differs
    return names


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if name not in BOOKKEEPING | PARENT}
    # A new revision still holds dates, one from the database holds their text.
    plain = value is None or isinstance(value, str | int | float)
    return value if plain else json.loads(json.dumps(value, cls=DjangoJSONEncoder))
