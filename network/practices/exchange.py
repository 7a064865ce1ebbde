"""Import and export of practices and criteria as CSV, without loss.

A cell that could be a formula gets an apostrophe, which is removed on import.

A file with a problem changes nothing.
Each imported row becomes a new version, which another user has to publish.
Evidence is not in the table, because it takes two reviewers.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.models import Locale

from core.admin.spreadsheets import csv_cell
from core.languages import names
from network.models import EvidenceCriterion, Member, Practice, PracticeMember, PracticeText
from network.practices.codes import GROUPS, all_named

NUMBERS = ("sessions", "minutes", "weeks", "cost", "cost_year")
FACTS = (
    "uuid",
    "name",
    *GROUPS,
    "posts",
    *NUMBERS,
    "languages",
    "countries",
    "listings",
    "website",
    "would_again",
)
PEOPLE = ("owner", *PracticeMember.Part.values)
LONGEST = 5_000_000  # bytes
CRITERIA = ("code", "language", "name", "origin", "order")


class InvalidTableError(ValueError):
    """A table has errors, one sentence for each.

    Nothing was changed.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


@dataclass(slots=True, kw_only=True)
class PracticeTable:
    """Changes in a table: the changed versions of practices, and the number of unchanged rows."""

    changed: list[Practice] = field(default_factory=list)
    unchanged: int = 0


def word_column(name: str, language: str) -> str:
    return f"{name}:{language}"


# --- Writing ------------------------------------------------------------------------------------------------


def cells_of(practice: Practice) -> dict[str, str]:
    """Return a version of a practice as column → text.

    Columns of languages without a text are left out.
    """
    row = {name: cell_of(getattr(practice, name)) for name in FACTS}
    row["owner"] = str(practice.owner.uuid) if practice.owner is not None else ""
    people = [(each.part, str(each.member.uuid)) for each in practice.people.all()]
    for part in PracticeMember.Part.values:
        row[part] = ";".join(uuid for its, uuid in people if its == part)
    for text in practice.texts.all():
        row |= {word_column(name, text.language): said for name, said in text.words().items()}
    return row


def write(practices: Iterable[Practice]) -> str:
    """Return the newest version of each practice as a CSV file."""
    rows = [cells_of(practice.get_latest_revision_as_object()) for practice in practices]
    written = {column for row in rows for column in row}
    words = [word_column(name, code) for code in settings.LANGUAGE_TABLE for name in PracticeText.WORDS]
    columns = [*FACTS, *PEOPLE, *(column for column in words if column in written)]
    return csv_of(columns, [[row.get(column, "") for column in columns] for row in rows])


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return columns and rows as a CSV file, without cells that are formulas."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return file.getvalue()


def cell_of(value: object) -> str:
    """Return a value as the text of a cell; several values are separated by semicolons."""
    if isinstance(value, list):
        return ";".join(map(str, value))
    return "" if value is None else str(value)


# --- Reading ------------------------------------------------------------------------------------------------


def read(content: bytes) -> PracticeTable:
    """Return the changes in a table, without saving them.

    Raises InvalidTableError.
    """
    columns, rows = _rows(content)
    words = {word_column(name, code) for code in settings.LANGUAGE_TABLE for name in PracticeText.WORDS}
    _check_columns(columns, known={*FACTS, *PEOPLE, *words}, needed={"uuid", "name"})
    known = {each.uuid: each for each in Practice.objects.select_related("latest_revision", "owner")}
    members = {str(each.uuid): each for each in Member.objects.known()}
    codes = all_named(settings.LANGUAGE_CODE)
    table, problems, seen = PracticeTable(), [], set()
    for line, row in rows:
        try:
            uuid = _identifier(row["uuid"])
            if uuid in seen:
                raise ValueError(_("This uuid is in two lines."))
            seen.add(uuid)
            practice = known.get(uuid)
            version = practice.get_latest_revision_as_object() if practice else Practice(uuid=uuid, live=False)
            before = cells_of(version) if practice else {}
            _fill(version, row, members, codes)
        except ValueError as problem:
            problems.append(_at(line, str(problem)))
        except ValidationError as problem:
            problems += [_at(line, message) for message in problem.messages]
        else:
            if cells_of(version) == before:
                table.unchanged += 1
            else:
                table.changed.append(version)
    if problems:
        raise InvalidTableError(problems)
    return table


def _fill(
    practice: Practice,
    row: Mapping[str, str],
    members: Mapping[str, Member],
    codes: Mapping[str, Mapping[str, str]],
) -> None:
    """Set the values of a row on a practice.

    Missing columns change nothing.
    Raises ValueError or ValidationError.
    """
    for column in (*FACTS[1:], "owner"):
        if column in row:
            setattr(practice, column, _value(column, row[column], members, codes))
    if any(part in row for part in PracticeMember.Part.values):
        practice.people = [
            PracticeMember(member=_member(uuid, members), part=part)
            for part in PracticeMember.Part.values
            for uuid in dict.fromkeys(_listed(row.get(part, "")))
        ]
    for language in dict.fromkeys(column.partition(":")[2] for column in row if ":" in column):
        said = {name: row[column] for name in PracticeText.WORDS if (column := word_column(name, language)) in row}
        kept = [text for text in practice.texts.all() if text.language != language]
        own = next((text for text in practice.texts.all() if text.language == language), None)
        text = own or PracticeText(language=language)
        for name, value in said.items():
            setattr(text, name, value)
        if any(text.words().values()):
            text.full_clean(exclude=["practice"])
            kept.append(text)
        practice.texts = kept
    practice.full_clean(validate_unique=False)


def _value(column: str, text: str, members: Mapping[str, Member], codes: Mapping[str, Mapping[str, str]]) -> Any:
    if column in codes:
        return _codes(column, text, codes[column])
    if column == "languages":
        return _codes(column, text, settings.LANGUAGE_TABLE)
    if column == "countries":
        return _codes(column, text, names.country_codes())
    if column == "listings":
        return [_identifier(each) for each in _listed(text)]
    if column == "owner":
        return _member(text, members) if text else None
    if column in NUMBERS:
        return _number(column, text)
    if column == "posts":
        return _posts(text)
    return text


def _codes(column: str, text: str, known: Iterable[str]) -> list[str]:
    found = _listed(text)
    if unknown := [code for code in found if code not in set(known)]:
        raise ValueError(_("%(column)s: unknown code %(codes)s.") % {"column": column, "codes": ", ".join(unknown)})
    return found


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValueError(_("“%(text)s” is not a UUID.") % {"text": text[:40]}) from None


def _member(text: str, members: Mapping[str, Member]) -> Member:
    if text not in members:
        raise ValueError(_("There is no member with the UUID %(uuid)s.") % {"uuid": text[:40]})
    return members[text]


def _number(column: str, text: str) -> int | None:
    if text and not (text.isdecimal() and text.isascii()):
        raise ValueError(_("%(column)s: write a whole number.") % {"column": column})
    return int(text) if text else None


def _posts(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise ValueError(_("%(column)s: write a number such as 1.5.") % {"column": "posts"}) from None


def read_criteria(content: bytes) -> list[EvidenceCriterion]:
    """Return the criteria of a table; existing ones with their new names.

    Raises InvalidTableError.
    """
    columns, rows = _rows(content)
    _check_columns(columns, known=set(CRITERIA), needed={"code", "language", "name"})
    locales = {locale.language_code: locale for locale in Locale.objects.all()}
    there = {(each.code, each.locale_id): each for each in EvidenceCriterion.objects.all()}
    keys = {each.code: each.translation_key for each in there.values()}
    found, problems = [], []
    for line, row in rows:
        locale = locales.get(row["language"])
        if locale is None:
            problems.append(_at(line, _("This site has no language %(code)s.") % {"code": row["language"]}))
            continue
        each = there.get((row["code"], locale.pk)) or EvidenceCriterion(code=row["code"], locale=locale)
        each.translation_key = keys.setdefault(row["code"], each.translation_key)
        each.name = row["name"]
        each.origin = row.get("origin", each.origin)
        try:
            each.order = _number("order", row.get("order", "")) or 0
            each.full_clean(validate_unique=False, validate_constraints=False)
        except ValueError as problem:
            problems.append(_at(line, str(problem)))
        except ValidationError as problem:
            problems += [_at(line, message) for message in problem.messages]
        found.append(each)
    if problems:
        raise InvalidTableError(problems)
    return found


def _rows(content: bytes) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the columns, and the rows with their line numbers.

    One leading apostrophe of each cell is removed.
    """
    try:
        file = io.StringIO(content.decode("utf-8-sig"), newline="")
        reader = csv.reader(file, strict=True)
        columns = next(reader, [])
        rows = [
            (reader.line_num, dict(zip(columns, [cell.removeprefix("'") for cell in row], strict=True)))
            for row in reader
            if row
        ]
    except UnicodeDecodeError:
        raise InvalidTableError([_("The file is not UTF-8. Save it as “CSV UTF-8”.")]) from None
    except csv.Error as error:
        raise InvalidTableError([_("This is not a CSV file: %(reason)s.") % {"reason": error}]) from None
    except ValueError:
        raise InvalidTableError([_("A line has more or fewer cells than the first line has columns.")]) from None
    return columns, rows


def _check_columns(columns: Sequence[str], *, known: set[str], needed: set[str]) -> None:
    problems = [_("There is no column %(column)s.") % {"column": name} for name in sorted(needed - {*columns})]
    problems += [_("Unknown column: %(column)s.") % {"column": name[:40]} for name in columns if name not in known]
    if problems:
        raise InvalidTableError(problems)


def _at(line: int, problem: str) -> str:
    return _("Line %(line)s: %(problem)s") % {"line": line, "problem": problem}
