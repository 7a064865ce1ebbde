"""Coverage of the product by the tests, branches included.

`make test` asks for it with `PYTEST_PLUGINS=tests.support.coverage`.

Slipcover measures it: it puts a probe into each line and branch when a module is imported, and takes it out once it
has been hit.
That takes next to no time, where coverage.py's tracer adds half the time of the tests (Python 3.13 cannot tell
branches apart by itself).
Only the test processes are measured, not the servers and commands that they start.
Migrations are left out.

`make test` fails if less than `FLOOR` percent are reached; each file's share is kept in `var/test-coverage.txt`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import pytest
import slipcover
from slipcover.importer import SlipcoverLoader

# The selection of `make test`.
FAST = "pure or db"
FLOOR = 94.5  # percent of lines and branches that `make test` reaches; raise it, never lower it
FOLDERS = ["site", "campaigns", "network", "helpline"]
PACKAGES = {
    "config",
    "core",
    "users",
    "home",
    "illustrations",
    "prerender",
    "analytics",
    "operations",
    "translating",
    "demo",
    "campaigns",
    "network",
    "helpline",
}
LEFT_OUT = "*/migrations/*"
FILE = "var/test-coverage.txt"


class ProductFinder(MetaPathFinder):
    """Finds the product's modules as Python does, and has them measured."""

    def __init__(self, measured: slipcover.Slipcover) -> None:
        self.measured = measured

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _dot, rest = fullname.partition(".")
        if package not in PACKAGES or rest.startswith("migrations"):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None and spec.origin is not None:
            spec.loader = SlipcoverLoader(self.measured, spec.loader, spec.origin)
        return spec


class Coverage:
    """Coverage reported by the workers of a run, or measured in the one process of a run without workers."""

    def __init__(self, measured: slipcover.Slipcover) -> None:
        self.measured = measured
        self.found: dict[str, Any] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        report = getattr(node, "workeroutput", {}).get("coverage")
        if report:
            found = json.loads(report)
            self.found = slipcover.merge_coverage(self.found, found) if self.found else found

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        config = session.config
        if hasattr(config, "workeroutput"):
            config.workeroutput["coverage"] = json.dumps(self.measured.get_coverage())
            return
        if not self.found:
            self.found = self.measured.get_coverage()
        if is_whole(config) and reached(self.found) < FLOOR and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        config = terminalreporter.config
        text = verdict(self.found, floor=FLOOR if is_whole(config) else 0)
        file = config.rootpath / FILE
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n{by_file(self.found)}", encoding="utf-8")
        terminalreporter.section(f"coverage ({FILE})")
        terminalreporter.write_line(text)


def is_whole(config: pytest.Config) -> bool:
    """Return whether the run has all tests of `make test`: a part of it reaches only a part of the product."""
    chosen = config.option.keyword or config.getoption("lf", default=False)
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and config.option.markexpr == FAST and not chosen


def reached(found: dict[str, Any]) -> float:
    """Percent of all lines and branches."""
    summary = found["summary"]
    hit = summary["covered_lines"] + summary["covered_branches"]
    return 100 * hit / (hit + summary["missing_lines"] + summary["missing_branches"])


def verdict(found: dict[str, Any], *, floor: float) -> str:
    summary = found["summary"]
    text = (
        f"{reached(found):.1f} % of the product's lines and branches ({summary['missing_lines']} lines and "
        f"{summary['missing_branches']} branches are reached by no test process)"
    )
    if reached(found) < floor:
        text += f"\nThat is less than the {floor} % of tests/support/coverage.py: test what you have added."
    return text


def by_file(found: dict[str, Any]) -> str:
    """Return each file with its share and the lines that nothing reached, the least reached first."""
    shares = sorted(
        (file["summary"]["percent_covered"], name, file["missing_lines"]) for name, file in found["files"].items()
    )
    return "".join(
        f"{share:6.1f} %  {name}  {' '.join(str(line) for line in missing)}\n" for share, name, missing in shares
    )


def runs_tests(options: argparse.Namespace) -> bool:
    """Return whether this process runs tests, and does not only distribute them.

    The distributing process imports the product too, but its workers are measured.
    """
    return "PYTEST_XDIST_WORKER" in os.environ or not getattr(options, "numprocesses", None)


# Now, and not when pytest is configured: by then pytest-django has imported the product.
@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    measured = slipcover.Slipcover(branch=True, source=FOLDERS, omit=[LEFT_OUT], exclude_also=[r"if TYPE_CHECKING:"])
    early_config.pluginmanager.register(Coverage(measured), "coverage-of-the-product")
    if runs_tests(early_config.known_args_namespace):
        sys.meta_path.insert(0, ProductFinder(measured))
