"""Version of the software that this process runs.

The version is a digest of everything that a page can depend on: code, templates, styles, texts and the versions of
dependencies.
It needs no maintenance, unlike a number.
The same files have the same digest, in any folder and on any machine.
"""

import hashlib
import os
from functools import cache
from pathlib import Path

from django.conf import settings

KINDS = (".py", ".html", ".css", ".js", ".mo", ".toml", ".csv", ".typ", ".svg", ".txt", ".xsl")


def code_folders() -> tuple[str, ...]:
    """Return the folders that a version consists of."""
    return ("site", *settings.APPS, "locale")


def digest_of(root: Path) -> str:
    """Return the digest of the software in a folder: 16 hexadecimal digits."""
    found = hashlib.sha256((root / "uv.lock").read_bytes())
    # Each process does this at startup, so it walks the tree once, and not once for each file type.
    for top in code_folders():
        for folder, folders, names in os.walk(root / top):
            folders.sort()
            place = os.path.relpath(folder, root)
            for name in sorted(names):
                if name.endswith(KINDS):
                    found.update(f"{place}/{name}\n".encode())
                    found.update(Path(folder, name).read_bytes())
    return found.hexdigest()[:16]


@cache
def running() -> str:
    """Return the version that this process runs.

    Called when Django starts: files may be replaced while an old process goes on.
    """
    return digest_of(Path(settings.ROOT))
