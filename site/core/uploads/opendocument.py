"""Text documents of LibreOffice (ISO/IEC 26300): text, styles, pictures and fonts, without what loads, runs, or says who wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from core.uploads import refusals
from core.uploads.packages import clean_picture_part, open_package, read_xml, write_package, write_xml
from core.uploads.pdfs import is_clickable

if TYPE_CHECKING:
    import zipfile

MIMETYPE = b"application/vnd.oasis.opendocument.text"
ODF = "urn:oasis:names:tc:opendocument:xmlns"
HREF = "{http://www.w3.org/1999/xlink}href"
MANIFEST = f"{ODF}:manifest:1.0"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
DRAW, OFFICE, CONFIG = (f"{{{ODF}:{name}:1.0}}" for name in ("drawing", "office", "config"))
XML_PARTS = ("content.xml", "styles.xml", "settings.xml")
# Removed with what they contain.
DROPPED = frozenset(
    [
        "office:scripts",
        "office:event-listeners",
        "presentation:event-listener",
        "script:event-listener",
        "office:dde-source",
        "text:dde-connection-decls",
        "text:dde-connection-decl",
        "text:script",
        "text:section-source",
        "table:table-source",
        "form:connection-resource",
    ]
)
# Fields that load or run something: what they last showed stays, as text.
UNWRAPPED = frozenset(
    [
        "text:execute-macro",
        "text:dde-connection",
        "text:database-display",
        "text:database-name",
        "text:database-row-number",
    ]
)
EMPTY_FIELDS = frozenset({"text:database-next", "text:database-row-select"})
EMBEDDED = frozenset({"draw:applet", "draw:plugin", "draw:floating-frame"})
OBJECTS = frozenset({"draw:object", "draw:object-ole"})
# Programs write there on which printer the document was printed, and a number for each time that it was changed.
PRIVATE_SETTINGS = frozenset({"PrinterName", "PrinterSetup", "PrinterPaperFromSetup", "Rsid", "RsidRoot"})
PREFIXES = {
    f"{ODF}:{name}:1.0": prefix
    for name, prefix in {
        "office": "office", "text": "text", "drawing": "draw", "presentation": "presentation", "script": "script",
        "table": "table", "form": "form", "config": "config", "meta": "meta",
    }.items()
}  # fmt: skip


def clean(data: bytes) -> bytes:
    """Return a text document that loads nothing and names nobody. Raises ValidationError."""
    archive = open_package(data, "odt")
    names = set(archive.namelist())
    if "mimetype" not in names or archive.read("mimetype") != MIMETYPE or "content.xml" not in names:
        raise refusals.wrong_type("odt")
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise refusals.macros()
    if b"encryption-data" in (
        archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    ):
        raise refusals.locked()
    parts: dict[str, bytes] = {}
    for name in XML_PARTS:
        if name in names:
            root = read_xml(archive.read(name))
            for used in clean_elements(root):
                if used in names:
                    parts[used] = _clean_file(archive, used)
            parts[name] = write_xml(root)
    if meta := _properties(archive):
        parts["meta.xml"] = meta
    parts["META-INF/manifest.xml"] = _manifest(parts)
    return write_package([("mimetype", MIMETYPE), *sorted(parts.items())], stored={"mimetype"})


def _clean_file(archive: zipfile.ZipFile, name: str) -> bytes:
    data = archive.read(name)
    return data if name.startswith("Fonts/") else clean_picture_part(name, data)


def clean_elements(root: etree._Element) -> set[str]:
    """Clean text, styles or settings. Returns the names of the files in the package that they show."""
    for element in list(root.iter(etree.Element)):
        word = _word(element)
        if word in DROPPED or word in EMPTY_FIELDS or _is_private(element):
            _remove(element)
        elif word in UNWRAPPED:
            _unwrap(element)
        elif word in EMBEDDED or word == "office:binary-data":
            raise refusals.embedded(word.partition(":")[2])
        elif word in OBJECTS:
            frame = element.getparent()
            if frame is None or frame.find(f"{DRAW}image") is None:
                raise refusals.embedded(element.get(HREF, ""))
            _remove(element)  # beside it is a picture of it
        elif word == "draw:image" and element.get(HREF, "").endswith(".svg") and _has_other_picture(element):
            _remove(element)
        else:
            _clean_names(element)
    return {name for element in root.iter(etree.Element) if (name := _clean_link(element))}


def _has_other_picture(image: etree._Element) -> bool:
    """Return whether a drawing has a picture beside it, for programs that cannot show drawings."""
    frame = image.getparent()
    return frame is not None and len(frame.findall(f"{DRAW}image")) > 1


def _word(element: etree._Element) -> str:
    name = etree.QName(element)
    return f"{PREFIXES.get(name.namespace or '', '')}:{name.localname}"


def _is_private(element: etree._Element) -> bool:
    return element.get(f"{CONFIG}name") in PRIVATE_SETTINGS | {"ooo:view-settings"}


def _clean_names(element: etree._Element) -> None:
    """Take away who wrote a comment or a change and when, and the numbers of changes."""
    name = etree.QName(element)
    if name.namespace == DUBLIN_CORE and name.localname == "creator":
        element.text = "Author"
    elif (name.namespace == DUBLIN_CORE and name.localname == "date") or name.localname == "creator-initials":
        _remove(element)
    for attribute in list(element.attrib):
        if etree.QName(attribute).localname in {"rsid", "paragraph-rsid"}:
            del element.attrib[attribute]


def _clean_link(element: etree._Element) -> str | None:
    """Check what an element refers to. Returns the name of a file in the package, if it shows one."""
    target = element.get(HREF)
    if target is None:
        return None
    word = _word(element)
    if word in {"text:a", "draw:a"}:
        if not (target.startswith("#") or is_clickable(target)):
            _unwrap(element)
        return None
    if word.startswith("form:"):  # where a form would be sent to
        del element.attrib[HREF]
        return None
    if not target or target.startswith("#"):
        return None
    local = target.removeprefix("./")
    if ":" in local or local.startswith(("/", "\\", "..")):
        raise refusals.fetches(target)
    return local


def _remove(element: etree._Element) -> None:
    """Remove an element, but not the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    _add_text(element, element.tail)
    parent.remove(element)


def _unwrap(element: etree._Element) -> None:
    """Put what an element contains in its place."""
    parent = element.getparent()
    if parent is None:
        return
    element.tag = "unwrapped"
    etree.strip_tags(parent, "unwrapped")


def _add_text(element: etree._Element, text: str | None) -> None:
    """Add text before an element."""
    if not text:
        return
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        before.tail = (before.tail or "") + text
    elif parent is not None:
        parent.text = (parent.text or "") + text


def _properties(archive: zipfile.ZipFile) -> bytes | None:
    """Return the properties with nothing but the title and the language."""
    if "meta.xml" not in archive.namelist():
        return None
    given = read_xml(archive.read("meta.xml"))
    kept = [each for each in given.iter(f"{{{DUBLIN_CORE}}}title", f"{{{DUBLIN_CORE}}}language") if each.text]
    if not kept:
        return None
    root = etree.Element(f"{OFFICE}document-meta", nsmap={"office": f"{ODF}:office:1.0", "dc": DUBLIN_CORE})
    root.set(f"{OFFICE}version", given.get(f"{OFFICE}version", "1.3"))
    meta = etree.SubElement(root, f"{OFFICE}meta")
    for each in kept:
        etree.SubElement(meta, each.tag).text = each.text
    return write_xml(root)


def _manifest(parts: dict[str, bytes]) -> bytes:
    root = etree.Element(f"{{{MANIFEST}}}manifest", nsmap={"manifest": MANIFEST})
    root.set(f"{{{MANIFEST}}}version", "1.3")
    for path, kind in [
        ("/", MIMETYPE.decode()),
        *((name, "text/xml" if name.endswith(".xml") else "") for name in sorted(parts)),
    ]:
        entry = etree.SubElement(root, f"{{{MANIFEST}}}file-entry")
        entry.set(f"{{{MANIFEST}}}full-path", path)
        entry.set(f"{{{MANIFEST}}}media-type", kind)
    return write_xml(root)
