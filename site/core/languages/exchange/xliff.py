"""XLIFF 1.2, following its strict schema: a `file` for each page or row of a wording, a `trans-unit` for each text."""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from lxml import etree
from lxml.etree import _Element

from core.languages.exchange.documents import Document, RefusedBecause, TranslationFileError, Unit, Writer
from core.languages.exchange.inline import NAMESPACE, NOT_XML, XLIFF, MarkupError, fill, html_of

SUFFIX = ".xlf"
MACHINE = {"mt-suggestion", "leveraged-mt"}
# Texts marked `final`, `signed-off` or `translated`, or without a state, count as a person's finished work.
UNFINISHED = {
    "new", "needs-translation", "needs-adaptation", "needs-l10n", "needs-review-translation", "needs-review-adaptation",
    "needs-review-l10n",
}  # fmt: skip
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def write(documents: Iterable[Document]) -> bytes:
    """Return documents as one XLIFF file."""
    root = etree.Element(f"{XLIFF}xliff", nsmap={None: NAMESPACE}, version="1.2")
    for document in documents:
        exported = document.exported_at or timezone.now()
        file = etree.SubElement(root, f"{XLIFF}file", {
            "original": document.original,
            "source-language": document.source_language,
            "target-language": document.target_language,
            "datatype": "html",
            "date": exported.isoformat(timespec="seconds"),
        })  # fmt: skip
        header = etree.SubElement(file, f"{XLIFF}header")
        etree.SubElement(header, f"{XLIFF}note").text = NOT_XML.sub("", document.title)
        body = etree.SubElement(file, f"{XLIFF}body")
        for unit in document.units:
            _write_unit(body, unit)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _write_unit(body: _Element, unit: Unit) -> None:
    attributes = {"id": f"{unit.path}#{unit.key}", "resname": unit.path, XML_SPACE: "preserve"}
    element = etree.SubElement(body, f"{XLIFF}trans-unit", attributes)
    fill(etree.SubElement(element, f"{XLIFF}source"), unit.source)
    if unit.target:
        state = {"state": "translated"}
        if unit.writer is Writer.PERSON:
            # Some programs treat a text without `approved` as a guess.
            element.set("approved", "yes")
        else:
            state = {"state": "needs-review-translation", "state-qualifier": "mt-suggestion"}
        fill(etree.SubElement(element, f"{XLIFF}target", state), unit.target)


def read(stream: BinaryIO) -> Iterator[Document]:
    """Yield the documents of a file, one by one.

    Raises TranslationFileError if it is not XLIFF or declares entities.
    """
    # With these options, lxml connects to nothing.
    events = etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
    )
    document: Document | None = None
    is_first = True
    try:
        for event, element in events:
            if is_first:
                is_first = False
                _check_root(element)
            if element.tag == f"{XLIFF}file" and event == "start":
                document = _document(element)
            elif element.tag == f"{XLIFF}trans-unit" and event == "end" and document is not None:
                document.units.append(_unit(element, document))
                _forget(element)
            elif element.tag == f"{XLIFF}file" and event == "end" and document is not None:
                yield document
                document = None
                _forget(element)
    except etree.XMLSyntaxError:
        raise TranslationFileError(TranslationFileError.Problem.NOT_XLIFF) from None


def _check_root(root: _Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise TranslationFileError(TranslationFileError.Problem.ENTITIES)
    if root.tag != f"{XLIFF}xliff":
        raise TranslationFileError(TranslationFileError.Problem.NOT_XLIFF)


def _forget(element: _Element) -> None:
    """Free the elements that have been read, so that a large file is never in memory as a whole."""
    element.clear(keep_tail=False)
    while element.getprevious() is not None and element.getparent() is not None:
        del element.getparent()[0]


def _document(file: _Element) -> Document:
    exported = None
    with contextlib.suppress(ValueError):
        exported = parse_datetime(file.get("date", ""))
    if exported is not None and timezone.is_naive(exported):
        exported = exported.replace(tzinfo=dt.UTC)
    return Document(
        original=file.get("original", ""),
        source_language=file.get("source-language", "").lower(),
        target_language=file.get("target-language", "").lower(),
        exported_at=exported,
    )


def _unit(element: _Element, document: Document) -> Unit:
    path, _sharp, key = element.get("id", "").rpartition("#")
    unit = Unit(path=path or element.get("id", ""), key=key, target="")
    source, target = element.find(f"{XLIFF}source"), element.find(f"{XLIFF}target")
    with contextlib.suppress(MarkupError):
        unit.source = html_of(source) if source is not None else ""
    if target is None:
        return unit
    state, qualifier = target.get("state", ""), target.get("state-qualifier", "")
    if element.get("approved") == "yes":
        pass
    elif qualifier in MACHINE:
        # A person who has approved a machine's text gives it another state.
        unit.writer = Writer.MACHINE if not state or state in UNFINISHED else Writer.PERSON
    elif state in UNFINISHED:
        unit.writer = Writer.UNSURE
    try:
        unit.target = html_of(target)
    except MarkupError:
        unit.target, unit.problem = "".join(target.itertext()), RefusedBecause.MARKUP
    if target.get(XML_LANG, document.target_language).lower() != document.target_language:
        unit.problem = RefusedBecause.LANGUAGE
    return unit
