"""Find unused code: vulture's report, without names that Django and Wagtail look up.

vulture reads only Python.
This also considers names in templates and in strings (`"core.http.errors.server_error"`), methods and attributes that a
class of another package declares, and the contents of a `Meta`.
Use in tests does not count.
"""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections import defaultdict
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import django
from vulture import Vulture
from vulture.config import make_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vulture.core import Item

ROOT = Path(__file__).resolve().parents[1]
ROOTS = (ROOT / "site", ROOT)  # the source roots
WORD = re.compile(r"\w+")
# Django looks up everything in here by name.
READ_BY_NAME = (ROOT / "site/config/settings", ROOT / "site/config/formats")
# A dotted path or a single name, by which code is looked up.
DOTTED = re.compile(r"[A-Za-z_][\w.:/-]*")


def tracked(*patterns: str) -> list[Path]:
    found = subprocess.run(
        ["git", "ls-files", *patterns, ":!tests/**"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in found.stdout.splitlines() if (ROOT / name).exists()]


def named_elsewhere() -> set[str]:
    """Return the words in files other than Python, and names in Python strings."""
    words: set[str] = set()
    for path in tracked("*.html", "*.txt", "*.xml", "*.toml", "*.typ", "*.js"):
        words.update(WORD.findall(path.read_text()))
    for path in tracked("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
                words.update(WORD.findall(node.value))
    return words


def module_of(path: Path) -> str:
    root = next(root for root in ROOTS if path.is_relative_to(root))
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def classes_in(namespace: object, module: str) -> Iterator[type]:
    """Yield the classes that a module defines, including nested ones."""
    for value in vars(namespace).values():
        if inspect.isclass(value) and value.__module__ == module:
            yield value
            yield from classes_in(value, module)


def declared_elsewhere(path: Path) -> Iterator[str]:
    """Yield names that the classes of a module inherit from other packages, members of enumerations, and all fields."""
    name = module_of(path)
    for cls in classes_in(import_module(name), name):
        for base in cls.__mro__[1:]:
            if not is_ours(base):
                yield from vars(base)
        if issubclass(cls, Enum):
            yield from cls.__members__
        for fields in ("base_fields", "model_fields"):  # of forms, of schemas
            declared = getattr(cls, fields, None)
            yield from declared if isinstance(declared, dict) else ()
        yield from (field for field, value in vars(cls).items() if hasattr(value, "field"))  # of models


def is_ours(cls: type) -> bool:
    file = sys.modules[cls.__module__].__dict__.get("__file__") or ""
    return Path(file).is_relative_to(ROOT) and ".venv" not in file


def in_meta(path: Path) -> set[int]:
    """Return the line numbers of every `class Meta`."""
    return {
        line
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.name == "Meta"
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def unused() -> Iterator[Item]:
    config = make_config([])
    vulture = Vulture(ignore_names=config["ignore_names"], ignore_decorators=config["ignore_decorators"])
    vulture.scavenge(config["paths"], exclude=config["exclude"])
    words = named_elsewhere()
    found: dict[Path, list[Item]] = defaultdict(list)
    for item in vulture.get_unused_code():
        if item.name not in words:
            found[Path(item.filename).resolve()].append(item)
    for path, items in found.items():
        if path.is_relative_to(ROOT / "scripts"):
            yield from items
        elif not any(path.is_relative_to(folder) for folder in READ_BY_NAME):
            declared, meta = set(declared_elsewhere(path)), in_meta(path)
            yield from (item for item in items if item.name not in declared and item.first_lineno not in meta)


def main() -> None:
    django.setup()
    found = list(unused())
    for item in found:
        print(f"{Path(item.filename).resolve().relative_to(ROOT)}:{item.first_lineno}: {item.message}")
    if found:
        sys.exit("This code is unused.")


if __name__ == "__main__":
    main()
