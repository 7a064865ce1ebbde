"""Static files that are made of other files, such as fonts and icons: kept in `var/` until what they are made of changes, never committed."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


def kept(name: str, made_of: Iterable[str], make: Callable[[], Iterable[tuple[str, bytes]]]) -> Path:
    """Return the folder in `var/<name>` with the files as they are to be now. If it is not there, `make` yields their names and contents."""
    target: Path = settings.VAR / name / hashlib.sha256("".join(made_of).encode()).hexdigest()[:12]
    if not target.exists():
        making = target.with_name(f"making-{os.getpid()}")
        for path, content in make():
            file = making / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        try:
            making.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(making)
    return target


class MadeFileFinder(BaseFinder):
    """Finds the files of a folder that is made when somebody asks, whether they collect static files or serve them in development."""

    folder: Callable[[], Path]

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        folder = self.folder()
        storage = FileSystemStorage(folder)
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = file.relative_to(folder).as_posix()
            if not matches_patterns(name, ignore_patterns or ()):
                yield name, storage

    def find(self, path: str, find_all: bool = False, **options: object) -> Any:
        found = [storage.path(name) for name, storage in self.list(None) if name == path]
        return found if find_all or not found else found[0]
