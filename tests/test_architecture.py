"""Import rules between packages.

The contracts are in pyproject.toml; each is broken on purpose here, and what import-linter cannot see is tested.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]
SIBLINGS = {"home", "campaigns", "network", "helpline"}
IMPORTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGES, CONTRACTS = IMPORTS["root_packages"], IMPORTS["contracts"]


class TestTables:
    @pytest.mark.parametrize("app", sorted(SIBLINGS))
    def test_do_not_point_at_a_sibling_app(self, app):
        pointing = [
            f"{field.model.__name__}.{field.name}"
            for model in apps.get_app_config(app).get_models()
            for field in model._meta.get_fields()
            if field.is_relation and not field.auto_created and field.related_model
            if field.related_model._meta.app_label in SIBLINGS - {app}
        ]

        assert pointing == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the sources, in a folder where they may be broken."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    for top in ("site", "campaigns", "network", "helpline"):
        for source in (ROOT / top).rglob("*.py"):
            target = folder / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(source.read_text())
    return folder


@pytest.mark.process
class TestContracts:
    """Every contract fails when it is broken on purpose: one that does not guards nothing."""

    BREAKS = {
        "layers": ("site/core/broken.py", "import campaigns.models\n"),
        "helpline": ("helpline/records/broken.py", "def later():\n    import helpline.governance.services\n"),
        "models": ("network/models/broken.py", "def later():\n    from network.mail import send\n"),
        "interface": ("campaigns/stories/broken.py", "from helpline.records.programmes import Programme\n"),
        "parts": ("site/home/broken.py", "def later():\n    import network.models\n"),
        "readers": ("site/users/broken.py", "import helpline.models\n"),
        "anonymous": ("helpline/finder/broken.py", "import logging\n"),
    }

    def linted(self, folder: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()",
                "--no-cache"],
            cwd=folder, env={"PYTHONPATH": f"{folder}:{folder / 'site'}", "PATH": ""}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    def test_hold(self, copy):
        assert "0 broken" in self.linted(copy)

    @pytest.mark.parametrize("contract", BREAKS)
    def test_fail_when_broken(self, copy, contract):
        path, code = self.BREAKS[contract]
        (copy / path).write_text(code)
        try:
            assert f"{next(c['name'] for c in CONTRACTS if c['id'] == contract)} BROKEN" in self.linted(copy)
        finally:
            (copy / path).unlink()

    def test_cover_every_contract_there_is(self):
        assert set(self.BREAKS) == {contract["id"] for contract in CONTRACTS}


@pytest.mark.process
class TestCircles:
    """No module imports itself by way of others, not even inside a function or for the type checker."""

    # Prints the first circle that grimp sees in the sources on the path.
    FIND = (
        "import sys, graphlib, grimp\n"
        "graph = grimp.build_graph(*sys.argv[1:], cache_dir=None)\n"
        "imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}\n"
        "try:\n"
        "    graphlib.TopologicalSorter(imported).prepare()\n"
        "except graphlib.CycleError as circle:\n"
        "    print(' imports '.join(reversed(circle.args[1])))\n"
    )

    def circle(self, folder: Path) -> str:
        """Return the first import cycle in the sources of a folder; an empty string if there is none."""
        done = subprocess.run(
            [sys.executable, "-c", self.FIND, *PACKAGES], cwd=folder, capture_output=True, text=True, check=True,
            env={"PYTHONPATH": f"{folder}:{folder / 'site'}", "PATH": ""},
        )  # fmt: skip
        return done.stdout

    def test_are_nowhere(self, copy):
        assert self.circle(copy) == ""

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            pytest.param("campaigns/stories/querysets.py", "def later():\n    from campaigns.models import Theme\n",
                id="lazy"),
            pytest.param(
                "network/members/querysets.py",
                "if TYPE_CHECKING:\n    from network.members.models import Member\n",
                id="for the type checker",
            ),
        ],
    )  # fmt: skip
    def test_are_found(self, copy, path, code):
        source = (copy / path).read_text()
        (copy / path).write_text(f"{source}\n\n{code}")
        try:
            assert path.replace("/", ".").removesuffix(".py") in self.circle(copy)
        finally:
            (copy / path).write_text(source)


class TestCore:
    """Core names none of the apps that use it, not even in a string: an app registers there what it needs."""

    ABOVE = ("home", "users", "prerender", "demo", "campaigns", "network", "helpline")
    # `home`, `users` and `prerender` are also ordinary words.
    # They count only where they name an app, as in `"home.HomePage"` or `"users:start"`.
    APPS = re.compile(
        rf"""(?<![a-z])(campaigns?|helpline|network)(?![a-z])|["'`]({"|".join(ABOVE)})[.:](?=\w)""",
        re.IGNORECASE,
    )
    # The beginnings of addresses that an app serves.
    ADDRESSES = re.compile(r"/(help|embed|campaigns|news|network|members|feeds|search|open-data|hsds)/")

    @pytest.fixture
    def models(self) -> re.Pattern[str]:
        """The models of those apps whose names are not English words (`FinderPage`)."""
        names = {model.__name__ for app in self.ABOVE for model in apps.get_app_config(app).get_models()}
        compound = sorted(name for name in names if re.fullmatch(r"([A-Z][a-z]+){2,}", name))
        assert {"HomePage", "FinderPage", "SupportLine"} <= set(compound)
        return re.compile(rf"\b({'|'.join(compound)})\b")

    def named(self, text: str, models: re.Pattern[str]) -> list[str]:
        return [match[0] for rule in (self.APPS, self.ADDRESSES, models) for match in rule.finditer(text)]

    def test_names_no_app_above_it(self, models):
        sources = [
            path
            for path in (ROOT / "site/core").rglob("*")
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts
        ]

        found = {path: self.named(path.read_text(), models) for path in sources}

        assert {str(path): names for path, names in found.items() if names} == {}
        assert len(found) > 50

    @pytest.mark.parametrize(
        "line",
        [
            'HELP = re.compile(r"^/[a-z]{2}/help/")',
            'apps.get_model("home.HomePage")',
            "{% load campaigns_tags %}",
            "class SafetyClass: CAMPAIGN = 1",
            "# Shown on every FinderPage.",
            'reverse("users:start")',
        ],
    )
    def test_is_caught_when_it_does(self, models, line):
        assert self.named(line, models)
