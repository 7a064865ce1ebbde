"""Pictures of what readers download: the first page of a PDF, or the picture itself.

The scheduler looks for files that have none yet, so that it does not matter how a file came, when, or whether somebody has replaced it. The
picture is one like any other, but nobody edits it; the public gets it only where a prerendered page shows it.
"""

import logging
import subprocess
import sys
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from core.background.locks import wait_for_lock
from core.models import Picture, UploadedDocument
from core.uploads.pictures import PICTURE_FORMATS
from core.uploads.unavailable import StorageUnavailableError

log = logging.getLogger(__name__)
PROGRAM = Path(__file__).parent / "draw_first_page.py"
# At one go of the scheduler, so that other jobs get their turn.
AT_ONCE = 20
# Seconds by the clock on the wall, where a program waits for others.
LONGEST_WAIT = 30


def due() -> QuerySet[UploadedDocument]:
    """Return files that are to be looked at now."""
    return not_drawn().order_by("pk")[:AT_ONCE]


def not_drawn() -> QuerySet[UploadedDocument]:
    """Return files that were never looked at, or were replaced since."""
    return UploadedDocument.objects.exclude(first_page_from=F("file"))


@transaction.atomic
def draw(document: UploadedDocument, drawn: bytes = b"") -> None:
    """Give a document the picture of its first page instead of the one it has; none if it cannot be drawn.

    Whoever has made the document may have drawn the picture, too: then that one is taken.
    Does nothing where another process has done so: the studio draws what it has made, while the scheduler looks for what is due.
    """
    wait_for_lock(f"first page of {document.pk}")
    if not not_drawn().filter(pk=document.pk).exists():
        return
    Picture.objects.filter(first_page_of=document).delete()
    extension = document.file_extension.lower()
    try:
        has_picture = extension in {*PICTURE_FORMATS, "pdf"}  # a film is not even read: it may be long
        if has_picture and not drawn:
            drawn = picture_of(Path(document.file.path).read_bytes(), extension) or b""
        if drawn:
            Picture.objects.create(
                title=_("First page of “%(title)s”") % {"title": document.title[:200]},
                file=ContentFile(drawn, name=f"first-page.{'png' if extension == 'pdf' else extension}"),
                collection_id=document.collection_id,
                uploaded_by_user_id=document.uploaded_by_user_id,
                first_page_of=document,
            )
    except StorageUnavailableError:
        raise  # nobody knows yet what is in it
    except (OSError, ValidationError, subprocess.SubprocessError) as problem:
        # Readers see the icon of its kind instead. What the file made of the program is nobody's business but the operator's.
        log.warning("The first page of file %s could not be drawn: %s", document.pk, type(problem).__name__)
    document.first_page_from = document.file.name or ""
    # Whatever shows the document is rendered again.
    document.save(update_fields=["first_page_from"])


def picture_of(data: bytes, extension: str) -> bytes | None:
    """Return the file of a picture; None for a kind that has none to show. Raises SubprocessError if a PDF cannot be drawn."""
    if extension in PICTURE_FORMATS:
        return data
    if extension != "pdf":
        return None
    program = [sys.executable, "-I", "-B", str(PROGRAM)]
    return subprocess.run(  # noqa: S603  (our own program, and the file is its input)
        program,
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=LONGEST_WAIT,
        check=True,
        env={},
    ).stdout
