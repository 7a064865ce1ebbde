"""Whose changes are in a version: each fact that differs from what two people approved has one author, the person whose value it is.

Whoever changes a fact becomes its author, until somebody else gives it another value, or somebody gives it back the approved one. Whoever
takes their own change back leaves the fact to the author of the value beneath. A value that its author has given up belongs to whoever
enters it again.

Nothing here knows the database: contents are dictionaries as revisions hold them, without bookkeeping.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# A value in the content of a version: what JSON can hold.
type Value = Any
type Content = Mapping[str, Value]
# A field of the record; or the relation, the UUID of the child and its field ("": that it is there; no UUID: their order).
type Fact = tuple[str, ...]
type Author = int | None  # a user's key; None: an import, or a user who was deleted
type Given = tuple[Value, Author]

# The value of a fact that a version does not have, such as the number of a contact point that is gone.
ABSENT = object()


class ChosenCodes(str):
    """Codes that somebody has chosen, as a version holds them: they say the same in whatever order a form or a file has them."""

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
    """Return the value of a fact as something that equals whatever says the same."""
    return ChosenCodes(value) if isinstance(value, str) and value.startswith('["') else value


@dataclass(frozen=True, slots=True)
class WrittenVersion:
    """A version in the history of a record. `by_one`: one person was allowed to publish it, so it counts as approved."""

    content: Content
    author: Author
    by_one: bool = False


@dataclass(frozen=True, slots=True)
class Authorship:
    """The author of a fact, and the value that would stand there without that author's change."""

    author: Author
    otherwise: Value


def authorships(agreed: Content, steps: Iterable[WrittenVersion]) -> dict[Fact, Authorship]:
    """Return who wrote each fact in which the last step differs from what was agreed on."""
    order = _order_of_children(agreed)
    base = _facts(agreed, order)
    before = base
    values: dict[Fact, list[Given]] = {}
    for step in steps:
        now = _facts(step.content, order)
        if step.by_one:
            # A published version beside the draft, which goes on from where it was.
            base = now
            continue
        for fact in {**before, **now}:
            value, approved = now.get(fact, ABSENT), base.get(fact, ABSENT)
            # Nobody has written what one person has closed since: whoever saves it as it was opens it again.
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
    """Return the values that a fact was given, with one more. Each person stands behind one at most: the last that they gave."""
    if value == approved:
        return []
    others = [one for one in given if one[1] != author]
    return others if others and others[-1][0] == value else [*others, (value, author)]


def _order_of_children(content: Content) -> dict[str, list[str]]:
    return {
        name: [child["uuid"] for child in value] for name, value in content.items() if _is_children(value)
    }


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
                (name, child["uuid"], field): comparable(fact)
                for field, fact in child.items()
                if field != "uuid"
            }
        # New children and missing ones are facts of their own: only the order of those that stayed is another.
        uuids = {child["uuid"] for child in value}
        stayed = [uuid for uuid in order.get(name, ()) if uuid in uuids]
        now = [child["uuid"] for child in value if child["uuid"] in set(stayed)]
        if now != stayed:
            found[name, ""] = now
    return found


def _is_children(value: Value) -> bool:
    """Whether it is a list of children that can be told apart; any other list is a value as a whole."""
    return (
        bool(value)
        and isinstance(value, list)
        and all(isinstance(each, dict) and "uuid" in each for each in value)
    )
