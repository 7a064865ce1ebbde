"""Django's middleware for signed-in users, which runs only at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import middleware as auth_middleware
from django.contrib.messages import middleware as messages_middleware
from django.contrib.sessions import middleware as sessions_middleware
from django.middleware import csp, csrf, locale
from django.utils.deprecation import MiddlewareMixin

from core.doors import at_desk

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


class DeskOnly(MiddlewareMixin):
    """Mixin for a middleware class, which is skipped at the public door."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if at_desk(request) else self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponseBase | None:
        inner = getattr(super(), "process_view", None)
        return inner(request, *view) if inner and at_desk(request) else None


class SessionMiddleware(DeskOnly, sessions_middleware.SessionMiddleware):
    pass


class LocaleMiddleware(DeskOnly, locale.LocaleMiddleware):
    pass


class CsrfViewMiddleware(DeskOnly, csrf.CsrfViewMiddleware):  # type: ignore[misc]  # one signature for every inner class
    pass


class AuthenticationMiddleware(DeskOnly, auth_middleware.AuthenticationMiddleware):
    pass


class MessageMiddleware(DeskOnly, messages_middleware.MessageMiddleware):
    pass


class ContentSecurityPolicyMiddleware(DeskOnly, csp.ContentSecurityPolicyMiddleware):
    pass
