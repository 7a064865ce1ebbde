"""Sheets of the studio without their cost: every format as PDF."""

import pytest

from campaigns.studio.formats import FORMATS


def draw_all_as_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the words of a PDF are can be asked, and a picture costs ten times as much."""
    for name, row in FORMATS.items():
        monkeypatch.setitem(FORMATS, name, row._replace(extension="pdf", pixels=0))
