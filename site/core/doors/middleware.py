"""Decides which door a request came to, and sets up the public door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse
from django.http.request import split_domain_port
from django.urls import get_urlconf, set_urlconf
from django.utils import translation
from django.utils.translation.trans_real import get_language_from_path, get_language_from_request

from core.doors import Door, errors, logs
from core.doors.headers import policies_for
from core.publishing.printing import is_print

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


# Visitors can only read.
ALLOWED = ("GET", "HEAD")


class DoorMiddleware:
    """Decide which door a request came to, and set up the public door. Only the headers middleware is outside this one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.door = Door.PUBLIC  # type: ignore[attr-defined]
        try:
            host, _port = split_domain_port(request.get_host())
        except DisallowedHost:
            return errors.page(400, language=settings.LANGUAGE_CODE)
        door = Door.DESK if host == settings.DESK_HOST else Door.PUBLIC
        # The press and an editor's preview use the public door too, but are nobody.
        nobody = is_print(request) or getattr(request, "is_dummy", False)
        if not nobody and settings.DOOR in {other.value for other in Door if other is not door}:
            # This process serves the other door only: as if it did not know the host.
            return errors.page(400, language=settings.LANGUAGE_CODE)
        request.door = door  # type: ignore[attr-defined]
        token = logs.answering.set(None if nobody else request)
        try:
            return self.get_response(request) if door is Door.DESK else self.public(request)
        finally:
            logs.answering.reset(token)

    def public(self, request: HttpRequest) -> HttpResponse:
        request.COOKIES = {}
        request.user = AnonymousUser()
        request.urlconf = settings.PUBLIC_URLCONF
        # A preview runs a public request inside a desk request: restore the outer URLconf.
        outer = get_urlconf()
        set_urlconf(settings.PUBLIC_URLCONF)
        try:
            with translation.override(language_for(request)):
                request.LANGUAGE_CODE = translation.get_language()
                if request.method not in ALLOWED:
                    response = errors.answer(request, 405)
                    response["Allow"] = ", ".join(ALLOWED)
                    return response
                if is_of_a_program_without_tls(request):
                    # Sent on, it would go on asking so, and nobody would notice.
                    words = f"Without TLS nothing is answered here. Ask {settings.PUBLIC_URL}\n"
                    return HttpResponse(words, status=403, content_type="text/plain; charset=utf-8")
                return self.get_response(request)
        finally:
            set_urlconf(outer)


def is_of_a_program_without_tls(request: HttpRequest) -> bool:
    """Whether a program asks for what programs read, where browsers are sent on to https."""
    if not settings.SECURE_SSL_REDIRECT or request.is_secure():
        return False
    return any(policy.readable_by_others for policy in policies_for(request.path_info))


def language_for(request: HttpRequest) -> str:
    """Return the language of a public address: from its path, else from the browser's preferences."""
    return get_language_from_path(request.path_info) or get_language_from_request(request)
