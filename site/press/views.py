from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import FileResponse, Http404

from press import addresses

if TYPE_CHECKING:
    from django.http import HttpRequest


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
