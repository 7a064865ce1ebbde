"""Packages: files in a ZIP archive; documents of office programs are packages, too.

They are read with limits, and written again without notes.
"""

import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from lxml import etree
from PIL import Image

from core.uploads import pictures, refusals

ARCHIVE_ENTRIES = 2_000
ARCHIVE_BYTES = 200 * 1024 * 1024
# For all pictures of a package together: 24 million pixels take a second.
MOST_PIXELS = 240_000_000
# For a part that is parsed as XML, which takes about ten times as much memory.
XML_BYTES = 20 * 1024 * 1024
# Files that are compressed already.
COMPRESSED = frozenset({"avif", "gif", "jpeg", "jpg", "mp3", "mp4", "pdf", "png", "webp", "docx", "odt", "pptx"})
# Packages that a package may contain.
PACKAGES = frozenset({"docx", "idml", "odt", "pptx"})
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date of the format


def open_package(data: bytes, extension: str) -> zipfile.ZipFile:
    """Open an archive whose parts are complete, and not too large.

    Raises ValidationError.
    """
    if not data.startswith(b"PK\x03\x04"):
        raise refusals.wrong_type(extension)
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        entries = archive.infolist()
        if len(entries) > ARCHIVE_ENTRIES or sum(entry.file_size for entry in entries) > ARCHIVE_BYTES:
            raise refusals.too_much()
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise refusals.locked()
        if sum(_inner_bytes(archive, entry) for entry in entries) > ARCHIVE_BYTES:
            raise refusals.too_much()
        broken = archive.testzip()
        if sum(_pixels(archive, entry) for entry in entries) > MOST_PIXELS:
            raise refusals.too_much()
    except ValidationError:
        raise
    except Exception as error:  # zipfile and zlib raise many types of exceptions
        raise refusals.damaged() from error
    # Names differ by more than case, or a reader may open another part than the one that was cleaned.
    if broken or len({entry.filename.lower() for entry in entries}) < len(entries):
        raise refusals.damaged()
    return archive


def extension_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def _inner_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return the declared unpacked size of a package in a package; 0 for other files."""
    if extension_of(entry.filename) not in PACKAGES:
        return 0
    try:
        with zipfile.ZipFile(BytesIO(archive.read(entry))) as inner:
            return sum(each.file_size for each in inner.infolist())
    except Exception:  # noqa: BLE001  (zipfile and zlib raise many types; the cleaning code reports the reason)
        return 0


def _pixels(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return how many pixels a file has, by its header; 0 if it is no picture."""
    if extension_of(entry.filename) not in pictures.EXTENSIONS:
        return 0
    try:
        with archive.open(entry) as file, Image.open(file, formats=pictures.FORMATS) as picture:
            return picture.width * picture.height
    except Exception:  # noqa: BLE001  (decoders raise many types; the cleaning code reports the reason)
        return 0


def write_package(parts: Iterable[tuple[str, bytes]], *, stored: Iterable[str] = ()) -> bytes:
    """Write an archive without comments, dates, owners, or anything else but names and contents."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, EPOCH)
            plain = name in stored or extension_of(name) in COMPRESSED
            archive.writestr(entry, content, zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED)
    return target.getvalue()


def read_xml(data: bytes) -> etree._Element:
    """Parse a part of a document.

    It may define no entities, and nothing outside of it is loaded.
    Raises ValidationError.
    """
    if len(data) > XML_BYTES:
        raise refusals.too_much()
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise refusals.damaged() from error
    if root.getroottree().docinfo.doctype:
        raise refusals.damaged()
    return root


def write_xml(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def clean_picture_part(name: str, data: bytes) -> bytes:
    """Return a picture in a document with nothing but its pixels.

    Raises ValidationError.
    """
    for magic, extension in MAGIC.items():
        if data.startswith(magic):
            return pictures.reencode(data, extension)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return pictures.reencode(data, "webp")
    if data[:4] == b"\x01\0\0\0" and data[40:44] == b" EMF":
        return _emf_without_description(data)
    if data[:4] in WMF:
        return data
    raise refusals.embedded(name)


MAGIC = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png", b"GIF8": "gif"}
# Drawings of Windows, with and without a head; they have no room for notes.
WMF = (b"\xd7\xcd\xc6\x9a", b"\x01\0\x09\0", b"\x02\0\x09\0")


def _emf_without_description(data: bytes) -> bytes:
    """Blank the names of program and picture in a drawing of Windows (MS-EMF 2.2.9).

    They are given as a number of two-byte characters and an offset.
    """
    length, offset = (int.from_bytes(data[at : at + 4], "little") for at in (60, 64))
    end = offset + 2 * length
    if not length or end > len(data):
        return data
    return data[:offset] + bytes(end - offset) + data[end:]
