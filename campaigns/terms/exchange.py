"""The list of terms as a table: starter data of a new site, export and import."""

import csv
import io
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext

from campaigns.models import Term
from campaigns.tables import ImportPlan, read_lines
from core.admin.spreadsheets import csv_cell

DATA = Path(__file__).resolve().parents[1] / "data"
STARTER = (DATA / "terminology.csv", DATA / "allowed_phrases.csv")
MOST_ROWS = 5_000
COLUMNS = (
    "id",
    "language",
    "level",
    "term",
    "forms",
    "instead",
    "why",
    "concept",
    "source_url",
    "quote",
    "confidence",
)
FIELD_OF = {"term": "word"}
SEVERAL = ("forms", "instead")
SEPARATOR = ";"
# Namespace for the keys of starter rows, so that a table exported from one site fits another.
NAMESPACE = uuid.UUID("8d3c9a52-6b0e-5f4e-9c39-2f3a0f5b7a11")
AVOID_CONCEPT = "avoid: "
NO_CONCEPT = "other ("
# Remarks between the authors of the table; their confidence has its own column.
NOTES = re.compile(
    r"\((?:The words of this row|The first base|Some of these words|Base forms only|Possessive and clitic|Not checked)"
    r"[^()]*\)"
)
# Words that also have harmless meanings: a film, a football club, a person who grooms dogs.
# The checker mentions them without requiring a decision.
HARMLESS_TOO = {
    "en": ("predator*", "monster*", "groomer*"),
    "it": ("orco", "orchi"),
    "sk": ("predátor*",),
    "sl": ("plenil*",),
}


# --- Starter data ---


@transaction.atomic
def seed() -> str:
    """Fill an empty list with the starter data and return a message. A list that is not empty stays as it is."""
    if Term.objects.exists():
        return ""
    made = Term.objects.bulk_create(starter_terms())
    return f"{len(made)} terms of the field were added, with their sources."


def starter_terms() -> Iterator[Term]:
    seen: set[uuid.UUID] = set()
    for path in STARTER:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for term in from_starter(row):
                    while term.uuid in seen:  # the table has the same words twice, from two sources
                        term.uuid = uuid.uuid5(term.uuid, "again")
                    seen.add(term.uuid)
                    yield term


def from_starter(row: Mapping[str, str]) -> Iterator[Term]:
    """Yield the terms of a row of the starter data. Words that also have a harmless meaning become a separate term."""
    language, avoided = row["lang"], row["level"] != Term.Level.USE
    forms = several(row["avoid"] if avoided else row["forms"])
    concept, why = row["concept"].removeprefix(AVOID_CONCEPT), NOTES.sub("", row["why"]).strip()
    if concept.startswith(NO_CONCEPT):
        concept = forms[0]
    instead = row["instead"]
    if instead.startswith("["):  # a question to a native reader, not a replacement
        why, instead = f"{why} {instead}".strip(), ""
    common = {
        "language": language,
        "concept": concept[:200],
        "instead": "\n".join(several(instead)),
        "why": why,
        "source_url": row["source_url"],
        "quote": row["quote"],
        "confidence": row["confidence"] or Term.Confidence.NONE,
    }
    harmless = [form for form in forms if is_harmless_too(form, language)] if avoided else []
    clear = [form for form in forms if form not in harmless]
    groups = [(clear, row["level"])] if clear or not harmless else []
    groups += [(harmless, Term.Level.CAUTION.value)] if harmless else []
    for kept, level in groups:
        word = kept[0] if avoided and kept else row["preferred"]
        yield Term(
            uuid=uuid.uuid5(NAMESPACE, f"{language}|{concept}|{level}|{word}"),
            level=level,
            word=word,
            forms="\n".join(kept),
            **common,
        )


def is_harmless_too(form: str, language: str) -> bool:
    return " " not in form and any(
        form.startswith(each.removesuffix("*")) if each.endswith("*") else form == each
        for each in HARMLESS_TOO.get(language, ())
    )


def several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(SEPARATOR) if part.strip()]


def of_this_version() -> str:
    """Return the starter data that differ from the list of this site, as a table: changes first, then new terms.

    A term of an earlier version is recognised by its id; by its meaning and forms if its level or first word changed.
    """
    starter = [term for term in starter_terms() if term.forms or term.level == Term.Level.USE]
    known = {term.uuid: term for term in Term.objects.all()}
    ids = {term.uuid for term in starter}
    left = [term for term in known.values() if term.uuid not in ids]
    changed, new = [], []
    for term in starter:
        before = known.get(term.uuid) or next((each for each in left if is_same(each, term)), None)
        if before is None:
            new.append(term)
            continue
        if before in left:
            left.remove(before)
        term.uuid = before.uuid
        if any(cell(term, column) != cell(before, column) for column in COLUMNS):
            changed.append(term)
    file = io.StringIO()
    csv.writer(file).writerows([csv_cell(value) for value in row] for row in table([*changed, *new]))
    return file.getvalue()


def is_same(one: Term, other: Term) -> bool:
    """Return whether two terms say the same in one language, at whichever level."""
    is_use = Term.Level.USE in (one.level, other.level)
    return (
        (one.language, one.concept) == (other.language, other.concept)
        and (one.level == other.level or not is_use)
        and bool({*one.all_forms} & {*other.all_forms})
    )


# --- Export ---


def table(terms: Iterable[Term]) -> Iterator[list[str]]:
    """Yield the rows of the table, its head first. Cells are escaped as in all exports (`core.admin.spreadsheets`)."""
    yield list(COLUMNS)
    for term in terms:
        yield [cell(term, column) for column in COLUMNS]


def cell(term: Term, column: str) -> str:
    if column == "id":
        return str(term.uuid)
    value = str(getattr(term, FIELD_OF.get(column, column)))
    return f"{SEPARATOR} ".join(value.splitlines()) if column in SEVERAL else value


# --- Import ---


def read(text: str) -> ImportPlan:
    """Compare a table with the list. A line without an id is a new term; terms missing from the table stay."""
    try:
        lines = read_lines(text, columns=COLUMNS, required=("language", "level", "concept"), most=MOST_ROWS)
    except ValidationError as problem:
        return ImportPlan(problems=problem.messages)
    plan = ImportPlan()
    known = {str(term.uuid): term for term in Term.objects.all()}
    used: set[str] = set()
    for number, line in enumerate(lines, start=2):
        _plan_line(plan, number, line, known, used)
    return plan


def _plan_line(plan: ImportPlan, number: int, line: dict[str, str], known: Mapping[str, Term], used: set[str]) -> None:
    key = line.get("id", "")
    if key in used:
        plan.problems.append(gettext("Line %(number)d: this id stands in the table twice.") % {"number": number})
        return
    used |= {key} if key else set()
    term = known.get(key)
    if key and term is None:
        try:
            term = Term(uuid=uuid.UUID(key))
        except ValueError:
            plan.problems.append(gettext("Line %(number)d: this is not an id.") % {"number": number})
            return
    term = term if term is not None else Term()
    before = {column: "" if term.pk is None else cell(term, column) for column in COLUMNS}
    for column in COLUMNS[1:]:
        if column in line:
            value = "\n".join(several(line[column])) if column in SEVERAL else line[column]
            setattr(term, FIELD_OF.get(column, column), value)
    term.confidence = term.confidence or Term.Confidence.LOW
    try:
        term.full_clean(exclude=["uuid"])
    except ValidationError as error:
        plan.problems += [
            gettext("Line %(number)d, %(field)s: %(problem)s")
            % {"number": number, "field": name, "problem": " ".join(said)}
            for name, said in error.message_dict.items()
        ]
        return
    after = {column: cell(term, column) for column in COLUMNS}
    changes = [
        (column_name(column), before[column], after[column])
        for column in COLUMNS[1:]
        if before[column] != after[column]
    ]
    plan.add(term, changes)


def column_name(column: str) -> str:
    """Return the label of a column in the admin form."""
    field: Any = Term._meta.get_field(FIELD_OF.get(column, column))
    return capfirst(str(field.verbose_name))
