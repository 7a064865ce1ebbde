"""Parser of tables that people made: CSV, with any usual delimiter, and Excel files (XLSX).

Each problem becomes a sentence with line and column, never a traceback.
The rows of a workbook are read as if they came from a CSV file: text, with an apostrophe before text that only looks
like a formula.
A workbook is a ZIP archive, so its size says little about its unpacked size, which is limited separately.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _

from core.admin.spreadsheets import csv_cell

if TYPE_CHECKING:
    from openpyxl.cell import Cell


BEGINS = b"PK\x03\x04"
LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_COLUMNS = 200
# Exceptions of openpyxl and its libraries for a file that is damaged, encrypted or of another kind.
DAMAGED = (
    AttributeError, EOFError, IndexError, KeyError, NotImplementedError, OSError, ParseError, RuntimeError, TypeError,
    ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class WorkbookError(Exception):
    """Raised if the file cannot be read as a workbook.

    The message says why.
    """


def workbook_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet with their numbers.

    Raises WorkbookError.
    """
    # Imported here, as every process of the site would load it for a file that comes once a month.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
        if unpacked <= LARGEST_UNPACKED:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # the dimensions in the file may be wrong
            for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
                cells = [cell_text(cell) for cell in row]
                while cells and not cells[-1]:
                    cells.pop()
                yield number, cells
            return
    except (*DAMAGED, InvalidFileException):
        raise WorkbookError(
            _(
                "This Excel file cannot be read: it is damaged, protected by a password, or of another kind. Save "
                "it as XLSX or as CSV."
            )
        ) from None
    raise WorkbookError(
        _("This Excel file is larger than %(most)d MB when it is unpacked.") % {"most": LARGEST_UNPACKED // 1024**2}
    )


def cell_text(cell: Cell) -> str:
    """Return the value of a cell as text.

    A formula begins with =.
    Text that looks like one begins with an apostrophe.
    """
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


LARGEST_FILE = 20 * 1024 * 1024
LONGEST_CELL = 5000
LONGEST_JSON = 50_000  # a cell that holds a JSON list
# Limit for a file that is uploaded in the admin.
# The command has no limit.
MOST_ROWS = 2000
# Excel writes semicolons where commas are in numbers, as in German and French.
DELIMITERS = ",;\t|"
# Cells that a spreadsheet would calculate.
# A number with a plus sign is not one.
FORMULA = re.compile(r"\s*[=@\uff1d\uff20]|\s*[+\-\uff0b\uff0d](?![\d\s(.])")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Problem in one place of the file.

    `line` counts from 1.
    It is 0 for a file without lines, where `column` is a path into it, and for the file as a whole.
    """

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        if not self.line:
            return f"{self.column}: {self.message}" if self.column else self.message
        if not self.column:
            return _("Line %(line)d: %(message)s") % {"line": self.line, "message": self.message}
        return _("Line %(line)d, column %(column)s: %(message)s") % {
            "line": self.line,
            "column": self.column,
            "message": self.message,
        }


class TableError(Exception):
    """Raised if the file cannot be imported.

    `problems` holds all the reasons that could be found in one pass.
    """

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)

    @classmethod
    def because(cls, message: str, *, line: int = 0, column: str = "") -> TableError:
        return cls([FileProblem(line, column, message)])


@dataclass(slots=True)
class CsvRow:
    """One row of the file: its cells by column, and their problems."""

    number: int
    cells: dict[str, str]
    problems: list[FileProblem] = field(default_factory=list)

    def add_problem(self, column: str, message: str) -> None:
        self.problems.append(FileProblem(self.number, column, message))

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def __contains__(self, column: str) -> bool:
        """Return whether the file has this column.

        Facts without a column are left unchanged.
        """
        return column in self.cells

    def read[Value](self, column: str, how: Callable[[str], Value], default: Value) -> Value:
        """Return the cell as parsed by `how`.

        If that raises ValueError, note a problem and return the default.
        """
        try:
            return how(self[column]) if self[column] else default
        except ValueError as error:
            self.add_problem(column, str(error))
            return default

    def codes(self, column: str, known: Sequence[str] | frozenset[str]) -> list[str]:
        """Return the codes of a cell, separated by semicolons, in lower case, without duplicates."""
        found = []
        for code in dict.fromkeys(part.strip().lower() for part in self[column].split(";")):
            if code and code not in known:
                self.add_problem(column, _("“%(code)s” is not a known code.") % {"code": code})
            elif code:
                found.append(code)
        return found

    def code(self, column: str, known: Sequence[str], default: str) -> str:
        code = self[column].strip().lower() or default
        if code not in known:
            self.add_problem(column, _("“%(code)s” is not a known code.") % {"code": code})
            return default
        return code


def parse(
    data: bytes,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    *,
    key: Sequence[str] = ("id",),
    most: int | None = None,
) -> list[CsvRow]:
    """Return the rows of a file that has these columns and no others, in any order.

    Raises TableError.
    No two rows have the same cells in the columns of the `key`.
    With `most`, a file with more rows is refused as soon as it exceeds the limit, before other problems are reported.
    """
    rows = table_rows(data, columns)
    try:
        _number, header = next(rows)
    except StopIteration:
        raise TableError.because(_("The file is empty.")) from None
    names = [name.strip() for name in header]
    _check_header(names, columns, optional)
    problems: list[FileProblem] = []
    lines: list[CsvRow] = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if most is not None and len(lines) + len(problems) >= most:
            raise TableError.because(too_many_rows(most))
        if len(cells) != len(names):
            message = _(
                "There are %(found)d cells instead of %(expected)d. Is a text with a separator in it not in "
                "quotation marks?"
            )
            problems.append(FileProblem(number, "", message % {"found": len(cells), "expected": len(names)}))
            continue
        line = CsvRow(number, {name: _cell(cell) for name, cell in zip(names, cells, strict=True)})
        for name, cell in zip(names, cells, strict=True):
            if reason := _against(cell):
                problems.append(FileProblem(number, name, reason))
        lines.append(line)
    problems += _duplicates(lines, key)
    if problems:
        raise TableError(problems)
    return lines


def _against(cell: str) -> str:
    """Return the reason to refuse a cell, or an empty string if it is accepted."""
    if FORMULA.match(cell):
        return _("This is a formula, and only values are read. If it is meant as text, put an apostrophe before it.")
    most = LONGEST_JSON if cell.startswith("[") else LONGEST_CELL
    return _("This is longer than %(most)d characters.") % {"most": most} if len(cell) > most else ""


def too_many_rows(most: int) -> str:
    message = _(
        "The file has more than %(most)s rows, so it was not read. Split it into several files, or have it imported "
        "by a command on the server."
    )
    return message % {"most": f"{most:,}"}


def table_rows(data: bytes, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a file, with the number of the line in which each begins.

    Rows of a workbook are padded to the length of its header.
    """
    if not data.startswith(BEGINS):
        yield from _rows(decode_text(data), columns)
        return
    length = 0
    try:
        for number, cells in workbook_rows(data):
            length = length or len(cells)
            yield number, [*cells, *([""] * (length - len(cells)))]
    except WorkbookError as bad:
        raise TableError.because(str(bad)) from None


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises TableError.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise TableError.because(_("The file is larger than 20 MB."))
        return path.read_bytes()
    except OSError as error:
        raise TableError.because(
            _("%(path)s cannot be read: %(reason)s") % {"path": path, "reason": error.strerror or error}
        ) from None


def decode_text(data: bytes) -> str:
    """Decode the content of a file.

    Raises TableError.
    """
    if len(data) > LARGEST_FILE:
        raise TableError.because(_("The file is larger than 20 MB."))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableError.because(_("The file is written in UTF-16. Save it as UTF-8."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TableError.because(_("The file is not written in UTF-8. Save it as UTF-8."), line=line) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise TableError.because(_("There is a NUL character: the file is damaged, or not a text file."), line=line)
    return text


def _delimiter(text: str, columns: Sequence[str]) -> str:
    """Return the delimiter that divides the first line into the most known columns."""
    header = text.partition("\n")[0]

    def known(delimiter: str) -> int:
        return len({name.strip().strip('"') for name in header.split(delimiter)} & set(columns))

    return max(DELIMITERS, key=known)


def _rows(text: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, columns), strict=True)
    begins = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                message = _("A cell is far too long. Is a closing quotation mark missing?")
            else:
                message = _("This is not valid CSV: %(reason)s.") % {"reason": error}
            raise TableError.because(message, line=begins) from None
        yield begins, row
        begins = reader.line_num + 1


def _check_header(names: list[str], columns: Sequence[str], optional: Sequence[str]) -> None:
    problems = [FileProblem(1, name, _("This column is missing.")) for name in columns if name not in names]
    problems += [
        FileProblem(1, name or "?", _("This column is not known."))
        for name in dict.fromkeys(names)
        if name not in columns and name not in optional
    ]
    problems += [
        FileProblem(1, name, _("This column appears more than once."))
        for name in (*columns, *optional)
        if names.count(name) > 1
    ]
    if problems:
        raise TableError(problems)


def _cell(text: str) -> str:
    """Strip a cell, and the apostrophe that an export puts before what a spreadsheet would mistake for a formula."""
    return text.strip().removeprefix("'").strip()


def _duplicates(lines: list[CsvRow], key: Sequence[str]) -> Iterator[FileProblem]:
    seen: dict[str, int] = {}
    for line in lines:
        reference = " ".join(line[column] for column in key)
        if reference in seen:
            message = _("“%(id)s” is already in line %(line)d.")
            yield FileProblem(line.number, key[0], message % {"id": reference, "line": seen[reference]})
        seen.setdefault(reference, line.number)
