"""Outputs of the studio without their cost: every format as PDF, and no picture of its first page."""

from collections.abc import Mapping

import pytest

from campaigns.studio.drawing import Process
from campaigns.studio.formats import FORMATS


def draw_all_as_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw PDFs in place of pictures: the positions of their words can be read, and pictures cost ten times as much."""
    for name, row in FORMATS.items():
        monkeypatch.setitem(FORMATS, name, row._replace(extension="pdf", pixels=0))
    perform = Process.perform

    def without_picture(process: Process, task: Mapping[str, object]) -> tuple[str, bytes, bytes]:
        return perform(process, {**task, "first_page": False})

    monkeypatch.setattr(Process, "perform", without_picture)
