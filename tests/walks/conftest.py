"""A copy of the house in which a newcomer's change is made, as CONTRIBUTING.md describes it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.settings.base import ROOT, VAR

PARTS = ("site", "campaigns", "network", "helpline", "docs", "locale")
FILES = ("manage.py", "pyproject.toml", "CONTRIBUTING.md")


@dataclass(frozen=True)
class House:
    """The copy, and what a newcomer does in it."""

    root: Path

    def insert(self, path: str, *, before: str, text: str) -> None:
        """Write `text` into a file, before a line of it that is there once."""
        file = self.root / path
        words = file.read_text(encoding="utf-8")
        assert words.count(before) == 1, f"{path} has {words.count(before)} times: {before}"
        file.write_text(words.replace(before, text + before), encoding="utf-8")

    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a management command of the copy. It starts no database of its own."""
        return self.run("manage.py", *command)

    def python(self, code: str) -> str:
        """What a program prints in the copy, with Django set up. Fails the test if the program fails."""
        done = self.run("-c", f"import django; django.setup()\n{code}")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "WAYMARK_VAR": str(VAR),
            "PYTHONPATH": f"{self.root}{os.pathsep}{self.root / 'site'}",
        }
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def changed(self) -> set[str]:
        """The files that differ from the house, catalogues and what Python compiles apart."""
        found = set()
        for part in PARTS:
            for file in (self.root / part).rglob("*"):
                relative = file.relative_to(self.root).as_posix()
                if file.is_dir() or "__pycache__" in relative or relative.startswith("locale/"):
                    continue
                original = ROOT / relative
                if not original.exists() or original.read_bytes() != file.read_bytes():
                    found.add(relative)
        return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return House(tmp_path)
