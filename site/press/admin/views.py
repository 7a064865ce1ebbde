from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import FileResponse, Http404
from wagtail.images import get_image_model
from wagtail.models import Page

from core.doors import at_desk
from press import addresses, invalidation

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import Picture


def document(request: HttpRequest, document_id: int, document_filename: str) -> FileResponse:
    """Serve a public document in development. Printed ones never get here, and in production unprinted ones are a 404."""
    found = (
        addresses.public_documents().filter(pk=document_id).first()
        if settings.PRESS_RENDERS_ON_REQUEST
        else None
    )
    if found is None or found.filename != document_filename:
        raise Http404("There is no such document, or it is not public.")
    return FileResponse(Path(found.file.path).open("rb"), as_attachment=True, filename=found.filename)


def picture(request: HttpRequest, name: str) -> FileResponse:
    """Serve a rendition at the desk, to those who may see its picture. The public door has printed copies of its own.

    Pages that development renders on request show it at the public door, too.
    """
    if not at_desk(request) and not settings.PRESS_RENDERS_ON_REQUEST:
        raise Http404("Only what is printed is public.")
    found = get_image_model().get_rendition_model().objects.filter(file=f"images/{name}").first()
    if found is None or (at_desk(request) and not may_see(request, found.image)):
        raise Http404("There is no such picture, or you may not see it.")
    return FileResponse(Path(found.file.path).open("rb"))


def may_see(request: HttpRequest, picture: Picture) -> bool:
    """Whether somebody at the desk may see a picture: who works here, and who may read a restricted page that shows it."""
    if request.user.has_perm("wagtailadmin.access_admin"):
        return True
    shown_on, _rows = invalidation.referrers(picture)
    for page in Page.objects.live().filter(pk__in=shown_on):
        restrictions = list(page.get_view_restrictions())
        # Without a restriction, the page is at the public door, and so is its picture.
        if restrictions and all(restriction.accept_request(request) for restriction in restrictions):
            return True
    return False
