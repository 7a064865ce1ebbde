from __future__ import annotations

from typing import TYPE_CHECKING

from config.settings.base import ROOT
from tests.support.modules import load

if TYPE_CHECKING:
    from types import ModuleType


def script(name: str) -> ModuleType:
    """A program of `scripts/`, which is not a package, as a module."""
    return load(ROOT / "scripts" / f"{name}.py")
