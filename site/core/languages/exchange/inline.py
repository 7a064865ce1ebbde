"""Inline markup of a text: HTML as wagtail-localize keeps it, and the inline elements of XLIFF.

A text has no attributes but the number of a link: `See <a id="a1">the list</a>.<br/>` is `See <g id="a1"
ctype="link">the list</g>.<x id="br1" ctype="lb"/>`.
The id identifies the element, because not every program keeps the other attributes.
"""

import re
from collections import Counter

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from lxml import etree
from lxml.etree import _Element
from wagtail_localize.strings import INLINE_TAGS, StringValue

from core.languages.exchange.documents import RefusedBecause

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
XLIFF = f"{{{NAMESPACE}}}"
CTYPES = {"a": "link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "br": "lb"}
NAMED = re.compile(r"(plain-)?([a-z]+)(\d+)")
# Characters that XML cannot hold.
# They are in a text by mistake, and invisible.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class MarkupError(ValueError):
    """The text has markup that no text may have."""


def fill(element: _Element, html: str) -> None:
    """Put a text into a `source` or `target`."""
    _fill(element, BeautifulSoup(NOT_XML.sub("", html), "html.parser"), Counter())


def _fill(element: _Element, soup: Tag, counts: Counter[str]) -> None:
    last = None
    for child in soup.children:
        if not isinstance(child, Tag):
            if last is None:
                element.text = (element.text or "") + str(child)
            else:
                last.tail = (last.tail or "") + str(child)
            continue
        counts[child.name] += 1
        name = child.get("id") or f"{'plain-' if child.name == 'a' else ''}{child.name}{counts[child.name]}"
        ctype = CTYPES.get(child.name, f"x-{child.name}")
        tag = "x" if child.name == "br" else "g"
        last = etree.SubElement(element, f"{XLIFF}{tag}", id=str(name), ctype=ctype)
        _fill(last, child, counts)


def html_of(element: _Element) -> str:
    """Return the text of a `source` or `target`.

    Raises MarkupError.
    """
    soup = BeautifulSoup("", "html.parser")
    _html(soup, soup, element)
    return str(soup)


def _html(soup: BeautifulSoup, into: Tag, element: _Element) -> None:
    if element.text:
        into.append(NavigableString(element.text))
    for child in element:
        if not isinstance(child.tag, str):  # a comment
            pass
        elif child.tag == f"{XLIFF}mrk":  # what a program has marked: sentences, terms
            _html(soup, into, child)
        elif child.tag in {f"{XLIFF}g", f"{XLIFF}x"}:
            into.append(_tag(soup, child))
        else:
            raise MarkupError(etree.QName(child).localname)
        if child.tail:
            into.append(NavigableString(child.tail))


def _tag(soup: BeautifulSoup, element: _Element) -> Tag:
    found = NAMED.fullmatch(element.get("id", ""))
    if found is None or found[2] not in INLINE_TAGS or (found[2] == "br") is not (element.tag == f"{XLIFF}x"):
        raise MarkupError(element.get("id", ""))
    made = soup.new_tag(found[2])
    if found[2] == "a" and not found[1]:
        made["id"] = found[0]
    _html(soup, made, element)
    return made


def normalized(html: str) -> str:
    """Return a text in a normal form for comparison.

    Raises MarkupError.
    """
    try:
        text: str = StringValue.from_translated_html(html).data
    except ValueError as error:
        raise MarkupError(str(error)) from None
    return NOT_XML.sub("", text.replace("\r\n", "\n"))


def tags_of(html: str) -> Counter[str]:
    """Return the tags of a text, each link by its number."""
    tags = BeautifulSoup(html, "html.parser").find_all(True)
    return Counter(f"{tag.name} {tag.get('id', '')}" for tag in tags)


def same(one: str, other: str) -> bool:
    try:
        return normalized(one) == normalized(other)
    except MarkupError:
        return one == other


def markup_problem(source: str, target: str) -> str:
    """Return why a translation does not fit the markup of its source; empty if it does."""
    try:
        normalized(target)
    except MarkupError:
        return RefusedBecause.MARKUP
    before, after = tags_of(source), tags_of(target)
    if before - after:
        return RefusedBecause.TAG_LOST
    return RefusedBecause.TAG_ADDED if after - before else ""
