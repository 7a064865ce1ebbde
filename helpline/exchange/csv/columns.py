"""The columns of the tables that listings are read from and written to: one order, one meaning, both ways.

The first columns are those of every file. The rest may be missing; then the file says nothing of them, and they are left as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _

from helpline.exchange.csv import cells, contact_cells
from helpline.exchange.csv.cells import code, read, short, told
from helpline.exchange.parsed import Facts, point_facts, reference_of
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary import codes, phones
from helpline.vocabulary.codes import (
    Alert,
    Asks,
    Audience,
    Confidence,
    Confidentiality,
    Cost,
    Evidence,
    Kind,
    NotFor,
    OperatorType,
    Reach,
    Status,
    Trigger,
    YesNo,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from helpline.exchange.csv.tables import Line


class Column(NamedTuple):
    """A column, the field of the record that it tells, and how its cells are read."""

    name: str
    field: str
    read: Callable[[Line, str], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of file: the record it makes, its columns, how a row is understood, and how a record is told."""

    model: type[Programme] | type[SupportLine]
    columns: tuple[str, ...]  # every file has these
    optional: tuple[str, ...]
    understand: Callable[[Line], Facts]
    tell: Callable[..., dict[str, str]]

    @property
    def names(self) -> tuple[str, ...]:
        return self.columns + self.optional


WITHHELD = "withheld"  # that numbers and addresses are left out of this row
STATE_COLUMNS = (
    Column("status", "status", code(Status.values, Status.DRAFT)),
    Column("closed_until", "closed_until", read(cells.day, None)),
    Column("alert", "alert", code(Alert.values, Alert.NONE)),
    Column("alert_note", "alert_note", short(300)),
)
# Who checked a listing is a matter of the site that says so: told, and never taken in.
CHECK_COLUMNS = (
    Column("checked_on", "checked_on", read(cells.day, None)),
    Column("next_check_due", "next_check_due", read(cells.day, None)),
)
MOMENT = (*STATE_COLUMNS, *CHECK_COLUMNS)


def fields_of(line: Line, columns: tuple[Column, ...]) -> dict[str, Any]:
    """What a row says, by field; of the columns that the file has."""
    return {column.field: column.read(line, column.name) for column in columns if column.name in line}


def cells_of(listing: Programme | SupportLine, columns: tuple[Column, ...]) -> dict[str, str]:
    return {column.name: told(getattr(listing, column.field)) for column in columns}


def state_of(line: Line) -> dict[str, Any]:
    fields_of(line, CHECK_COLUMNS)
    return fields_of(line, STATE_COLUMNS)


def withheld(line: Line) -> bool:
    return line.code(WITHHELD, YesNo.values, YesNo.NO) == YesNo.YES


# --- Programmes --------------------------------------------------------------------------------------------------------------


def _countries(line: Line, column: str) -> list[str]:
    found = [part.strip().lower() for part in line[column].split(";") if part.strip()]
    known = codes.country_codes()
    # A file of ours may hold drafts of which nobody has said yet where they work.
    missing = not found and contact_cells.LIST not in line
    if missing or any(country not in known for country in found):
        line.wrong(column, _("“%(code)s” is no known code.") % {"code": line[column]})
    return list(dict.fromkeys(found))


PROGRAMME_COLUMNS = (
    Column("name", "name", short(200, required=True)),
    Column("operator", "operator", short(200)),
    Column("country", "countries", _countries),
    Column("audience", "audiences", cells.codes(Audience.values)),
    Column("website", "website", read(cells.web_address)),
    Column("cost", "cost", code(Cost.values, Cost.UNKNOWN)),
    Column("anonymous", "anonymous", code(YesNo.values, YesNo.UNKNOWN)),
    Column("confidentiality_note", "confidentiality_note", short(1000)),
    Column("source_url", "source_url", read(cells.web_address)),
    Column("source_seen", "source_seen", read(cells.date_seen)),
    Column("confidence", "confidence", code(Confidence.values, Confidence.UNKNOWN)),
    Column("operator_type", "operator_type", code(["", *OperatorType.values], "")),
    Column("not_for", "not_for", cells.codes(NotFor.values)),
    Column("from_age", "minimum_age", read(cells.age, None)),
    Column("to_age", "maximum_age", read(cells.age, None)),
    Column("asks", "asks", code(Asks.values, Asks.UNKNOWN)),
    Column("confidentiality", "confidentiality", code(Confidentiality.values, Confidentiality.UNKNOWN)),
    Column("reporting_trigger", "reporting_trigger", code(Trigger.values, Trigger.UNKNOWN)),
    Column("legal_basis", "legal_basis", short(300)),
    Column("confidentiality_reviewer", "confidentiality_reviewer", short(200)),
    Column("confidentiality_reviewed_on", "confidentiality_reviewed_on", read(cells.day, None)),
    Column("evidence", "evidence", code(Evidence.values, Evidence.UNKNOWN)),
)


def understand_programme(line: Line) -> Facts:
    reference = cells.reference(line)
    fields = fields_of(line, PROGRAMME_COLUMNS)
    fields["reach"], fields["region"] = _coverage(line)
    points = contact_cells.read(line, reference=reference, countries=fields["countries"], cost=fields["cost"])
    return Facts(reference, line.number, fields, None if withheld(line) else points, state_of(line))


def _coverage(line: Line) -> tuple[str, str]:
    kind, _colon, region = line["coverage"].partition(":")
    kind = kind.strip().lower()
    if kind and kind not in Reach.values:
        line.wrong("coverage", _("Write national, regional or international, then a colon and the region."))
        kind = ""
    return kind, region.strip()[:200]


def tell_programme(programme: Programme, *, without_reaches: bool = False) -> dict[str, str]:
    """A programme as a row."""
    reference = reference_of(programme)
    points = sorted(programme.contact_points.all(), key=lambda point: (point.sort_order or 0, point.pk or 0))
    return {
        "id": reference,
        **cells_of(programme, PROGRAMME_COLUMNS),
        "coverage": f"{programme.reach}: {programme.region}" if programme.region else programme.reach,
        **contact_cells.tell(
            [point_facts(point) for point in points],
            reference=reference,
            countries=programme.countries,
            cost=programme.cost,
            withheld=without_reaches,
        ),
        WITHHELD: YesNo.YES if without_reaches else YesNo.NO,
        **cells_of(programme, MOMENT),
    }


PROGRAMMES = Table(
    Programme,
    (
        "id", "name", "operator", "country", "coverage", "audience", "channels", "phone", "email", "website", "languages",
        "opening_hours", "timezone", "cost", "anonymous", "confidentiality_note", "source_url", "source_seen", "confidence",
    ),
    (
        "operator_type", "not_for", "from_age", "to_age", "asks", "confidentiality", "reporting_trigger", "legal_basis",
        "confidentiality_reviewer", "confidentiality_reviewed_on", "evidence", "contact_points", WITHHELD,
        *(column.name for column in MOMENT),
    ),
    understand_programme,
    tell_programme,
)  # fmt: skip


# --- Support lines -----------------------------------------------------------------------------------------------------------


def _country(line: Line, column: str) -> str:
    country = line[column].lower()
    if country not in codes.country_codes() or country == codes.ANYWHERE:
        line.wrong(column, _("“%(code)s” is no known code.") % {"code": line[column]})
    return country


def _number(line: Line, column: str) -> str:
    return line.read(column, lambda text: phones.parse(text, line["country"].lower()).digits, "")


def _from_abroad(text: str) -> str:
    return phones.parse(text).digits


LINE_COLUMNS = (
    Column("kind", "kind", code(Kind.values, "")),
    Column("name", "name", short(200, required=True)),
    Column("country", "country", _country),
    Column("phone", "number", _number),
    Column("website", "website", read(cells.web_address)),
    Column("hours", "opening_hours", read(cells.opening_hours)),
    Column("languages", "languages", cells.codes(codes.LANGUAGES)),
    Column("source_url", "source_url", read(cells.web_address)),
    Column("confidence", "confidence", code(Confidence.values, Confidence.UNKNOWN)),
    Column("phone_written", "number_written", short(40)),
    Column("phone_from_abroad", "number_from_abroad", read(_from_abroad)),
    Column("timezone", "timezone", read(cells.time_zone)),
    Column("source_seen", "source_seen", read(cells.date_seen)),
)
LINE_REACHES = ("phone", "phone_written", "phone_from_abroad")


def understand_support_line(line: Line) -> Facts:
    reference = cells.reference(line)
    fields = fields_of(line, LINE_COLUMNS)
    if withheld(line):
        for column in LINE_COLUMNS:
            if column.name in LINE_REACHES:
                fields.pop(column.field, None)
    return Facts(reference, line.number, fields, None, state_of(line))


def tell_support_line(line: SupportLine, *, without_reaches: bool = False) -> dict[str, str]:
    """A support line as a row."""
    found = cells_of(line, LINE_COLUMNS)
    if without_reaches:
        found |= dict.fromkeys(LINE_REACHES, "")
    return {
        "id": reference_of(line),
        **found,
        WITHHELD: YesNo.YES if without_reaches else YesNo.NO,
        **cells_of(line, MOMENT),
    }


SUPPORT_LINES = Table(
    SupportLine,
    ("id", "kind", "name", "country", "phone", "website", "hours", "languages", "source_url", "confidence"),
    (
        "phone_written",
        "phone_from_abroad",
        "timezone",
        "source_seen",
        WITHHELD,
        *(column.name for column in MOMENT),
    ),
    understand_support_line,
    tell_support_line,
)
TABLES = {"programmes": PROGRAMMES, "support-lines": SUPPORT_LINES}
