"""What an app has erased, so that a backup that was made before does not bring it back."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import declarations


class InvalidErasureError(ValueError):
    """A line that is none of a list of erasures. Its argument is the number of the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureList:
    """What an app has erased, in a file beside the backups and in each of them: a restored database does not take it back.

    `file` returns the file of this machine, `in_file`, `in_database` and `known` return what it says, what the database says, and what either
    says; `behind` how many the file lacks, though there was time. `read` makes entries of lines, and `write` a file of entries. What reads
    lines raises InvalidErasureError.
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
