"""docs/operators/asvs.csv names the proof of each requirement of the ASVS, and asvs.md sums it up.

Both are current.
"""

import csv
import math
import re
from collections import Counter

from config.settings.base import ROOT
from tests.support.named import code, missing

ROWS = list(csv.DictReader(code("docs/operators/asvs.csv").splitlines()))
PAGE = code("docs/operators/asvs.md")
# How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has.
CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16,
    17: 7,
}  # fmt: skip
# Combinations of `applies` and `met`, in the words of the page.
STANDS = {
    ("yes", "test"): "met, with a test",
    ("yes", "code"): "met, in the code",
    ("operator", ""): "your part",
    ("no", ""): "does not apply",
    ("yes", "no"): "**not met**",
}
SECONDS = {"ten minutes": 600, "an hour": 3600, "a day": 86_400}


def those(**wanted: str) -> set[str]:
    return {row["id"] for row in ROWS if wanted.items() <= row.items()}


def tables(heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading of the page, without its head."""
    _before, _heading, section = PAGE.partition(f"# {heading}\n")
    lines = [line for line in section.partition("\n#")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def limits() -> set[tuple[str, int, int]]:
    """Return the rate limits in the code: name, times, seconds."""
    found = set()
    for app in ("site", "campaigns", "network", "helpline"):
        for file in (ROOT / app).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            for name, times, seconds in re.findall(r'= Limit\(name="(.+)", times=(\d+), seconds=(.+)\)', text):
                found.add((name, int(times), math.prod(int(part) for part in seconds.split("*"))))
    return found


class TestTable:
    def test_has_each_requirement_of_both_levels_once(self):
        ids = [tuple(map(int, row["id"].split("."))) for row in ROWS]

        assert ids == sorted(set(ids))
        assert Counter(chapter for chapter, _section, _number in ids) == CHAPTERS
        assert Counter(row["level"] for row in ROWS) == {"1": 70, "2": 183}

    def test_gives_a_proof_or_a_reason_for_each(self):
        assert {(row["applies"], row["met"]) for row in ROWS} == STANDS.keys()
        assert [row["id"] for row in ROWS if row["met"] == "test" and "::" not in row["by"]] == []
        assert [row["id"] for row in ROWS if row["met"] == "code" and not row["by"]] == []
        assert [row["id"] for row in ROWS if not row["by"] and not row["why"]] == []

    def test_names_tests_and_files_that_are_there(self):
        named = {each for row in ROWS for each in row["by"].split()}
        tests = {each for each in named if "::" in each}

        assert {each: missing(each) for each in tests if missing(each)} == {}
        assert [each for each in named - tests if not (ROOT / each).exists()] == []


class TestPage:
    def test_has_the_totals_of_the_table(self):
        count = Counter((STANDS[row["applies"], row["met"]], row["level"]) for row in ROWS)

        assert tables("Compliance status") == [
            *([words, *map(str, (count[words, "1"], count[words, "2"], count[words, "1"] + count[words, "2"]))]
                for words in STANDS.values()),
            ["all", "70", "183", "253"],
        ]  # fmt: skip

    def test_explains_what_is_not_met_and_what_is_left_to_operators(self):
        for heading, ids in (
            ("Unmet requirements", those(met="no")),
            ("Operator responsibilities", those(applies="operator")),
        ):
            told = [each for row in tables(heading) for each in row[0].split(", ")]
            assert sorted(told) == sorted(ids), heading

    def test_has_the_limits_of_the_code(self):
        told = [(row[0].strip("`"), *re.fullmatch(r"(\d+) in (.+)", row[1]).groups()) for row in tables("Limits")]

        assert {(name, int(times), SECONDS[time]) for name, times, time in told} == limits()
