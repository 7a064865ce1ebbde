"""Ways to fail, with the words of a visitor on the lips."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class CrashMiddleware:
    """`/crash/` raises an exception that quotes the request, and logs it before as careless code would."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/crash/":
            words = f"{request.get_full_path()} {request.META}"
            logging.getLogger("some.library").error("This happened: %s", words)
            raise ValueError(words)
        return self.get_response(request)
