"""Limits of the suite itself: no test runs for ever, and none is silently skipped in CI."""

import pytest

pytest_plugins = ["pytester"]

SKIPS = """
import pytest

@pytest.mark.skip(reason="no such browser")
def test_needs_a_browser(): ...
"""
HANGS = """
import threading

def test_waits_for_ever():
    threading.Event().wait()
"""
WITHOUT = (
    "-p",
    "no:django",
    "-p",
    "no:randomly",
    "-p",
    "no:xdist",
    "-p",
    "no:playwright",
    "-p",
    "no:cacheprovider",
)


@pytest.fixture(autouse=True)
def _no_plugins_of_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_PLUGINS", raising=False)


class TestSkips:
    @pytest.mark.parametrize(("where", "outcome"), [("1", {"errors": 1}), ("", {"skipped": 1})])
    def test_are_errors_in_ci(self, pytester, monkeypatch, where, outcome):
        monkeypatch.setenv("CI", where)
        pytester.makepyfile(SKIPS)

        done = pytester.runpytest_inprocess("-p", "tests.support.limits", *WITHOUT)

        done.assert_outcomes(**outcome)

    def test_are_counted_by_reason_in_the_last_lines(self, pytester, monkeypatch):
        monkeypatch.delenv("CI", raising=False)
        pytester.makepyfile(SKIPS + SKIPS.replace("test_needs", "test_also_needs"))

        done = pytester.runpytest_inprocess("-p", "tests.support.limits", *WITHOUT)

        assert done.outlines[-1] == "skipped 2: no such browser"


class TestTimeout:
    def test_ends_a_test_that_hangs(self, pytester):
        pytester.makepyfile(HANGS)

        done = pytester.runpytest_inprocess("--timeout=1", *WITHOUT)

        done.assert_outcomes(failed=1)
        done.stdout.fnmatch_lines(["*Timeout*"])

    def test_is_set_for_every_test(self, request):
        assert float(request.config.getini("timeout")) > 0
