"""The catalogue of open materials as Turtle and JSON-LD."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse

from campaigns.materials import catalogue
from core.models import SiteSettings
from core.publishing import printing

if TYPE_CHECKING:
    from django.http import HttpRequest


def turtle(request: HttpRequest) -> HttpResponse:
    text = catalogue.turtle(_publisher(request))
    return HttpResponse(text, content_type="text/turtle; charset=utf-8")


def json_ld(request: HttpRequest) -> HttpResponse:
    found = catalogue.json_ld(_publisher(request))
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    return HttpResponse(text, content_type="application/ld+json")


def _publisher(request: HttpRequest) -> str:
    """Return the name of this site. Raises Http404 unless the catalogue is being prerendered."""
    if not printing.may_render(request):
        raise Http404
    return SiteSettings.for_request(request).name
