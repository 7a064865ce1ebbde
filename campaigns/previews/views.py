"""Previews for partners: the pages of a campaign as they will be at its hour, and its files, behind a link that ends.

At the desk's host, without signing in. The token leaves the address at the first request (`core.desk.opened`), each further request asks
again whether the link still works, and nothing is written about who opens it. A link that has expired, was revoked or never existed, and one that
is not open in this browser, get the same answer.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.partners import tokens
from campaigns.previews.contents import PICTURE, Preview
from campaigns.previews.html import as_preview
from core.desk import opened
from core.doors import errors
from core.doors.limits import Limit, Refusal, client_address, consume
from core.links import BadLink
from core.models import Rendition

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

    type View = Callable[..., HttpResponseBase]

# Pages and files that one address gets. Pictures are not counted: they come with their page.
FROM_ADDRESS = Limit(name="preview-from", times=60, seconds=10 * 60)


def for_partners(view: View) -> View:
    """Pass the view the preview whose link is open in this browser; everybody else gets one and the same answer."""

    @require_safe
    @wraps(view)
    def checked(request: HttpRequest, key: str, **rest: Any) -> HttpResponseBase:
        try:
            if view.__name__ != "picture":
                consume(FROM_ADDRESS, client_address(request))
            preview = Preview(tokens.read_preview(opened.token(request, key)), key)
            response = view(request, preview, **rest)
        except (BadLink, Http404):
            response = no_link(request)
        except Refusal as refusal:
            response = errors.answer(request, refusal.status)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return checked


def no_link(request: HttpRequest) -> HttpResponse:
    title = _("There is nothing to see by this link")
    return TemplateResponse(request, "campaigns/preview_gone.html", {"title": title}, status=410).render()


@for_partners
def overview(request: HttpRequest, preview: Preview) -> HttpResponseBase:
    if not preview.pages:
        raise Http404
    context = {
        "title": preview.pages[0].title,
        "preview": preview,
        "languages": [
            {
                "shown": each,
                "pages": [(page.title, preview.url("page", page.pk)) for page in each.pages],
                "files": [(file, preview.file_url(file.document_id)) for file in each.files],
            }
            for each in preview.languages
        ],
        "zone": settings.TIME_ZONE,
    }
    return TemplateResponse(request, "campaigns/preview_overview.html", context).render()


@for_partners
def page(request: HttpRequest, preview: Preview, pk: int) -> HttpResponseBase:
    shown = next((each for each in preview.pages if each.pk == pk), None)
    if shown is None:
        raise Http404
    rendered = shown.make_preview_request(preview_mode="")
    if rendered.status_code != 200:
        raise Http404
    return HttpResponse(as_preview(rendered.content.decode(), preview, request))


@for_partners
def file(request: HttpRequest, preview: Preview, pk: int, name: str) -> HttpResponseBase:
    document = preview.documents.get(pk)
    if document is None or document.filename != name:
        raise Http404
    return FileResponse(document.file.open("rb"), as_attachment=True, filename=document.filename)


@for_partners
def kit(request: HttpRequest, preview: Preview, pk: int, name: str) -> HttpResponseBase:
    """Pack a kit as it will be: nothing of it is printed yet."""
    found = next((each for each in preview.kits.values() if (each.page.pk, each.name) == (pk, name)), None)
    if found is None:
        raise Http404
    try:
        response = HttpResponse(found.write(), content_type="application/zip")
    except LookupError:
        raise Http404 from None
    response["Content-Disposition"] = (
        f'attachment; filename="{found.page.slug}-{found.page.language}-{name}.zip"'
    )
    return response


@for_partners
def picture(request: HttpRequest, preview: Preview, signed: str) -> HttpResponseBase:
    try:
        name = signing.Signer(salt=PICTURE + preview.key).unsign_object(signed)
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    drawn = Rendition.objects.filter(file=name).first()
    if drawn is None:
        raise Http404
    return FileResponse(drawn.file.open("rb"))
