"""What may be uploaded: a file must be what its name says, complete, not too large, and nothing more.

A picture is re-encoded from its pixels, so that nothing else in the file survives: no location, camera, comment or hidden web page.
Every way into the storage goes through here (see `core.models.files`); the desk's forms check first, so that the editor sees the reason
beside the field. Anything refused raises ValidationError before a byte is stored.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.uploads import refusals
from core.uploads.pictures import LONGEST_SIDE, PICTURE_FORMATS, reencode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.core.files.base import File

TEXT_MARKUP = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")

NAME_LENGTH = 80
ARCHIVE_ENTRIES = 2_000
ARCHIVE_BYTES = 200 * 1024 * 1024
# What a ZIP may contain besides what may be uploaded on its own: artwork, fonts, subtitles.
ARTWORK = "ai csv eps gif idml indd md otf pptx psd srt svg tif tiff ttf vtt"
ARCHIVE_EXTENSIONS = frozenset(ARTWORK.split())


class CleanFile(ContentFile[bytes]):
    """A file that has been cleaned."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content, name=name)
        self.content_type: str | None = None


def clean_picture(file: File[bytes]) -> CleanFile:
    """Return `file` as an upright picture with nothing but its pixels and colour profile, under a plain name. Raises ValidationError."""
    if isinstance(file, CleanFile):
        return file
    data, extension = _read_upload(
        file, extensions=settings.WAGTAILIMAGES_EXTENSIONS, limit=settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE
    )
    return CleanFile(
        reencode(data, extension, longest=LONGEST_SIDE), name=plain_name(file.name or "", extension)
    )


def clean_document(file: File[bytes]) -> CleanFile:
    """Return `file` as a document that may be published, under a plain name. Raises ValidationError."""
    if isinstance(file, CleanFile):
        return file
    data, extension = _read_upload(
        file, extensions=settings.WAGTAILDOCS_EXTENSIONS, limit=settings.WAGTAILDOCS_MAX_UPLOAD_SIZE
    )
    if extension in PICTURE_FORMATS:
        data = reencode(data, extension)
    else:
        _CONTENT[extension](data)
    return CleanFile(data, name=plain_name(file.name or "", extension))


def plain_name(name: str, extension: str) -> str:
    """Return a file name of ASCII letters, digits and hyphens: nothing with a meaning in a shell, a header or a path."""
    stem = PurePosixPath(PureWindowsPath(name).name).stem
    return (
        f"{slugify(stem)[:NAME_LENGTH].strip('-_') or 'file'}.{'jpg' if extension == 'jpeg' else extension}"
    )


def _read_upload(file: File[bytes], *, extensions: Sequence[str], limit: int) -> tuple[bytes, str]:
    extension = PurePosixPath(file.name or "").suffix.lower().removeprefix(".")
    if extension not in extensions:
        raise ValidationError(
            _("Files that end in “.%(extension)s” are not accepted. Choose one of these types: %(accepted)s.")
            % {"extension": extension, "accepted": ", ".join(extensions)},
            code="extension",
        )
    if not file.size:
        raise ValidationError(_("This file is empty."), code="empty")
    if file.size > limit:
        raise ValidationError(
            _("This file is too large (%(size)s). The limit is %(limit)s.")
            % {"size": filesizeformat(file.size), "limit": filesizeformat(limit)},
            code="size",
        )
    file.seek(0)
    data = file.read()
    file.seek(0)
    return data, extension


# --- Documents -------------------------------------------------------------------------------------------------------------


def _pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-"):
        raise refusals.wrong_type("pdf")
    if b"%%EOF" not in data[-2048:]:
        raise refusals.damaged()


def _mp3(data: bytes) -> None:
    if not (data.startswith(b"ID3") or (data[0] == 0xFF and data[1:2] > b"\xe0" and data[1] & 0x06)):
        raise refusals.wrong_type("mp3")


def _mp4(data: bytes) -> None:
    """Check the boxes of a file, each of which begins with its length (ISO/IEC 14496-12)."""
    if data[4:8] != b"ftyp":
        raise refusals.wrong_type("mp4")
    position, kinds = 0, set()
    while position < len(data):
        length = int.from_bytes(data[position : position + 4])
        kinds.add(data[position + 4 : position + 8])
        if length == 1:
            length = int.from_bytes(data[position + 8 : position + 16])
        elif length == 0:  # to the end of the file
            length = len(data) - position
        if length < 8:
            raise refusals.damaged()
        position += length
    if position != len(data) or b"moov" not in kinds:
        raise refusals.damaged()


def _txt(data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(_("Please save this text as UTF-8."), code="content") from error
    if CONTROL.search(text) or TEXT_MARKUP.match(text):
        raise refusals.wrong_type("txt")


def _archive(data: bytes, extension: str) -> zipfile.ZipFile:
    if not data.startswith(b"PK\x03\x04"):
        raise refusals.wrong_type(extension)
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        entries = archive.infolist()
        if len(entries) > ARCHIVE_ENTRIES or sum(entry.file_size for entry in entries) > ARCHIVE_BYTES:
            raise refusals.too_much()
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise ValidationError(
                _("This package is protected with a password. Readers could not open it."), code="locked"
            )
        broken = archive.testzip()
    except ValidationError:
        raise
    except Exception as error:  # zipfile and zlib raise whatever they like
        raise refusals.damaged() from error
    if broken:
        raise refusals.damaged()
    return archive


def _zip(data: bytes) -> None:
    accepted = {*settings.WAGTAILDOCS_EXTENSIONS, *ARCHIVE_EXTENSIONS} - {"zip"}
    for entry in _archive(data, "zip").infolist():
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        astray = path.is_absolute() or ".." in path.parts or ":" in entry.filename
        if astray or not (entry.is_dir() or path.suffix.lower().removeprefix(".") in accepted):
            raise ValidationError(
                _("This package contains a file that is not accepted: %(name)s")
                % {"name": entry.filename[:100]},
                code="content",
            )


def _docx(data: bytes) -> None:
    names = set(_archive(data, "docx").namelist())
    if not {"[Content_Types].xml", "word/document.xml"} <= names or any(
        name.endswith("vbaProject.bin") for name in names
    ):
        raise refusals.wrong_type("docx")


def _odt(data: bytes) -> None:
    archive = _archive(data, "odt")
    if (
        "mimetype" not in archive.namelist()
        or archive.read("mimetype") != b"application/vnd.oasis.opendocument.text"
    ):
        raise refusals.wrong_type("odt")
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.namelist()):
        raise ValidationError(
            _("This document contains macros. Please save it without them."), code="content"
        )


_CONTENT: dict[str, Callable[[bytes], None]] = {
    "pdf": _pdf, "mp3": _mp3, "mp4": _mp4, "txt": _txt, "zip": _zip, "docx": _docx, "odt": _odt,
}  # fmt: skip
