"""The folder of backups: what is there, what is too old, and when the last one succeeded."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from operations.backups import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = re.compile(r"waymark-(\d{8}T\d{6}Z)\.tar(\.age|\.gpg)?")
MOMENT = "%Y%m%dT%H%M%SZ"
PARTIAL = ".partial"
# Written when a backup is complete, for those who watch: the files themselves may be moved elsewhere.
LAST = "last.json"


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A backup in the folder."""

    file: Path
    made_at: dt.datetime
    encrypted: bool

    @property
    def size(self) -> int:
        return self.file.stat().st_size


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last backup that succeeded, wherever its file is now. `size` in bytes, `seconds` that it took."""

    name: str
    made_at: dt.datetime
    size: int
    seconds: float
    encrypted: bool


def folder() -> Path:
    return Path(settings.BACKUPS)


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
    """Return the backups that are older than `keep`. The newest is none of them, however old it is."""
    return [backup for backup in kept()[1:] if backup.made_at < timezone.now() - keep]


def last() -> LastBackup | None:
    """Return the last backup that succeeded; None if there was none, or nobody knows."""
    try:
        told = json.loads((folder() / LAST).read_text())
        return LastBackup(**{**told, "made_at": dt.datetime.fromisoformat(told["made_at"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(backup: LastBackup) -> None:
    draft = folder() / f"{LAST}.new"
    draft.write_text(
        json.dumps(
            {
                "name": backup.name,
                "made_at": backup.made_at.isoformat(),
                "size": backup.size,
                "seconds": backup.seconds,
                "encrypted": backup.encrypted,
            }
        )
    )
    draft.replace(folder() / LAST)


@contextmanager
def alone() -> Iterator[None]:
    """Hold the folder for the block, and clear away what a killed backup has left. Raises BackupError if another one is being made."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder() / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("Another backup is being made. Nothing was done.") from None
        for rest in folder().glob(f".waymark-*{PARTIAL}"):
            rest.unlink()
        yield
