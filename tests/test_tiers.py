"""Each test has one tier, and one that costs more than its tier says is noticed."""

import pytest
from wagtail.models import Page

from tests.support.tiers import TIERS
from tests.test_limits import WITHOUT

pytest_plugins = ["pytester"]

MARKS = "[pytest]\nmarkers =\n" + "".join(f"    {tier}\n" for tier in TIERS)
STARTS = {
    "subprocess": "import subprocess; subprocess.run(['true'], check=True)",
    "spawn": "import os; os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
    "fork": "import os; pid = os.fork() or os._exit(0); os.waitpid(pid, 0)",
    "shell": "import os; os.system('true')",
}


@pytest.fixture
def run(pytester, monkeypatch):
    monkeypatch.delenv("PYTEST_PLUGINS", raising=False)
    pytester.makeini(MARKS)

    def run(code: str) -> pytest.RunResult:
        pytester.makepyfile(f"import pytest\n{code}")
        return pytester.runpytest_subprocess("-p", "tests.support.tiers", *WITHOUT)

    return run


@pytest.mark.process
class TestPrograms:
    @pytest.mark.parametrize("how", STARTS)
    @pytest.mark.parametrize(("mark", "outcome"), [("", {"failed": 1}), ("@pytest.mark.process", {"passed": 1})])
    def test_are_started_by_marked_tests(self, run, how, mark, outcome):
        done = run(f"{mark}\ndef test_one():\n    {STARTS[how]}\n")

        done.assert_outcomes(**outcome)

    def test_are_detected_in_fixtures_too(self, run):
        done = run(f"@pytest.fixture\ndef it():\n    {STARTS['shell']}\n\ndef test_one(it): ...\n")

        done.assert_outcomes(errors=1)

    def test_are_no_browsers(self, run):
        done = run("@pytest.fixture\ndef playwright(): ...\n\n@pytest.mark.process\ndef test_one(playwright): ...\n")

        assert done.ret == pytest.ExitCode.USAGE_ERROR
        done.stderr.fnmatch_lines(["*is marked process, and uses a browser*"])


class TestTiers:
    def test_are_derived_from_the_fixtures_of_a_test(self, request):
        assert [mark.name for mark in request.node.iter_markers() if mark.name in TIERS] == ["pure"]

    @pytest.mark.django_db
    def test_with_a_database_are_dearer(self, request):
        assert [mark.name for mark in request.node.iter_markers() if mark.name in TIERS] == ["db"]

    def test_without_a_database_do_not_reach_it(self):
        with pytest.raises(RuntimeError, match="Database access not allowed"):
            Page.objects.count()
