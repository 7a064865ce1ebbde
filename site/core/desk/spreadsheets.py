"""Cells of the CSV files that we hand out, made safe against formula injection."""

from __future__ import annotations

# Characters that can start a formula or command in a spreadsheet, including full-width and control characters.
FORMULA = tuple("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")


def csv_cell(value: object) -> object:
    """Return a value as a CSV cell, with an apostrophe before what could be a formula.

    Our importers drop one leading apostrophe, so nothing is lost on the way back. Numbers stay numbers.
    """
    if value is None or isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    risky = text.lstrip().startswith(FORMULA) or text.startswith(("'", *FORMULA))
    return f"'{text}" if risky else text
