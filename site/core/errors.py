"""Error pages: plain, in the reader's language, made without the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

if TYPE_CHECKING:
    from django.http import HttpRequest

# One template each in templates/errors/; any other status uses the nearest of its class.
TEMPLATES = (400, 403, 404, 405, 413, 429, 500, 502, 503)


def page(status: int, *, language: str | None = None) -> HttpResponse:
    """The error page for a status, in `language` (a code) or the active one. Queries nothing and raises nothing."""
    with translation.override(language or translation.get_language()):
        return HttpResponse(render_to_string(f"errors/{status}.html", {"status": status}), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(500)
