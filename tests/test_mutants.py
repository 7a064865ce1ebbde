"""The tables of `make mutants` are up to date: a moved module or an obsolete fault fails here."""

import tomllib
from typing import Any

import pytest

from config.settings.base import ROOT
from tests.support.named import code, missing

TABLE = tomllib.loads((ROOT / "tests/mutants.toml").read_text(encoding="utf-8"))
FAULTS = tomllib.loads((ROOT / "tests/faults.toml").read_text(encoding="utf-8"))["fault"]
EVERY_TEST = sorted({test for each in [*TABLE.values(), *FAULTS] for test in each["tests"]})


class TestTests:
    @pytest.mark.parametrize("test", EVERY_TEST)
    def test_are_there(self, test):
        assert missing(test) == []


class TestModules:
    @pytest.mark.parametrize("name", TABLE)
    def test_have_every_survivor_that_is_accepted(self, name):
        """A line that has changed since must be reviewed again."""
        lines = [line.strip() for line in code(TABLE[name]["module"]).splitlines()]
        accepted: list[Any] = TABLE[name].get("accepted", [])

        assert [was for was, _now, _why in accepted if was not in lines] == []
        assert all(why for _was, _now, why in accepted)


class TestFaults:
    @pytest.mark.parametrize("fault", FAULTS, ids=[fault["what"] for fault in FAULTS])
    def test_can_be_put_in(self, fault):
        assert code(fault["file"]).count(fault["old"]) == 1
        assert fault["old"] != fault["new"]
