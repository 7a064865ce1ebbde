"""Commands of the site in processes of their own, each forked from one that has loaded the site.

Loading it takes seconds of a processor, most of what a short command needs, and is the same each time. What is forked is a process like any
other: it opens its own connections, can be killed, and ends with the number that its command ends with.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.settings.base import ROOT

# Loads the site as `manage.py` does, then forks for each line that it is told. The fork leaves the loop and becomes the command.
LOADED = """
import gc, json, os, sys

gc.disable()
import django
from manage import Utility

django.setup()
gc.freeze()
answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)
else:
    sys.exit()
answers.close()
asked = json.loads(line)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
for number, name in ((1, "stdout"), (2, "stderr")):
    os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT), number)
sys.argv = ["manage.py", *asked["command"]]
Utility(sys.argv).execute()
"""


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

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `manage.py`, and wait until it has ended."""
        assert self.loaded.stdin
        assert self.loaded.stdout
        with tempfile.TemporaryDirectory() as folder:
            stdout, stderr = Path(folder) / "stdout", Path(folder) / "stderr"
            asked = {"command": command, "stdout": str(stdout), "stderr": str(stderr)}
            self.loaded.stdin.write(json.dumps(asked) + "\n")
            self.loaded.stdin.flush()
            ended_with = self.loaded.stdout.readline()
            assert ended_with, "The site could not be loaded."
            return subprocess.CompletedProcess(
                command,
                int(ended_with),
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
