"""How the last backups went, in the database: the file may be on another machine than whoever watches."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, InterfaceError, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.utils import timezone

from core.background import stopping
from operations.models import BackupOutcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

# A backup a day, and one that failed.
OLD = timedelta(hours=50)
LONGEST = 500  # characters of what went wrong


def note_success(moment: dt.datetime) -> None:
    """Note that there is a backup of this moment. Nothing happens if the database is away: the backup is good all the same."""
    _note(succeeded=True, at=moment, said="")


def note_failure(said: str) -> None:
    """Note that a backup has failed now, and why. Nothing happens if the database is away: then others tell that."""
    _note(succeeded=False, at=timezone.now(), said=said[:LONGEST])


@contextmanager
def noting_failure() -> Iterator[None]:
    """Note if the block fails, whatever the reason. That somebody has stopped it is no failure."""
    try:
        yield
    except stopping.Stopped:
        raise
    except Exception as problem:
        note_failure(str(problem).strip().partition("\n")[0] or type(problem).__name__)
        raise


def _note(*, succeeded: bool, at: dt.datetime, said: str) -> None:
    with suppress(DatabaseError, InterfaceError), transaction.atomic():
        BackupOutcome.objects.update_or_create(succeeded=succeeded, defaults={"at": at, "said": said})
        if succeeded:
            BackupOutcome.objects.filter(succeeded=False).delete()


def last_good() -> dt.datetime | None:
    """Return the moment of the newest backup that succeeded, if there was one."""
    return BackupOutcome.objects.filter(succeeded=True).values_list("at", flat=True).first()


def failure() -> BackupOutcome | None:
    """Return how the last backup failed; None if there has been a good one since."""
    return BackupOutcome.objects.filter(succeeded=False).first()


def unprotected_since() -> dt.datetime | None:
    """Return since when there has been no backup: the moment of the newest one, or when this site began."""
    began: dt.datetime | None = MigrationRecorder.Migration.objects.aggregate(at=Min("applied"))["at"]
    return last_good() or began
