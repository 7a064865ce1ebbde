"""The open data at the public door, as files. The press prints them; nothing is rendered for a reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse

from core import printing
from helpline.listings import exports

if TYPE_CHECKING:
    from django.http import HttpRequest


def table(request: HttpRequest, name: str) -> HttpResponse:
    """Verified listings as a table."""
    _only_printed(request)
    return HttpResponse(exports.public_csv(name), content_type="text/csv; charset=utf-8")


def about_table(request: HttpRequest, name: str) -> HttpResponse:
    """What the table means, under which licence (CSVW)."""
    _only_printed(request)
    return as_json(exports.metadata(name))


def as_json(what: Any) -> HttpResponse:
    return HttpResponse(
        json.dumps(what, ensure_ascii=False, indent=1) + "\n", content_type="application/json"
    )


def _only_printed(request: HttpRequest) -> None:
    if not printing.may_render(request):
        raise Http404
