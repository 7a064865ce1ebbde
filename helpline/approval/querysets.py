"""Bulk statements neither change published content nor publish anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpline.approval.rule import NotApproved
from helpline.approval.versions import BOOKKEEPING, PARENT

if TYPE_CHECKING:
    from collections.abc import Iterable

# The fields that say whether a record is published, and which version of it.
SHOW = frozenset({"live", "live_revision"})

ONLY_BY_PUBLISHING = gettext_lazy("Published content can only be changed by publishing another version.")


class ApprovedQuerySet(models.QuerySet[Any]):
    """Rows that take two people to publish."""

    def update(self, **values: Any) -> int:
        """Update. Raises NotApproved if that would change facts of published rows, or publish something."""
        # Django forgets a version that is deleted: no fact changes, and the clock hides what has no approved version.
        if values != {"live_revision": None}:
            refuse_update(self, values)
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # as Django's own

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Create rows. Raises NotApproved if one of them would be live, or would change facts of published rows."""
        made = list(objs)
        if any(each.live for each in made):
            refuse_update(self, ["live"])
        refuse_insert(self.model, made, kwargs)
        return super().bulk_create(made, *args, **kwargs)


class ApprovedPartQuerySet(models.QuerySet[Any]):
    """Children of such rows (`helpline.approval.mixins.ApprovedPart`). Those of a published record stay as they were approved with it."""

    def update(self, **values: Any) -> int:
        """Update. Raises NotApproved for parts of a published record, and for moving any: the other record may be published."""
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
        owners = owner.related_model._default_manager.filter(
            pk__in={getattr(each, owner.attname) for each in made}
        )
        refuse_update(owners, [self.model.owner_relation])
        refuse_insert(self.model, made, kwargs, live=self._live)
        _refuse_moving(_overwritten(kwargs))
        return super().bulk_create(made, *args, **kwargs)

    @property
    def _live(self) -> str:
        return f"{self.model.owner_field}__live"


def refuse_update(rows: models.QuerySet[Any], names: Iterable[str], *, live: str = "live") -> None:
    """Refuse a bulk statement that would change published content, or publish something. Raises NotApproved.

    `names` are the fields to be changed; `live` is the lookup of the field that says whether a row is published.
    """
    changed = {name.removesuffix("_id") for name in names}
    if not SHOW.isdisjoint(changed):
        raise NotApproved(_("Another version can only go live by publishing it."))
    if changed - BOOKKEEPING and rows.filter(**{live: True}).exists():
        raise NotApproved(ONLY_BY_PUBLISHING)


def refuse_insert(
    model: type[models.Model], rows: Iterable[models.Model], options: dict[str, Any], *, live: str = "live"
) -> None:
    """Refuse a `bulk_create` with `update_conflicts` that would change published content. Raises NotApproved."""
    unique = options.get("unique_fields")
    if unique and options.get("update_conflicts"):
        name = next(iter(unique))  # whatever else is unique can only leave fewer rows
        there = model._default_manager.filter(**{f"{name}__in": [getattr(row, name) for row in rows]})
        refuse_update(there, _overwritten(options), live=live)


def _overwritten(options: dict[str, Any]) -> Iterable[str]:
    """Return the fields that a `bulk_create` changes in rows that exist."""
    return (options.get("update_fields") or ()) if options.get("update_conflicts") else ()


def _refuse_moving(names: Iterable[str]) -> None:
    if not PARENT.isdisjoint(name.removesuffix("_id") for name in names):
        raise NotApproved(ONLY_BY_PUBLISHING)
