"""Cost of a run: its time and its ten slowest tests.

It is printed at the end and kept in `var/test-report.txt` with the cost of each file.

How it ended, and which tests failed or were skipped, is written to `var/test-run.json` for scripts/ci.py.

Seconds by the clock depend on what else the machine is doing; processor seconds do not.
They are those of the test's own process and of the processes that it has started and waited for; a server that goes
on running, or PostgreSQL, is not counted.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass

import pytest

from config.settings.base import VAR
from tests.support.limits import reason_of

RECORD = VAR / "test-run.json"
FILE = VAR / "test-report.txt"
SHOWN = 10


@dataclass(slots=True)
class Cost:
    clock: float = 0.0
    processor: float = 0.0


def processor() -> float:
    """Processor seconds that this process and its ended children have spent."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Report:
    def __init__(self) -> None:
        self.began = time.monotonic()
        self.costs: dict[str, Cost] = defaultdict(Cost)
        self.failed: dict[str, None] = {}
        self.skipped: dict[str, str] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport]:
        report = yield
        # The reports of a worker are sent to the process that collects them, with all their attributes.
        now = processor()
        report.processor = now - self.spent
        self.spent = now
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        self.spent = processor()
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        cost = self.costs[report.nodeid]
        cost.clock += report.duration
        cost.processor += getattr(report, "processor", 0.0)
        if report.failed:
            self.failed[report.nodeid] = None
        elif report.skipped and not hasattr(report, "wasxfail"):
            self.skipped[report.nodeid] = reason_of(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        yield  # until the other plugins have said how it ended
        if hasattr(session.config, "workerinput"):
            return
        ended = {"exit": int(session.exitstatus), "failed": [*self.failed], "skipped": self.skipped}
        RECORD.parent.mkdir(parents=True, exist_ok=True)
        RECORD.write_text(json.dumps(ended), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        text = self.summary()
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_text(f"{text}\n{self.by_file()}", encoding="utf-8")
        terminalreporter.section(f"cost of this run ({FILE.relative_to(VAR.parent)})")
        terminalreporter.write(text)

    def summary(self) -> str:
        minutes, seconds = divmod(round(time.monotonic() - self.began), 60)
        title = f"{len(self.costs)} tests in {minutes} min {seconds} s, {processor() / 60:.1f} processor-minutes"
        return f"{title}\n{table(self.costs, SHOWN)}"

    def by_file(self) -> str:
        files: dict[str, Cost] = defaultdict(Cost)
        for name, cost in self.costs.items():
            file = files[name.partition("::")[0]]
            file.clock += cost.clock
            file.processor += cost.processor
        return table(files)


def table(costs: dict[str, Cost], shown: int | None = None) -> str:
    slowest = sorted(costs.items(), key=lambda item: item[1].clock, reverse=True)[:shown]
    return "  clock  processor  (seconds)\n" + "".join(
        f"{cost.clock:7.1f}  {cost.processor:9.1f}  {name}\n" for name, cost in slowest
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Report(), "cost-of-the-run")
