"""Static files of more than one version of the software.

While the site is upgraded, old processes answer requests for pages that the new version has printed, and afterwards new ones answer readers
who opened a page before. Each page asks for the style sheets of its own version. Their names have a hash, so all versions fit into one
folder, `STATIC_SHARED`: `manage.py upgrade` adds the files of its version to it before it prints.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import MissingFileError

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

HASHED = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")
# How long files of earlier versions stay: pages that somebody left open, copies in archives.
KEPT = timedelta(days=90)
VARIANTS = ("", ".br", ".gz")


class StaticMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, which knows the files that were there when the process started, and looks for hashed ones that came since."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(self.static_prefix) and path not in self.files and HASHED.search(path):
            self.look_for(path)
        return super().__call__(request)

    def look_for(self, path: str) -> None:
        root = f"{settings.STATIC_SHARED}{os.sep}"
        file = root + path.removeprefix(self.static_prefix)
        if self.url_is_canonical(path) and self.path_is_child_of(file, root):
            try:
                self.files[path] = self.get_static_file(file, path)
            except (MissingFileError, OSError):
                return


def share() -> int:
    """Add the static files of this version to the shared ones, and remove those that no version of the last KEPT had. Returns how many are new.

    Raises LookupError if they have not been collected.
    """
    source, target = Path(settings.STATIC_ROOT), Path(settings.STATIC_SHARED)
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return 0  # a developer's: their names have no hash
    names = list(staticfiles_storage.hashed_files.values())
    if not names:
        raise LookupError(source)
    added = sum(
        add(source / f"{name}{suffix}", target / f"{name}{suffix}") for name in names for suffix in VARIANTS
    )
    if source.resolve() != target.resolve():
        remove_old(target)
    return added


def add(file: Path, target: Path) -> bool:
    """Copy a file unless it is there, and note that it is in use. Returns whether it was copied."""
    if not file.exists():
        return False
    if is_new := not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.new")
        shutil.copyfile(file, draft)
        draft.replace(target)
    target.touch()
    return is_new


def remove_old(folder: Path) -> None:
    oldest = time.time() - KEPT.total_seconds()
    for file in folder.rglob("*"):
        if file.is_file() and file.stat().st_mtime < oldest:
            file.unlink()
