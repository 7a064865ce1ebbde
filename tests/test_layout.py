"""`site/` and `locale/` are bare folders that must not shadow Python's modules.

Apps have a fixed shape.
"""

import ast
import importlib
import locale
import site
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Folders with the product's code.
# Generated files are elsewhere: scanning them would take a minute.
TOPS = ("site", "campaigns", "network", "helpline")
PACKAGES = [
    "config",
    "core",
    "users",
    "illustrations",
    "home",
    "prerender",
    "translating",
    "analytics",
    "operations",
    "demo",
    "campaigns",
    "network",
    "helpline",
]


class TestBareFolders:
    @pytest.mark.parametrize("folder", ["site", "locale"])
    def test_have_no_init_file(self, folder):
        assert not (ROOT / folder / "__init__.py").exists()

    def test_leave_pythons_own_modules_alone(self):
        assert callable(site.getsitepackages)
        assert callable(locale.setlocale)


class TestPackages:
    @pytest.mark.parametrize("name", PACKAGES)
    def test_come_from_this_repository(self, name):
        assert Path(importlib.import_module(name).__file__).is_relative_to(ROOT)

    def test_have_models_as_a_module_or_as_a_package_and_not_as_both(self):
        both = [p for top in TOPS for p in (ROOT / top).rglob("models.py") if (p.parent / "models").is_dir()]

        assert both == []

    def test_have_no_drawer(self):
        drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
        found = [p for top in TOPS for p in (ROOT / top).rglob("*.py") if p.name in drawers]

        assert found == []


def lines_of_code() -> Counter[str]:
    """Return the lines of each package two levels deep (`helpline.exchange`, `core.http`), without migrations."""
    lines: Counter[str] = Counter()
    for package in PACKAGES:
        root = Path(importlib.import_module(package).__file__).parent
        for file in root.rglob("*.py"):
            parts = file.relative_to(root.parent).parts
            if "migrations" not in parts:
                lines[".".join(parts[:2]) if len(parts) > 2 else parts[0]] += len(file.read_text().splitlines())
    return lines


class TestProportions:
    def test_are_such_that_no_package_holds_more_than_fifteen_percent_of_the_code(self):
        lines = lines_of_code()

        assert len(lines) > 40
        assert {name for name, count in lines.items() if count > 0.15 * lines.total()} == set()


class TestFeatures:
    """An app is divided by feature: one package for each, which says what it holds, and few files in a folder."""

    APPS = ("campaigns", "network")
    # Folders of an app that are named by Django or hold no code.
    DJANGO = {
        "__pycache__",
        "data",
        "management",
        "migrations",
        "models",
        "static",
        "templates",
        "templatetags",
    }
    MOST_FILES = 15

    @pytest.mark.parametrize("app", APPS)
    def test_have_a_docstring(self, app):
        features = [entry for entry in (ROOT / app).iterdir() if entry.is_dir() and entry.name not in self.DJANGO]

        assert len(features) > 5
        assert [entry.name for entry in features if not self.docstring(entry)] == []

    def docstring(self, package: Path) -> str | None:
        return ast.get_docstring(ast.parse((package / "__init__.py").read_text()))

    @pytest.mark.parametrize("app", APPS)
    def test_have_few_files_in_a_folder(self, app):
        files = Counter(path.parent for path in (ROOT / app).rglob("*.py"))

        assert {str(folder): n for folder, n in files.items() if n > self.MOST_FILES} == {}
