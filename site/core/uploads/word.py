"""Documents of Word (ISO/IEC 29500): only the parts that its text needs, without what loads, runs, or says who wrote it.

A document is a graph: parts refer to others by relationships. Only kinds of relationship that are known to be harmless are followed, so what
hangs on others stays behind: properties, thumbnails, printers, custom data, labels, macros, stray files. If the text itself needs what hangs
on another kind, such as an embedded table, the document is refused with what to do.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lxml import etree

from core.uploads import refusals
from core.uploads.packages import clean_picture_part, open_package, read_xml, write_package, write_xml
from core.uploads.pdfs import is_clickable

if TYPE_CHECKING:
    import zipfile

RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
# The two spellings of each namespace: what Word writes, and ISO's strict one.
REFERENCES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
# The last words of the types of relationship that are followed.
FOLLOWED = frozenset(
    [
        "officeDocument",
        "styles",
        "stylesWithEffects",
        "settings",
        "webSettings",
        "fontTable",
        "theme",
        "themeOverride",
        "numbering",
        "footnotes",
        "endnotes",
        "header",
        "footer",
        "comments",
        "commentsExtended",
        "image",
        "font",
        "diagramData",
        "diagramLayout",
        "diagramQuickStyle",
        "diagramColors",
        "diagramDrawing",
        "chart",
        "chartColorStyle",
        "chartStyle",
        "chartUserShapes",
        "glossaryDocument",
        "slide",
        "slideLayout",
        "slideMaster",
        "notesSlide",
        "notesMaster",
        "handoutMaster",
        "presProps",
        "viewProps",
        "tableStyles",
    ]
)
# Elements that are not needed to show the document: what it was made from or with, the tables behind charts, drawings beside pictures.
DROPPED = frozenset(
    [
        "attachedTemplate",
        "rsids",
        "mailMerge",
        "saveThroughXslt",
        "attachedSchema",
        "docVars",
        "docId",
        "linkStyles",
        "printerSettings",
        "externalData",
        "smartTagType",
        "svgBlip",
    ]
)
# Attributes that say who wrote something or may change it, and when.
AUTHORSHIP = {"author": "Author", "initials": "A", "userId": "", "providerId": ""}
DROPPED_ATTRIBUTES = frozenset({"date", "dateUtc", "ed"})
REVISION = re.compile(r"rsid[A-Z]?\w*")
# Fields that only count, refer to other places of the document, or show what somebody typed. Others may load or start something.
FIELDS = frozenset(
    [
        "=",
        "ADVANCE",
        "AUTHOR",
        "AUTONUM",
        "AUTONUMLGL",
        "AUTONUMOUT",
        "BIBLIOGRAPHY",
        "CITATION",
        "COMMENTS",
        "CREATEDATE",
        "DATE",
        "DOCPROPERTY",
        "EDITTIME",
        "EQ",
        "FILENAME",
        "FILESIZE",
        "FORMCHECKBOX",
        "FORMDROPDOWN",
        "FORMTEXT",
        "GOTOBUTTON",
        "HYPERLINK",
        "INDEX",
        "KEYWORDS",
        "LASTSAVEDBY",
        "LISTNUM",
        "NOTEREF",
        "NUMCHARS",
        "NUMPAGES",
        "NUMWORDS",
        "PAGE",
        "PAGEREF",
        "PRINTDATE",
        "REF",
        "REVNUM",
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
# Where a picture was on somebody's disk, which old versions of Word take for its description.
DISK = re.compile(r"^(?:[A-Za-z]:\\|\\\\|file:).*[\\/]", re.DOTALL)
REMOTE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]+:|\\\\|//)", re.IGNORECASE)


def clean(data: bytes, extension: str = "docx") -> bytes:
    """Return a document or presentation that loads nothing and names nobody. Raises ValidationError."""
    archive = open_package(data, extension)
    names = set(archive.namelist())
    main = {"docx": "word/document.xml", "pptx": "ppt/presentation.xml"}[extension]
    if not {"[Content_Types].xml", "_rels/.rels", main} <= names:
        raise refusals.wrong_type(extension)
    if any(name.endswith("vbaProject.bin") for name in names):
        raise refusals.macros()
    cleaned = _Document(archive)
    cleaned.follow("")
    if main not in cleaned.parts:
        raise refusals.wrong_type(extension)
    return cleaned.written()


class _Document:
    """The parts of a document, cleaned one after the other as relationships lead to them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        self.parts: dict[str, bytes] = {}
        self.types = read_xml(archive.read("[Content_Types].xml"))

    def follow(self, part: str) -> None:
        """Clean what a part refers to; "" is the whole package, whose relationships lead to the text."""
        waiting = [part]
        while waiting:
            waiting += self._clean_part(waiting.pop())

    def _clean_part(self, part: str) -> list[str]:
        """Clean a part and its relationships. Returns the parts that they lead to and that were not there before."""
        root = None
        if part:
            data = self.archive.read(part)
            if not self._is_xml(part):
                self.parts[part] = data if self._is_font(part) else clean_picture_part(part, data)
                return []
            root = read_xml(data)
            clean_elements(root)
        targets: list[str] = []
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations in self.names:
            targets = self._clean_relations(relations, folder, root)
        if root is not None:
            self.parts[part] = write_xml(root)
        return [target for target in targets if target not in self.parts]

    def _clean_relations(self, path: str, folder: str, root: etree._Element | None) -> list[str]:
        relations = read_xml(self.archive.read(path))
        targets = []
        for relation in list(relations.iterchildren(etree.Element)):
            kind = relation.get("Type", "").rpartition("/")[2]
            if relation.get("TargetMode") == "External" or kind == "hyperlink":
                keep = _is_kept_link(relation, kind, root)
            else:
                target = self._target(relation, kind, folder, root)
                keep = target is not None
                targets += [target] if target else []
            if not keep:
                relations.remove(relation)
        self.parts[path] = write_xml(relations)
        return targets

    def _target(
        self, relation: etree._Element, kind: str, folder: str, root: etree._Element | None
    ) -> str | None:
        """Return the part that a relationship leads to, or None if the text does not need it. Raises ValidationError."""
        target = relation.get("Target", "")
        path = posixpath.normpath(posixpath.join(f"/{folder}", target))[1:]
        used = root is not None and bool(references(root, relation.get("Id", "")))
        if kind in FOLLOWED and path in self.names:
            # A drawing of which there is a picture as well has been dropped, for example.
            return path if used or kind != "image" else None
        if used:
            raise refusals.embedded(posixpath.basename(target))
        return None

    def _type_of(self, part: str) -> str:
        suffix = part.rpartition(".")[2].lower()
        default = ""
        for each in self.types:
            if each.get("PartName", "").lstrip("/").lower() == part.lower():
                return each.get("ContentType", "")
            if each.get("Extension", "").lower() == suffix:
                default = each.get("ContentType", "")
        return default

    def _is_xml(self, part: str) -> bool:
        return self._type_of(part).endswith("xml") and not self._type_of(part).startswith("image/")

    def _is_font(self, part: str) -> bool:
        return part.endswith((".odttf", ".fntdata"))

    def written(self) -> bytes:
        """Return the package, with the title and the language of the document and no other properties."""
        self._write_properties()
        for each in list(self.types):
            name = each.get("PartName", "").lstrip("/")
            if name and name not in self.parts:
                self.types.remove(each)
        return write_package([("[Content_Types].xml", write_xml(self.types)), *sorted(self.parts.items())])

    def _write_properties(self) -> None:
        given = {}
        for name in self.names & {"docProps/core.xml"}:
            given = {each.tag: each.text for each in read_xml(self.archive.read(name)) if each.text}
        kept = {
            tag: text
            for tag, text in given.items()
            if tag in {f"{{{DUBLIN_CORE}}}title", f"{{{DUBLIN_CORE}}}language"}
        }
        if not kept:
            return
        root = etree.Element(f"{{{CORE}}}coreProperties", nsmap={"cp": CORE, "dc": DUBLIN_CORE})
        for tag, text in kept.items():
            etree.SubElement(root, tag).text = text
        self.parts["docProps/core.xml"] = write_xml(root)
        relations = read_xml(self.parts["_rels/.rels"])
        etree.SubElement(
            relations,
            f"{{{RELATIONSHIPS}}}Relationship",
            Id="properties",
            Type=f"{RELATIONSHIPS}/metadata/core-properties",
            Target="docProps/core.xml",
        )
        self.parts["_rels/.rels"] = write_xml(relations)
        if self._type_of("docProps/core.xml") != CORE_TYPE:
            etree.SubElement(
                self.types,
                f"{{{CONTENT_TYPES}}}Override",
                PartName="/docProps/core.xml",
                ContentType=CORE_TYPE,
            )


def _is_kept_link(relation: etree._Element, kind: str, root: etree._Element | None) -> bool:
    """Return whether a link is one that readers click; if not, take it away. Raises ValidationError if something would be missing."""
    target = relation.get("Target", "")
    if kind == "hyperlink" and (target.startswith("#") or is_clickable(target)):
        return True
    if root is not None:
        drop_references(root, relation.get("Id", ""), kind, target)
    return False


def references(root: etree._Element, identity: str) -> list[tuple[etree._Element, str]]:
    """Return the elements that refer to a relationship, and by which attribute."""
    return [
        (element, name)
        for element in root.iter(etree.Element)
        for name, value in element.attrib.items()
        if value == identity and etree.QName(name).namespace in REFERENCES
    ]


def drop_references(root: etree._Element, identity: str, kind: str, target: str) -> None:
    """Take away a link to the outside. A picture that is also in the document stays; what is only outside is refused."""
    for element, name in references(root, identity):
        word = etree.QName(element).localname
        parent = element.getparent()
        if kind == "hyperlink":
            if word.startswith("hlink") and parent is not None:
                parent.remove(element)
            else:
                del element.attrib[name]
        elif word == "blip" and any(etree.QName(other).localname == "embed" for other in element.attrib):
            del element.attrib[name]
        else:
            raise refusals.fetches(target)


def clean_elements(root: etree._Element) -> None:
    """Clean what stands in a part itself: properties, authors, fields, and addresses outside of relationships."""
    for element in list(root.iter(etree.Element)):
        name = etree.QName(element).localname
        parent = element.getparent()
        if name in DROPPED and parent is not None:
            parent.remove(element)
            continue
        for attribute, value in list(element.attrib.items()):
            _clean_attribute(element, attribute, value)
        if name == "fldSimple":
            check_field(attribute_of(element, "instr"))
    check_fields(root)


def _clean_attribute(element: etree._Element, attribute: str, value: str) -> None:
    name = etree.QName(attribute)
    word = name.localname
    if REVISION.fullmatch(word) or (word in DROPPED_ATTRIBUTES and name.namespace):
        del element.attrib[attribute]
    elif word in AUTHORSHIP and name.namespace:
        element.attrib[attribute] = AUTHORSHIP[word]
    elif word in {"name", "descr", "title"} and DISK.match(value):
        element.attrib[attribute] = DISK.sub("", value)
    elif REMOTE.match(value) and (word == "src" or (word in {"href", "althref"} and not is_clickable(value))):
        raise refusals.fetches(value)


def check_fields(root: etree._Element) -> None:
    """Check the code of each field, which may be spread over many elements and contain other fields."""
    fields = _OpenFields()
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname
        if name == "fldChar":
            fields.mark(attribute_of(element, "fldCharType"))
        elif name in {"instrText", "delInstrText", "t"}:
            fields.add(element.text or "", is_text=name == "t")
    fields.end_all()


class _OpenFields:
    """The fields that have begun and not ended: for each its code, or None once that has ended and its result begins."""

    def __init__(self) -> None:
        self.codes: list[list[str] | None] = []

    def mark(self, kind: str) -> None:
        if kind == "begin":
            if self.codes and self.codes[-1] is not None and not "".join(self.codes[-1]).strip():
                raise refusals.fetching_field("{ { } }")  # another field would say what this one does
            self.codes.append([])
        elif self.codes:
            check_field("".join(self.codes[-1] or ()))
            self.codes[-1] = None
            if kind == "end":
                self.codes.pop()

    def add(self, text: str, *, is_text: bool) -> None:
        """Add to the innermost code. The result of a field is part of the code of the one around it."""
        open_codes = [code for code in self.codes if code is not None]
        if open_codes and (is_text or self.codes[-1] is not None):
            open_codes[-1].append(text)

    def end_all(self) -> None:
        for code in self.codes:
            check_field("".join(code or ()))


def attribute_of(element: etree._Element, word: str) -> str:
    """Return an attribute in whatever namespace, or nothing."""
    return next((value for name, value in element.attrib.items() if etree.QName(name).localname == word), "")


def check_field(code: str) -> None:
    words = code.split()
    if not words:
        return
    first = words[0].upper()
    if first not in FIELDS and not first.startswith("="):
        raise refusals.fetching_field(code.strip())
    if first == "HYPERLINK":
        for address in re.findall(r'"([^"]*)"|(\S+)', code.partition(words[0])[2]):
            text = address[0] or address[1]
            if REMOTE.match(text) and not is_clickable(text):
                raise refusals.fetching_field(code.strip())
