"""Failures that quote what a visitor sent."""

import logging
import time
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse


class CrashMiddleware:
    """Addresses below `/crash/` raise an exception that quotes the request, after logging it as careless code would.

    `/crash/database/` fails in the database, whose log may hold the statement; `/crash/slowly/` takes a while, so
    that it can be abandoned or killed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/crash/"):
            return self.get_response(request)
        words = f"{request.get_full_path()} {request.META}"
        logging.getLogger("some.library").error("This happened: %s", words)
        if request.path_info == "/crash/slowly/":
            time.sleep(1)
        if request.path_info == "/crash/database/":
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s::integer", [words])
        raise ValueError(words)
