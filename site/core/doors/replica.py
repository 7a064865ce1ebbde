"""The public door reads from the replica, as long as that is there and not late; otherwise from the primary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import InternalError
from django.http import HttpResponse

from core.doors import at_desk
from core.doors.unavailable import AWAY
from core.postgresql import replica
from core.publishing.printing import is_print

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


class ReplicaMiddleware:
    """Answer from the replica, and once more from the primary if the replica is lost meanwhile, or something has to be written after all.

    Visitors only read, so nothing happens twice: at most the row of a setting is missing that nobody has looked at yet.

    What is printed is the truth for a long time, and an editor looks at what they have just written: press and previews read from the primary.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nobody = is_print(request) or getattr(request, "is_dummy", False)
        if at_desk(request) or nobody or not (replica.is_there() and replica.watch.is_current()):
            return self.get_response(request)
        with replica.reading():
            response = self.get_response(request)
        if getattr(request, "database_is_away", False):
            replica.watch.leave_alone()
            request.database_is_away = False  # type: ignore[attr-defined]
        elif not getattr(request, "writes", False):
            return response
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Note that the replica is lost, before that is taken for the loss of the database; or that it refuses what only the primary does."""
        if not (isinstance(exception, (*AWAY, InternalError)) and replica.is_reading()):
            return None
        request.database_is_away = isinstance(exception, AWAY)  # type: ignore[attr-defined]
        request.writes = isinstance(exception, InternalError)  # type: ignore[attr-defined]
        return HttpResponse(status=503)
