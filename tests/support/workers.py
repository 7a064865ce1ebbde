"""Which worker of a parallel run takes which test: those of one `xdist_group` stay together, for what they share is expensive to start.

xdist's own `loadgroup` marks the group in the test's identifier, in a way that pytest 9.2 does not see any more: every worker then starts
its own demonstration. https://github.com/pytest-dev/pytest-xdist (3.8.0; look again when there is a newer one)
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

from config.settings.base import ROOT

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

GROUP = re.compile(r"xdist_group\(\"([a-z]+)\"\)")


@cache
def group(path: str) -> str | None:
    """The group that a file of tests names. The process that shares the tests out knows their identifiers only."""
    found = GROUP.search((ROOT / path).read_text(encoding="utf-8"))
    return found[1] if found else None


class ByGroup(LoadScopeScheduling):
    """A file that names a group goes where the others of that group go; every other test wherever there is room."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid.partition("::")[0]) or nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    return ByGroup(config, log)
