"""The uploads that a backup holds: in a folder of this machine, or in a bucket that several share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from core.background import stopping
from core.uploads.bucket import BucketStorage
from core.uploads.unavailable import StorageUnavailableError
from operations.backups import BackupError


def uploads_of_site() -> UploadsOnDisk | UploadsInBucket:
    if settings.STORAGE["address"]:
        return UploadsInBucket(default_storage)  # type: ignore[arg-type]
    return UploadsOnDisk(Path(settings.MEDIA_ROOT))


@dataclass(frozen=True, slots=True)
class UploadsOnDisk:
    root: Path

    def names(self) -> set[str]:
        """Return the names of the files below the folder."""
        return {str(file.relative_to(self.root)) for file in self.root.rglob("*") if file.is_file()}

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """Yield the path of a file, if it still exists."""
        yield self.root / name

    def others(self, names: set[str]) -> set[str]:
        """Return the files that are not in a backup and could belong to another site: none, for the folder is ours."""
        return set()

    @contextmanager
    def replaced(self, incoming: Path) -> Iterator[Callable[[], None]]:
        """Yield a function that replaces the uploads with the incoming ones.

        If the block fails afterwards, that is reverted.
        """
        before = self.root.with_name("media.replaced")

        def put() -> None:
            shutil.rmtree(before, ignore_errors=True)
            if self.root.exists():
                self.root.rename(before)
            incoming.rename(self.root)

        try:
            yield put
        except BaseException:
            if not incoming.exists() and self.root.exists():
                self.root.rename(incoming)
            if before.exists() and not self.root.exists():
                before.rename(self.root)
            raise
        shutil.rmtree(before, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class UploadsInBucket:
    storage: BucketStorage

    def names(self) -> set[str]:
        """Return the names of the files in the bucket.

        Raises BackupError.
        """
        with storage_needed():
            return set(self.storage.names())

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """Yield the path of a temporary copy of a file.

        Raises FileNotFoundError if it was deleted, and BackupError.
        """
        # Not this machine's local copy: a restore will use the content of the bucket.
        with tempfile.TemporaryDirectory(dir=settings.VAR) as folder:
            fetched = Path(folder) / "upload"
            with storage_needed():
                self.storage.fetch(name, fetched)
            yield fetched

    def others(self, names: set[str]) -> set[str]:
        """Return the files that are not in a backup.

        They may belong to another site that uses the same bucket.
        """
        return self.names() - names

    @contextmanager
    def replaced(self, incoming: Path) -> Iterator[Callable[[], None]]:
        """Yield a function that does nothing: names are unique, so incoming files are stored beside the existing ones.

        Added files are deleted again if the block fails; existing ones that are not in the backup, once it has
        succeeded.
        """
        came = UploadsOnDisk(incoming).names()
        with storage_needed():
            there = self.storage.names()
        added = {name for name in came if there.get(name) != (incoming / name).stat().st_size}
        try:
            for name in sorted(added):
                stopping.check()
                with storage_needed(), (incoming / name).open("rb") as file:
                    self.storage.put(name, file)
            yield lambda: None
        except BaseException:
            for name in added - there.keys():
                self.storage.delete(name)
            raise
        shutil.rmtree(incoming, ignore_errors=True)
        for name in there.keys() - came:
            self.storage.delete(name)


@contextmanager
def storage_needed() -> Iterator[None]:
    try:
        yield
    except StorageUnavailableError as problem:
        raise BackupError(
            f"{problem}. Look at WAYMARK_STORAGE and what belongs to it; "
            "`manage.py doctor` says more. Nothing was changed; the earlier "
            "backups are as they were."
        ) from problem
