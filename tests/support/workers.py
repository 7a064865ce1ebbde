"""Distribution and order of tests among the workers of a parallel run.

A worker takes a file at a time, or all files of an `xdist_group`, because what they share is expensive to start.
Long files come first, so that no worker is left with one while the others have nothing to do.
Tests of the demonstration come once it is prepared, which happens while other tests run.

xdist's own `loadgroup` marks the group in the test's identifier, in a way that pytest 9.2 no longer sees: every
worker then starts its own server. https://github.com/pytest-dev/pytest-xdist (3.8.0; look again when there is a
newer one)
"""

import re
from functools import cache
from threading import Thread

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from config.settings.base import ROOT
from tests.support.demonstration import prepare

GROUP = re.compile(r"xdist_group\(\"([a-z]+)\"\)")
# A test that starts processes or a browser, or makes a thousand requests, takes about this many times as long as
# another.
LONG, ITS_WEIGHT = ("pytest.mark.browser", "pytest.mark.process", "pytest.mark.long"), 12


@cache
def text_of(path: str) -> str:
    """Return the source of a test file: the process that distributes the tests knows only their identifiers."""
    return (ROOT / path).read_text(encoding="utf-8")


def group(path: str) -> str | None:
    found = GROUP.search(text_of(path))
    return found[1] if found else None


@cache
def weight_of_a_test(path: str) -> int:
    return ITS_WEIGHT if any(mark in text_of(path) for mark in LONG) else 1


class ByFile(LoadScopeScheduling):
    """Distributes tests by file or group.

    `workqueue` holds the tests of those that no worker has taken yet.
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        self.preparing: Thread | None = None

    def schedule(self) -> None:
        if self.preparing is None:
            tests = next(iter(self.registered_collections.values()))
            if any(self._asks_demonstration(test) for test in tests):
                self.preparing = Thread(target=_prepare, daemon=True)
                self.preparing.start()
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return group(path) or path

    def _assign_work_unit(self, node: WorkerController) -> None:
        chosen = max(self.workqueue, key=lambda scope: (self._fits_now(scope, node), self._weight(scope)))
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)

    def _weight(self, scope: str) -> int:
        return sum(weight_of_a_test(test.partition("::")[0]) for test in self.workqueue[scope])

    def _fits_now(self, scope: str, node: WorkerController) -> bool:
        """Return whether its tests can run now without waiting for the demonstration."""
        if not self._asks_demonstration(scope):
            return True
        if self.preparing and self.preparing.is_alive():
            return False
        elsewhere = {
            other
            for worker, scopes in self.assigned_work.items()
            if worker is not node
            for other, tests in scopes.items()
            if not all(tests.values())
        }
        if self._breaks_demonstration(scope):
            return not any(self._asks_demonstration(other) for other in elsewhere)
        return not any(self._breaks_demonstration(other) for other in elsewhere)

    def _asks_demonstration(self, scope: str) -> bool:
        path = scope.partition("::")[0]
        return path.endswith(".py") and "pytest.mark.demonstration" in text_of(path)

    def _breaks_demonstration(self, scope: str) -> bool:
        return self._asks_demonstration(scope) and "demonstration_alone" in text_of(scope)


def _prepare() -> None:
    try:
        prepare()
    except Exception as failure:  # noqa: BLE001 (the tests that need it try again, and say why it fails)
        print(failure)  # noqa: T201


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)
