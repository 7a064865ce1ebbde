"""Cells of the tables that we hand out. A spreadsheet shows what stands in them, and never runs it."""

from __future__ import annotations

# What a spreadsheet takes for the beginning of a formula or a command, full-width signs and control characters included.
FORMULA = tuple("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")


def csv_cell(value: object) -> object:
    """A value as a cell of a CSV file: with an apostrophe before what could be a formula.

    An importer of ours drops one apostrophe from the front, so nothing is lost on the way back. Numbers stay numbers.
    """
    if value is None or isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    risky = text.lstrip().startswith(FORMULA) or text.startswith(("'", *FORMULA))
    return f"'{text}" if risky else text
