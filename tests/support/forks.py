"""Commands of the site in separate processes, each forked from one that has loaded the site.

Loading it takes seconds of a processor, most of what a short command needs, and is the same each time.
What is forked is a process like any other: it opens its own connections, can be killed, and ends with the number
that its command ends with.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.settings.base import ROOT

# Loads the site as `manage.py` does, forks for each command that it receives, and reports the exit codes on request.
# The fork leaves the loop, and becomes the command.
LOADED = """
import gc, json, os, sys

gc.disable()
import django
from manage import Utility

django.setup()
gc.freeze()
answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    asked = json.loads(line)
    if "pid" in asked:
        pid, status = os.waitpid(asked["pid"], os.WNOHANG)
        answer = os.waitstatus_to_exitcode(status) if pid else None
    else:
        answer = os.fork()
        if answer == 0:
            break
    print(json.dumps(answer), file=answers, flush=True)
else:
    sys.exit()
answers.close()
os.setsid()
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
for number, name in ((1, "stdout"), (2, "stderr")):
    os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
sys.argv = ["manage.py", *asked["command"]]
Utility(sys.argv).execute()
"""

DYING = """
import os, pkgutil, signal
from unittest.mock import patch
from django.core.management import call_command

whole, calls = pkgutil.resolve_name("{place}"), []

def dying(*args, **kwargs):
    calls.append(1)
    if len(calls) == {number}:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*args, **kwargs)

with patch("{place}", dying):
    for command in {commands}:
        call_command(*command)
"""


def dying(place: str, number: int, *commands: tuple[str, ...]) -> str:
    """Return the code of a process that runs these commands, and is killed at that call of a function."""
    return DYING.format(place=place, number=number, commands=commands)


class Forked:
    """A running command, with the interface of `subprocess.Popen`.

    It leads its own process group.
    """

    def __init__(self, forks: Forks, pid: int) -> None:
        self.forks, self.pid = forks, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self.forks.ask({"pid": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        until = time.monotonic() + (timeout or float("inf"))
        while (ended_with := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.02)
        return ended_with

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forks:
    """Runs commands in the environment that it was made with."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.loaded = subprocess.Popen(
            [sys.executable, "-c", LOADED],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, what: dict[str, object]) -> int | None:
        assert self.loaded.stdin
        assert self.loaded.stdout
        self.loaded.stdin.write(json.dumps(what) + "\n")
        self.loaded.stdin.flush()
        answer = self.loaded.stdout.readline()
        assert answer, "The site could not be loaded."
        found: int | None = json.loads(answer)
        return found

    def start(self, *command: str, stdout: Path, stderr: Path | None = None) -> Forked:
        """Start a command of `manage.py`.

        Its output is appended to files.
        """
        asked = {"command": command, "stdout": str(stdout), "stderr": str(stderr or stdout)}
        pid = self.ask(asked)
        assert pid
        return Forked(self, pid)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `manage.py`, and wait until it has ended."""
        with tempfile.TemporaryDirectory() as folder:
            stdout, stderr = Path(folder) / "stdout", Path(folder) / "stderr"
            ended_with = self.start(*command, stdout=stdout, stderr=stderr).wait()
            return subprocess.CompletedProcess(
                command,
                ended_with,
                stdout.read_text(errors="replace"),
                stderr.read_text(errors="replace"),
            )

    def close(self) -> None:
        assert self.loaded.stdin
        assert self.loaded.stdout
        self.loaded.stdin.close()
        self.loaded.wait(30)
        self.loaded.stdout.close()


@contextmanager
def forking(environment: Mapping[str, str]) -> Iterator[Forks]:
    forks = Forks(environment)
    try:
        yield forks
    finally:
        forks.close()
