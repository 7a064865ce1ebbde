"""`site/` and `locale/` are bare folders: they must never shadow Python's own modules of these names."""

import importlib
import locale
import site
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ["config", "core", "users", "home", "press", "demo", "campaigns", "network", "helpline"]


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
        both = [
            p for p in ROOT.glob("**/models.py") if (p.parent / "models").is_dir() and ".venv" not in p.parts
        ]

        assert both == []

    def test_have_no_drawer(self):
        drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
        found = [
            p
            for top in ("site", "campaigns", "network", "helpline")
            for p in (ROOT / top).rglob("*.py")
            if p.name in drawers
        ]

        assert found == []
