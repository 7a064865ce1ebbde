"""The page that explains the open interface to those who write programs. It is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from core.doors import public_url
from core.publishing import printing
from network.open_data import lists
from network.open_data.feeds import FEEDS
from network.practices import open_table

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def about(request: HttpRequest) -> HttpResponse:
    language = translation.get_language()
    if not printing.may_render(request) or language not in lists.languages():
        raise Http404
    context = {
        "title": _("The network for programs"),
        "description": _(
            "What is public of the network as lists in JSON-LD, described in OpenAPI, and feeds of what is new."
        ),
        "lists": [
            (each.title, public_url(lists.list_path(language, each.name)), each.is_open_data)
            for each in lists.LISTS.values()
        ],
        "root": public_url(f"{lists.FOLDER}{language}"),
        "feeds": [public_url(feed.path(language)) for feed in FEEDS if language in feed.pages()],
        "table": public_url(open_table.PATH),
        "table_metadata": public_url(open_table.METADATA_PATH),
        "licence": settings.OPEN_DATA_LICENCE,
        "licence_url": settings.OPEN_DATA_LICENCE_URL,
        "most": lists.MOST_PER_PAGE,
    }
    return render(request, "network/data.html", context)
