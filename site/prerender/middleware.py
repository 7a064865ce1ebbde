from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation

from core.http import errors, is_private_site
from core.http.headers import is_sensitive
from core.publishing.routes import is_prerendering
from prerender.rendering import pictures
from prerender.serving import Answer, PrerenderedFiles, Request, note_shown

RETRY_AFTER = 30  # seconds


class PrerenderMiddleware:
    """Serve the public site from prerendered files if no `PrerenderServer` around Django has done so.

    A page that is not prerendered is a 404, without a database query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.files = PrerenderedFiles()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_prerendering(request) or getattr(request, "is_dummy", False) or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        pages = not is_private_site(request) and not settings.RENDER_ON_REQUEST
        asked = Request.from_environ(request.META, secure=request.is_secure()) if pages else None
        answer = self.files.answer(asked) if asked is not None else None
        if answer is not None:
            if request.method == "GET":
                note_shown(answer, request.META)
            return response_for(answer, request)
        response = (
            errors.answer(request, 404)
            if pages and is_unrendered_page(request, self.files)
            else self.get_response(request)
        )
        if pages and response.status_code == 404:
            if request.path_info.startswith("/documents/"):
                replaced = errors.replaced(request, lambda path: self.is_prerendered(path, asked))
                if replaced is not None:
                    return replaced
            if self.files.is_being_prepared:
                return being_prepared(request)
            if getattr(response, "is_error_page", False):
                return self.not_found(request, response)
        if pages and not response.streaming and (names := pictures.names_in(response.content)):
            # A page rendered for a query has the same cards as the prerendered one, so it links to the public pictures.
            response.content = pictures.with_public_addresses(response.content, pictures.renditions(names))
        return response

    def is_prerendered(self, path: str, asked: Request | None) -> bool:
        """Return whether another address has a file, where the requested one had none."""
        return asked is not None and self.files.answer(asked._replace(path=path, query="")) is not None

    def not_found(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Return the prerendered error page, with the menu and the languages; the plain one if there is none."""
        code = errors.interface_language(translation.get_language() or settings.LANGUAGE_CODE)
        prerendered = self.files.not_found(code, sensitive=is_sensitive(request.path_info))
        if prerendered is not None:
            response.content = prerendered
            response["Content-Length"] = str(len(prerendered))
        return response


def being_prepared(request: HttpRequest) -> HttpResponse:
    """Return the response for a missing file during the first render.

    The file may still appear, so this is no 404, which a cache could keep.
    """
    response = errors.answer(request, 503, template="being_prepared")
    response["Retry-After"] = str(RETRY_AFTER)
    response.__dict__["_has_been_logged"] = True  # stops Django from logging it as an error
    return response


def is_unrendered_page(request: HttpRequest, files: PrerenderedFiles) -> bool:
    """Return whether an address is a Wagtail page or document that is not to be rendered for this query."""
    path = request.path_info
    try:
        # A page without its trailing slash counts as well: a redirect to a page that is not prerendered would be
        # useless.
        match = resolve(path if path.startswith("/documents/") else path.rstrip("/") + "/", settings.PUBLIC_URLCONF)
    except Resolver404:
        return False
    if match.url_name not in {"wagtail_serve", "wagtaildocs_serve"}:
        return False
    return not (request.META.get("QUERY_STRING") and files.answers_query(path))


def response_for(answer: Answer, request: HttpRequest) -> HttpResponseBase:
    kind = HttpResponse if isinstance(answer.body, list) else StreamingHttpResponse
    response: HttpResponseBase = kind([] if request.method == "HEAD" else answer.body, status=answer.status)
    del response["Content-Type"]
    for name, value in answer.headers:
        response[name] = value
    response.is_prerendered = True  # type: ignore[attr-defined]
    return response
