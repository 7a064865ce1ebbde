"""Django's middleware for signed-in users, limited to the private site, and the response to malformed form data.

Some of Wagtail's forms break when a field is missing or was changed on the way.
The places in Wagtail are listed in docs/upstream.md.
"""

from traceback import walk_tb
from typing import Any

from django.contrib.auth import middleware as auth_middleware
from django.contrib.messages import middleware as messages_middleware
from django.contrib.sessions import middleware as sessions_middleware
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware import csp, csrf, locale
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.deprecation import MiddlewareMixin

from core.http import errors, is_private_site


class PrivateSiteOnly(MiddlewareMixin):
    """Mixin for a middleware class, which is skipped on the public site."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_private_site(request) else self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponseBase | None:
        inner = getattr(super(), "process_view", None)
        return inner(request, *view) if inner and is_private_site(request) else None


class SessionMiddleware(PrivateSiteOnly, sessions_middleware.SessionMiddleware):
    pass


class LocaleMiddleware(PrivateSiteOnly, locale.LocaleMiddleware):
    pass


# One signature for every inner class.
class CsrfViewMiddleware(PrivateSiteOnly, csrf.CsrfViewMiddleware):  # type: ignore[misc]
    pass


class AuthenticationMiddleware(PrivateSiteOnly, auth_middleware.AuthenticationMiddleware):
    pass


class MessageMiddleware(PrivateSiteOnly, messages_middleware.MessageMiddleware):
    pass


class ContentSecurityPolicyMiddleware(PrivateSiteOnly, csp.ContentSecurityPolicyMiddleware):
    pass


# Views that raise something else without a field, by their name.
NEEDED = {
    "wagtailadmin_choose_page_external_link": "external-link-chooser-url",
    "import_redirects": "import_file_name",
}


class FormErrorMiddleware(PrivateSiteOnly):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Replace Django's empty 405 where a user opens the address of a form, such as by reloading an error page."""
        if response.status_code != 405 or response.content or request.method != "GET" or not is_private_site(request):
            return response
        answer = errors.answer(request, 405, template="only_forms")
        answer["Allow"] = response["Allow"]
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.answer(request, 400) if is_private_site(request) and is_bad(request, exception) else None


def is_bad(request: HttpRequest, exception: Exception) -> bool:
    """Return whether a view failed because of the data that was sent."""
    if request.method != "POST":
        return False
    if isinstance(exception, MultiValueDictKeyError) or isinstance(exception.__context__, BadSignature):
        return True
    if isinstance(exception, ValueError) and is_unreadable(exception):
        return True
    name = request.resolver_match.view_name if request.resolver_match else ""
    return name in NEEDED and NEEDED[name] not in request.POST


def is_unreadable(exception: Exception) -> bool:
    """Return whether it was raised while a form read the data sent, such as the number of blocks in a text."""
    return any(frame.f_code.co_name == "value_from_datadict" for frame, _line in walk_tb(exception.__traceback__))
