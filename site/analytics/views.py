"""Views of the published numbers on the public site.

They are prerendered; nothing is rendered for a reader.
"""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import translation
from django.utils.translation import gettext
from rdflib import Graph

from analytics import open_data
from analytics.disclosure import PublishedTable
from analytics.models import CountedWeek, monday_of
from analytics.report import page_names
from core.languages import names, tree
from core.languages.bidi import left_to_right
from core.models import SiteSettings
from core.publishing import catalogues, routes
from core.publishing.counted import ALL, Counted

# Content and media type of each file.
FILES: dict[str, tuple[str, Callable[[HttpRequest], str]]] = {
    open_data.CSV: ("text/csv; charset=utf-8", lambda request: open_data.public_csv()),
    open_data.CSVW: ("application/json", lambda request: _json(open_data.metadata())),
    open_data.TURTLE: (
        "text/turtle; charset=utf-8",
        lambda request: _graph(request).serialize(format="turtle"),
    ),
    open_data.JSON_LD: ("application/ld+json", lambda request: _json(catalogues.json_ld(_graph(request)))),
}


def file(request: HttpRequest, path: str) -> HttpResponse:
    """Return the table, what its columns mean (CSVW), or its description (DCAT) as Turtle or JSON-LD."""
    _only_offered(request)
    content_type, content = FILES[path]
    return HttpResponse(content(request), content_type=content_type)


def about(request: HttpRequest) -> HttpResponse:
    """Render the page that explains in plain words how pages are counted, with the newest week."""
    _only_offered(request)
    code = translation.get_language() or settings.LANGUAGE_CODE
    if not tree.is_public(code):
        raise Http404
    newest = CountedWeek.objects.published().last()
    context = {
        "title": gettext("How we count, without identifying anyone"),
        "description": gettext("Pages are counted here, and never people. This is how, and what comes of it."),
        "is_counting": settings.ANALYTICS,
        "week": newest and left_to_right(newest.week),
        "monday": newest and monday_of(newest.week),
        "kinds": newest and [_shown(*each) for each in open_data.tables([newest.week])[newest.week]],
        "csv": open_data.CSV,
        "csvw": open_data.CSVW,
        "turtle": open_data.TURTLE,
        "json_ld": open_data.JSON_LD,
        "licence": settings.OPEN_DATA_LICENCE["code"],
        "licence_url": settings.OPEN_DATA_LICENCE["url"],
    }
    return render(request, "analytics/pages_shown.html", context)


def _shown(kind: Counted, table: PublishedTable) -> dict[str, Any]:
    """Return the totals of a kind of page by language, and by page, in the words of the reader."""
    called = page_names([kind], table.pages)
    return {
        "title": kind.title,
        "languages": [
            (names.language_name(code), table.numbers[code, ALL])
            for code in sorted(table.languages, key=names.language_name)
        ],
        "pages": [(called[page], table.numbers[ALL, page]) for page in table.pages],
        "total": table.numbers.get((ALL, ALL)),
    }


def _graph(request: HttpRequest) -> Graph:
    return open_data.graph(SiteSettings.for_request(request).name)


def _json(what: object) -> str:
    return json.dumps(what, ensure_ascii=False, indent=1) + "\n"


def _only_offered(request: HttpRequest) -> None:
    if not routes.may_render(request) or not open_data.is_offered():
        raise Http404


app_name = "analytics"
urlpatterns: list[URLPattern] = [path(name.removeprefix(open_data.FOLDER), file, {"path": name}) for name in FILES]
