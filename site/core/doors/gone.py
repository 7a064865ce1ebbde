"""Files that were public once and have been replaced: an app says by what, and the public door answers 410 with a link to it.

An app registers a question in its `AppConfig.ready()`; it is asked about addresses of files that are not printed, and only about those.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import DatabaseError

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


_questions: list[Callable[[str], Replaced | None]] = []


def register(question: Callable[[str], Replaced | None]) -> None:
    """Register what knows about old addresses: it is given a path, and returns None for any other."""
    if question not in _questions:
        _questions.append(question)


def answer(request: HttpRequest, is_public: Callable[[str], bool]) -> HttpResponse | None:
    """Return the page for a file that has been replaced; None if nobody knows it, or the database cannot be asked.

    `is_public` says whether an address has its file already: what was drawn a moment ago may still have to be printed.
    """
    with contextlib.suppress(DatabaseError):
        for question in _questions:
            if (found := question(request.path_info)) is not None:
                return errors.page(
                    410,
                    language=found.language,
                    template="gone",
                    title_of_file=found.title,
                    now=found.now,
                    is_public=bool(found.now) and is_public(found.now),
                )
    return None
