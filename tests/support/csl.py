"""The schema of CSL-JSON, which is beside the project where it is developed. Without it, tests that need it are skipped."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft7Validator

from config.settings.base import ROOT

SCHEMA = ROOT.parent / "shared" / "schemas" / "csl" / "csl-data.json"


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(json.loads(SCHEMA.read_text()))


def problems(items: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong with items of CSL-JSON. Skips the test where the schema is not there."""
    if not SCHEMA.exists():
        pytest.skip("the schema of CSL-JSON is not here")
    return [error.message for error in _validator().iter_errors(items)]
