"""Records of erased data, so that restoring an older backup does not bring it back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import declarations


class InvalidErasureError(ValueError):
    """A line that is not part of a list of erasures.

    Its argument is the number of the line.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureList:
    """Identifiers of an app's erased data, in a file beside the backups and in each of them, for restored databases.

    `file` returns the path of the file on this machine.
    `in_file`, `in_database` and `known` return the entries of the file, of the database, and of both; `behind` the
    number of entries that should have reached the file but have not.
    `read` parses lines, and `write` writes entries to the file.
    Functions that parse lines raise InvalidErasureError.
    """

    file: Callable[[], Path]
    in_file: Callable[[], Sequence[object]]
    in_database: Callable[[], Iterable[object]]
    known: Callable[[], Sequence[object]]
    behind: Callable[[], int]
    read: Callable[[Iterable[str]], Sequence[Any]]
    write: Callable[[Sequence[Any]], None]


def erasure_list() -> ErasureList | None:
    """Return the list of this site; None if no app has one."""
    return next(iter(declarations.collect("erasure_lists")), None)
