"""Views of the public door that are no pages: what campaigns say to other programs. The press prints them; nothing is rendered for a reader."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext
from wagtail.models import Page

from campaigns.public import catalogue, days, feeds, oembed, results, shared, themes
from campaigns.studio import cards
from core.languages import tree
from core.models import SiteSettings
from core.publishing import printing, sharing
from core.typesetting import NotTypeset

if TYPE_CHECKING:
    from django.http import HttpRequest

    from campaigns.public.shared import SharedPage

log = logging.getLogger(__name__)


def card(request: HttpRequest, code: str, kind: str, key: int) -> HttpResponse:
    """Return the picture of a page. If it cannot be drawn, that of its section stands in: a link never shows a hole."""
    page = _shared(request, code, kind, key)
    if page.picture is not None:
        raise Http404
    hue, scene = page.look()
    site = SiteSettings.for_request(request).name
    try:
        drawn = cards.card(title=page.title, site=site, language=code, hue=hue, scene=scene)
    except NotTypeset as problem:
        log.warning("No card was drawn of %s, so that of its section stands in. %s", page.path, problem)
        drawn = sharing.drawn_card(_section(page), site=site)
    return HttpResponse(drawn, content_type="image/png")


def described(request: HttpRequest, code: str, kind: str, key: int) -> HttpResponse:
    """Return what a page is, for programs that show a link as more than a link (oEmbed)."""
    page = _shared(request, code, kind, key)
    return _as_json(oembed.described(page, provider=SiteSettings.for_request(request).name))


def calendar(request: HttpRequest) -> HttpResponse:
    """Return the days of action, in the language of the address."""
    language = _language(request)
    if language not in days.languages():
        raise Http404
    return HttpResponse(days.calendar(language, request), content_type="text/calendar; charset=utf-8")


def turtle(request: HttpRequest) -> HttpResponse:
    """Return the description of the open materials as Turtle."""
    _only_printed(request)
    name = SiteSettings.for_request(request).name
    return HttpResponse(catalogue.turtle(name), content_type="text/turtle; charset=utf-8")


def json_ld(request: HttpRequest) -> HttpResponse:
    _only_printed(request)
    response = _as_json(catalogue.json_ld(SiteSettings.for_request(request).name))
    response["Content-Type"] = "application/ld+json"
    return response


def results_table(request: HttpRequest) -> HttpResponse:
    """Return what campaigns brought, as a table (CSV)."""
    _only_printed(request)
    return HttpResponse(results.public_csv(), content_type="text/csv; charset=utf-8")


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
        "themes": [
            (each.theme.name, feeds.theme_feed_path(each.theme.translation_key, language))
            for each in themes.followed(language)
        ],
        "calendar": days.calendar_path(language) if has_calendar else "",
        "subscribe": days.subscribe_url(language) if has_calendar else "",
        "turtle": catalogue.TURTLE,
        "json_ld": catalogue.JSON_LD,
        "results": results.CSV,
    }
    return render(request, "campaigns/ways_to_follow.html", context)


def _shared(request: HttpRequest, code: str, kind: str, key: int) -> SharedPage:
    _only_printed(request)
    try:
        return shared.find(kind, key, code)
    except LookupError:
        raise Http404 from None


def _section(page: SharedPage) -> Page:
    """Return the page below the home page that another is in."""
    slug = page.path.split("/")[2]
    sections = tree.public_pages().filter(
        depth=tree.HOME_DEPTH + 1, slug=slug, locale__language_code=page.language
    )
    return sections.select_related("locale").get()


def _language(request: HttpRequest) -> str:
    _only_printed(request)
    return translation.get_language() or settings.LANGUAGE_CODE


def _only_printed(request: HttpRequest) -> None:
    if not printing.may_render(request):
        raise Http404


def _as_json(what: Any) -> HttpResponse:
    text = json.dumps(what, ensure_ascii=False, indent=1) + "\n"
    return HttpResponse(text, content_type="application/json")
