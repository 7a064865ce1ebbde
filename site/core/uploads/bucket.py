"""Uploads in a bucket of an S3-compatible storage, so that several machines share them (docs/operators/storage.md).

The bucket is authoritative.
`MEDIA_ROOT` has copies of the files that this machine has read: `path()` returns one on the disk, and files read before
remain readable while the storage is unavailable.
No two files ever have the same name, so a copy is never out of date.

No client gets an address in the bucket, not even a signed one: the private site serves files to those who may see them,
and the public site has prerendered copies.
Any failure of the storage is a StorageUnavailableError, after a limited time.
"""

from __future__ import annotations

import base64
import hashlib
import os
import posixpath
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import ascii_lowercase, digits
from typing import IO, Any, cast
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.tasks import task
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.deconstruct import deconstructible
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from core.uploads.unavailable import StorageUnavailableError

# Timeout in seconds, attempts, and back-off in seconds after a failure.
PATIENCE = 3.0 if settings.SITE else 10.0
ATTEMPTS = 1 if settings.SITE else 2
RETRY = 2.0 if settings.SITE else 10.0
PIECE = 256 * 1024
# Seconds to begin with, and bytes a second: a film of 500 MB may take nine minutes.
# A slower transfer counts as hanging.
AT_LEAST, SLOWEST = 10.0, 1_000_000
# Copies that no process on this machine has used in this time are deleted.
# The check runs once an hour.
COPIES_KEPT, LOOKED_FOR = timedelta(days=7), 3600.0
# Delay before a deletion that the storage did not carry out is retried.
DELETED_LATER = timedelta(minutes=5)
MISSING = {"404", "NoSuchKey"}
# The number of random characters added to each name, and the folder of documents, whose file names readers see: there,
# the characters form a subfolder.
LETTERS, NAMED = 10, "documents"
LONGEST = 255  # characters of a name, unless its column has fewer

# The times of the monotonic clock from which this process may use the storage again, and look for old copies again.
# Not attributes of an object: Wagtail creates a storage for each file that it deletes.
_next = {"ask": 0.0, "look": 0.0}


@contextmanager
def answering() -> Iterator[None]:
    """Turn errors of the storage into StorageUnavailableError or FileNotFoundError.

    While it is known to be unavailable, requests fail immediately; one in `RETRY` seconds tries again.
    """
    if time.monotonic() < _next["ask"]:
        raise StorageUnavailableError("The storage did not respond a moment ago.")
    try:
        yield
    except ClientError as refusal:
        code = str(refusal.response["Error"].get("Code"))
        if code in MISSING:
            raise FileNotFoundError(str(refusal)) from refusal
        raise StorageUnavailableError(f"The storage refuses: {refusal}") from refusal
    except (BotoCoreError, TimeoutError) as problem:
        _next["ask"] = time.monotonic() + RETRY
        raise StorageUnavailableError(f"The storage does not respond: {problem}") from problem


@dataclass
class TimedReader:
    """A file that can be read until a time of the monotonic clock; later reads end the transfer with an error."""

    file: IO[bytes]
    until: float

    def read(self, size: int = -1) -> bytes:
        require_time(self.until)
        return self.file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()


def require_time(until: float) -> None:
    if time.monotonic() > until:
        raise TimeoutError("This takes too long.")


def until_moved(size: int) -> float:
    """Return the time limit for the transfer of so many bytes."""
    return time.monotonic() + AT_LEAST + size / SLOWEST


@deconstructible
class BucketStorage(S3Storage):
    """Storage without arguments: Wagtail copies a storage's arguments into the queue of tasks.

    The credentials do not belong there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.copies = FileSystemStorage()

    def get_default_settings(self) -> dict[str, Any]:
        where = urlsplit(settings.STORAGE["address"])
        endpoint = settings.STORAGE["endpoint"]
        keys = {"access_key": settings.STORAGE["key"], "secret_key": settings.STORAGE["secret"]}
        return {
            **super().get_default_settings(),
            # For missing keys, boto3 uses its default sources.
            **{name: value for name, value in keys.items() if value},
            "bucket_name": where.netloc,
            "location": where.path.strip("/"),
            "endpoint_url": endpoint or None,
            "region_name": settings.STORAGE["region"] or None,
            "file_overwrite": False,
            "default_acl": None,
            "object_parameters": {"CacheControl": "private, no-store"},
            "client_config": Config(
                connect_timeout=min(PATIENCE, 2.0),
                read_timeout=PATIENCE,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                signature_version="s3v4",
                # With a custom endpoint, a storage may have no host name for each bucket.
                s3={"addressing_style": "path" if endpoint else "virtual"},
                # Only Amazon supports the newer checksums so far.
                # The site sends an MD5, which every storage checks.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }

    def key(self, name: str) -> str:
        """Return the name of a file in the bucket.

        Raises SuspiciousOperation if it is outside of the site's part of the bucket.
        """
        return str(self._normalize_name(clean_name(name)))

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    def ask(self) -> None:
        """Raise StorageUnavailableError unless the bucket exists and accepts the credentials."""
        with answering():
            try:
                self.client.head_bucket(Bucket=self.bucket_name)
            except ClientError as refusal:  # a bucket that is missing is no file that is
                raise StorageUnavailableError(f"The storage refuses: {refusal}") from refusal

    # --- Reading ------------------------------------------------------------------------------------------------------

    def path(self, name: str) -> str:
        """Return the path of the copy on this machine, which is fetched first.

        It does not exist if the bucket has no such file.
        """
        copy = Path(self.copies.path(name))
        try:
            note_use(copy)
        except FileNotFoundError:
            with suppress(FileNotFoundError):
                self.fetch(name, copy)
        forget_old_copies()
        return str(copy)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("Objects in the bucket are immutable.")
        return File(Path(self.path(name)).open("rb"))  # by its path, so that it can be reopened

    def fetch(self, name: str, copy: Path) -> None:
        """Bring a file onto this machine, whole or not at all.

        Raises FileNotFoundError, StorageUnavailableError, or OSError if the disk is full.
        """
        with answering():
            found = self.client.get_object(Bucket=self.bucket_name, Key=self.key(name))
            until = until_moved(found["ContentLength"])
            with closing(found["Body"]) as body, whole(copy) as out:
                for piece in body.iter_chunks(PIECE):
                    require_time(until)
                    out.write(piece)

    def size(self, name: str) -> int:
        with suppress(OSError):
            return self.copies.size(name)
        with answering():
            return int(super().size(name))

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Return the address on the private site: never one in the bucket."""
        return self.copies.url(name)

    def names(self) -> dict[str, int]:
        """Return the names of all files in the bucket, each with its size in bytes.

        Raises StorageUnavailableError.
        """
        start = f"{self.location}/" if self.location else ""
        found = {}
        with answering():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=start):
                for entry in page.get("Contents", ()):
                    found[entry["Key"].removeprefix(start)] = entry["Size"]
        return found

    # --- Writing ------------------------------------------------------------------------------------------------------

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return a name that no file has or had.

        The bucket is not checked: another machine may be about to use a free name.
        """
        folder, file = posixpath.split(clean_name(name))
        stem, suffix = posixpath.splitext(file)
        letters = get_random_string(LETTERS, ascii_lowercase + digits)
        before, after = (f"{folder}/{letters}/", "") if folder == NAMED else (f"{folder}/", f"-{letters}")
        room = (max_length or LONGEST) - len(f"{before}{after}{suffix}")
        return f"{before}{stem[:room]}{after}{suffix}".lstrip("/")

    def _save(self, name: str, content: File[Any]) -> str:
        """Put a file into the bucket, and keep a copy here.

        Raises StorageUnavailableError.
        """
        content.open()  # from its beginning
        file = cast("IO[bytes]", content.file)
        self.put(name, file)
        with suppress(OSError):  # the file is safe in the bucket, and can be fetched
            file.seek(0)
            with whole(Path(self.copies.path(name))) as out:
                while piece := file.read(PIECE):
                    out.write(piece)
        return name

    def put(self, name: str, file: IO[bytes]) -> None:
        """Put a file into the bucket in one request, so that it is there whole or not at all.

        Raises StorageUnavailableError.
        """
        file.seek(0)
        digest, size = hashlib.md5(usedforsecurity=False), 0
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
        file.seek(0)
        with answering():
            self.client.put_object(
                Bucket=self.bucket_name,
                Key=self.key(name),
                Body=TimedReader(file, until_moved(size)),
                ContentLength=size,
                ContentMD5=base64.b64encode(digest.digest()).decode(),
                **self._get_write_parameters(name),
            )

    def delete(self, name: str) -> None:
        """Delete a file, here and in the bucket.

        If the bucket is unavailable, the deletion is retried later.
        """
        self.copies.delete(name)
        try:
            self.remove(name)
        except StorageUnavailableError:
            delete_later(number_of(name))

    def delete_numbered(self, number: int) -> None:
        """Delete the file with this number (`number_of`) in the bucket, or retry later."""
        try:
            for name in self.names():
                if number_of(name) == number:
                    self.remove(name)
        except StorageUnavailableError:
            delete_later(number)

    def remove(self, name: str) -> None:
        """Delete a file in the bucket immediately.

        Raises StorageUnavailableError.
        """
        with answering():
            super().delete(name)

    def address(self, name: str) -> str:
        """Return the address at which a file could be read if the bucket were public."""
        return str(super().url(name)).partition("?")[0]


# --- Later deletions ----------------------------------------------------------------------------------------------


def number_of(name: str) -> int:
    """Return a number for a name in the queue of tasks, which stores no names: 60 bits of its hash."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) >> 4


@task(priority=-20)
def delete_upload(number: int) -> None:
    """Delete an upload whose storage was unavailable, by the number of its name (`core.uploads.bucket.number_of`).

    Queues itself again while the storage is unavailable.
    """
    cast("BucketStorage", default_storage).delete_numbered(number)


def delete_later(number: int) -> None:
    delete_upload.using(run_after=timezone.now() + DELETED_LATER).enqueue(number)


# --- The copies on this machine -----------------------------------------------------------------------------------


@contextmanager
def whole(file: Path) -> Iterator[IO[bytes]]:
    """Yield a file that gets its name once it is complete, and does not exist otherwise."""
    draft = file.with_name(f".{uuid.uuid4().hex}")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with draft.open("wb") as out:
            yield out
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def note_use(copy: Path) -> None:
    """Record the use of a copy.

    Its modification time stays: the renderer may have linked the file, and clients receive that time.
    """
    os.utime(copy, ns=(time.time_ns(), copy.stat().st_mtime_ns))


def forget_old_copies() -> None:
    """Delete the copies no longer used on this machine, including those of files deleted by another machine."""
    if time.monotonic() < _next["look"]:
        return
    _next["look"] = time.monotonic() + LOOKED_FOR
    oldest = time.time() - COPIES_KEPT.total_seconds()
    for file in Path(settings.MEDIA_ROOT).rglob("*"):
        with suppress(OSError):  # another process was faster
            if file.is_file() and file.stat().st_atime < oldest:
                file.unlink()
