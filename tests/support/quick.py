"""Selection of tests for `make quick`: those that a change may break, nearest first, and a fixed canary of 250 others.

- A test is concerned if its file imports what has changed since the branch left `main`, directly or through other
  modules, type hints and imports inside functions included (grimp).
  The fewer steps, the nearer.
- Django finds views, templates and registrations by name.
  So the tests of the app's own folder are concerned, too, though farther; a file that is no Python concerns the
  tests that name it, and those of its app.
- What wires the site together, and what belongs to no app (settings, shared templates, catalogues, dependencies),
  concerns every test.
- No more than `MOST` are run, which takes three minutes on two idle cores. What was left out is said at the end.
"""

from __future__ import annotations

import hashlib
import subprocess
import tomllib
from collections import deque
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST, CANARY = 1200, 250
# Steps from a change: the tests of the app's folder, and those of the whole site.
OWN, ANY = 50, 90
# Modules that Django reads by their name when it starts, in every process.
WIRING = {"apps", "checks", "jobs", "publishing", "roles", "routes", "urls", "wagtail_hooks"}

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable


@cache
def imports() -> grimp.ImportGraph:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return grimp.build_graph(*project["tool"]["importlinter"]["root_packages"], "tests", cache_dir=None)


@cache
def test_files() -> dict[str, str]:
    """Each file of tests with its text."""
    found = (ROOT / "tests").rglob("test_*.py")
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in found}


def changed() -> set[str]:
    """Return the files that differ from the branch point on `main`, new ones included.

    Without a `main`, compare with the last commit.
    """
    base = git("merge-base", "HEAD", "main") or ["HEAD"]
    return {*git("diff", "--name-only", *base), *git("ls-files", "--others", "--exclude-standard")}


def git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


def module_of(file: str) -> str:
    path = file.removesuffix(".py").removesuffix("/__init__").removeprefix("site/")
    return path.replace("/", ".")


def app_of(file: str) -> str | None:
    """Return the app that a file belongs to; None for what all of them share."""
    name = file.removeprefix("site/").removeprefix("tests/").partition("/")[0]
    is_app = (ROOT / "tests" / name).is_dir() and name not in {"support", "factories"}
    return name if is_app else None


def concerned(files: Iterable[str]) -> dict[str, int]:
    """Return each file of tests that a change of these files can break, and how far it is from them in steps."""
    found: dict[str, int] = {}
    for file in files:
        for test, steps in _concerned_by(file).items():
            found[test] = min(steps, found.get(test, ANY))
    return found


def _concerned_by(file: str) -> dict[str, int]:
    module, app = module_of(file), app_of(file)
    is_python = file.endswith(".py") and module in imports().modules
    found = dict.fromkeys(test_files(), ANY) if app is None or module.rpartition(".")[2] in WIRING else {}
    if file.startswith("docs/") or (is_python and module.startswith("tests.factories")):
        found = {}
    found |= {test: OWN for test in test_files() if app and test.startswith(f"tests/{app}/")}
    if is_python:
        return found | {test: steps for test, steps in steps_from(module).items() if test in test_files()}
    named = Path(file).name
    return found | {test: 1 for test, text in test_files().items() if named in text}


def steps_from(module: str) -> dict[str, int]:
    """Return the file of each module that imports this one, with the number of imports between them."""
    graph = imports()
    steps, waiting = {module: 0}, deque([module])
    while waiting:
        at = waiting.popleft()
        for importer in graph.find_modules_that_directly_import(at):
            if importer not in steps:
                steps[importer] = steps[at] + 1
                waiting.append(importer)
    return {f"{name.replace('.', '/')}.py": number for name, number in steps.items()}


def order(name: str) -> str:
    """Return a key for a fixed, arbitrary order of tests."""
    return hashlib.sha256(name.encode()).hexdigest()


def chosen(tests: Iterable[str], near: dict[str, int]) -> set[str]:
    """Return the tests to run: the canary, then those that are concerned, nearest first, until there are MOST."""
    ordered = sorted(tests, key=order)
    concerns = [test for test in ordered if test.partition("::")[0] in near]
    concerns.sort(key=lambda test: near[test.partition("::")[0]])
    return {*ordered[:CANARY], *concerns[: MOST - CANARY]}


class Quick:
    def __init__(self) -> None:
        self.said = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        near = concerned(changed())
        kept = chosen((item.nodeid for item in items), near)
        may = sum(item.nodeid.partition("::")[0] in near for item in items if item.nodeid not in kept)
        self.said = (
            f"quick: {len(kept)} of {len(items)} tests; left out: {may} that the change may concern, "
            f"and {len(items) - len(kept) - may} others."
        )
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in kept])
        items[:] = [item for item in items if item.nodeid in kept]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.said = getattr(node, "workeroutput", {}).get("quick", self.said)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["quick"] = self.said
        yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self.said:
            reporter.write_line(self.said)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Quick(), "quick")
