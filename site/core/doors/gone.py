"""Files that were public once and have been replaced: an app says by what, and the public door answers 410 with a link to it.

An app declares a function (`core.declarations`), which is given the path of a file that is not printed, and returns None for one that it does not know.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import DatabaseError

from core import declarations
from core.doors import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What became of a file: the address of the one in its place, if there is one, and the language that both are in."""

    language: str
    title: str
    now: str = ""


def answer(request: HttpRequest, is_public: Callable[[str], bool]) -> HttpResponse | None:
    """Return the page for a file that has been replaced; None if nobody knows it, or the database cannot be asked.

    `is_public` says whether an address has its file already: what was drawn a moment ago may still have to be printed.
    """
    with contextlib.suppress(DatabaseError):
        for find in declarations.collect("replaced_files"):
            if (found := find(request.path_info)) is not None:
                return errors.page(
                    410,
                    language=found.language,
                    template="gone",
                    title_of_file=found.title,
                    now=found.now,
                    is_public=bool(found.now) and is_public(found.now),
                )
    return None
