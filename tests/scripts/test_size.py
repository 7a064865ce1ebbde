"""The size of the code base is measured, and figures more than 5 % above the budget are named."""

import subprocess

import pytest

from tests.scripts.conftest import script

pytestmark = pytest.mark.process


@pytest.fixture
def size(tmp_path, monkeypatch):
    """The program in a small project, without Django."""
    module = script("size")
    files = {
        "site/core/a.py": "from typing import Any\n\n\ndef one(value: Any) -> None:\n    print(value)\n",
        "site/core/migrations/0001_initial.py": "x = 1\n" * 50,
        "site/core/management/commands/go.py": "x = 1\n",
        "site/config/settings/base.py": "DEBUG = LOUD = False\nlower = 1\n",
        "site/config/settings/production.py": "DEBUG = True\n",
        "site/core/variables.toml": "[WAYMARK_ONE]\n[DATABASE_URL]\n",
        "tests/test_a.py": "x = 1\nx = 2\n",
        "pyproject.toml": '[tool.waymark.size]\n"lines" = 9\n"gone" = 1\n',
        "docs/decisions/README.md": "Sizes\n<!-- size -->\nold\n<!-- /size -->\nmore\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for command in (["git", "init", "-q"], ["git", "add", "."]):
        subprocess.run(command, cwd=tmp_path, check=True)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "INDEX", tmp_path / "docs/decisions/README.md")
    monkeypatch.setattr(module, "tables", lambda: 7)
    return module


class TestFigures:
    def test_are_those_of_the_files_that_git_knows(self, size):
        assert size.measure().figures == {
            "lines": 9, "files": 4, "test lines": 2, "tables": 7, "settings": 2, "variables": 1, "commands": 1,
            "longest function": 2, "Any per 1,000 lines": 111.1, "files in a folder": 2,
        }  # fmt: skip


class TestBudget:
    @pytest.mark.parametrize(("lines", "is_over"), [(100, False), (105, False), (106, True)])
    def test_may_be_passed_by_a_twentieth(self, size, lines, is_over):
        assert bool(size.over({"lines": lines}, {"lines": 100})) is is_over

    def test_is_written_with_the_table(self, size):
        size.write(size.measure())

        assert size.budget() == size.measure().figures
        text = size.INDEX.read_text()
        assert text.startswith("Sizes\n<!-- size -->\n| figure |")
        assert "| lines of `site/core` | | 6 | |\n<!-- /size -->\nmore\n" in text
