"""Pictures of downloads: the first page of a PDF, or the picture itself.

The scheduler looks for files without one, so that new files of any source and replaced files get theirs.
The picture is stored like any other, but cannot be edited; the public gets it only on prerendered pages.
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
# The number of files in one run of the scheduler, so that other jobs get their turn.
BATCH = 20
# Seconds of elapsed time, which includes waiting for other programs.
LONGEST_WAIT = 30


def due() -> QuerySet[UploadedDocument]:
    """Return files that are due for drawing."""
    return not_drawn().order_by("pk")[:BATCH]


def not_drawn() -> QuerySet[UploadedDocument]:
    """Return files that were never drawn, or have been replaced since."""
    return UploadedDocument.objects.exclude(first_page_from=F("file"))


@transaction.atomic
def draw(document: UploadedDocument, drawn: bytes = b"") -> None:
    """Replace a document's picture by one of its current first page; remove it if none can be drawn.

    Code that has generated the document may pass the picture that it has drawn.
    Does nothing if another process has drawn it: the studio draws its own files while the scheduler looks for due ones.
    """
    wait_for_lock(f"first page of {document.pk}")
    if not not_drawn().filter(pk=document.pk).exists():
        return
    Picture.objects.filter(first_page_of=document).delete()
    extension = document.file_extension.lower()
    try:
        has_picture = extension in {*PICTURE_FORMATS, "pdf"}  # films are not read, because they may be long
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
        raise  # the content is unknown until the storage is available
    except (OSError, ValidationError, subprocess.SubprocessError) as problem:
        # Readers see the icon of the file type instead.
        # The type of the error goes to the operator's log.
        log.warning("The first page of file %s could not be drawn: %s", document.pk, type(problem).__name__)
    document.first_page_from = document.file.name or ""
    # Pages that show the document are rendered again.
    document.save(update_fields=["first_page_from"])


def picture_of(data: bytes, extension: str) -> bytes | None:
    """Return the file of a picture; None for types without one.

    Raises SubprocessError if a PDF cannot be drawn.
    """
    if extension in PICTURE_FORMATS:
        return data
    if extension != "pdf":
        return None
    program = [sys.executable, "-I", "-B", str(PROGRAM)]
    return subprocess.run(  # noqa: S603  (a program of this project, and the file is its input)
        program,
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=LONGEST_WAIT,
        check=True,
        env={},
    ).stdout
