"""`make check` runs every check, names those that failed, exits with an error, and keeps the catalogues unchanged."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scripts.conftest import script

pytestmark = pytest.mark.process


def says(text, code=0):
    return [sys.executable, "-c", f"import os, sys; print({text}); sys.exit({code})"]


@pytest.fixture
def check():
    return script("check")


@pytest.fixture
def strings_fit(check, monkeypatch):
    monkeypatch.setattr(check, "messages", lambda: None)


class TestMain:
    def test_reports_each_passed_check(self, check, strings_fit, monkeypatch, capsys):
        monkeypatch.setattr(check, "checks", lambda: [("one", says("'x'"), {}), ("two", says("'x'"), {})])

        check.main()

        lines = capsys.readouterr().out.splitlines()
        assert [line.partition(" (")[0] for line in lines] == ["ok   one", "ok   two", "ok   strings"]

    def test_runs_all_of_them_and_names_those_that_failed(self, check, strings_fit, monkeypatch, capsys):
        found = [
            ("one", says("'first words'", 3), {}),
            ("two", says("'never shown'"), {}),
            ("three", says("'x'", 1), {}),
        ]
        monkeypatch.setattr(check, "checks", lambda: found)

        with pytest.raises(SystemExit, match="2 of the checks failed: one, three"):
            check.main()

        said = capsys.readouterr().out
        assert "FAIL one" in said
        assert "first words" in said
        assert "ok   two" in said
        assert "never shown" not in said

    @pytest.mark.parametrize(
        ("command", "environment", "shown"),
        [
            ([sys.executable, "-c", "import sys; sys.exit('on the other line')"], {}, "on the other line"),
            (
                says("os.environ['WAYMARK_INNER'], os.environ['WAYMARK_OUTER']", 1),
                {"WAYMARK_INNER": "given"},
                "given kept",
            ),
        ],
        ids=["errors", "environment"],
    )
    def test_shows_what_a_check_that_failed_wrote_in_its_own_environment(
        self, check, strings_fit, monkeypatch, capsys, command, environment, shown
    ):
        monkeypatch.setenv("WAYMARK_OUTER", "kept")
        monkeypatch.setattr(check, "checks", lambda: [("one", command, environment)])

        with pytest.raises(SystemExit):
            check.main()

        assert shown in capsys.readouterr().out

    def test_fails_where_the_strings_do_not_fit(self, check, monkeypatch, capsys):
        monkeypatch.setattr(check, "checks", list)
        monkeypatch.setattr(check, "messages", lambda: "translate them")

        with pytest.raises(SystemExit, match="1 of the checks failed: strings"):
            check.main()

        assert "FAIL strings\ntranslate them" in capsys.readouterr().out


class TestChecks:
    def test_are_there_for_code_types_imports_templates_migrations_settings_and_the_lock(self, check):
        names = {name for name, _command, _environment in check.checks()}

        assert names >= {
            "lint", "format", "types", "imports", "templates", "template lint", "migrations", "system checks",
            "production settings", "lock",
        }  # fmt: skip

    def test_are_programs_that_are_installed(self, check):
        missing = [command[0] for _name, command, _environment in check.checks() if not Path(command[0]).exists()]

        assert missing == []

    def test_change_nothing(self, check):
        commands = {name: command for name, command, _environment in check.checks()}

        assert "--check" in commands["format"]
        assert "--check" in commands["templates"]
        assert {"--check", "--dry-run"} <= set(commands["migrations"])
        assert "--fix" not in commands["lint"]

    def test_look_at_every_template_of_ours(self, check):
        command = next(command for name, command, _environment in check.checks() if name == "templates")

        assert "helpline/templates/helpline/finder_page.html" in command
        assert not [name for name in command if name.startswith("tests/")]

    def test_look_at_production_as_it_is_deployed(self, check):
        found = {name: (command, environment) for name, command, environment in check.checks()}
        command, environment = found["production settings"]

        assert {"check", "--deploy", "--fail-level", "WARNING"} <= set(command)
        assert environment["DJANGO_SETTINGS_MODULE"] == "config.settings.production"
        assert len(environment["WAYMARK_SECRET_KEY"]) >= 50
        assert {"WARNING", "check"} <= set(found["system checks"][0])


class TestMessages:
    @pytest.fixture
    def tree(self, check, tmp_path, monkeypatch):
        """A repository with catalogues, and a function that writes the program that collects strings for them."""
        (tmp_path / "locale").mkdir()
        (tmp_path / "scripts").mkdir()
        (tmp_path / "locale/de.po").write_text("before")
        (tmp_path / "locale/fr.po").write_text("before")
        for command in (["init", "-q"], ["add", "locale"]):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)
        monkeypatch.setattr(check, "ROOT", tmp_path)
        monkeypatch.setattr(check.shutil, "which", lambda name: name)

        def collects(code):
            (tmp_path / "scripts/messages.py").write_text(f"from pathlib import Path\nimport sys\n{code}\n")
            return tmp_path / "locale/de.po"

        return collects

    def test_fit_where_nothing_changes(self, check, tree):
        tree("print('nothing to say')")

        assert check.messages() is None

    def test_names_changes_and_reverts_them(self, check, tree):
        file = tree("Path('locale/de.po').write_text('after')")

        assert check.messages() == "Run `make messages` and translate: locale/de.po"
        assert file.read_text() == "before"

    def test_reports_the_failure_and_reverts_changes(self, check, tree):
        file = tree("Path('locale/de.po').write_text('half'); print('said'); sys.exit('broken')")

        assert check.messages() == "said\nbroken\n"
        assert file.read_text() == "before"

    @pytest.mark.parametrize(("ci", "expected"), [("", None), ("1", "gettext is missing, and CI needs it.")])
    def test_need_gettext_where_a_change_lands(self, check, tree, monkeypatch, ci, expected):
        file = tree("Path('locale/de.po').write_text('after')")
        monkeypatch.setattr(check.shutil, "which", lambda name: None if name == "xgettext" else name)
        monkeypatch.setenv("CI", ci)

        assert check.messages() == expected
        assert file.read_text() == "before"


class TestTracked:
    def test_leaves_out_what_was_deleted_and_not_committed(self, check, tmp_path, monkeypatch):
        for name in ("kept.html", "gone.html"):
            (tmp_path / name).touch()
        for command in (["init", "-q"], ["add", "."]):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)
        (tmp_path / "gone.html").unlink()
        monkeypatch.setattr(check, "ROOT", tmp_path)

        assert check.tracked("*.html") == ["kept.html"]
