"""Sheets of the studio without their cost: every format as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from campaigns.studio.formats import FORMATS

if TYPE_CHECKING:
    import pytest


def draw_all_as_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the words of a PDF are can be asked, and a picture costs ten times as much."""
    for name, row in FORMATS.items():
        monkeypatch.setitem(FORMATS, name, row._replace(extension="pdf", pixels=0))
