"""Makes a backup while the site runs: one complete file in bounded memory, or none."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import django
import wagtail
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core import restored
from core.background import stopping
from core.restored import ErasureList
from core.variables import BY_NAME
from operations import upgrading
from operations.backups import BackupError, encryption, postgres, repository
from operations.backups.archive import ABOUT, DATABASE, ERASURES, FORMAT, MEDIA, SETTINGS, ArchiveWriter
from operations.backups.uploads import uploads_of_site


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBackup:
    """A backup that was made.

    `gone`: uploads that were deleted meanwhile; `left_out`: secret settings, left out because it is not encrypted.
    """

    file: Path
    size: int
    seconds: float
    rows: int
    uploads: int
    gone: list[str]
    left_out: list[str]
    removed: list[str]


def make(*, recipients: Sequence[str], keep: dt.timedelta) -> MadeBackup:
    """Make a backup, then delete those that are older than `keep`.

    Raises BackupError or ShutdownRequestedError; then there is no new file.
    """
    with repository.alone():
        started, moment = time.monotonic(), timezone.now()
        file = repository.folder() / repository.name_at(moment, encryption.suffix(recipients))
        with whole_file(file) as out, encryption.encrypting(recipients, out) as stream:
            found = write(ArchiveWriter(stream), moment, secret=bool(recipients))
        seconds = round(time.monotonic() - started, 1)
        size = file.stat().st_size
        repository.remember(
            repository.LastBackup(
                file.name,
                moment,
                size,
                seconds,
                encrypted=bool(recipients),
                signed=bool(settings.BACKUPS["signing_key"]),
            )
        )
        repository.note_success(moment)
        too_old = repository.expired(keep)
        for backup in too_old:
            backup.file.unlink(missing_ok=True)
        return MadeBackup(
            file=file, size=size, seconds=seconds, removed=[backup.file.name for backup in too_old], **found
        )


@contextmanager
def whole_file(file: Path) -> Iterator[IO[bytes]]:
    """Yield a file that gets its name once it is complete and on the disk, and is removed otherwise.

    Raises BackupError.
    """
    draft = file.with_name(f".{file.name}{repository.PARTIAL}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
        folder = os.open(file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    except OSError as problem:
        raise BackupError(no_room(problem, file.parent)) from problem
    finally:
        with suppress(OSError):
            draft.unlink()


def no_room(problem: OSError, folder: Path) -> str:
    kept = "No backup was made; the earlier ones are as they were."
    if problem.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return f"The disk is full. Make room in {folder}, or put the backups elsewhere with WAYMARK_BACKUPS. {kept}"
    return f"The backup could not be written: {problem}. {kept}"


def write(archive: ArchiveWriter, moment: dt.datetime, *, secret: bool) -> dict[str, Any]:
    """Write everything into the archive.

    The database comes first, so that every upload that a row names still exists or is recorded as deleted.
    """
    uploads = uploads_of_site()
    there_before = uploads.names()
    with postgres.snapshot() as at:
        archive.add(ABOUT, json.dumps(about(moment, encrypted=secret), indent=1).encode())
        values, left_out = environment(secret=secret)
        archive.add(SETTINGS, values.encode())
        if (erasures := restored.erasure_list()) is not None:
            archive.add(ERASURES, read_erasures(erasures))
        with postgres.dumping(at) as dump:
            archive.add_stream(DATABASE, dump)
    written = 0
    there = uploads.names()
    gone = there_before - there
    for name in sorted(there):
        stopping.check()
        try:
            with uploads.file(name) as file:
                archive.add_file(f"{MEDIA}{name}", file)
            written += 1
        except FileNotFoundError:
            gone.add(name)
    archive.end({"rows": at.rows, "gone": sorted(gone)}, signed_with=settings.BACKUPS["signing_key"])
    return {"rows": sum(at.rows.values()), "uploads": written, "gone": sorted(gone), "left_out": left_out}


def about(moment: dt.datetime, *, encrypted: bool) -> dict[str, Any]:
    """Return the metadata that are needed before a backup is read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('server_encoding')")
        server, encoding = cursor.fetchone()
        cursor.execute("SELECT extname || ' ' || extversion FROM pg_extension ORDER BY 1")
        extensions = [name for (name,) in cursor.fetchall()]
    return {
        "format": FORMAT,
        "made_at": moment.isoformat(),
        "site": settings.PUBLIC_URL,
        "versions": {
            "waymark": version("waymark"),
            "django": django.__version__,
            "wagtail": wagtail.__version__,
            "postgresql": server,
        },
        "encoding": encoding,
        "extensions": extensions,
        "migrations": upgrading.applied_migrations(),
        "secret_key": trace_of_key(settings.SECRET_KEY, moment.isoformat()),
        "encrypted": encrypted,
    }


def trace_of_key(key: str, made_at: str) -> str:
    """Return a digest that identifies a secret key without revealing it: the key is too long to be guessed."""
    return salted_hmac(f"operations.backups {made_at}", "", secret=key, algorithm="sha256").hexdigest()


def environment(*, secret: bool) -> tuple[str, list[str]]:
    """Return the settings as lines of an `.env` file, and the names of the secret ones whose values were left out."""
    lines, left_out = [], []
    for name, value in sorted(os.environ.items()):
        declared = BY_NAME.get(name)
        if not (name.startswith("WAYMARK_") or declared) or (declared and declared.is_of_process):
            continue
        if secret or (declared and not declared.is_secret):
            lines.append(f"{name}={shlex.quote(value)}\n")
        else:
            lines.append(f"# {name}= is set, and secret\n")
            left_out.append(name)
    return "".join(lines), left_out


def read_erasures(erasures: ErasureList) -> bytes:
    """Return the list of erasures, from the database and from the file of this machine.

    Raises BackupError if it is invalid.
    """
    try:
        return "".join(f"{entry}\n" for entry in erasures.known()).encode()
    except (OSError, restored.InvalidErasureError) as problem:
        raise BackupError(
            f"The list of erasures, {erasures.file()}, could not be read: "
            f"{problem}. Move it away; it is written again within a minute. "
            "No backup was made."
        ) from problem
