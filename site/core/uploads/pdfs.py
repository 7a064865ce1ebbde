"""PDF files: written again without parts that run, load, are attached, or name their authors.

Links stay: to web pages, mail addresses, phone numbers, and places in the document.
So do the title, the language, and the structure that screen readers need.
Objects that are no longer referenced, earlier versions of the file among them, are not written.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pikepdf
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pikepdf import Array, Dictionary, Name, Stream

from core.uploads import refusals
from core.uploads.films import without_boxes

MOST_OBJECTS = 300_000
CLICKABLE_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# Keys that are dropped everywhere (ISO 32000-2, with the section that defines them).
DROPPED = (
    # run or load something
    "/AA", "/OpenAction",        # 12.6.3 trigger events
    "/JS", "/JavaScript",        # 12.6.4.17
    "/PA",                       # 12.5.6.5: the address that a link was made from
    "/XFA",                      # forms that Adobe alone runs
    "/OPI",                      # pictures in other files
    "/FFilter", "/FDecodeParms",  # 7.3.8.2: streams whose content is another file
    "/IDS", "/URLS", "/SpiderInfo",  # 14.10: web capture
    # are attached
    "/AF", "/EF", "/EmbeddedFiles", "/Collection", "/RichMediaContent", "/RichMediaSettings", "/RF",
    # identify its author, place and program
    "/Metadata", "/PieceInfo", "/LastModified", "/Thumb", "/CreatorInfo", "/Perms", "/Legal", "/DSS",
)  # fmt: skip
# Annotations that contain a file, or something that plays (12.5.6).
DROPPED_ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})
# The author and the time of an annotation.
# In a field of a form, /T is its name.
AUTHORSHIP = ("/T", "/M", "/CreationDate", "/NM")
SIGNATURE = ("/V", "/Name", "/Location", "/Reason", "/ContactInfo", "/Contents", "/Cert", "/M", "/Prop_Build")
PAGE_TURNS = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})


def clean(data: bytes) -> bytes:
    """Return a PDF without active content and without names of its authors.

    Raises ValidationError.
    """
    if not data.startswith(b"%PDF-"):
        raise refusals.wrong_type("pdf")
    if b"%%EOF" not in data[-2048:]:
        raise refusals.damaged()
    with opened(data) as pdf:
        return _cleaned(pdf)


@contextmanager
def opened(data: bytes) -> Iterator[pikepdf.Pdf]:
    """Open a PDF.

    Any error in it raises ValidationError, also while it is changed.
    """
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            yield pdf
    except ValidationError:
        raise
    except pikepdf.PasswordError as error:
        raise refusals.locked() from error
    except Exception as error:  # a damaged file can raise nearly anything
        raise refusals.damaged() from error


def _cleaned(pdf: pikepdf.Pdf) -> bytes:
    if len(pdf.objects) > MOST_OBJECTS:
        raise refusals.too_much()
    root = pdf.Root
    if root.get("/NeedsRendering"):
        raise ValidationError(
            _(
                "This form works in Adobe's own program only: others show an empty page. "
                "Print it into a new PDF file, and upload that."
            ),
            code="content",
        )
    accessible = (
        "pdfuaid" in bytes(root.Metadata.read_bytes()).decode("utf-8", "ignore") if "/Metadata" in root else False
    )
    title = _title(pdf)
    for each in (container for thing in pdf.objects for container in _containers(thing)):
        _clean_container(each)
    _drop(root, "/URI")  # what addresses without a host are relative to
    _drop(pdf.trailer, "/Info", "/ID")
    if title or accessible:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            if title:
                metadata["dc:title"] = title
            if accessible:
                metadata["pdfuaid:part"] = "1"
    target = BytesIO()
    pdf.save(target, deterministic_id=True, encryption=False)
    return target.getvalue()


def _title(pdf: pikepdf.Pdf) -> str:
    """Return the title, which a screen reader reads first."""
    try:
        with pdf.open_metadata() as metadata:
            return str(metadata.get("dc:title") or pdf.docinfo.get("/Title") or "")
    except Exception:  # noqa: BLE001  (damaged metadata can raise nearly anything)
        return ""


def _containers(thing: Any) -> Iterator[Any]:
    """Yield an indirect object and its direct content, if these are dictionaries or streams."""
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Dictionary | Stream):
            yield each
            inner = [value for _key, value in each.items()]
        elif isinstance(each, Array):
            inner = list(each)
        else:
            continue
        waiting += [value for value in inner if isinstance(value, Dictionary | Array) and not value.is_indirect]


def _drop(thing: Any, *keys: str) -> None:
    for key in keys:
        if key in thing:
            del thing[key]


def _clean_container(each: Any) -> None:
    _drop(each, *DROPPED)
    if "/Annots" in each and isinstance(each.Annots, Array):
        each.Annots = Array([note for note in each.Annots if str(note.get("/Subtype", "")) not in DROPPED_ANNOTATIONS])
    if "/A" in each and isinstance(each.A, Dictionary) and "/S" in each.A and not _is_click(each):
        del each["/A"]
    if "/S" in each:
        _drop(each, "/Next")  # an action after an action: elsewhere, /Next is the next bookmark
    if "/Usage" in each and isinstance(each.Usage, Dictionary):
        _drop(each.Usage, "/User")
    kind = str(each.get("/Subtype", ""))
    if "/Rect" in each and kind and kind != "/Widget":
        _drop(each, *AUTHORSHIP)
    if each.get("/FT") == Name.Sig or each.get("/Type") in (Name.Sig, Name.DocTimeStamp):
        _drop(each, *SIGNATURE)
    if isinstance(each, Stream):
        _clean_stream(each)


def _is_click(each: Any) -> bool:
    """Return whether the action of a link or a bookmark only turns to a page, here or on the web."""
    if each.get("/Subtype") != Name.Link and "/Title" not in each:
        return False
    action = each.A
    kind = str(action.get("/S"))
    if kind == "/GoTo":
        return True
    if kind == "/Named":
        return str(action.get("/N")) in PAGE_TURNS
    return kind == "/URI" and is_clickable(bytes(action.URI).decode("utf-8", "replace"))


def is_clickable(address: str) -> bool:
    """Return whether a link may lead to this address: a web page, a mail address or a number."""
    try:
        return urlsplit(address.strip()).scheme.lower() in CLICKABLE_SCHEMES
    except ValueError:
        return False


def _clean_stream(stream: Any) -> None:
    _drop(stream, "/F", "/Ref")  # its content would be another file, or a page of one
    filters = [str(each) for each in _list(stream.get("/Filter"))]
    if not filters or filters[-1] not in PICTURES:
        return
    raw = stream.read_raw_bytes()
    if filters[:-1] == ["/FlateDecode"] and "/DecodeParms" not in stream:
        raw = _unpacked(raw)
    elif filters[:-1]:
        return
    plain = PICTURES[filters[-1]](raw)
    if plain != raw:
        stream.write(plain, filter=Name(filters[-1]), decode_parms=stream.get("/DecodeParms"))


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Array) else [] if value is None else [value]


def _unpacked(raw: bytes) -> bytes:
    """Unpack within the limits of qpdf."""
    with pikepdf.new() as scratch:
        return pikepdf.Stream(scratch, raw, Filter=Name.FlateDecode).read_bytes()


def without_notes(jpeg: bytes) -> bytes:
    """Return a JPEG without the segments in which cameras and programs write notes: its pixels are not touched.

    Segments are a marker and a length (ISO/IEC 10918-1, B.1.1).
    JFIF (APP0), colour profile (APP2) and Adobe's colour transform (APP14) stay, because they affect the colours and
    size of the picture.
    """
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, position = [b"\xff\xd8"], 2
    while position + 4 <= len(jpeg) and jpeg[position] == 0xFF:
        marker = jpeg[position + 1]
        if marker in (0xDA, 0xD9):  # the pixels
            break
        (length,) = struct.unpack_from(">H", jpeg, position + 2)
        end = position + 2 + length
        is_note = marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in (0xE0, 0xE2, 0xEE))
        is_profile = marker != 0xE2 or jpeg[position + 4 : position + 15] == b"ICC_PROFILE"
        if not is_note and is_profile:
            kept.append(jpeg[position:end])
        position = end
    else:
        return jpeg  # not a displayable picture: its content is unknown
    return b"".join(kept) + jpeg[position:]


# Pictures that are stored as they came from a camera.
PICTURES = {"/DCTDecode": without_notes, "/JPXDecode": without_boxes}
