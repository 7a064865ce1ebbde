"""JSON documents from others: parsed within limits, with the place of each problem."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from helpline.exchange.csv.tables import FileProblem, TableError, decode_text, read_bytes
from helpline.exchange.hsds.taxonomies import Object

DEEPEST = 30
MOST_FILES = 50_000
LONGEST = 5000  # characters of one text


@dataclass(slots=True)
class Node:
    """An object of a document, with its path, and the shared list of problems."""

    value: Object
    place: str
    problems: list[FileProblem] = field(default_factory=list)

    def add_problem(self, key: str, message: str) -> None:
        self.problems.append(FileProblem(0, f"{self.place}.{key}".strip("."), message))

    def text(self, key: str) -> str:
        """Return the text of a key, or an empty string if there is none."""
        found = self.value.get(key)
        if found is None:
            return ""
        if not isinstance(found, str) or len(found) > LONGEST or "\0" in found:
            self.add_problem(key, _("This is not text, or it is too long."))
            return ""
        return found.strip()

    def read[Value](self, key: str, how: Callable[[str], Value], default: Value) -> Value:
        text = self.text(key)
        try:
            return how(text) if text else default
        except ValueError as error:
            self.add_problem(key, str(error))
            return default

    def number(self, key: str) -> int | None:
        found = self.value.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or found != int(found):
            self.add_problem(key, _("This is not a whole number."))
            return None
        return int(found)

    def identity(self, key: str = "id") -> uuid.UUID | None:
        text = self.text(key)
        try:
            return uuid.UUID(text)
        except ValueError:
            self.add_problem(key, _("This is not an identifier."))
            return None

    def child(self, key: str) -> Node:
        found = self.value.get(key)
        if found is not None and not isinstance(found, dict):
            self.add_problem(key, _("This is not an object."))
        return self._at(found if isinstance(found, dict) else {}, f"{self.place}.{key}".strip("."))

    def children(self, key: str) -> Iterator[Node]:
        found = self.value.get(key)
        if found is None:
            return
        if not isinstance(found, list):
            self.add_problem(key, _("This is not a list."))
            return
        for number, item in enumerate(found):
            place = f"{self.place}.{key}[{number}]".strip(".")
            if isinstance(item, dict):
                yield self._at(item, place)
            else:
                self.problems.append(FileProblem(0, place, _("This is not an object.")))

    def _at(self, value: Object, place: str) -> Node:
        return Node(value, place, self.problems)


def nodes(data: bytes, *, name: str = "", problems: list[FileProblem]) -> list[Node]:
    """Return the objects of a document: those of a page or a list, or the document itself.

    Raises TableError if it is invalid.
    """
    text = decode_text(data)
    try:
        found = json.loads(text, parse_constant=_refused)
    except RecursionError:
        raise TableError.because(_("This is nested too deeply."), column=name) from None
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        raise TableError.because(
            _("This is not valid JSON: %(reason)s.") % {"reason": error}, line=line, column=name
        ) from None
    if _depth(found) > DEEPEST:
        raise TableError.because(_("This is nested too deeply."), column=name)
    beginning = f"{name}: " if name else ""
    if isinstance(found, dict) and "contents" in found:
        return list(Node(found, beginning.rstrip(": "), problems).children("contents"))
    if isinstance(found, list):
        return list(Node({"": found}, beginning.rstrip(": "), problems).children(""))
    if isinstance(found, dict):
        return [Node(found, beginning.rstrip(": "), problems)]
    raise TableError.because(_("There is no object in this file."), column=name)


def _refused(constant: str) -> None:
    raise ValueError(_("“%(code)s” is not a known code.") % {"code": constant})


def _depth(found: object) -> int:
    """Return the depth of nested objects and lists, computed level by level instead of by recursion."""
    depth, level = 0, [found]
    while level := [
        item
        for value in level
        if isinstance(value, dict | list)
        for item in (value.values() if isinstance(value, dict) else value)
    ]:
        depth += 1
    return depth


def documents(path: Path) -> list[tuple[str, bytes]]:
    """Return the file, or the files of a folder that can hold objects, as pairs of name and content.

    Raises TableError.
    """
    if not path.is_dir():
        return [(path.name, read_bytes(path))]
    files = sorted(file for file in path.rglob("*.json") if not re.search(r"openapi", file.name))
    if len(files) > MOST_FILES:
        raise TableError.because(_("There are too many files in this folder."))
    return [(str(file.relative_to(path)), read_bytes(file)) for file in files]
