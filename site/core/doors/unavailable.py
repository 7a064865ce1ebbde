"""While the database is unavailable, the site says so in the reader's language, and recovers by itself.

Printed pages never get here: they are served without a database (press/serving.py).
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError, connections
from django.utils import translation

from core.doors import errors
from core.doors.middleware import language_for
from core.uploads.away import StorageAway

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError)
RETRY_AFTER = 10  # seconds


class UnavailableMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return unavailable_response(request) if getattr(request, "database_is_away", False) else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, StorageAway):
            return storage_away_response(request, exception)
        return unavailable_response(request) if isinstance(exception, AWAY) else None


def note_lost_database(request: HttpRequest | None = None, **kwargs: object) -> None:
    """Mark the request: other middleware needs the database too, and Django turns its exceptions into a 500 before we see them."""
    if request is not None and isinstance(sys.exc_info()[1], AWAY):
        request.database_is_away = True  # type: ignore[attr-defined]


got_request_exception.connect(note_lost_database)


def storage_away_response(request: HttpRequest, problem: StorageAway) -> HttpResponse:
    """Return a 503 that says that a file could not be stored or fetched, and that all else is as it was."""
    log.error("The storage of uploads is away: %s", problem)
    response = errors.answer(request, 503, template="storage_away")
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def unavailable_response(request: HttpRequest) -> HttpResponse:
    """Return a 503, and close the dead connections so that the next request connects again."""
    for connection in connections.all(initialized_only=True):
        connection.close()
    log.error("The database cannot be reached.")
    # At the desk, no language may have been activated yet.
    with translation.override(language_for(request)):
        response = errors.answer(request, 503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response
