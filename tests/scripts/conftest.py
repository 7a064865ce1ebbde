from types import ModuleType

from config.settings.base import ROOT
from tests.support.modules import load


def script(name: str) -> ModuleType:
    """Return a program of `scripts/`, which is not a package, as a module."""
    return load(ROOT / "scripts" / f"{name}.py")
