"""While the database is away the site says so, in the reader's language, and comes back by itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError, connections

from core import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
RETRY_AFTER = 10  # seconds


class UnavailableMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "database_is_away", False):
            response = errors.answer(request, 503)
            response["Retry-After"] = str(RETRY_AFTER)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return away(request) if isinstance(exception, (OperationalError, InterfaceError)) else None


def away(request: HttpRequest) -> HttpResponse:
    """The answer while the database cannot be reached; drops the dead connections so that the next request tries anew."""
    for connection in connections.all(initialized_only=True):
        connection.close()
    log.error("The database cannot be reached.")
    response = errors.answer(request, 503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response
