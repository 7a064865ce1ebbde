"""Views of the open data on the public site.

They are prerendered to files, and nothing is rendered on request.
"""

import json

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext

from core.languages import tree
from core.models import SiteSettings
from core.publishing import routes
from helpline.exchange.hsds.pages import FOLDER as HSDS
from helpline.exchange.models import PublicChange
from helpline.exchange.open_data import dcat, exports, feed
from helpline.records.settings import HelplineSettings


def table(request: HttpRequest, name: str) -> HttpResponse:
    """Return verified listings as a CSV table."""
    _only_prerendered(request)
    return HttpResponse(exports.public_csv(name), content_type="text/csv; charset=utf-8")


def about_table(request: HttpRequest, name: str) -> HttpResponse:
    """Return the CSVW metadata of a table: what it means, and its licence."""
    _only_prerendered(request)
    return as_json(exports.metadata(name))


def changes(request: HttpRequest) -> HttpResponse:
    """Return the feed of what was added, changed, closed and removed."""
    _only_prerendered(request)
    publisher, _email = publisher_of(request)
    return as_json(feed.changes(publisher))


def turtle(request: HttpRequest) -> HttpResponse:
    """Return the DCAT description as Turtle."""
    _only_prerendered(request)
    return HttpResponse(dcat.turtle(*publisher_of(request)), content_type="text/turtle; charset=utf-8")


def json_ld(request: HttpRequest) -> HttpResponse:
    _only_prerendered(request)
    response = as_json(dcat.json_ld(*publisher_of(request)))
    response["Content-Type"] = "application/ld+json"
    return response


def about(request: HttpRequest) -> HttpResponse:
    """Render the page about the open data, in the language of its URL."""
    code = translation.get_language() or settings.LANGUAGE_CODE
    _only_prerendered(request)
    if not tree.is_public(code):
        raise Http404
    titles, descriptions = dcat.titles(), dcat.descriptions()
    date = PublicChange.objects.date_of_the_data()
    context = {
        "title": gettext("Open data"),
        "description": gettext(
            "You may copy what two people have checked: for directories, for research, for other helplines."
        ),
        "date": date and date.date(),
        "licence": settings.OPEN_DATA_LICENCE["code"],
        "licence_url": settings.OPEN_DATA_LICENCE["url"],
        "tables": [
            (
                titles[name],
                descriptions[name],
                exports.file_path(name),
                exports.file_path(name, "csv-metadata.json"),
            )
            for name in exports.FILES
        ],
        "api": f"{HSDS}{code}",
        "openapi": f"{HSDS}{code}/openapi.json",
        "feed": feed.PATH,
        "turtle": dcat.TURTLE,
        "json_ld": dcat.JSON_LD,
        "pages_are_counted": settings.ANALYTICS,
        "email": publisher_of(request)[1],
    }
    return render(request, "helpline/open_data.html", context)


def publisher_of(request: HttpRequest) -> tuple[str, str]:
    """Return the name of this site, and its email address for corrections."""
    name: str = SiteSettings.for_request(request).name
    return name, HelplineSettings.for_request(request).corrections_email


def as_json(what: object, *, status: int = 200) -> HttpResponse:
    text = json.dumps(what, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder) + "\n"
    return HttpResponse(text, status=status, content_type="application/json")


def _only_prerendered(request: HttpRequest) -> None:
    if not routes.may_render(request):
        raise Http404
