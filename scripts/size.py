"""Print the size of the code base: lines, files, tables, settings, commands, the longest functions.

    python scripts/size.py            the table, and the longest functions
    python scripts/size.py --check    fails if a figure is more than 5 % above the budget in pyproject.toml
    python scripts/size.py --write    makes the current figures the budget, and writes the table into
                                      docs/decisions/README.md

The figures are those of the files in git, without migrations.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("site", "campaigns", "network", "helpline")
INDEX = ROOT / "docs/decisions/README.md"
ALLOWANCE = 1.05
BEFORE = {
    "lines": 97_241, "files": 852, "test lines": 85_201, "tables": 125, "settings": 205, "variables": 56,
    "commands": 38, "longest function": 107, "Any per 1,000 lines": 21.3, "files in a folder": 44,
}  # fmt: skip


class Measured(NamedTuple):
    """Figures by name, with their parts."""

    figures: dict[str, float]
    packages: Counter[str]
    functions: list[tuple[int, str]]


def tracked(*folders: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *folders], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    paths = [ROOT / name for name in listed if name.endswith(".py") and "/migrations/" not in name]
    return [path for path in paths if path.exists()]


def package_of(path: Path) -> str:
    top, *rest = path.relative_to(ROOT).parts
    return f"{top}/{rest[0]}" if top == "site" else top


def tables() -> int:
    """Count the tables of our own models, those between two models included."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    from django.apps import apps

    ours = [ROOT / package for package in PACKAGES]
    models = apps.get_models(include_auto_created=True)
    return sum(
        model._meta.managed and any(Path(model._meta.app_config.path).is_relative_to(folder) for folder in ours)
        for model in models
    )


def settings() -> int:
    """Count the names that settings of production have."""
    names = set()
    for name in ("base", "production"):
        tree = ast.parse((ROOT / f"site/config/settings/{name}.py").read_text())
        names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return len({name for name in names if name.isupper()})


def measure() -> Measured:
    found, folders, anys = Measured({}, Counter(), []), Counter[Path](), 0
    for path in tracked(*PACKAGES):
        text = path.read_text(encoding="utf-8")
        found.packages[package_of(path)] += text.count("\n")
        folders[path.parent] += path.name != "__init__.py"
        for node in ast.walk(ast.parse(text)):
            anys += isinstance(node, ast.Name) and node.id == "Any"
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                found.functions.append((length, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"))
    found.functions.sort(reverse=True)
    lines = found.packages.total()
    declared = tomllib.loads((ROOT / "site/core/variables.toml").read_text())
    figures: dict[str, float] = {
        "lines": lines,
        "files": sum(1 for _ in tracked(*PACKAGES)),
        "test lines": sum(path.read_text(encoding="utf-8").count("\n") for path in tracked("tests")),
        "tables": tables(),
        "settings": settings(),
        "variables": sum(name.startswith("WAYMARK_") for name in declared),
        "commands": sum(path.parent.name == "commands" and path.stem != "__init__" for path in tracked(*PACKAGES)),
        "longest function": found.functions[0][0],
        "Any per 1,000 lines": round(1000 * anys / lines, 1),
        "files in a folder": folders.most_common(1)[0][1],
    }
    return found._replace(figures=figures)


def table(found: Measured, budget: dict[str, float]) -> str:
    rows = [
        f"| {name} | {BEFORE[name]:,} | {now:,} | {budget.get(name, now):,} |" for name, now in found.figures.items()
    ]
    rows += [f"| lines of `{name}` | | {lines:,} | |" for name, lines in sorted(found.packages.items())]
    return "\n".join(["| figure | before 2026-11-30 | now | budget |", "|---|---|---|---|", *rows]) + "\n"


def budget() -> dict[str, float]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["waymark"]["size"]


def over(figures: dict[str, float], allowed: dict[str, float]) -> list[str]:
    """Return the figures that are more than 5 % above the budget."""
    return [
        f"{name}: {now:,}, and the budget is {allowed[name]:,}"
        for name, now in figures.items()
        if now > allowed[name] * ALLOWANCE
    ]


def write(found: Measured) -> None:
    file = ROOT / "pyproject.toml"
    rows = "".join(f'"{name}" = {now}\n' for name, now in found.figures.items())
    text = re.sub(r"(?<=\[tool\.waymark\.size\]\n)(?:\".*\n)*", lambda _: rows, file.read_text())
    file.write_text(text)
    begins, ends = "<!-- size -->\n", "<!-- /size -->"
    before, rest = INDEX.read_text().split(begins)
    INDEX.write_text(before + begins + table(found, found.figures) + ends + rest.split(ends)[1])


def main() -> None:
    found = measure()
    if "--write" in sys.argv:
        write(found)
    elif "--check" in sys.argv:
        if too_much := over(found.figures, budget()):
            sys.exit("\n".join([*too_much, "Raising the budget is a decision with its reason (docs/decisions/0071)."]))
        return
    print(table(found, budget()))
    print("\n".join(f"{length:4} {name}" for length, name in found.functions[:10]))


if __name__ == "__main__":
    main()
