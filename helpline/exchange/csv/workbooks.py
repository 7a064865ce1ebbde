"""Rows of an Excel workbook (XLSX), as if they came from a CSV file: text, with an apostrophe before what only looks like a formula.

A workbook is a ZIP archive, so its size says little about what it unpacks to: that has a limit of its own.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _

from core.desk.spreadsheets import csv_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openpyxl.cell import Cell

BEGINS = b"PK\x03\x04"
LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_COLUMNS = 200
# What openpyxl and the libraries beneath it raise for a file that is damaged, encrypted or something else.
DAMAGED = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, ParseError, RuntimeError, TypeError,
    ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class BadWorkbook(Exception):  # noqa: N818  (it names what the file is)
    """The file cannot be read as a workbook. The message says why."""


def workbook_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet with their numbers. Raises BadWorkbook."""
    # Not earlier: every process of the site would load it for a file that comes once a month.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
        if unpacked <= LARGEST_UNPACKED:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says about its size need not be so
            for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
                cells = [cell_text(cell) for cell in row]
                while cells and not cells[-1]:
                    cells.pop()
                yield number, cells
            return
    except (*DAMAGED, InvalidFileException):
        raise BadWorkbook(
            _(
                "This Excel file cannot be read: it is damaged, protected by a password, or of another kind. Save it as XLSX or as CSV."
            )
        ) from None
    raise BadWorkbook(
        _("This Excel file is larger than %(most)d MB when it is unpacked.")
        % {"most": LARGEST_UNPACKED // 1024**2}
    )


def cell_text(cell: Cell) -> str:
    """Return the value of a cell as text. What Excel would calculate begins with =, what is text and looks like it with an apostrophe."""
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return value.date().isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case str() if cell.data_type == "s":
            return str(csv_cell(value))
        case _ if cell.data_type in {"f", "e"}:
            return f"={value}"
        case _:
            return str(value)
