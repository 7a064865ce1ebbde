"""Renders an address as an anonymous reader on the public site would see it, and refuses what must not be stored."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import get_urlconf, set_urlconf
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.contrib.settings.registry import registry as settings_models
from wagtail.models import Page

from core.memo import per_batch
from core.uploads.unavailable import StorageUnavailableError
from prerender.rendering import sizes

# Only forms that belong to the private site have a CSRF token; it is tied to one person's session.
PRIVATE_ONLY = (b"csrfmiddlewaretoken",)
# Python's own table: the system's table differs from machine to machine.
TYPES = mimetypes.MimeTypes(filenames=())
MORE_TYPES = {
    ".atom": "application/atom+xml", ".avif": "image/avif", ".ics": "text/calendar", ".jsonld": "application/ld+json",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".rss": "application/rss+xml", ".ttl": "text/turtle", ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xml": "application/xml",
}  # fmt: skip


class RenderRejectedError(Exception):
    """A page that must not be rendered as it is.

    The message has the reason, for staff.
    """


class PageRenderer:
    """Renders pages by calling the whole application in-process.

    Creating one takes a millisecond: reuse it.
    """

    def __init__(self) -> None:
        self.handler = BaseHandler()
        self.handler.load_middleware()

    def render(self, path: str) -> bytes:
        """Return the bytes for an address.

        Raises RenderRejectedError for a page that may not be rendered, OperationalError if the database is unavailable,
        and StorageUnavailableError if a file was.
        """
        times_unavailable = StorageUnavailableError.times
        request = render_request(path)
        outer = get_urlconf()
        problems: list[BaseException] = []
        with collecting_exceptions(problems), translation.override(None):
            set_route(request, path)
            request.__dict__.update(shared_between_requests())
            try:
                response = self.handler.get_response(request)
            finally:
                # A render may run inside a request of the private site: restore its URLconf.
                set_urlconf(outer)
            shared_between_requests().update(
                (name, value) for name, value in request.__dict__.items() if name in shared_attributes()
            )
        # Even if Wagtail has handled it, by showing another picture instead.
        if StorageUnavailableError.times > times_unavailable:
            raise StorageUnavailableError("A file that the page needs could not be fetched.")
        if response.status_code == 503:
            raise OperationalError("Lost database connection while rendering.")
        return checked_body(path, response, problems)


def render_request(path: str) -> HttpRequest:
    public = urlsplit(settings.PUBLIC_URL)
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": "",
            "SCRIPT_NAME": "",
            "SERVER_NAME": public.hostname,
            "SERVER_PORT": str(public.port or (443 if public.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": public.netloc,
            "wsgi.url_scheme": public.scheme,
            "wsgi.input": BytesIO(),
        }
    )
    request.is_prerendering = True  # type: ignore[attr-defined]
    request.sizes_are_kept = sizes.are_kept()  # type: ignore[attr-defined]
    return request


# --- Shared by a batch ----------------------------------------------------------------------------


@per_batch
def pages_of_batch() -> dict[str, tuple[Page, str]]:
    """Return, for the paths of a batch that belong to pages, the loaded page and the path below its own address."""
    return {}


def set_route(request: HttpRequest, path: str) -> None:
    """Spare Wagtail the walk down the page tree if the page of a path is in the batch.

    The page's own `route` still decides.
    """
    if path not in pages_of_batch():
        return
    page, below = pages_of_batch()[path]
    with translation.override(page.locale.language_code), suppress(Http404):
        found = page.route(request, [part for part in below.split("/") if part])
        request.__dict__["_wagtail_route_for_request"] = found  # `Page.route_for_request` looks here first


@per_batch
def shared_between_requests() -> dict[str, Any]:
    """Return what Wagtail has cached on one request, for the other requests of a batch."""
    return {}


@cache
def shared_attributes() -> frozenset[str]:
    """Return the request attributes to share: the site, the paths of its home pages, and its settings."""
    settings_of_site = (model.get_cache_attr_name() for model in settings_models)
    return frozenset({"_wagtail_site", "_wagtail_cached_site_root_paths", *settings_of_site})


# --- Responses ------------------------------------------------------------------------------------


@contextmanager
def collecting_exceptions(problems: list[BaseException]) -> Iterator[None]:
    """Collect the exceptions that views raise inside the block; the handler would turn them into error pages."""
    import sys

    def note(**kwargs: object) -> None:
        if (problem := sys.exc_info()[1]) is not None:
            problems.append(problem)

    got_request_exception.connect(note, weak=False)
    try:
        yield
    finally:
        got_request_exception.disconnect(note)


def checked_body(path: str, response: HttpResponseBase, problems: list[BaseException]) -> bytes:
    """Return the body of a response that may be shown to everyone.

    Raises RenderRejectedError.
    """
    if problems:
        raise RenderRejectedError(f"{type(problems[-1]).__name__}: {problems[-1]}")
    if response.status_code != 200:
        raise RenderRejectedError(_("The page answered with status %(status)s.") % {"status": response.status_code})
    if response.cookies or response.has_header("Set-Cookie"):
        raise RenderRejectedError(_("The page sets a cookie."))
    if "cookie" in {name.strip().lower() for name in response.get("Vary", "").split(",")}:
        raise RenderRejectedError(_("The page depends on a cookie."))
    expected, sent = content_type(path), response.get("Content-Type", "").partition(";")[0].strip()
    if sent != expected.partition(";")[0]:
        raise RenderRejectedError(
            _("The page has the type %(sent)s, but its address requires %(expected)s.")
            % {"sent": sent, "expected": expected}
        )
    body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    if any(mark in body for mark in PRIVATE_ONLY):
        raise RenderRejectedError(_("The page contains a form that belongs to the private site."))
    return body


def content_type(path: str) -> str:
    """Return the content type that any web server sends for a prerendered address, with the charset for text."""
    name = path.rpartition("/")[2]
    if not name:
        return "text/html; charset=utf-8"
    extension = f".{name.rpartition('.')[2].lower()}" if "." in name else ".json"
    found = MORE_TYPES.get(extension) or TYPES.guess_type(f"x{extension}")[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def quoted(path: str) -> str:
    return quote(path, safe="/~:@!$&'()*+,;=")
