"""Run everything that a change must pass: `.ci/run`.

1. `make test`, as in the README, with the programs that the README does not require removed from its path.
2. Those programs are installed, `make check` runs, and `make audit` if there is a database of advisories.
3. The rest: tests that start programs or browsers, and tests that were skipped in the first part because a program was
   missing.

Nothing passes by accident. pytest must end with 0 or 1 and write its record (`var/test-run.json`); up to three tests
that failed are run once more, alone, because a test that waits for browsers and servers can be flaky on a busy machine.
Never repeated are the tests of `NEVER_AGAIN`, and those that tests/flaky.toml names already: a second time is a fault.
"""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.support.limits import ALLOWED_SKIPS
from tests.support.programs import MISSING

ROOT = Path(__file__).resolve().parents[1]
PYTEST = ROOT / ".venv/bin/pytest"
RECORD = ROOT / "var/test-run.json"
FLAKY = ROOT / "tests/flaky.toml"
# The command and the Debian package that has it.
PACKAGES = {
    "chromium": "chromium",
    "chromium-headless-shell": "chromium-headless-shell",
    "firefox-esr": "firefox-esr",
    "nginx": "nginx",
    "curl": "curl",
    "xgettext": "gettext",
    "systemd-analyze": "systemd",
    "age": "age",
    "gpg": "gnupg",
    "openssl": "openssl",
    "rclone": "rclone",
}
HIDDEN = re.compile(
    r"(chrom|google-chrome|firefox|nginx|curl$|age(-.+)?$|gpg|openssl|rclone|systemd-analyze|xgettext|msg|redis|valkey)"
)
REST = "(process or browser) and not rehearsal"
ADVISORIES = ROOT / "var/advisories.zip"  # as in the Makefile
MOST_AGAIN = 3
MINUTES = 55  # for everything: what comes later is not waited for
# Promises, leaks and the second person: one failure in a hundred runs is a reader in danger, and not a flaky test.
NEVER_AGAIN = (
    "tests/promises/",
    "tests/canary/",
    "tests/helpline/approval/",
    "tests/users/test_decisions.py",
)

type Run = Callable[..., int]


class RunFailedError(Exception):
    """The run has failed.

    The message has the reason.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Record of a run of pytest, in the file RECORD (tests/support/report.py)."""

    exit: int
    failed: list[str] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)  # the test and the reason


def run(*command: str, until: float, environment: Mapping[str, str] | None = None) -> int:
    """Run a command in the project's folder; at the time `until` it is killed with all of its children.

    `until` is a time of the monotonic clock.
    """
    print(f"\n$ {' '.join(command)}", flush=True)
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, start_new_session=True
    ) as process:
        try:
            return process.wait(until - time.monotonic())
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            raise RunFailedError(f"“{command[0]}” did not end in time: {MINUTES} minutes are for everything.") from None


def tested(command: list[str], *, run: Run, environment: Mapping[str, str]) -> Record:
    """Run tests, and return their record.

    Raises RunFailedError unless the run was complete.
    """
    RECORD.unlink(missing_ok=True)
    ended_with = run(*command, environment=environment)
    if not RECORD.is_file():
        raise RunFailedError(f"The tests have left no record, and ended with {ended_with}.")
    record = Record(**json.loads(RECORD.read_text(encoding="utf-8")))
    if record.exit not in (0, 1):
        raise RunFailedError(f"pytest ended with {record.exit}: it did not come to the end of the tests.")
    if bool(record.exit) != bool(ended_with):
        raise RunFailedError(f"The record says {record.exit}, but the tests ended with {ended_with}.")
    if record.exit and not record.failed:
        raise RunFailedError("No test has failed, but the run has: too little of the product was reached.")
    return record


def bare_path(folder: Path) -> str:
    """Return a PATH with all programs but those that the README does not require."""
    for place in os.environ["PATH"].split(os.pathsep):
        for program in sorted(Path(place).glob("*")):
            link = folder / program.name
            if not HIDDEN.match(program.name) and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def first_part(*, run: Run) -> Record:
    """Run `make test` as in a fresh clone.

    Raises RunFailedError for a skip without a missing program as its reason.
    """
    with tempfile.TemporaryDirectory() as folder:
        bare = {"PATH": bare_path(Path(folder)), "CHROMIUM": "", "FIREFOX": "", "CI": ""}
        record = tested(["make", "test"], run=run, environment=bare)
    for test, reason in record.skipped.items():
        if not (MISSING.fullmatch(reason) or ALLOWED_SKIPS.fullmatch(reason)):
            raise RunFailedError(f"{test} was skipped, and no missing program is the reason: {reason}")
    return record


def install(*, run: Run) -> None:
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"Missing here, and not to be installed: {', '.join(missing)}")
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-qq")
    if run("apt-get", "install", "-y", "-qq", *missing, "fonts-noto-core", environment=quiet):
        raise RunFailedError(f"Could not install {', '.join(missing)}.")


def audit(*, run: Run) -> None:
    """Look for known vulnerabilities, without the internet: where there is no database, say so.

    Raises RunFailedError if there are any.
    """
    if not ADVISORIES.is_file():
        print(f"\nAudit not run: there is no database of advisories ({ADVISORIES}; `make advisories`).")
    elif run("make", "audit"):
        raise RunFailedError("make audit failed.")


def the_rest(before: Record, *, run: Run) -> list[str]:
    """Run the tests that start programs and browsers, and those that were skipped; return those that failed.

    In CI a skip is an error.
    """
    command = [str(PYTEST), "-n", str(max(2, os.cpu_count() or 2)), "--dist", "loadgroup"]
    strict = {"CI": "true"}
    failed = tested([*command, "-m", REST], run=run, environment=strict).failed
    skipped = [test for test, reason in before.skipped.items() if MISSING.fullmatch(reason)]
    if skipped:
        failed += tested([*command, *skipped], run=run, environment=strict).failed
    return failed


def again(failed: list[str], *, run: Run) -> list[str]:
    """Run the tests that failed once more, alone.

    Return the lines to add to tests/flaky.toml.

    Raises RunFailedError if something is broken.
    """
    if not failed:
        return []
    known = tomllib.loads(FLAKY.read_text(encoding="utf-8")).get("flaky", {})
    for test in failed:
        if test.startswith(NEVER_AGAIN):
            raise RunFailedError(f"{test} failed, and is never repeated.")
        if test in known:
            raise RunFailedError(f"{test} failed, and was flaky before ({known[test]}): mend it.")
    if len(failed) > MOST_AGAIN:
        raise RunFailedError(f"{len(failed)} tests failed; no more than {MOST_AGAIN} are repeated.")
    alone = [str(PYTEST), "-p", "no:xdist", "-p", "no:randomly", *failed]
    if tested(alone, run=run, environment={"CI": "true"}).failed:
        raise RunFailedError("What failed once failed again.")
    today = dt.datetime.now(tz=dt.UTC).date()
    return [f'"{test}" = {today}' for test in failed]


def main(run: Run = run) -> None:
    began = time.monotonic()
    run = partial(run, until=began + MINUTES * 60)
    try:
        first = first_part(run=run)
        install(run=run)
        if run("make", "check", environment={"CI": "true"}):
            raise RunFailedError("make check failed.")
        audit(run=run)
        flaky = again([*first.failed, *the_rest(first, run=run)], run=run)
    except RunFailedError as reason:
        sys.exit(f"\nRED: {reason}")
    if flaky:
        print("\nPassed when it was run again, alone. Mend it, or add to tests/flaky.toml:", *flaky, sep="\n")
    print(f"\nGreen after {(time.monotonic() - began) / 60:.0f} minutes.")


if __name__ == "__main__":
    main()
