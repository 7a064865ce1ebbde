"""A committed migration that was changed or deleted is named, and so is a new one that is not in the list."""

import subprocess

import pytest

from tests.scripts.conftest import script

pytestmark = pytest.mark.process
NAME = "site/core/migrations/0001_initial.py"


@pytest.fixture
def migrations(tmp_path, monkeypatch):
    """The program in a project with one migration, which is in the list."""
    module = script("migrations")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "HASHES", tmp_path / "migrations.sha256")
    (tmp_path / NAME).parent.mkdir(parents=True)
    (tmp_path / NAME).write_text("x = 1\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.setattr(module.sys, "argv", ["migrations.py", "--add"])
    module.main()
    return module


class TestCheck:
    def test_accepts_what_the_list_has(self, migrations):
        assert migrations.problems() == []

    def test_names_a_migration_that_was_changed_even_if_it_is_added_again(self, migrations):
        (migrations.ROOT / NAME).write_text("x = 2\n")

        with pytest.raises(SystemExit, match=f"{NAME} was changed"):
            migrations.main()

    def test_names_one_that_was_deleted(self, migrations):
        (migrations.ROOT / NAME).unlink()

        assert migrations.problems() == [f"{NAME} was deleted."]

    def test_names_one_that_is_new(self, migrations):
        (migrations.ROOT / NAME).with_name("0002_more.py").write_text("x = 1\n")

        assert "0002_more.py is new" in migrations.problems()[0]
