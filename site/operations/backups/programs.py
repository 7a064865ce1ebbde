"""The programs that make and read backups, run without a shell and ended with the block that uses them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from operations.backups import BackupError

PACKAGES = {"gpg": "gnupg"}


@dataclass(slots=True)
class Program:
    process: subprocess.Popen[bytes]
    said: IO[bytes]

    @property
    def input(self) -> IO[bytes]:
        if self.process.stdin is None:
            raise TypeError("It has no input.")
        return self.process.stdin

    @property
    def output(self) -> IO[bytes]:
        if self.process.stdout is None:
            raise TypeError("It has no output.")
        return self.process.stdout

    def end(self) -> int:
        """Close its input, wait for it, and return how it ended."""
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        return self.process.wait()

    @property
    def words(self) -> str:
        """Error output of the program, on one line."""
        self.said.seek(0)
        lines = self.said.read(4000).decode(errors="replace").splitlines()
        said = " ".join(line.strip() for line in lines if line.strip() and "report unexpected" not in line)
        return f"{said}." if said and not said.endswith(".") else said


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    stdin: IO[bytes] | int | None = None,
    stdout: IO[bytes] | int | None = None,
    env: dict[str, str] | None = None,
) -> Iterator[Program]:
    """Run a program for the block; it is killed if the block fails.

    A program that dies raises no exception: check how it `end`ed.
    """
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=said, env=env)  # noqa: S603  (ours, without a shell)
        try:
            with suppress(BrokenPipeError):
                yield Program(process, said)
        except BaseException:
            process.kill()
            raise
        finally:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):
                        stream.close()
            process.wait()


def require(name: str, *, kept: str) -> str:
    """Return the path of a program.

    Raises BackupError if it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} is not installed here: `apt-get install {PACKAGES.get(name, name)}`, "
            f"or the same with your system's packages. {kept}"
        )
    return found
