"""The calendar, and the page that says how to follow campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext

from campaigns.following import days, feeds
from campaigns.materials import catalogue
from campaigns.results import open_data
from core.languages import tree
from core.publishing import routes

if TYPE_CHECKING:
    from django.http import HttpRequest


def calendar(request: HttpRequest) -> HttpResponse:
    """Return the days of action, in the language of the address."""
    language = _language(request)
    if language not in days.languages():
        raise Http404
    return HttpResponse(days.calendar(language, request), content_type="text/calendar; charset=utf-8")


def ways_to_follow(request: HttpRequest) -> HttpResponse:
    """Render the page that says how to follow campaigns: feeds, days of action, open materials."""
    language = _language(request)
    if not tree.is_public(language):
        raise Http404
    has_calendar = language in days.languages()
    context = {
        "title": gettext("Follow campaigns, and build on them"),
        "description": gettext(
            "Feeds of campaigns, news and themes, a calendar of the days of action, and all open materials."
        ),
        "lists": [(page.title, feeds.feed_path(page.feed, language)) for page in feeds.indexes(language)],
        "themes": feeds.theme_feeds(language),
        "calendar": days.calendar_path(language) if has_calendar else "",
        "subscribe": days.subscribe_url(language) if has_calendar else "",
        "turtle": catalogue.TURTLE,
        "json_ld": catalogue.JSON_LD,
        "results": open_data.CSV,
    }
    return render(request, "campaigns/ways_to_follow.html", context)


def _language(request: HttpRequest) -> str:
    if not routes.may_render(request):
        raise Http404
    return translation.get_language() or settings.LANGUAGE_CODE
