"""No test runs for ever, and none is skipped silently.

- `timeout` in pyproject.toml is for every test; those that start browsers and servers have more, and those that may
  have to wait until the demonstration is prepared have most.
  They are there to end what hangs, not to measure how fast a machine is.
- The last lines of a run count the tests that were skipped, by reason.
- In CI (`CI` is set) a skip is an error, unless its reason is listed here.
"""

import os
import re
from collections import Counter
from collections.abc import Generator, Iterable

import pytest

SECONDS = {"demonstration": 1800, "browser": 900, "process": 900}
# Optional in CI: the published schemas, which we may not distribute and use where they are found, and the build of
# the browser that made the references, which the system replaces with each update. .ci/run installs the rest.
ALLOWED_SKIPS = re.compile(
    r"the (HSDS schemas|shapes of DCAT-AP) are not here|.*, which made the references, is not installed"
)

# The selection of `make test`, and how to run the others.
FAST, REST = "pure or db", "`make test-all` runs everything."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("timeout") is None:
            for marker, seconds in SECONDS.items():
                if item.get_closest_marker(marker):
                    item.add_marker(pytest.mark.timeout(seconds))
                    break


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        reason = reason_of(report)
        if not ALLOWED_SKIPS.fullmatch(reason):
            report.outcome = "failed"
            report.longrepr = f"{reason}\nIn CI nothing is skipped for this reason (tests/support/limits.py)."
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        for line in by_reason(reporter.stats.get("skipped", ())):
            reporter.write_line(line)
        if session.config.option.markexpr == FAST:
            reporter.write_line(f"Not chosen: the tests that start programs and browsers. {REST}")


def reason_of(report: pytest.TestReport) -> str:
    _file, _line, reason = report.longrepr
    return reason.removeprefix("Skipped: ")


def by_reason(skipped: Iterable[pytest.TestReport]) -> list[str]:
    """Return a line for each reason with the number of tests that were skipped for it, the most frequent first."""
    reasons = Counter(reason_of(report) for report in skipped)
    return [f"skipped {number}: {reason}" for reason, number in reasons.most_common()]
