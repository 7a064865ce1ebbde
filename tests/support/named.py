"""Tests named in tables as pytest does: `tests/core/test_links.py::TestPurpose::test_reads_it[parameter]`."""

import re
from functools import cache
from pathlib import Path

from config.settings.base import ROOT


@cache
def code(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def missing(test: str) -> list[str]:
    """Return the missing part of a test: its class, its function, its parameter.

    Raises FileNotFoundError.
    """
    place, _bracket, parameter = test.removesuffix("]").partition("[")
    name, *inside = place.split("::")
    text = code(name)
    gone = [part for part in inside if not re.search(rf"(class|def) {part}\b", text)]
    if not Path(name).name.startswith("test_"):
        gone.append(name)
    return gone if parameter in text else [*gone, parameter]
