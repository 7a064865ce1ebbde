"""Checks and cleaning of uploads: a file must match its extension, be complete and not too large, and nothing more.

A picture is re-encoded from its pixels, so that nothing else in the file survives: no location, camera, comment or
hidden web page.
Every way into the storage goes through here (see `core.models.files`); the admin's forms check first, so that the
editor sees the reason beside the field.
All refusals raise ValidationError before a byte is stored.

PDF files, films and sound are cleaned where this can be done with certainty: parts that run or load something when a
reader opens them are removed, as are names, times, places and programs of their making.
Their title and language stay.
Otherwise the file is refused with a sentence that tells the editor what to do.
Documents of office programs are editable sources: they lose their metadata, and are refused for anything else.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from mmap import mmap
from pathlib import PurePosixPath, PureWindowsPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.images.utils import get_allowed_image_extensions

from core.uploads import captions, office, pdfs, refusals
from core.uploads.artwork import clean_artwork, clean_svg
from core.uploads.films import clean_in_place, clean_mp3, clean_mp4
from core.uploads.packages import extension_of, open_package, write_package
from core.uploads.pictures import LONGEST_SIDE, PICTURE_FORMATS, PRINT_FORMATS, reencode

TEXT_MARKUP = re.compile(r"\s*<[!?a-z]", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")

# In bytes.
# Pictures have Wagtail's limit.
PICTURE_MAX_SIZE, DOCUMENT_MAX_SIZE = 10 * 1024 * 1024, 20 * 1024 * 1024
NAME_LENGTH = 80
FILM = "mp4"
# Further files that a package may contain: artwork, fonts, subtitles.
# Personal data noted by their programs are blanked.
UNDERSTOOD_ELSEWHERE = frozenset(["ai", "csv", "eps", "idml", "indd", "md", "otf", "psd", "srt", "ttf"])
# Files that operating systems add to packages.
LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


class Cleaned:
    """A file that has been cleaned."""


class CleanFilm(Cleaned, TemporaryUploadedFile):
    """A film, which is never in memory: it is cleaned in a temporary file, which is moved into the storage."""


class CleanFile(Cleaned, ContentFile[bytes]):
    """A cleaned file of any other type."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content, name=name)
        self.content_type: str | None = None


def clean_picture(file: File[bytes]) -> File[bytes]:
    """Return `file` as an upright picture with nothing but its pixels and colour profile, under a plain name.

    Raises ValidationError.
    """
    if isinstance(file, Cleaned):
        return file
    # SVG is not among these extensions: it can carry script.
    extension = _check_upload(file, extensions=get_allowed_image_extensions(), limit=PICTURE_MAX_SIZE)
    data = _read(file)
    return CleanFile(reencode(data, extension, longest=LONGEST_SIDE), name=plain_name(file.name or "", extension))


def clean_document(file: File[bytes]) -> File[bytes]:
    """Return `file` as a document that may be published, under a plain name.

    Raises ValidationError.
    """
    if isinstance(file, Cleaned):
        return file
    is_film = extension_of(file.name or "") == FILM
    extension = _check_upload(
        file,
        extensions=settings.WAGTAILDOCS_EXTENSIONS,
        limit=settings.WAGTAILDOCS_MAX_UPLOAD_SIZE if is_film else DOCUMENT_MAX_SIZE,
    )
    name = plain_name(file.name or "", extension)
    if is_film:
        return _clean_film(file, name)
    return CleanFile(_clean(_read(file), extension), name=name)


def _clean_film(file: File[bytes], name: str) -> CleanFilm:
    """Copy a film, piece by piece, and clean the copy in place on the disk."""
    copy = CleanFilm(name, "video/mp4", file.size, None)
    try:
        file.seek(0)
        for piece in file.chunks():
            copy.write(piece)
        copy.flush()
        file.seek(0)
        with mmap(copy.fileno(), 0) as film:
            clean_in_place(film)
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


def plain_name(name: str, extension: str) -> str:
    """Return a file name of ASCII letters, digits and hyphens, without meaning in a shell, a header or a path."""
    stem = PurePosixPath(PureWindowsPath(name).name).stem
    return f"{slugify(stem)[:NAME_LENGTH].strip('-_') or 'file'}.{'jpg' if extension == 'jpeg' else extension}"


def _check_upload(file: File[bytes], *, extensions: Sequence[str], limit: int) -> str:
    """Return the extension of a file that is not too large.

    Raises ValidationError.
    """
    extension = extension_of(file.name or "")
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
    return extension


def _read(file: File[bytes]) -> bytes:
    file.seek(0)
    data = file.read()
    file.seek(0)
    return data


# --- Documents ----------------------------------------------------------------------------------------------------


def _clean_text(data: bytes) -> bytes:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(_("Please save this text as UTF-8."), code="content") from error
    if CONTROL.search(text) or TEXT_MARKUP.match(text):
        raise refusals.wrong_type("txt")
    return data


def _clean_zip(data: bytes) -> bytes:
    """Return a package of cleaned files, without the notes that operating systems add."""
    archive = open_package(data, "zip")
    names = [name for name in archive.namelist() if not LITTER.search(name)]
    for name in names:
        if not _is_accepted(name):
            raise ValidationError(
                _("This package contains a file that is not accepted: %(name)s") % {"name": name[:100]},
                code="content",
            )
    return write_package((name, _clean_member(name, archive)) for name in names)


def _is_accepted(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name:
        return False
    return name.endswith("/") or extension_of(name) in {*_CLEAN, *PICTURE_FORMATS, *UNDERSTOOD_ELSEWHERE} - {"zip"}


def _clean_member(name: str, archive: zipfile.ZipFile) -> bytes:
    """Return one file of a package, cleaned.

    Errors begin with its name.
    """
    data = archive.read(name)
    try:
        return _clean(data, extension_of(name)) if data else data
    except ValidationError as error:
        raise ValidationError(
            # Translators: a file in a package, and what is wrong with it: “poster.pdf: This file is damaged.”
            _("%(name)s: %(problem)s") % {"name": name[:100], "problem": " ".join(error.messages)},
            code=error.code,
        ) from error


def _clean(data: bytes, extension: str) -> bytes:
    if extension in PICTURE_FORMATS or extension in PRINT_FORMATS:
        return reencode(data, extension)
    if extension in UNDERSTOOD_ELSEWHERE:
        return clean_artwork(data, extension)
    return _CLEAN[extension](data)


_CLEAN: dict[str, Callable[[bytes], bytes]] = {
    "pdf": pdfs.clean,
    "mp3": clean_mp3,
    "mp4": clean_mp4,
    "txt": _clean_text,
    "zip": _clean_zip,
    "svg": clean_svg,
    "vtt": captions.clean,
    **{extension: partial(office.clean, extension=extension) for extension in office.MAIN},
}  # fmt: skip
