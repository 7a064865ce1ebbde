"""`.ci/run` is red for every incomplete run, and repeats only tests that may be flaky."""

import datetime as dt
import json
import os
import time
import tomllib
from pathlib import Path

import pytest

from config.settings.base import ROOT
from tests.scripts.conftest import script
from tests.support.named import missing

FLAKY_TEST = "tests/journeys/test_private_site.py::TestPrivateSite::test_opens"
USUAL = ("git", "make", "python3", "sh")
FINE = {"exit": 0, "failed": [], "skipped": {}}


def failing(*tests: str) -> dict[str, object]:
    return {"exit": 1, "failed": list(tests), "skipped": {}}


@pytest.fixture
def ci(tmp_path, monkeypatch):
    program = script("ci")
    monkeypatch.setattr(program, "RECORD", tmp_path / "test-run.json")
    monkeypatch.setattr(program, "FLAKY", tmp_path / "flaky.toml")
    program.FLAKY.write_text("[flaky]\n")
    monkeypatch.setattr(program.shutil, "which", lambda name: name)  # nothing has to be installed
    (tmp_path / "bin").mkdir()
    for name in (*program.PACKAGES, *USUAL):
        (tmp_path / "bin" / name).touch()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return program


class Machine:
    """A fake machine: the results that each run of the tests writes, in turn, and the exit code of each command."""

    def __init__(self, ci, *records, ends=None):
        self.ci, self.records, self.ends = ci, list(records), ends or {}
        self.asked: list[tuple[str, ...]] = []
        self.environments: list[dict[str, str]] = []

    def __call__(self, *command, until, environment=None):
        self.asked.append(command)
        self.environments.append(environment or {})
        if command in {("make", "check"), ("make", "audit")} or command[0] == "apt-get":
            return self.ends.get(command, 0)
        record = self.records.pop(0)
        if record is None:
            return 2
        self.ci.RECORD.write_text(json.dumps(record))
        return self.ends.get(command, 2 if command[0] == "make" and record["exit"] else record["exit"])

    def red(self):
        with pytest.raises(SystemExit, match="RED") as ended:
            self.ci.main(run=self)
        return str(ended.value)


class TestOrder:
    def test_is_the_readme_first_then_the_checks_then_the_rest(self, ci):
        machine = Machine(ci, FINE, FINE)

        ci.main(run=machine)

        assert [command[:2] for command in machine.asked[:2]] == [("make", "test"), ("make", "check")]
        assert machine.asked[2][-1] == ci.REST
        assert machine.environments[0]["CI"] == ""
        assert [each["CI"] for each in machine.environments[1:]] == ["true", "true"]

    def test_has_an_audit_where_there_are_advisories_and_says_so_where_not(self, ci, monkeypatch, tmp_path, capsys):
        monkeypatch.setattr(ci, "ADVISORIES", tmp_path / "advisories.zip")
        without = Machine(ci, FINE, FINE)
        ci.main(run=without)
        assert ("make", "audit") not in without.asked
        assert "Audit not run: there is no database of advisories" in capsys.readouterr().out

        ci.ADVISORIES.touch()
        assert "make audit" in Machine(ci, FINE, ends={("make", "audit"): 1}).red()

    def test_hides_what_the_readme_does_not_ask_for_in_the_first_part(self, ci, tmp_path):
        (tmp_path / "bare").mkdir()

        path = Path(ci.bare_path(tmp_path / "bare"))

        assert {file.name for file in path.iterdir()} == set(USUAL)

    def test_runs_what_the_first_part_skipped_once_the_program_is_there(self, ci):
        skipped = {"tests/a.py::test_one": "age is not installed"}
        machine = Machine(ci, {**FINE, "skipped": skipped}, FINE, FINE)

        ci.main(run=machine)

        assert machine.asked[-1][-1] == "tests/a.py::test_one"

    def test_installs_what_is_missing_as_root_only(self, ci, monkeypatch):
        monkeypatch.setattr(ci.shutil, "which", lambda name: None if name == "rclone" else name)
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        machine = Machine(ci, FINE, FINE)

        ci.main(run=machine)

        [installed] = [command for command in machine.asked if command[:2] == ("apt-get", "install")]
        assert "rclone" in installed
        assert "nginx" not in installed


class TestRed:
    @pytest.mark.parametrize(
        ("first", "because"),
        [
            (None, "left no record"),
            ({**FINE, "exit": 2}, "pytest ended with 2"),
            ({**FINE, "exit": 3}, "pytest ended with 3"),
            ({**FINE, "exit": 5}, "pytest ended with 5"),
            (failing(), "too little of the product"),
            ({**FINE, "skipped": {"tests/a.py::test_one": "some day"}}, "some day"),
            (failing(*(f"tests/a.py::test_{n}" for n in range(4))), "4 tests failed"),
            (failing("tests/promises/test_p5_no_cookie.py::test_none"), "never repeated"),
            (failing("tests/canary/test_canary.py::test_all"), "never repeated"),
            (failing("tests/helpline/approval/test_rule.py::test_two"), "never repeated"),
        ],
    )
    def test_is_what_came_to_no_end_or_may_not_be_repeated(self, ci, first, because):
        assert because in Machine(ci, first, FINE).red()

    def test_is_an_end_that_the_record_does_not_know_of(self, ci):
        assert "but the tests ended with 2" in Machine(ci, FINE, ends={("make", "test"): 2}).red()

    def test_is_a_record_of_another_run(self, ci):
        ci.RECORD.write_text(json.dumps(FINE))

        assert "left no record" in Machine(ci, None).red()

    def test_is_a_check_that_fails(self, ci):
        assert "make check" in Machine(ci, FINE, ends={("make", "check"): 2}).red()

    def test_is_what_fails_again(self, ci):
        assert "failed again" in Machine(ci, FINE, failing(FLAKY_TEST), failing(FLAKY_TEST)).red()

    def test_is_what_was_late_before(self, ci):
        ci.FLAKY.write_text(f'[flaky]\n"{FLAKY_TEST}" = 2026-11-01\n')

        assert "2026-11-01" in Machine(ci, FINE, failing(FLAKY_TEST)).red()

    @pytest.mark.process
    def test_is_what_takes_too_long(self, ci):
        with pytest.raises(ci.RunFailedError, match="did not end in time"):
            ci.run("/bin/sleep", "30", until=time.monotonic() + 0.1)

    def test_is_what_would_take_an_hour(self, ci):
        assert ci.MINUTES < 60


class TestLate:
    def test_is_green_and_printed_with_the_line_to_add(self, ci, capsys):
        ci.main(run=Machine(ci, FINE, failing(FLAKY_TEST), FINE))

        [line] = [line for line in capsys.readouterr().out.splitlines() if FLAKY_TEST in line]
        assert tomllib.loads(line) == {FLAKY_TEST: dt.datetime.now(tz=dt.UTC).date()}


class TestTables:
    def test_name_tests_that_are_there(self):
        flaky = tomllib.loads((ROOT / "tests/flaky.toml").read_text())["flaky"]

        assert [name for name in script("ci").NEVER_AGAIN if not (ROOT / name).exists()] == []
        assert [test for test in flaky if missing(test)] == []

    def test_name_every_package_of_the_readme(self):
        named = (ROOT / "README.md").read_text()

        assert [name for name in script("ci").PACKAGES.values() if f"`{name}`" not in named] == []
