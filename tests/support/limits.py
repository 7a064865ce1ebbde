"""No test runs for ever, and none is silently skipped where everything that it needs must be installed.

- `timeout` in pyproject.toml is for every test; those that start browsers and servers have more, and those that may have to wait until the
  demonstration is prepared have most. They are there to end what hangs, not to measure how fast a machine is.
- In CI (`CI` is set) a skip is an error, unless its reason is listed here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

SECONDS = {"demonstration": 1800, "journey": 900, "process": 900}
# What CI may lack: the published schemas, which are not ours to ship and are used where they are found. .ci/run installs the rest.
ALLOWED_SKIPS = ("the HSDS schemas are not here", "the shapes of DCAT-AP are not here")


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
        _file, _line, reason = report.longrepr
        if reason.removeprefix("Skipped: ") not in ALLOWED_SKIPS:
            report.outcome = "failed"
            report.longrepr = f"{reason}\nIn CI nothing is skipped for this reason (tests/support/limits.py)."
    return report
