"""Editable sources of materials: DOCX, PPTX and ODT, without the parts that name their authors.

Other parts are not rewritten.

Parts that run, load something, or hide persons in the text (macros, embedded and linked objects, comments, tracked
changes) are refused with a sentence that tells the editor what to do.
"""

import posixpath
import re
import zipfile

from lxml import etree

from core.uploads import refusals
from core.uploads.packages import clean_picture_part, open_package, read_xml, write_package, write_xml
from core.uploads.pdfs import is_clickable

MAIN = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml", "odt": "content.xml"}
ODT = b"application/vnd.oasis.opendocument.text"
# Parts with metadata: author, program, time, printer.
METADATA = re.compile(
    r"(?:docProps|docMetadata|customXml|Thumbnails|Configurations2)/"
    r"|(?:.*/)?(?:printerSettings\w*|people|persons|authors|"
    r"commentAuthors|thumbnail)(?:/|\.)|(?:meta\.xml|settings\.xml|layout-cache|manifest\.rdf)$"
)
MACROS = re.compile(r"(?:.*/)?vba\w*\.(?:bin|xml)$|Basic/|Scripts/")
REMARKS = re.compile(r"(?:word|ppt)/(?:.*/)?(?:modernC|c)omments?\w*(?:/|\.)")
PICTURES = re.compile(r"(?:(?:word|ppt)/media|Pictures)/[^/]+$")
FONTS = re.compile(r".+\.(?:odttf|fntdata|[ot]tf)$")
XML = re.compile(r".+\.(?:xml|rels)$")

# Elements that are refused, by their local names.
COMMENTS = frozenset({"annotation", "tracked-changes", "commentReference", "commentRangeStart"})
EMBEDDED = frozenset(
    {
        "OLEObject", "oleObj", "control", "altChunk", "object", "object-ole", "plugin", "applet",
        "floating-frame", "binary-data",
    }
)  # fmt: skip
RUNNING = frozenset({"event-listener", "execute-macro", "script"})
LOADING = frozenset(
    {
        "dde-source", "dde-connection", "dde-connection-decl", "section-source", "table-source",
        "database-display", "connection-resource", "subDoc", "mailMerge",
    }
)  # fmt: skip
# Fields that count, refer to other places of the document, or show typed text.
# Others may load or start something.
FIELDS = frozenset(
    [
        "ADVANCE",
        "AUTHOR",
        "AUTONUM",
        "BIBLIOGRAPHY",
        "CITATION",
        "CREATEDATE",
        "DATE",
        "DOCPROPERTY",
        "EQ",
        "FILENAME",
        "FORMCHECKBOX",
        "FORMDROPDOWN",
        "FORMTEXT",
        "HYPERLINK",
        "INDEX",
        "KEYWORDS",
        "LISTNUM",
        "NOTEREF",
        "NUMCHARS",
        "NUMPAGES",
        "NUMWORDS",
        "PAGE",
        "PAGEREF",
        "PRINTDATE",
        "REF",
        "SAVEDATE",
        "SECTION",
        "SECTIONPAGES",
        "SEQ",
        "STYLEREF",
        "SUBJECT",
        "SYMBOL",
        "TA",
        "TC",
        "TIME",
        "TITLE",
        "TOA",
        "TOC",
        "XE",
    ]
)
REMOTE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+:|\\\\|//|/|\.\.)", re.IGNORECASE)
# The path of a picture on a disk, which old versions of Word use as its description.
DISK = re.compile(rb'(\s(?:name|descr|title)=")(?:[A-Za-z]:\\|\\\\|file:)[^"]*[\\/]')
TEMPLATE = re.compile(rb"<\w+:attachedTemplate\b[^>]*/>")


def clean(data: bytes, extension: str) -> bytes:
    """Return a document without its metadata.

    Raises ValidationError if it contains parts that cannot be published.
    """
    archive = open_package(data, extension)
    names = [name for name in archive.namelist() if not name.endswith("/")]
    _check_type(archive, names, extension)
    kept = [name for name in names if not METADATA.match(name)]
    parts = {name: _part(archive, name) for name in kept}
    for name in kept:
        if name.endswith(".rels") or name in {"[Content_Types].xml", "META-INF/manifest.xml"}:
            parts[name] = _without_missing(name, parts[name], {*kept})
    return write_package(parts.items(), stored={"mimetype"})


def _check_type(archive: zipfile.ZipFile, names: list[str], extension: str) -> None:
    needed = (
        {MAIN[extension], "mimetype"} if extension == "odt" else {MAIN[extension], "[Content_Types].xml", "_rels/.rels"}
    )
    if not needed <= {*names} or (extension == "odt" and (names[0] != "mimetype" or archive.read("mimetype") != ODT)):
        raise refusals.wrong_type(extension)
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise refusals.locked()


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return one part.

    Raises ValidationError if it, or an element of it, is not of a kind known to be harmless.
    """
    if MACROS.match(name):
        raise refusals.macros()
    if REMARKS.match(name):
        raise refusals.remarks()
    data = archive.read(name)
    if PICTURES.match(name):
        return clean_picture_part(name, data)
    if name == "mimetype" or FONTS.match(name):
        return data
    if not XML.match(name) or name.startswith("Object"):
        raise refusals.embedded(name)
    root = read_xml(TEMPLATE.sub(b"", DISK.sub(rb"\1", data)))
    for element in root.iter(etree.Element):
        _check_element(element)
    _check_fields(root)
    return write_xml(root)  # exactly the content that was checked


def _check_element(element: etree._Element) -> None:
    name = etree.QName(element)
    word = name.localname
    # All of Word's tracked changes have an author.
    is_tracked = "wordprocessingml" in (name.namespace or "") and _attribute(element, "author")
    if word in COMMENTS or is_tracked:
        raise refusals.remarks()
    if word in EMBEDDED:
        raise refusals.embedded(word)
    if word in RUNNING:
        raise refusals.macros()
    if word in LOADING:
        raise refusals.fetches(word)
    if word == "Relationship":
        _check_relationship(element)
    for attribute in ("href", "src", "althref"):
        address = _attribute(element, attribute)
        is_clicked = attribute == "href" and word not in {"image", "form"} and is_clickable(address)
        if REMOTE.match(address) and not is_clicked:
            raise refusals.fetches(address)


def _attribute(element: etree._Element, word: str) -> str:
    """Return the value of an attribute by its local name; empty if the element has none."""
    return next((value for name, value in element.attrib.items() if etree.QName(name).localname == word), "")


def _check_relationship(relation: etree._Element) -> None:
    kind, target = relation.get("Type", "").rpartition("/")[2], relation.get("Target", "")
    if relation.get("TargetMode") != "External" or kind == "attachedTemplate":
        return
    if kind != "hyperlink" or not (target.startswith("#") or is_clickable(target)):
        raise refusals.fetches(target)


def _check_fields(root: etree._Element) -> None:
    """Check the name of each field, whose code may span several elements, and the target of a link in a field."""
    code: str | None = None
    for element in root.iter(etree.Element):
        word = etree.QName(element).localname
        if word == "fldSimple":
            _check_field(_attribute(element, "instr"))
        elif word == "fldChar":
            if code is not None:
                _check_field(code)
            code = "" if _attribute(element, "fldCharType") == "begin" else None
        elif word == "instrText" and code is not None:
            code += element.text or ""
    if code is not None:
        _check_field(code)


def _check_field(code: str) -> None:
    """Raise ValidationError for a field that may load content, or whose name is generated by another field."""
    name = (code.split() or [""])[0].upper()
    is_known = name in FIELDS or name.startswith("=")
    words = re.findall(r'[^\s"]+', code) if name == "HYPERLINK" else []
    if not is_known or any(REMOTE.match(word) and not is_clickable(word) for word in words):
        raise refusals.fetching_field(code.strip() or "{ { } }")


def _without_missing(name: str, data: bytes, kept: set[str]) -> bytes:
    """Return a list of parts or relationships without those that were removed."""
    root = read_xml(data)
    folder = posixpath.dirname(posixpath.dirname(name))
    for entry in list(root.iterchildren(etree.Element)):
        listed = entry.get("PartName") or _attribute(entry, "full-path")
        target = entry.get("Target", "")
        if target and entry.get("TargetMode") != "External":
            listed = posixpath.normpath(posixpath.join(f"/{folder}", target))
        is_template = entry.get("Type", "").endswith("/attachedTemplate")
        if is_template or (listed.strip("/") and not listed.endswith("/") and listed.lstrip("/") not in kept):
            root.remove(entry)
    return write_xml(root)
