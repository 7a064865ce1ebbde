"""Excel files for the tests."""

import io
import zipfile
from typing import Any

import openpyxl


class Formula(str):
    """A cell that Excel calculates, unlike text that begins with =."""


def workbook(*rows: dict[str, Any]) -> bytes:
    """Return a workbook with a header and rows, as Excel writes it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(rows[0]))
    for at, row in enumerate(rows, 2):
        for column, value in enumerate(row.values(), 1):
            cell = sheet.cell(at, column, value)
            if isinstance(value, str) and not isinstance(value, Formula):
                cell.data_type = "s"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def archive(name: str, content: bytes) -> bytes:
    """Return a ZIP archive that is no workbook."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return written.getvalue()
