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
from network.public import open_records, practice_table
from network.public.feeds import FEEDS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def about(request: HttpRequest) -> HttpResponse:
    language = translation.get_language()
    if not printing.may_render(request) or language not in open_records.languages():
        raise Http404
    context = {
        "title": _("The network for programs"),
        "description": _(
            "What is public of the network as lists in JSON-LD, described in OpenAPI, and feeds of what is new."
        ),
        "lists": [
            (each.title, public_url(open_records.list_path(language, each.name)), each.is_open_data)
            for each in open_records.LISTS.values()
        ],
        "root": public_url(f"{open_records.FOLDER}{language}"),
        "feeds": [public_url(feed.path(language)) for feed in FEEDS if language in feed.pages()],
        "table": public_url(practice_table.PATH),
        "table_metadata": public_url(practice_table.METADATA_PATH),
        "licence": settings.OPEN_DATA_LICENCE,
        "licence_url": settings.OPEN_DATA_LICENCE_URL,
        "most": open_records.MOST_PER_PAGE,
    }
    return render(request, "network/data.html", context)
