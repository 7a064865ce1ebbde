"""Working files of graphics programs, which packages for partners may contain: drawings (SVG), and files that only their program reads."""

from __future__ import annotations

import re

from lxml import etree

from core.uploads import refusals
from core.uploads.packages import read_xml, write_xml
from core.uploads.pdfs import is_clickable

SVG = "http://www.w3.org/2000/svg"
DROPPED = frozenset({"script", "metadata", "foreignObject", "namedview", "handler", "listener"})
# Drawing programs note there which file was exported where to.
PROGRAMS = ("inkscape", "sodipodi", "adobe.com", "sketch", "figma")
LOADING_STYLE = re.compile(r"@import|url\(\s*['\"]?\s*(?!#|data:image/|['\"]?\s*#)", re.IGNORECASE)
LOCAL = re.compile(r"\s*(?:#|data:image/(?:png|jpeg|gif|webp);)", re.IGNORECASE)
# XMP, which every program of Adobe writes as text between two marks, so that others can replace it in place (XMP, part 1, 7.3.2).
PACKET = re.compile(rb"(<\?xpacket begin=[^>]*\?>)(.*?)(<\?xpacket end=[^>]*\?>)", re.DOTALL)


def clean_svg(data: bytes) -> bytes:
    """Return a drawing that runs nothing and loads nothing. Raises ValidationError."""
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


def without_packets(data: bytes) -> bytes:
    """Blank what a program noted about the author, the history and the place, in a file that only that program understands."""
    return PACKET.sub(lambda found: found[1] + b" " * len(found[2]) + found[3], data)
