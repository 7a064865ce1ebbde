"""Error pages: plain, in the reader's language, rendered without the database.

Each describes the error, the data that was kept, and the next step.
At sensitive addresses they also have the exit and the emergency number.
For a public file that has been replaced, an app declares a function (`core.declarations`), which takes the path of a
file that is not prerendered and returns None for an unknown one: the public site answers 410 with a link to the
replacement.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from core import declarations
from core.http import is_private_site
from core.http.headers import is_sensitive
from core.publishing.routes import HELP, path_of

# One template each in templates/errors/; any other status uses 400 or 500, by its class.
TEMPLATES = (400, 403, 404, 405, 413, 429, 500, 502, 503)


def page(
    status: int,
    *,
    language: str | None = None,
    private: bool = False,
    sensitive: bool = False,
    template: str = "",
    **surroundings: object,
) -> HttpResponse:
    """Return the error page for a status, in `language` (a code) or the active one.

    Makes no query and raises nothing.

    `private`: shown on the private site, where links to the public site must be absolute.
    `sensitive`: for a sensitive address.
    `template`: use another template in templates/errors/ than the status's own.
    `surroundings`: values for the page header, if the caller has them (layouts/error.html).
    """
    template = template or str(status if status in TEMPLATES else 400 if status < 500 else 500)
    code = interface_language(language or translation.get_language() or settings.LANGUAGE_CODE)
    address, help_path = settings.PUBLIC_URL if private else "", path_of(HELP, code)
    with translation.override(code):
        context = {
            "status": status,
            "language": settings.LANGUAGE_TABLE[code],
            "name": settings.WAGTAIL_SITE_NAME,
            "demo": settings.DEMO,
            "private": private,
            "home": f"{address}/{code}/",
            "help": f"{address}{help_path}" if help_path else "",
            "sensitive": sensitive,
            "exit_url": apps.get_model("core", "SiteSettings")().exit_url,
            **surroundings,
        }
        return HttpResponse(render_to_string(f"errors/{template}.html", context), status=status)


def answer(request: HttpRequest, status: int, *, template: str = "") -> HttpResponse:
    """Return the error page for a status, fitting the requested address."""
    private = is_private_site(request)
    response = page(
        status, private=private, sensitive=not private and is_sensitive(request.path_info), template=template
    )
    response.is_error_page = True  # type: ignore[attr-defined]
    return response


def interface_language(code: str) -> str:
    """Return `code`, or the nearest fallback with a complete catalogue, so that no page claims a wrong language."""
    seen = set()
    while code not in settings.INTERFACE_LANGUAGES:
        if code in seen or code not in settings.LANGUAGE_TABLE:
            return str(settings.LANGUAGE_CODE)
        seen.add(code)
        code = settings.LANGUAGE_TABLE[code].fallback
    return code


def handler(status: int) -> Callable[..., HttpResponse]:
    """Return a view for an error.

    Django's further arguments are for developers, and ignored.
    """

    def answer_error(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return answer(request, status)

    return answer_error


bad_request, permission_denied, page_not_found = handler(400), handler(403), handler(404)
too_many_requests, server_error = handler(429), handler(500)
csrf_failure = permission_denied  # of a form that was open for too long, or sent by another site


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """The replacement of a file: the new address, if there is one, and the language of both."""

    language: str
    title: str
    now: str = ""


def replaced(request: HttpRequest, is_public: Callable[[str], bool]) -> HttpResponse | None:
    """Return the page for a file that has been replaced; None if no app recognises it, or the database is unavailable.

    `is_public` returns whether an address has its file already: a new file may still have to be rendered.
    """
    with contextlib.suppress(DatabaseError):
        for find in declarations.collect("replaced_files"):
            if (found := find(request.path_info)) is not None:
                return page(
                    410,
                    language=found.language,
                    template="gone",
                    title_of_file=found.title,
                    now=found.now,
                    is_public=bool(found.now) and is_public(found.now),
                )
    return None
