"""`make quick` leaves out nothing that imports what has changed, and says what it left out."""

import tomllib

import pytest

from config.settings.base import ROOT
from tests.support import quick

LAYERS = next(
    contract["layers"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    if contract["id"] == "layers"
)


def file_of(module: str) -> str:
    place = module.replace(".", "/")
    return next(
        str(path.relative_to(ROOT))
        for base in ("", "site/")
        for path in (ROOT / f"{base}{place}.py", ROOT / f"{base}{place}/__init__.py")
        if path.exists()
    )


class TestConcerned:
    def test_is_every_test_that_imports_what_has_changed(self):
        graph = quick.imports()
        tests = {quick.module_of(file) for file in quick.test_files()}
        left_out = {}
        for module in sorted(graph.modules - tests):
            importing = graph.find_downstream_modules(module) & tests
            found = {quick.module_of(file) for file in quick.concerned([file_of(module)])}
            if importing - found:
                left_out[module] = importing - found

        assert left_out == {}

    def test_is_bounded_by_the_contracts(self):
        """Code that may not import a package runs its code only in a test that requests the whole site."""
        graph = quick.imports()
        order = [[name.strip() for name in layer.split("|")] for layer in LAYERS]
        wrong = {}
        for place, layer in enumerate(order):
            for package in layer:
                above = {name for names in order[:place] for name in names} | {package, "tests"}
                downstream = graph.find_downstream_modules(package, as_package=True)
                if beyond := {name.partition(".")[0] for name in downstream} - above:
                    wrong[package] = beyond

        assert wrong == {}

    @pytest.mark.parametrize(
        ("file", "test", "steps"),
        [
            ("tests/test_quick.py", "tests/test_quick.py", 0),
            ("tests/support/quick.py", "tests/test_quick.py", 1),
            ("network/templates/network/directory/member.html", "tests/network/test_tokens.py", quick.OWN),
            ("network/apps.py", "tests/canary/test_canary.py", quick.ANY),
            ("site/templates/layouts/page.html", "tests/network/test_tokens.py", quick.ANY),
            ("locale/de/LC_MESSAGES/django.po", "tests/network/test_tokens.py", quick.ANY),
            ("pyproject.toml", "tests/test_quick.py", 1),
        ],
    )
    def test_is_as_far_as_its_imports_and_its_folder_say(self, file, test, steps):
        assert quick.concerned([file])[test] == steps

    def test_is_not_what_another_app_tests(self):
        found = quick.concerned(["campaigns/templates/campaigns/campaign_page.html"])

        assert [test for test in found if test.startswith("tests/network/")] == []


class TestChosen:
    TESTS = tuple(f"tests/{name}.py::test_{number}" for name in ("near", "far", "no") for number in range(1000))

    def test_takes_the_nearest_first_and_always_the_same_canary(self):
        found = quick.chosen(self.TESTS, {"tests/near.py": 1, "tests/far.py": 2})
        none = quick.chosen(self.TESTS, {})

        assert len(none) == quick.CANARY
        assert none < found
        assert len([test for test in found if "near" in test]) >= quick.MOST - quick.CANARY
        assert len(found) <= quick.MOST

    def test_leaves_nothing_out_that_is_concerned_if_there_is_room(self):
        near = {test for test in self.TESTS[:1000] if int(test.rpartition("_")[2]) < quick.MOST - quick.CANARY}

        assert near <= quick.chosen([*near, *self.TESTS[1000:]], {"tests/near.py": 1})
