"""Work that goes through stages in the worker: imports, batches. Each is a row with a `stage` and `changed_at`, the moment of its last change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model


def move(row: Model, before: Iterable[str], after: str, **values: object) -> bool:
    """Go from one of the stages `before` to another, with other values. Return False if somebody else has moved it meanwhile."""
    there = type(row)._default_manager.filter(pk=row.pk, stage__in=list(before))
    moved = bool(there.update(stage=after, changed_at=timezone.now(), **values))
    if moved:
        row.refresh_from_db()
    return moved
