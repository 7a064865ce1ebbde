"""Working files of graphics programs, in packages for partners: drawings (SVG), and programs' own formats."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from lxml import etree

from core.uploads import refusals
from core.uploads.packages import open_package, read_xml, write_package, write_xml
from core.uploads.pdfs import is_clickable, opened

SVG = "http://www.w3.org/2000/svg"
DROPPED = frozenset({"script", "metadata", "foreignObject", "namedview", "handler", "listener"})
# Parts of the namespaces in which drawing programs record exported files and their paths.
PROGRAMS = ("inkscape", "sodipodi", "adobe.com", "sketch", "figma")
LOADING_STYLE = re.compile(r"@import|url\(\s*['\"]?\s*(?!#|data:image/|['\"]?\s*#)", re.IGNORECASE)
LOCAL = re.compile(r"\s*(?:#|data:image/(?:png|jpeg|gif|webp);)", re.IGNORECASE)
# XMP, which every program of Adobe writes as text between two markers, so that others can replace it in place (XMP,
# part 1, 7.3.2).
PACKET = re.compile(rb"(<\?xpacket begin=[^>]*\?>)(.*?)(<\?xpacket end=[^>]*\?>)", re.DOTALL)


def clean_svg(data: bytes) -> bytes:
    """Return a drawing that runs no script and loads nothing.

    Raises ValidationError.
    """
    root = read_xml(data)
    if root.tag != f"{{{SVG}}}svg":
        raise refusals.wrong_type("svg")
    for element in list(root.iter(etree.Element)):
        name, parent = etree.QName(element), element.getparent()
        if parent is not None and (name.localname in DROPPED or _is_of_a_program(name)):
            parent.remove(element)
            continue
        for attribute, value in list(element.attrib.items()):
            _clean_attribute(element, attribute, value)
        if name.localname == "style" and LOADING_STYLE.search(element.text or ""):
            raise refusals.fetches((element.text or "").strip())
    return write_xml(root)


def _is_of_a_program(name: etree.QName) -> bool:
    return any(word in (name.namespace or "") for word in PROGRAMS)


def _clean_attribute(element: etree._Element, attribute: str, value: str) -> None:
    name = etree.QName(attribute)
    if name.localname.lower().startswith("on") or _is_of_a_program(name):
        del element.attrib[attribute]
    elif name.localname == "href":
        is_link = etree.QName(element).localname == "a" and is_clickable(value)
        if not is_link and not LOCAL.match(value):
            raise refusals.fetches(value)
    elif LOADING_STYLE.search(value):
        raise refusals.fetches(value)


def clean_artwork(data: bytes, extension: str) -> bytes:
    """Return a file of a graphics program without persons, paths and times, as far as others can find them.

    Raises ValidationError.

    Blanked text keeps its length in formats that store byte offsets.
    The names of programs stay, because programs recognise their own files by them.
    """
    clean = {
        "ai": _clean_illustrator,
        "eps": _without_remarks,
        "idml": _clean_idml,
        "indd": _refuse_indesign,
        "psd": _clean_photoshop,
    }
    return clean.get(extension, without_packets)(data)


def without_packets(data: bytes) -> bytes:
    """Blank the packets in which programs record the author, the history and the place."""
    return PACKET.sub(lambda found: found[1] + b" " * len(found[2]) + found[3], data)


# --- PostScript (EPS, old files of Illustrator) and Illustrator: PDF with the file of the program in it -----------

# The client, the name and the time of making (Document Structuring Conventions 3.0, section 5).
REMARK = re.compile(rb"(?:(?<=[\r\n])|\A)(%%(?:For|Title|CreationDate|Routing|Author|\+):?)([^\r\n]+)")


def _without_remarks(data: bytes) -> bytes:
    return without_packets(REMARK.sub(lambda found: found[1] + b" " * len(found[2]), data))


def _clean_illustrator(data: bytes) -> bytes:
    if not data.startswith(b"%PDF-"):
        return _without_remarks(data)
    with opened(data) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream) and "/Metadata" in thing:
                del thing["/Metadata"]
        for page in pdf.pages:
            _clean_private(page.obj)
        target = BytesIO()
        pdf.save(target, deterministic_id=True, encryption=False)
    return target.getvalue()


def _clean_private(page: pikepdf.Object) -> None:
    """Blank the same comments in Illustrator's private data: streams that belong to the page."""
    private: Any = page
    for key in ("/PieceInfo", "/Illustrator", "/Private"):
        private = private.get(key, {})
    for stream in private.values():
        if isinstance(stream, pikepdf.Stream):
            before = stream.read_bytes()
            if (after := _without_remarks(before)) != before:
                stream.write(after)


# --- InDesign -----------------------------------------------------------------------------------------------------

NO_NOTES = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta><?xpacket end="r"?>'
)
# The authors of changes and notes, and the folders of pictures.
USER = re.compile(rb'(\sUserName=")[^"]*')
FOLDER = re.compile(rb'(\sLinkResourceURI=")[^"]*[/:]([^"/:]*")')


def _clean_idml(data: bytes) -> bytes:
    archive = open_package(data, "idml")
    parts = ((name, _clean_part(name, archive.read(name))) for name in archive.namelist())
    return write_package(parts, stored={"mimetype"})


def _clean_part(name: str, data: bytes) -> bytes:
    if name == "META-INF/metadata.xml":
        return NO_NOTES
    # Not parsed and serialised: InDesign has processing instructions in the middle of its texts.
    return without_packets(FOLDER.sub(rb"\1file:\2", USER.sub(rb"\1", data)))


def _refuse_indesign(data: bytes) -> bytes:
    raise ValidationError(
        _(
            "A file of InDesign (INDD) says who worked on it and in which folders, "
            "and only InDesign can remove that. "
            "Save it as IDML, which InDesign opens just as well."
        ),
        code="content",
    )


# --- Photoshop ----------------------------------------------------------------------------------------------------

# The resources of a picture that are kept: size, colours, channels, guides, layers, paths.
# Captions, IPTC, EXIF, XMP, slices, addresses, printers, previews and the place where it was saved are removed
# (Adobe Photoshop File Formats, Image Resource IDs).
RESOURCES = frozenset(
    {
        1005, 1006, 1007, 1010, 1013, 1016, 1024, 1025, 1026, 1030, 1032, 1034, 1037, 1039, 1041, 1044, 1045,
        1049, 1053, 1057, 1064, 1065, 1066, 1067, 1069, 1070, 1072, 1075, 1077, 1088, *range(2000, 3000),
    }
)  # fmt: skip


def _clean_photoshop(data: bytes) -> bytes:
    if not data.startswith(b"8BPS"):
        raise refusals.wrong_type("psd")
    start = 26 + 4 + int.from_bytes(data[26:30])
    end = start + 4 + int.from_bytes(data[start : start + 4])
    if end > len(data):
        raise refusals.damaged()
    kept = b"".join(resource for number, resource in _resources(data[start + 4 : end]) if number in RESOURCES)
    return without_packets(data[:start] + len(kept).to_bytes(4) + kept + data[end:])


def _resources(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the bytes of each resource.

    It has a signature, the number, a name, the length and the content; the last three are padded.
    """
    start = 0
    while start < len(data):
        name_length = 1 + int.from_bytes(data[start + 6 : start + 7])
        content = start + 6 + name_length + name_length % 2 + 4
        length = int.from_bytes(data[content - 4 : content])
        end = content + length + length % 2
        if data[start : start + 4] != b"8BIM" or end > len(data):
            raise refusals.damaged()
        yield int.from_bytes(data[start + 4 : start + 6]), data[start:end]
        start = end
