"""Authorship of the changes in a version.

Each fact that differs from what two people approved has one author, the person who gave it its value.
A user who changes a fact becomes its author, until another user gives it another value, or any user restores the
approved one.
If users take their own change back, the fact goes to the author of the value beneath.
A value that its author has given up belongs to the next user who enters it.

This module does not use the database: contents are dictionaries as revisions hold them, without bookkeeping.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.publishing.approval import Author, Content

# A value in the content of a version, as JSON.
type Value = Any
# A field of the record, or the relation, the UUID of the child and its field.
# The field "" stands for the presence of the child, and without a UUID the fact is the order of the children.
type Fact = tuple[str, ...]
type Given = tuple[Value, Author]

# The value of a fact that is missing in a version, such as the number of a removed contact point.
ABSENT = object()


class ChosenCodes(str):
    """Codes of a multiple choice, as a version holds them.

    They compare equal in any order.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and _codes(self) == _codes(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(_codes(self)))


def _codes(text: str) -> list[str]:
    try:
        return sorted(map(str, json.loads(text)))
    except (TypeError, ValueError):
        return [text]


def comparable(value: Value) -> Value:
    """Return the value of a fact in a form that compares equal to all equivalent values."""
    return ChosenCodes(value) if isinstance(value, str) and value.startswith('["') else value


@dataclass(frozen=True, slots=True)
class WrittenVersion:
    """Version in the history of a record.

    `by_one`: one person was allowed to publish it, so it counts as approved.
    """

    content: Content
    author: Author
    by_one: bool = False


@dataclass(frozen=True, slots=True)
class Authorship:
    """Author of a fact, and its value without that author's change."""

    author: Author
    otherwise: Value


def authorships(agreed: Content, steps: Iterable[WrittenVersion]) -> dict[Fact, Authorship]:
    """Return the author of each fact in which the last step differs from the approved content."""
    order = _order_of_children(agreed)
    base = _facts(agreed, order)
    before = base
    values: dict[Fact, list[Given]] = {}
    for step in steps:
        now = _facts(step.content, order)
        if step.by_one:
            # One person published this version. The draft continues from its earlier state.
            base = now
            continue
        for fact in {**before, **now}:
            value, approved = now.get(fact, ABSENT), base.get(fact, ABSENT)
            # A status that one person has closed has no author: a user who saves it as it was opens the listing again.
            unwritten = value != approved and not values.get(fact)
            if unwritten or value != before.get(fact, ABSENT):
                values[fact] = _with(values.get(fact, []), value, step.author, approved)
        before = now
    return {
        fact: Authorship(given[-1][1], given[-2][0] if len(given) > 1 else base.get(fact, ABSENT))
        for fact, given in values.items()
        if given and before.get(fact, ABSENT) != base.get(fact, ABSENT)
    }


def _with(given: list[Given], value: Value, author: Author, approved: Value) -> list[Given]:
    """Return the values that a fact was given, with one more.

    Each person has at most one value, the last that they gave.
    """
    if value == approved:
        return []
    others = [one for one in given if one[1] != author]
    return others if others and others[-1][0] == value else [*others, (value, author)]


def _order_of_children(content: Content) -> dict[str, list[str]]:
    return {name: [child["uuid"] for child in value] for name, value in content.items() if _is_children(value)}


def _facts(content: Content, order: Mapping[str, list[str]]) -> dict[Fact, Value]:
    """Return the content of a version, fact by fact. `order` is that of the approved children."""
    found: dict[Fact, Value] = {}
    for name, value in content.items():
        if not _is_children(value):
            found[name,] = comparable(value)
            continue
        for child in value:
            found[name, child["uuid"], ""] = True
            found |= {
                (name, child["uuid"], field): comparable(fact) for field, fact in child.items() if field != "uuid"
            }
        # New and missing children are separate facts.
        # The order is that of the children in both versions.
        uuids = {child["uuid"] for child in value}
        stayed = [uuid for uuid in order.get(name, ()) if uuid in uuids]
        now = [child["uuid"] for child in value if child["uuid"] in set(stayed)]
        if now != stayed:
            found[name, ""] = now
    return found


def _is_children(value: Value) -> bool:
    """Return whether it is a list of children with identifiers.

    Any other list is compared as a whole.
    """
    return bool(value) and isinstance(value, list) and all(isinstance(each, dict) and "uuid" in each for each in value)
