"""Programs that some tests run, and that the README does not require.

Where one is missing, those tests are skipped with its name.
"""

import re
import shutil

import pytest

# The reason of every such skip.
MISSING = re.compile(r".+ is not installed")


def find(program: str) -> str | None:
    """Return the path of a program.

    On Debian the servers are in folders that only root has on its path.
    """
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip the tests marked with this where one of the programs is missing."""
    missing = next((program for program in programs if find(program) is None), "")
    return pytest.mark.skipif(bool(missing), reason=f"{missing} is not installed")


def require(program: str) -> str:
    """Return the path of a program that a fixture is about to run; skip its tests where there is none."""
    path = find(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path
