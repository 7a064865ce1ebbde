"""Serializers and parsers for the cells of a listing.

An invalid cell raises ValueError with the reason.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from helpline.exchange.csv.tables import CsvRow
from helpline.records.listings import is_web_address
from helpline.records.phone_numbers import is_time_zone
from helpline.vocabulary import hours

REFERENCE = re.compile(r"[a-z0-9][a-z0-9-]{1,99}")
DATES = (re.compile(r"\d{4}"), re.compile(r"\d{4}-\d{2}"), re.compile(r"\d{4}-\d{2}-\d{2}"))


def checked_by(validator: Callable[[str], None]) -> Callable[[str], str]:
    """Turn a Django validator into a function that parses a cell."""

    def how(text: str) -> str:
        try:
            validator(text)
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from None
        return text

    return how


web_address = checked_by(is_web_address)
email_address = checked_by(validate_email)
time_zone = checked_by(is_time_zone)


def opening_hours(text: str) -> str:
    hours.check(text)
    return text


def date_seen(text: str) -> str:
    """Return a day, a month or a year, as far as it is known: 2023-02-11, 2023-02, 2023."""
    if not any(form.fullmatch(text) for form in DATES):
        raise ValueError(_("This is not a date: write 2026-11-24, 2026-11 or 2026."))
    try:
        dt.date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        raise ValueError(_("This day does not exist.")) from None
    return text


def day(text: str) -> dt.date:
    if not DATES[2].fullmatch(text):
        raise ValueError(_("This is not a full date: write 2026-11-24."))
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(_("This day does not exist.")) from None


def age(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > 120:
        raise ValueError(_("An age is a whole number up to 120."))
    return int(text)


def count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise ValueError(_("This is not a whole number."))
    return int(text)


# --- Parsers of one cell of a row, which note its problems ----------------------------------------


def reference(line: CsvRow, column: str = "id") -> str:
    if not REFERENCE.fullmatch(line[column]):
        line.add_problem(column, _("An id is made of lower-case letters, digits and hyphens."))
    return line[column]


def short(longest: int, *, required: bool = False) -> Callable[[CsvRow, str], str]:
    def how(line: CsvRow, column: str) -> str:
        if required and not line[column]:
            line.add_problem(column, _("This cell is empty."))
        if len(line[column]) > longest:
            line.add_problem(column, _("This is longer than %(most)d characters.") % {"most": longest})
        return line[column]

    return how


def parse_with(how: Callable[[str], Any], default: Any = "") -> Callable[[CsvRow, str], Any]:
    return lambda line, column: line.read(column, how, default)


def code(known: Sequence[str], default: str) -> Callable[[CsvRow, str], str]:
    return lambda line, column: line.code(column, known, default)


def codes(known: Sequence[str] | frozenset[str]) -> Callable[[CsvRow, str], list[str]]:
    return lambda line, column: line.codes(column, known)


def several(line: CsvRow, column: str, how: Callable[[str], str]) -> list[str]:
    """Return the values of a cell, separated by semicolons, without duplicates."""
    found = []
    for text in filter(None, (part.strip() for part in line[column].split(";"))):
        try:
            found.append(how(text))
        except ValueError as error:
            line.add_problem(column, str(error))
    return list(dict.fromkeys(found))


# --- Writing --------------------------------------------------------------------------------------


def to_cell(value: object) -> str:
    """Return a fact as the text of a cell."""
    if value is None:
        return ""
    return joined(value) if isinstance(value, list | tuple) else str(value)


def joined(values: Iterable[object]) -> str:
    return ";".join(map(str, values))
