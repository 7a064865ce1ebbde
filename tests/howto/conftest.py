"""A copy of the repository in which a newcomer's change is made as CONTRIBUTING.md describes it."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from config.settings.base import ROOT, VAR

PARTS = ("site", "campaigns", "network", "helpline", "docs", "locale", "scripts", "tests")
FILES = ("manage.py", "pyproject.toml", "CONTRIBUTING.md", ".pre-commit-config.yaml", "uv.lock")

# A block of code in CONTRIBUTING.md, with what it is and where it belongs: ```python campaigns/models/events.py
BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<path>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = """
import io, json
from django.core.management import CommandError, call_command

said = []
for command in {commands}:
    out = io.StringIO()
    try:
        call_command(*command.split(), stdout=out, stderr=out)
        said.append("")
    except (CommandError, SystemExit) as failed:
        said.append(str(failed) + out.getvalue())
print(json.dumps(said))
"""


@dataclass(frozen=True)
class ProjectCopy:
    """The copy, and a newcomer's actions in it."""

    root: Path

    def insert(self, path: str, *, before: str, text: str) -> None:
        """Write `text` into a file, before a piece of text that occurs there once."""
        file = self.root / path
        words = file.read_text(encoding="utf-8")
        assert words.count(before) == 1, f"{path} has {words.count(before)} times: {before}"
        file.write_text(words.replace(before, text + before), encoding="utf-8")

    def follow(self, heading: str) -> None:
        """Write every file and every edit that a section of CONTRIBUTING.md shows, and run its management commands."""
        _before, section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")
        for block in BLOCK.finditer(section.partition("\n## ")[0]):
            if block["kind"] == "diff":
                self.edit(block["path"], block["text"])
            elif block["path"]:
                self.write(block["path"], block["text"])
            for command in re.findall(r"^\S*python manage\.py (.*)$", block["text"], re.MULTILINE):
                # The date in a header would differ in each run, and the test database is rebuilt when a migration
                # changes.
                more = ["--no-header"] if command.startswith("makemigrations") else []
                self.succeeds("manage.py", *command.split(), *more)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def edit(self, path: str, diff: str) -> None:
        """Apply a diff without line numbers: what each part replaces must be in the file exactly once."""
        words = (self.root / path).read_text(encoding="utf-8")
        for part in diff.split("@@\n"):
            lines = part.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line[0] in " -")
            assert words.count(old) == 1, f"{path} is not what CONTRIBUTING.md shows:\n{old}"
            words = words.replace(old, "".join(line[1:] for line in lines if line[0] in " +"))
        self.write(path, words)

    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a management command of the copy, without starting another database server."""
        return self.run("manage.py", *command)

    def manage_all(self, *commands: str) -> list[str]:
        """Run several management commands in one process.

        Return the errors of each, empty if it succeeds.
        """
        said: list[str] = json.loads(self.python(COMMANDS.format(commands=commands)))
        return said

    def python(self, code: str) -> str:
        """Run a program in the copy, with Django set up, and return its output.

        Fail the test if it fails.
        """
        # With frozen objects it ends immediately, without a last garbage collection.
        done = self.run("-c", f"import gc, django; django.setup(); gc.freeze()\n{code}")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def succeeds(self, *words: str) -> None:
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr

    def complaint(self, *words: str) -> str:
        """Run a command that must fail, and return its message."""
        done = self.run(*words)
        assert done.returncode != 0
        return done.stdout + done.stderr

    def pytest(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run tests of the copy, with terse output.

        Tests that use the database need the variables of `database()`.
        """
        plugins = ("-p", "no:cacheprovider", "-p", "no:randomly")
        return self.run("-m", "pytest", "-q", *plugins, *arguments, **environment)

    @staticmethod
    def database() -> dict[str, str]:
        """Return the variables for this run's server, and a database on it that no other test has."""
        server = connection.get_connection_params()
        who = ":".join(quote(server[key], safe="") for key in ("user", "password") if server.get(key))
        where = ":".join(quote(str(server[key]), safe="") for key in ("host", "port") if server.get(key))
        return {"DATABASE_URL": f"postgres://{who}@{where}/howto"}

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            **more,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "WAYMARK_VAR": str(VAR),
            "PYTHONPATH": f"{self.root}{os.pathsep}{self.root / 'site'}",
            "PYTHONDONTWRITEBYTECODE": "1",
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
        """Return the files that differ from the repository, without catalogues and compiled Python."""
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
def project_copy(tmp_path: Path) -> ProjectCopy:
    for part in PARTS:  # compiled modules too: a newcomer's programs then start as fast as ours
        shutil.copytree(ROOT / part, tmp_path / part)
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    return ProjectCopy(tmp_path)
