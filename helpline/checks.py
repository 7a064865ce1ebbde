"""System checks of the tables that define the helpline.

Omissions fail `manage.py check`.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, Model

from helpline.approval.versions import BOOKKEEPING, PARENT
from helpline.exchange.imports.kinds import DATA
from helpline.finder.content.filters.facets import FACETS, Facet, Level
from helpline.governance.review import policy
from helpline.records import facts
from helpline.records.facts import ListingFact
from helpline.records.programmes import ContactPoint


@register()
def check_facts(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    yield from fact_table_errors(facts.TABLES)


def fact_table_errors(tables: Mapping[type[Model], Iterable[ListingFact]]) -> Iterator[CheckMessage]:
    """Yield an error for each mistake in the table of facts."""
    points = {point.code for point in policy.POINTS}
    nothing = BOOKKEEPING | PARENT
    for model, rows in tables.items():
        table = list(rows)
        for field in model._meta.concrete_fields:
            needed = field.editable and not field.primary_key and field.name not in nothing
            if needed and field.name not in {fact.name for fact in table}:
                yield Error(
                    f"{model.__name__}.{field.name} is not a fact: no file, form or checklist would include it.",
                    hint="Add a row to helpline/records/facts.py.",
                    obj=model,
                    id="helpline.E001",
                )
        for fact in table:
            yield from fact_errors(fact, points)
        for what in ("column", "key"):
            named = Counter(getattr(fact, what) for fact in table if getattr(fact, what))
            for name, times in named.items():
                if times > 1:
                    yield Error(
                        f"Two facts of {model.__name__} have the {what} “{name}”.",
                        obj=model,
                        id="helpline.E002",
                    )


def fact_errors(fact: ListingFact, points: set[str]) -> Iterator[CheckMessage]:
    where = f"{fact.model.__name__}.{fact.name}"
    try:
        fact.model._meta.get_field(fact.name)
    except FieldDoesNotExist:
        yield Error(
            f"There is no field {where}.",
            hint="It is named in helpline/records/facts.py.",
            id="helpline.E003",
        )
    if fact.section not in facts.SECTIONS:
        yield Error(f"{where} is not in any section of the form.", hint="Give it a section.", id="helpline.E004")
    for code in set(fact.points) - points:
        yield Error(
            f"{where} names a point of the listing policy that does not exist: {code}.",
            hint="The points are in helpline/governance/review/policy.py.",
            id="helpline.E005",
        )
    if fact.whose is not facts.Whose.STAFF and not (fact.column or fact.model is ContactPoint or fact.name in COMPOSED):
        yield Error(
            f"{where} is not in any column of our files.",
            hint="Give it a column, or say that it is for staff.",
            id="helpline.E006",
        )
    if fact.allowed_change not in (None, facts.by_emptying_the_note) and in_public_words(fact):
        yield Error(
            f"One person alone may publish words in {where}.",
            hint="One person changes state in codes and dates (docs/decisions/0077): leave out allowed_change.",
            id="helpline.E007",
        )


def in_public_words(fact: ListingFact) -> bool:
    """Return whether readers see what a person has typed, and not the name of a code or a date."""
    is_typed = fact.vocabulary is None and not isinstance(fact.field, DateField)
    return fact.is_contact_detail or (is_typed and fact.card is not facts.OnCard.NONE)


# These facts share the column `coverage`.
COMPOSED = frozenset({"reach", "region", "regions"})


@register()
def check_facets(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    yield from facet_table_errors(FACETS)


def facet_table_errors(table: Iterable[Facet]) -> Iterator[CheckMessage]:
    """Yield an error for each ambiguity in the table of facets."""
    rows = list(table)
    numbers = Counter(facet.number for facet in rows)
    # Forms are separate; within one, a choice is identified by its code alone.
    meaning = Counter((facet.form, code) for facet in rows for code in facet.codes())
    for facet in rows:
        if numbers[facet.number] > 1:
            yield Error(
                f"Two facets have the number {facet.number}: a browser would mistake one for the other.",
                hint="Give each its own number in helpline/finder/content/filters/facets.py.",
                id="helpline.E010",
            )
        if twice := [code for code in facet.codes() if meaning[facet.form, code] > 1]:
            yield Error(
                f"Another facet also uses codes of the facet “{facet.code}”: {', '.join(twice)}.",
                hint="The style sheet identifies a choice by its code alone: choose another.",
                id="helpline.E011",
            )
        source = {Level.LISTING: facet.of_listing, Level.POINT: facet.of_point}
        if facet.level in source and source[facet.level] is None and not facet.is_scripted:
            yield Error(
                f"It is not defined which codes of the facet “{facet.code}” a {facet.level.value} has.",
                hint="Give it of_listing or of_point.",
                id="helpline.E012",
            )


# --- The starter data -----------------------------------------------------------------------------

# Words of English notes, and the columns of which one must then state the fact in codes, by which people filter.
SAID = (
    (
        re.compile(r"\b(reports?|reported|notif(y|ies|ied)|goes to)\b", re.IGNORECASE),
        ("confidentiality", "reporting_trigger"),
    ),
    (
        re.compile(
            r"\b(adults only|only (for )?adults|for adults\b(?! and)|not an adult|ages? \d|not for)",
            re.IGNORECASE,
        ),
        ("from_age", "to_age", "not_for"),
    ),
)


@register()
def check_starter_data(app_configs: Any, **kwargs: Any) -> Iterator[CheckMessage]:
    yield from note_errors(starter_rows("programmes.csv"), starter_rows("programme_texts.csv"))


def starter_rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def note_errors(rows: Iterable[Mapping[str, str]], texts: Iterable[Mapping[str, str]]) -> Iterator[CheckMessage]:
    """Yield an error for each row whose English note states a fact that its codes leave out."""
    notes = {text["id"]: text["note"] for text in texts if text["language"] == "en"}
    for row in rows:
        for words, columns in SAID:
            found = words.search(notes.get(row["id"], ""))
            if found and all(row.get(column, "") in {"", "unknown"} for column in columns):
                yield Error(
                    f"{row['id']}: the note says “{found[0]}”, but {', '.join(columns)} do not.",
                    hint="People filter and compare by codes: put what the note says into codes.",
                    id="helpline.E013",
                )
