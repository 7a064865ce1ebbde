"""Whether a public page is being rendered to a file, and whether it may be rendered at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

# What a route says is invalidated if a change shows on every page, or on all pages of a language (`/de/` + EVERYTHING).
EVERYTHING = "*"


def is_print(request: HttpRequest) -> bool:
    """Whether the press is rendering. Any other request that reaches a public page has no printed file."""
    return getattr(request, "is_print", False)


def may_render(request: HttpRequest, *, answers_query: bool = False) -> bool:
    """Whether a view may answer. Without a printed file it may not, unless it answers queries and there is one."""
    return (
        is_print(request)
        or getattr(request, "is_preview", False)
        or settings.PRESS_RENDERS_ON_REQUEST
        or (answers_query and bool(request.META.get("QUERY_STRING")))
    )
