"""The backup repository: its files, which of them have expired, and when the last backup succeeded."""

import datetime as dt
import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.utils import timezone

from core.background import stopping
from operations.backups import BackupError
from operations.models import BackupOutcome

NAME = re.compile(r"waymark-(\d{8}T\d{6}Z)\.tar(\.age|\.gpg)?")
MOMENT = "%Y%m%dT%H%M%SZ"
PARTIAL = ".partial"
# Written when a backup is complete, for monitoring: the files themselves may be moved elsewhere.
LAST = "last.json"


@dataclass(frozen=True, slots=True)
class KeptBackup:
    file: Path
    made_at: dt.datetime
    encrypted: bool

    @property
    def size(self) -> int:
        return self.file.stat().st_size


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last backup that succeeded, wherever its file is now.

    `size` in bytes; it took `seconds`.
    """

    name: str
    made_at: dt.datetime
    size: int
    seconds: float
    encrypted: bool
    signed: bool = False


def folder() -> Path:
    return Path(settings.BACKUPS["folder"])


def name_at(moment: dt.datetime, suffix: str) -> str:
    """Return the name of the file of a backup: `waymark-20261127T031500Z.tar.age`."""
    return f"waymark-{moment.astimezone(dt.UTC).strftime(MOMENT)}{suffix}"


def kept() -> list[KeptBackup]:
    """Return the backups in the folder, newest first."""
    found = []
    for file in folder().glob("waymark-*"):
        if match := NAME.fullmatch(file.name):
            moment = dt.datetime.strptime(match[1], MOMENT).replace(tzinfo=dt.UTC)
            found.append(KeptBackup(file, moment, encrypted=bool(match[2])))
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def expired(keep: dt.timedelta) -> list[KeptBackup]:
    """Return the backups that are older than `keep`, but never the newest one."""
    return [backup for backup in kept()[1:] if backup.made_at < timezone.now() - keep]


def last() -> LastBackup | None:
    """Return the last backup that succeeded; None if there was none, or no record of it."""
    try:
        told = json.loads((folder() / LAST).read_text())
        return LastBackup(**{**told, "made_at": dt.datetime.fromisoformat(told["made_at"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(backup: LastBackup) -> None:
    draft = folder() / f"{LAST}.new"
    draft.write_text(json.dumps(asdict(backup), default=dt.datetime.isoformat))
    draft.replace(folder() / LAST)


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock of the folder for the block, and remove what a killed backup has left.

    Raises BackupError if another one is being made.
    """
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder() / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("Another backup is being made. Nothing was done.") from None
        for rest in folder().glob(f".waymark-*{PARTIAL}"):
            rest.unlink()
        yield


# --- Outcomes, in the database --------------------------------------------------------------------


# A backup a day, and one that failed.
OLD = timedelta(hours=50)
LONGEST = 500  # characters of the reason


def note_success(moment: dt.datetime) -> None:
    """Record that a backup of this time exists.

    Does nothing if the database is unavailable: the backup is valid without the record.
    """
    _note(succeeded=True, at=moment, said="")


def note_failure(said: str) -> None:
    """Record that a backup has failed now, and why.

    Does nothing if the database is unavailable: other alerts report that.
    """
    _note(succeeded=False, at=timezone.now(), said=said[:LONGEST])


@contextmanager
def noting_failure() -> Iterator[None]:
    """Record any failure of the block, except a shutdown."""
    try:
        yield
    except stopping.ShutdownRequestedError:
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
    """Return the time of the newest backup that succeeded, if there was one."""
    return BackupOutcome.objects.filter(succeeded=True).values_list("at", flat=True).first()


def failure() -> BackupOutcome | None:
    """Return how the last backup failed; None if there has been a good one since."""
    return BackupOutcome.objects.filter(succeeded=False).first()


def unprotected_since() -> dt.datetime | None:
    """Return since when there has been no backup: the time of the newest one, or when this site began."""
    began: dt.datetime | None = MigrationRecorder.Migration.objects.aggregate(at=Min("applied"))["at"]
    return last_good() or began
