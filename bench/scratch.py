"""A separate site for a benchmark, in a temporary folder, with the settings of the demonstration."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def site() -> Iterator[None]:
    """Set up a site without content for this process, and remove it at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="waymark-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the database runs as another user if this process is root
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "WAYMARK_DEMO": "1",
            "WAYMARK_VAR": folder,
            "PORT": "8000",
        }
        for command in (["migrate"], ["createcachetable"], ["collectstatic", "--noinput"]):
            subprocess.run([sys.executable, "manage.py", *command, "--verbosity", "0"], cwd=ROOT, check=True)
        import django

        django.setup()
        yield
