"""Columns of the tables that listings are imported from and exported to, in one order and with one meaning for both.

They follow from the facts of a listing (`helpline.records.facts`).
The first columns are required in every file.
If others are missing, an import leaves their facts unchanged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext as _

from core.models.codes import CodesField
from helpline.exchange.csv import cells, contact_cells, tables
from helpline.exchange.csv.cells import code, parse_with, short, to_cell
from helpline.exchange.csv.tables import CsvRow
from helpline.exchange.imports.parsed import ParsedListing, point_facts, reference_of
from helpline.records import facts
from helpline.records.facts import ListingFact, Whose
from helpline.records.laws import CountryLaw
from helpline.records.listings import Listing, is_web_address
from helpline.records.phone_numbers import is_opening_hours, is_time_zone
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import codes, phones, regions
from helpline.vocabulary.codes import Reach, YesNo


class Column(NamedTuple):
    """A column, its field of the record, and how its cells are parsed."""

    name: str
    field: str
    read: Callable[[CsvRow, str], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of file: its model, its columns, and how a row is parsed and a record serialized."""

    model: type[Programme] | type[SupportLine] | type[CountryLaw]
    columns: tuple[str, ...]  # required in every file
    optional: tuple[str, ...]
    parse: Callable[[CsvRow], ParsedListing]
    serialize: Callable[..., dict[str, str]]
    staff: tuple[str, ...] = ()  # read from files, and never written into one

    @property
    def names(self) -> tuple[str, ...]:
        return self.columns + self.optional


DELISTED_REASON = "delisted_reason"  # of the state “delisted”, which only a file with this column can give
WITHHELD = "withheld"  # whether numbers and addresses are left out of this row


# --- From facts to columns ------------------------------------------------------------------------


def _countries(line: CsvRow, column: str) -> list[str]:
    found = [part.strip().lower() for part in line[column].split(";") if part.strip()]
    known = codes.country_codes()
    # Our own files may hold drafts that have no country yet.
    missing = not found and contact_cells.LIST not in line
    if missing or any(country not in known for country in found):
        line.add_problem(column, _("“%(code)s” is not a known code.") % {"code": line[column]})
    return list(dict.fromkeys(found))


def _countries_of_a_line(line: CsvRow, column: str) -> list[str]:
    found = _countries(line, column)
    if codes.ANYWHERE in found:
        line.add_problem(column, _("“%(code)s” is not a known code.") % {"code": line[column]})
    return found


def _number(line: CsvRow, column: str) -> str:
    country = line["country"].partition(";")[0].strip().lower()
    return line.read(column, lambda text: phones.parse(text, country).digits, "")


def _from_abroad(text: str) -> str:
    return phones.parse(text).digits


# Facts whose cells need their own parser.
READERS: dict[str, Callable[[CsvRow, str], Any]] = {
    "countries": _countries,
    "number": _number,
    "number_from_abroad": parse_with(_from_abroad),
    "source_seen": parse_with(cells.date_seen),
    "minimum_age": parse_with(cells.age, None),
    "maximum_age": parse_with(cells.age, None),
}
# Parsers for fields with these validators.
VALIDATED: dict[Callable[[str], None], Callable[[str], str]] = {
    is_web_address: cells.web_address,
    is_opening_hours: cells.opening_hours,
    is_time_zone: cells.time_zone,
}


def reader(fact: ListingFact) -> Callable[[CsvRow, str], Any]:
    """Return the parser for cells of a fact, which follows from its field."""
    field: Any = fact.field
    if fact.model is SupportLine and fact.name == "countries":
        return _countries_of_a_line
    if fact.name in READERS:
        return READERS[fact.name]
    if isinstance(field, CodesField):
        return cells.codes([value for value, _name in fact.choices])
    if field.choices:
        known = [*dict.fromkeys((*([""] if field.blank else []), *(value for value, _name in fact.choices)))]
        return code(known, field.get_default() or "")
    if isinstance(field, models.DateField):
        return parse_with(cells.day, None)
    for validator, how in VALIDATED.items():
        if validator in field.validators:
            return parse_with(how)
    if isinstance(field, models.CharField | models.TextField):
        return short(field.max_length or tables.LONGEST_CELL, required=not field.blank)
    raise TypeError(f"There is no parser for cells of {fact.name}: add it to READERS.")


def columns_of(model: type[Listing], *whose: Whose) -> tuple[Column, ...]:
    """Return the columns of a kind of listing whose facts are stated by `whose`."""
    return tuple(
        Column(fact.column, fact.name, reader(fact))
        for fact in facts.for_model(model)
        if fact.column and fact.whose in whose
    )


PROGRAMME_COLUMNS = columns_of(Programme, Whose.SERVICE)
LINE_COLUMNS = columns_of(SupportLine, Whose.SERVICE)
LINE_CONTACT_DETAILS = tuple(fact.column for fact in facts.for_model(SupportLine) if fact.is_contact_detail)
STATE_COLUMNS = columns_of(Programme, Whose.STATE)
# A check counts only on the site that made it: exported, but never imported.
CHECK_COLUMNS = columns_of(Programme, Whose.CHECK)
MOMENT = (*STATE_COLUMNS, *CHECK_COLUMNS)


def further(columns: tuple[Column, ...], first: tuple[str, ...], *, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the names of the optional columns."""
    names = (*(column.name for column in columns), *more, WITHHELD, *(column.name for column in MOMENT))
    return tuple(name for name in names if name not in first)


def fields_of(line: CsvRow, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return the values of a row by field, for the columns that the file has."""
    return {column.field: column.read(line, column.name) for column in columns if column.name in line}


def cells_of(listing: Listing, columns: tuple[Column, ...]) -> dict[str, str]:
    return {column.name: to_cell(getattr(listing, column.field)) for column in columns}


def state_of(line: CsvRow) -> dict[str, Any]:
    fields_of(line, CHECK_COLUMNS)
    found = fields_of(line, STATE_COLUMNS)
    if line[DELISTED_REASON]:
        found["delisted_reason"] = line[DELISTED_REASON]
    return found


def withheld(line: CsvRow) -> bool:
    return line.code(WITHHELD, YesNo.values, YesNo.NO) == YesNo.YES


# --- Programmes -----------------------------------------------------------------------------------


def parse_programme(line: CsvRow) -> ParsedListing:
    reference = cells.reference(line)
    fields = fields_of(line, PROGRAMME_COLUMNS)
    fields["reach"], fields["regions"], fields["region"] = _coverage(line)
    points = contact_cells.parse_points(line, reference=reference, countries=fields["countries"], cost=fields["cost"])
    return ParsedListing(reference, line.number, fields, None if withheld(line) else points, state_of(line))


def _coverage(line: CsvRow) -> tuple[str, list[str], str]:
    """Return the reach, the regions by their codes, and as it is written what has no code."""
    kind, _colon, region = line["coverage"].partition(":")
    kind = kind.strip().lower()
    if kind and kind not in Reach.values:
        line.add_problem("coverage", _("Write national, regional or international, then a colon and the region."))
        kind = ""
    parts = [part.strip() for part in region.split(";") if part.strip()]
    coded = dict.fromkeys(part.lower() for part in parts if part.lower() in regions.table())
    return kind, list(coded), "; ".join(part for part in parts if part.lower() not in coded)[:200]


def serialize_programme(programme: Programme, *, without_contact_details: bool = False) -> dict[str, str]:
    """Return a programme as a row."""
    reference = reference_of(programme)
    points = sorted(programme.contact_points.all(), key=lambda point: (point.sort_order or 0, point.pk or 0))
    where = to_cell([*programme.regions, *([programme.region] if programme.region else [])])
    return {
        "id": reference,
        **cells_of(programme, PROGRAMME_COLUMNS),
        "coverage": f"{programme.reach}: {where}" if where else programme.reach,
        **contact_cells.serialize_points(
            [point_facts(point) for point in points],
            reference=reference,
            countries=programme.countries,
            cost=programme.cost,
            withheld=without_contact_details,
        ),
        WITHHELD: YesNo.YES if without_contact_details else YesNo.NO,
        **cells_of(programme, MOMENT),
    }


PROGRAMME_FIRST = (
    "id", "name", "operator", "country", "coverage", "audience", "channels", "phone", "email", "website", "languages",
    "opening_hours", "timezone", "cost", "anonymous", "source_url", "source_seen", "confidence",
)  # fmt: skip
PROGRAMMES = Table(
    Programme,
    PROGRAMME_FIRST,
    further(PROGRAMME_COLUMNS, PROGRAMME_FIRST, more=(*contact_cells.CALLED, contact_cells.LIST)),
    parse_programme,
    serialize_programme,
    staff=(DELISTED_REASON,),
)


# --- Support lines --------------------------------------------------------------------------------


def parse_support_line(line: CsvRow) -> ParsedListing:
    reference = cells.reference(line)
    fields = fields_of(line, LINE_COLUMNS)
    if withheld(line):
        for column in LINE_COLUMNS:
            if column.name in LINE_CONTACT_DETAILS:
                fields.pop(column.field, None)
    return ParsedListing(reference, line.number, fields, None, state_of(line))


def serialize_support_line(line: SupportLine, *, without_contact_details: bool = False) -> dict[str, str]:
    """Return a support line as a row."""
    found = cells_of(line, LINE_COLUMNS)
    if without_contact_details:
        found |= dict.fromkeys(LINE_CONTACT_DETAILS, "")
    return {
        "id": reference_of(line),
        **found,
        WITHHELD: YesNo.YES if without_contact_details else YesNo.NO,
        **cells_of(line, MOMENT),
    }


LINE_FIRST = (
    "id", "kind", "name", "country", "phone", "website", "hours", "languages", "source_url", "confidence",
)  # fmt: skip
SUPPORT_LINES = Table(
    SupportLine,
    LINE_FIRST,
    further(LINE_COLUMNS, LINE_FIRST),
    parse_support_line,
    serialize_support_line,
    staff=(DELISTED_REASON,),
)


# --- The law of countries -------------------------------------------------------------------------

LAW_COLUMNS = columns_of(CountryLaw, Whose.SERVICE)
LAW_MOMENT = columns_of(CountryLaw, Whose.STATE, Whose.CHECK)
STAFF_NOTE = "note"


def parse_law(line: CsvRow) -> ParsedListing:
    reference = cells.reference(line)
    fields = fields_of(line, LAW_COLUMNS)
    if STAFF_NOTE in line:
        longest = CountryLaw._meta.get_field("staff_note").max_length or tables.LONGEST_CELL
        fields["staff_note"] = short(longest, required=False)(line, STAFF_NOTE)
    fields_of(line, columns_of(CountryLaw, Whose.CHECK))
    return ParsedListing(reference, line.number, fields, None, fields_of(line, columns_of(CountryLaw, Whose.STATE)))


def serialize_law(law: CountryLaw, *, without_contact_details: bool = False) -> dict[str, str]:
    """Return a law as a row.

    It has no contact details to leave out.
    """
    return {"id": reference_of(law), **cells_of(law, LAW_COLUMNS), **cells_of(law, LAW_MOMENT)}


LAW_FIRST = (
    "id", "country", "part", "who_must_report", "trigger", "secrecy", "to_whom", "law", "article", "source_url",
    "confidence",
)  # fmt: skip
LAWS = Table(
    CountryLaw,
    LAW_FIRST,
    tuple(column.name for column in (*LAW_COLUMNS, *LAW_MOMENT) if column.name not in LAW_FIRST),
    parse_law,
    serialize_law,
    staff=(STAFF_NOTE,),
)
