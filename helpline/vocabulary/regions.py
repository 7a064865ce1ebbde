"""Parts of countries, with their names in the languages of the interface.

The codes are those of ISO 3166-2, or of NUTS for what ISO has no code for, in lower case.
A few parts have neither, such as the part of Switzerland where people speak German: their codes are of our own
(`ch-x-de`).
The table is `helpline/data/regions.csv`: ISO publishes no names in other languages, and CLDR's are not in Babel.
"""

import csv
from functools import cache
from pathlib import Path

from django.utils import translation

from core.languages import names

TABLE = Path(__file__).resolve().parents[1] / "data" / "regions.csv"
SOURCE = "en"


@cache
def table() -> dict[str, dict[str, str]]:
    """Return the rows of the table by code."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def name(code: str, language: str | None = None) -> str:
    """Return the name of a region in `language`, or in the active one."""
    row = table().get(code, {})
    return row.get(language or translation.get_language() or SOURCE) or row.get(SOURCE, code)


def choices() -> list[tuple[str, str]]:
    """Return (code, name with its country) of every region in the active language, sorted by country and name."""
    named = [(names.country_name(code[:2]), name(code), code) for code in table()]
    return [
        (code, f"{region} ({country})")
        for country, region, code in sorted(named, key=lambda each: (names.sort_key(each[0]), names.sort_key(each[1])))
    ]


@cache
def parts(code: str) -> frozenset[str]:
    """Return a region and everything that lies within it."""
    inside = [other for other, row in table().items() if code in row["within"].split(";")]
    return frozenset({code}).union(*map(parts, inside))


def overlap(one: str, other: str) -> bool:
    """Return whether two regions have a part in common, so that a service of one may be for people of the other."""
    return not parts(one).isdisjoint(parts(other))


def called(code: str) -> set[str]:
    """Return the names of a region in all languages."""
    return {text for column, text in table().get(code, {}).items() if column not in {"code", "within", "standard"}}
