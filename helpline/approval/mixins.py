"""Base classes of everything that two people approve.

They apply to everything that saves or publishes a row, including actions of a superuser.
Bulk statements neither change published content nor publish anything.
`helpline.governance.integrity` finds and hides what bypasses these classes, such as a statement in a migration.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import DraftStateMixin

from helpline.approval.rule import (
    NotApprovedError,
    differences,
    ensure_approved,
    is_approved,
    lock_row,
    published,
)
from helpline.approval.versions import BOOKKEEPING, PARENT, changed_fields, content_of, part_facts

# The fields for whether a record is published, and in which version.
SHOW = frozenset({"live", "live_revision"})

ONLY_BY_PUBLISHING = gettext_lazy("Published content can only be changed by publishing another version.")


class ApprovedQuerySet(models.QuerySet[Any]):
    """Rows that take two people to publish."""

    def update(self, **values: Any) -> int:
        """Update.

        Raises NotApprovedError if that would change facts of published rows, or publish something.
        """
        # Deleting a version sets `live_revision` to NULL: no fact changes, and the scheduler hides a row without an
        # approved version.
        if values != {"live_revision": None}:
            refuse_update(self, values)
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Create rows.

        Raises NotApprovedError if one of them would be live, or would change facts of published rows.
        """
        made = list(objs)
        if any(each.live for each in made):
            refuse_update(self, ["live"])
        refuse_insert(self.model, made, kwargs)
        return super().bulk_create(made, *args, **kwargs)


class ApprovedPartQuerySet(models.QuerySet[Any]):
    """Children of such rows (`helpline.approval.mixins.ApprovedPart`).

    Those of a published record cannot change without approval.
    """

    def update(self, **values: Any) -> int:
        """Update.

        Raises NotApprovedError for parts of a published record, and for moving any part, as the other record may be
        published.
        """
        refuse_update(self, values, live=self._live)
        _refuse_moving(values)
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def delete(self) -> tuple[int, dict[str, int]]:
        refuse_update(self, ["uuid"], live=self._live)
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]  # as Django's own
    delete.queryset_only = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        made = list(objs)
        owner = self.model._meta.get_field(self.model.owner_field)
        owners = owner.related_model._default_manager.filter(pk__in={getattr(each, owner.attname) for each in made})
        refuse_update(owners, [self.model.owner_relation])
        refuse_insert(self.model, made, kwargs, live=self._live)
        _refuse_moving(_overwritten(kwargs))
        return super().bulk_create(made, *args, **kwargs)

    @property
    def _live(self) -> str:
        return f"{self.model.owner_field}__live"


def refuse_update(rows: models.QuerySet[Any], names: Iterable[str], *, live: str = "live") -> None:
    """Refuse a bulk statement that would change published content, or publish something.

    Raises NotApprovedError.
    `names` are the fields to be changed; `live` is the lookup of the field that says whether a row is published.
    """
    changed = {name.removesuffix("_id") for name in names}
    if not SHOW.isdisjoint(changed):
        raise NotApprovedError(_("Another version can only go live by publishing it."))
    if changed - BOOKKEEPING and rows.filter(**{live: True}).exists():
        raise NotApprovedError(ONLY_BY_PUBLISHING)


def refuse_insert(
    model: type[models.Model], rows: Iterable[models.Model], options: dict[str, Any], *, live: str = "live"
) -> None:
    """Refuse a `bulk_create` with `update_conflicts` that would change published content.

    Raises NotApprovedError.
    """
    unique = options.get("unique_fields")
    if unique and options.get("update_conflicts"):
        name = next(iter(unique))  # other unique fields can only leave fewer rows
        there = model._default_manager.filter(**{f"{name}__in": [getattr(row, name) for row in rows]})
        refuse_update(there, _overwritten(options), live=live)


def _overwritten(options: dict[str, Any]) -> Iterable[str]:
    """Return the fields that a `bulk_create` changes in rows that exist."""
    return (options.get("update_fields") or ()) if options.get("update_conflicts") else ()


def _refuse_moving(names: Iterable[str]) -> None:
    if not PARENT.isdisjoint(name.removesuffix("_id") for name in names):
        raise NotApprovedError(ONLY_BY_PUBLISHING)


if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator

    from wagtail.models import DraftStateMixin as _Base
    from wagtail.models import Revision

    from core.publishing.approval import Author
    from helpline.approval.authorship import Value
    from helpline.approval.rule import User
else:
    # A page has the fields of that mixin already.
    _Base = models.Model


class SecondPerson(_Base):
    """Record (`TwoPersonApproval`) or page that one person alone cannot publish.

    List it before Wagtail's own bases.
    """

    approvals = GenericRelation("helpline.Approval", for_concrete_model=False)

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        live: bool
        live_revision: Revision | None

    def visibility_blockers(self) -> Iterator[str]:
        """Yield missing requirements for an approval, as sentences for editors."""
        return iter(())

    def is_blank(self) -> bool:
        """Return whether it still has no text by a user, so that it may be shown as the software created it."""
        return False

    def other_authors(self, since: dt.datetime | None) -> set[Author]:
        """Return the keys of users whose texts are in the newest revision, although they have not saved one since."""
        return set()

    def publish(self, revision: Revision, user: User | None = None, *args: Any, **kwargs: Any) -> None:
        """Publish a revision if the rule allows it.

        Raises NotApprovedError otherwise, and then nothing has changed.
        """
        with transaction.atomic():
            lock_row(self)
            ensure_approved(listing=self, revision=revision, by=user)
            super().publish(revision, user, *args, **kwargs)

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Store the row, as `save()` does.

        Raises NotApprovedError if facts that were not approved would become public.
        An unpublished record stays a draft, regardless of its `live`, unless its revision is approved.
        A published record keeps the facts that were approved, or gets them back.
        """
        fields = kwargs.get("update_fields")
        if fields is None or not BOOKKEEPING.issuperset(fields) or not SHOW.isdisjoint(fields):
            self._keep_to_rule(fields)
        super().save_base(*args, **kwargs)

    def _keep_to_rule(self, fields: Collection[str] | None) -> None:
        current = published(self) if self.pk else None
        if not self.live:
            if current is not None:  # it is being hidden, and showing it again takes two people
                self.approvals.update(is_withdrawn=True)
        elif current is None:
            if not is_approved(self, self.live_revision) and not self.is_blank():
                self.live = False
                self.live_revision = None
        elif current.live_revision_id != self.live_revision_id:
            if not is_approved(self, self.live_revision):
                raise NotApprovedError(_("Another version can only go live by publishing it."))
        elif self._changes(current, fields) and (fields is not None or differences(self) != []):
            raise NotApprovedError(ONLY_BY_PUBLISHING)

    def _changes(self, current: SecondPerson, fields: Collection[str] | None) -> bool:
        """Return whether these fields, or any if none are named, differ from those of the published row."""
        changed = changed_fields(content_of(current), content_of(self))
        return any(fields is None or name in fields for name, _values in changed)


class TwoPersonApproval(SecondPerson, DraftStateMixin):
    """A record that one person alone cannot publish.

    List it before Wagtail's mixins of drafts and revisions.
    """

    class Meta:
        abstract = True


class ApprovedPart(models.Model):
    """Child of a record that takes two people.

    While the record is published, only values that were approved with it are stored.
    The record saves its children after its own row, when the approved version is already the one being published.
    """

    # The names of the foreign key to the record, and of its reverse relation.
    owner_field: str
    owner_relation: str

    class Meta:
        abstract = True

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """Store the row, as `save()` does.

        Raises NotApprovedError if that would publish something that was not approved.
        """
        before = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        after = part_facts(self)
        owner = self._meta.get_field(self.owner_field).attname  # type: ignore[union-attr]
        moved = before is not None and getattr(before, owner) != getattr(self, owner)
        if before is None or moved or part_facts(before) != after:
            if after not in self._approved(getattr(self, owner), [after]):
                raise NotApprovedError(ONLY_BY_PUBLISHING)
            if before is not None and moved:
                before.check_removal()
        super().save_base(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete.

        Raises NotApprovedError if it is part of what was approved and is published.
        """
        self.check_removal()
        return super().delete(*args, **kwargs)

    def check_removal(self) -> None:
        """Raise NotApprovedError if it is part of what was approved with the published record."""
        owner = type(self)._default_manager.values_list(self.owner_field, flat=True).get(pk=self.pk)
        if part_facts(self)["uuid"] in {part["uuid"] for part in self._approved(owner, [])}:
            raise NotApprovedError(ONLY_BY_PUBLISHING)

    def _approved(self, owner: int, otherwise: list[dict[str, Value]]) -> list[dict[str, Value]]:
        """Return the parts as they were approved with the published record, or `otherwise` if it is not published."""
        model: type[SecondPerson] = self._meta.get_field(self.owner_field).related_model  # type: ignore[assignment]
        record = model._default_manager.filter(pk=owner, live=True).select_related("live_revision").first()
        if record is None:
            return otherwise
        # An overwritten revision differs from what was approved, so the stored parts stay as they are.
        known = record.live_revision.as_object() if is_approved(record, record.live_revision) else record
        return [part_facts(part) for part in getattr(known, self.owner_relation).all()]
