"""Middleware that assigns requests to a site, sets up the public site, and answers while the database is unavailable.

The public site reads from the replica while that is available and current, otherwise from the primary.
Without a database, the site answers with an error page in the reader's language, and recovers by itself.
Prerendered pages never get here: they are served without a database (prerender/serving.py).
"""

import logging
import sys
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost
from django.core.signals import got_request_exception
from django.db import InterfaceError, InternalError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.urls import get_urlconf, set_urlconf
from django.utils import translation
from django.utils.translation.trans_real import get_language_from_path, get_language_from_request

from core.http import SiteKind, errors, is_private_site, logs
from core.http.headers import policies_for
from core.postgresql import replica
from core.publishing.routes import is_prerendering
from core.uploads.unavailable import StorageUnavailableError

# Visitors can only read.
ALLOWED = ("GET", "HEAD")


class HostMiddleware:
    """Assign each request to a site, and set up the public site.

    Only the headers middleware is outside this one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.site_kind = SiteKind.PUBLIC  # type: ignore[attr-defined]
        try:
            host, _port = split_domain_port(request.get_host())
        except DisallowedHost:
            return errors.page(400, language=settings.LANGUAGE_CODE)
        site_kind = SiteKind.PRIVATE if host == settings.PRIVATE_HOST else SiteKind.PUBLIC
        is_internal = is_rendering_or_preview(request)
        if not is_internal and settings.SITE in {other.value for other in SiteKind if other is not site_kind}:
            # This process serves the other site only: respond as to an unknown host.
            return errors.page(400, language=settings.LANGUAGE_CODE)
        request.site_kind = site_kind  # type: ignore[attr-defined]
        token = logs.answering.set(None if is_internal else request)
        try:
            return self.get_response(request) if site_kind is SiteKind.PRIVATE else self.public(request)
        finally:
            logs.answering.reset(token)

    def public(self, request: HttpRequest) -> HttpResponse:
        request.COOKIES = {}
        request.user = AnonymousUser()
        request.urlconf = settings.PUBLIC_URLCONF
        # A preview runs a public request inside a request of the private site: restore the outer URLconf.
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
                    # A redirect would hide the mistake: the program would go on sending requests without TLS.
                    words = f"Without TLS nothing is answered here. Ask {settings.PUBLIC_URL}\n"
                    return HttpResponse(words, status=403, content_type="text/plain; charset=utf-8")
                return self.get_response(request)
        finally:
            set_urlconf(outer)


def is_rendering_or_preview(request: HttpRequest) -> bool:
    """Return whether the public site is used for rendering or for an editor's preview."""
    return is_prerendering(request) or getattr(request, "is_dummy", False)


def is_of_a_program_without_tls(request: HttpRequest) -> bool:
    """Return whether an insecure request is for a resource that programs read; browsers are redirected to https."""
    if not settings.SECURE_SSL_REDIRECT or request.is_secure():
        return False
    return any(policy.readable_by_others for policy in policies_for(request.path_info))


def language_for(request: HttpRequest) -> str:
    """Return the language of a public address: from its path, else from the browser's preferences."""
    return get_language_from_path(request.path_info) or get_language_from_request(request)


log = logging.getLogger(__name__)
UNAVAILABLE = (OperationalError, InterfaceError)
RETRY_AFTER = 10  # seconds


class UnavailableMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return unavailable_response(request) if getattr(request, "database_is_unavailable", False) else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, StorageUnavailableError):
            return storage_unavailable_response(request, exception)
        return unavailable_response(request) if isinstance(exception, UNAVAILABLE) else None


def note_lost_database(request: HttpRequest | None = None, **kwargs: object) -> None:
    """Mark the request: other middleware needs the database too, and Django turns its exceptions into a 500 first."""
    if request is not None and isinstance(sys.exc_info()[1], UNAVAILABLE):
        request.database_is_unavailable = True  # type: ignore[attr-defined]


got_request_exception.connect(note_lost_database)


def storage_unavailable_response(request: HttpRequest, problem: StorageUnavailableError) -> HttpResponse:
    """Return a 503 page: a file could not be stored or fetched, and nothing else was changed."""
    log.error("The storage of uploads is unavailable: %s", problem)
    response = errors.answer(request, 503, template="storage_unavailable")
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def unavailable_response(request: HttpRequest) -> HttpResponse:
    """Return a 503, and close the dead connections so that the next request connects again."""
    for connection in connections.all(initialized_only=True):
        connection.close()
    log.error("The database cannot be reached.")
    # On the private site, no language may have been activated yet.
    with translation.override(language_for(request)):
        response = errors.answer(request, 503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


class ReplicaMiddleware:
    """Answer from the replica, and again from the primary if the replica is lost meanwhile or the view has to write.

    Visitors only read, so nothing happens twice: at most, the row of a setting that has never been read is missing.

    Prerendered pages stay for a long time, and an editor previews their latest edits: rendering and previews read from
    the primary.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            is_private_site(request)
            or is_rendering_or_preview(request)
            or not (replica.is_there() and replica.monitor.is_current())
        ):
            return self.get_response(request)
        with replica.reading():
            response = self.get_response(request)
        if getattr(request, "database_is_unavailable", False):
            replica.monitor.leave_alone()
            request.database_is_unavailable = False  # type: ignore[attr-defined]
        elif not getattr(request, "writes", False):
            return response
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Mark a request whose replica was lost, before that counts as loss of the database, or refused a write."""
        if not (isinstance(exception, (*UNAVAILABLE, InternalError)) and replica.is_reading()):
            return None
        request.database_is_unavailable = isinstance(exception, UNAVAILABLE)  # type: ignore[attr-defined]
        request.writes = isinstance(exception, InternalError)  # type: ignore[attr-defined]
        return HttpResponse(status=503)
