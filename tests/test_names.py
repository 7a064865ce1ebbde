"""One meaning for each name: a public class is defined in one file, and shadows no common name of Django or Wagtail."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from config.settings.base import ROOT

# Names that Django and its commands look for.
BY_CONVENTION = {"Command", "DatabaseWrapper", "Migration"}
# Names that a reader would take for Django's or Wagtail's own.
TAKEN = {"Field", "Form", "Manager", "Model", "Page", "Permission", "QuerySet", "Site", "User", "View"}
# The model that Django recommends each project to define.
OWN = {"users/models.py": {"User"}}


def sources() -> list[Path]:
    return [
        path
        for top in ("site", "campaigns", "network", "helpline")
        for path in (ROOT / top).rglob("*.py")
        if "migrations" not in path.parts
    ]


def classes(source: str) -> list[str]:
    """Return the public classes of a module."""
    found = ast.parse(source).body
    return [node.name for node in found if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def used_twice(files: dict[str, str]) -> dict[str, list[str]]:
    places = defaultdict(list)
    for path, source in files.items():
        for name in classes(source):
            places[name].append(path)
    return {name: found for name, found in places.items() if len(found) > 1 and name not in BY_CONVENTION}


class TestClassNames:
    def test_are_used_once(self):
        files = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sources()}

        assert len(files) > 300
        assert used_twice(files) == {}

    def test_shadow_no_common_name(self):
        shadows = [
            f"{path.relative_to(ROOT)}: {name}"
            for path in sources()
            for name in classes(path.read_text())
            if name in TAKEN
            and name not in OWN.get(path.relative_to(ROOT / "site").as_posix() if "site" in path.parts else "", ())
        ]

        assert shadows == []

    @pytest.mark.parametrize(
        ("files", "found"),
        [
            ({"a.py": "class Row: ...", "b.py": "class Row: ..."}, {"Row": ["a.py", "b.py"]}),
            ({"a.py": "class Row: ...", "b.py": "class _Row: ..."}, {}),
            ({"a.py": "class Command: ...", "b.py": "class Command: ..."}, {}),
        ],
    )
    def test_a_second_one_would_be_found(self, files, found):
        assert used_twice(files) == found
