"""Whether the size of a sensitive page tells an observer which page it is.

Sensitive pages promise that it does not only while that is so for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.http import headers
from core.memo import per_batch
from prerender.models import Kind, PendingPath, PrerenderedPath

if TYPE_CHECKING:
    from prerender.store.files import StoredFile

# Part of the largest size that must be left before pages begin to promise: the promise is longer than the warning in
# its place, and must not itself make a page too large, or both would follow each other for ever.
RESERVE = 1 / 32


@per_batch
def are_kept() -> bool:
    """Return whether every sensitive page that is in place has one of the sizes of its kind."""
    return not PrerenderedPath.objects.recognisable().exists()


def is_recognisable(stored: StoredFile, *, kept: bool) -> bool:
    """Return whether the size of a sensitive page, or a picture that it loads, tells which page it is.

    `kept`: whether all pages have kept their sizes so far.
    """
    if stored.moved or not headers.is_sensitive(stored.path):
        return False
    most = 1 if kept else 1 - RESERVE
    return stored.fill is None or stored.fill > most or bool(stored.pictures)


@contextmanager
def changes_noted() -> Iterator[None]:
    """Make all sensitive pages due if the block changes whether all of them keep their sizes."""
    recognisable = PrerenderedPath.objects.recognisable()
    before = recognisable.exists()
    yield
    if recognisable.all().exists() != before:
        rows = PrerenderedPath.objects.exclude(kind=Kind.MOVED).only("path", "kind", "source")
        PendingPath.objects.bulk_create(
            PendingPath(path=row.path, kind=row.kind, source=row.source, urgency=PendingPath.Urgency.WHOLE_SITE)
            for row in rows
            if headers.is_sensitive(row.path)
        )
