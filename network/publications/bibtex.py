"""BibTeX as CSL-JSON, in time that grows with the text and no faster, whatever is in it.

bibtexparser finds the entries. What could grow is done here, with limits: a name defined with `@string` is put in once and cut off, so
definitions that double each other end early; accents of LaTeX are read in short texts that are not deeply nested, and nothing else of it is run.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from django.utils.translation import gettext as _

from network.publications.csl import kept
from network.publications.entries import ReadEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pylatexenc.latex2text import LatexNodes2Text

    from network.publications.csl import CslItem

MAX_VALUE: Final = 5_000
MAX_DEPTH: Final = 12
MAX_MACROS: Final = 200

TYPES = {
    "article": "article-journal", "book": "book", "booklet": "book", "collection": "book", "mvbook": "book", "inbook": "chapter",
    "incollection": "chapter", "inproceedings": "paper-conference", "conference": "paper-conference", "proceedings": "book",
    "phdthesis": "thesis", "mastersthesis": "thesis", "thesis": "thesis", "techreport": "report", "report": "report",
    "dataset": "dataset", "software": "software", "online": "webpage", "electronic": "webpage", "www": "webpage", "unpublished": "article",
}  # fmt: skip
# Fields of BibTeX and BibLaTeX by field of CSL; the first that is there counts.
FIELDS = {
    "title": ("title",),
    "container-title": ("journaltitle", "journal", "booktitle", "maintitle"),
    "volume": ("volume",),
    "issue": ("issue",),
    "page": ("pages",),
    "edition": ("edition",),
    "number": ("number",),
    "genre": ("type",),
    "publisher": ("publisher", "school", "institution", "organization", "howpublished"),
    "publisher-place": ("location", "address"),
    "language": ("langid", "language"),
    "ISBN": ("isbn",),
    "ISSN": ("issn",),
    "DOI": ("doi",),
    "URL": ("url",),
}
MONTHS = {
    name: str(number)
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
ARABIC_COMMA = "\N{ARABIC COMMA}"
PEOPLE = re.compile(r"([{}]|\sand\s)", re.IGNORECASE)
PIECE = re.compile(r'\s*(?:"((?:[^"\\{}]|\\.)*)"|([^\s"{}#]+))\s*(?:#|$)')


def entries(text: str) -> Iterator[ReadEntry]:
    """Yield each entry of a BibTeX file, those that are broken too. Definitions and comments are no entries."""
    from bibtexparser.model import (
        DuplicateBlockKeyBlock,
        DuplicateFieldKeyBlock,
        Entry,
        ParsingFailedBlock,
        String,
    )
    from bibtexparser.splitter import Splitter

    # It would write into the log what members have in their files.
    logging.getLogger("bibtexparser.splitter").disabled = True
    strings = dict(MONTHS)
    for found in Splitter(text).split().blocks:
        where = (found.start_line or 0) + 1
        is_double = isinstance(found, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock)
        # Keys are not kept; of a field that is there twice, the last counts.
        block = cast("Any", found).ignore_error_block if is_double else found
        if isinstance(block, String):
            strings[block.key.lower()] = value_of(block.value, strings)
        elif isinstance(block, Entry):
            fields = {each.key.lower(): value_of(each.value, strings) for each in block.fields}
            yield ReadEntry(line=where, kept=kept(_item(block.entry_type, fields)), name=block.key[:60])
        elif isinstance(block, ParsingFailedBlock):
            yield ReadEntry(
                line=where,
                problem=_(
                    "It does not end where it should: a brace, a quotation mark or a comma is missing."
                ),
            )


def value_of(written: str, strings: Mapping[str, str]) -> str:
    """Return what a value says, cut off at MAX_VALUE: without what encloses it, with names replaced and parts joined."""
    written = written.strip()[: MAX_VALUE + 2]
    if written.startswith("{"):
        return written[1:].removesuffix("}")[:MAX_VALUE]
    parts, position, length = [], 0, 0
    while position < len(written) and length < MAX_VALUE and (piece := PIECE.match(written, position)):
        said = piece[1] if piece[1] is not None else strings.get(piece[2].lower(), piece[2])
        parts.append(said)
        length += len(said)
        position = piece.end()
    if position < len(written) and length < MAX_VALUE:
        return written.strip('"')[:MAX_VALUE]
    return "".join(parts)[:MAX_VALUE]


def plain(text: str) -> str:
    """Return text of LaTeX as plain text. What is nested too deeply only loses its braces."""
    if not any(mark in text for mark in "\\{}$~-`'"):
        return text
    if _depth(text) > MAX_DEPTH or text.count("\\") > MAX_MACROS:
        return text.replace("{", "").replace("}", "")
    try:
        read: str = _reader().latex_to_text(text)
    except Exception:  # noqa: BLE001  (whatever pylatexenc stumbles over, the text itself is there)
        return text.replace("{", "").replace("}", "")
    return read


@cache
def _reader() -> LatexNodes2Text:
    from pylatexenc.latex2text import LatexNodes2Text

    # Formulas as they are written; and no file is ever read for \input, as no folder is set.
    return LatexNodes2Text(math_mode="text", keep_comments=False)


def _depth(text: str) -> int:
    depth = deepest = 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        deepest = max(deepest, depth)
    return deepest


def _item(entry_type: str, fields: Mapping[str, str]) -> CslItem:
    item: CslItem = {"type": TYPES.get(entry_type, "document")}
    for name, sources in FIELDS.items():
        if value := next((fields[source] for source in sources if fields.get(source)), ""):
            # Addresses have letters that mean something else in LaTeX.
            item[name] = (
                value.replace("\\_", "_").replace("\\%", "%") if name in {"DOI", "URL"} else plain(value)
            )
    if item["type"] == "article-journal" and "issue" not in item and "number" in item:
        item["issue"] = item.pop("number")
    if "page" in item:
        item["page"] = re.sub(r"\s*[-\u2013\u2014]+\s*", "-", item["page"])
    for name in ("author", "editor"):
        if fields.get(name):
            item[name] = list(_names(fields[name]))
    if date := fields.get("date") or fields.get("year"):
        parts = re.split(r"[-/]", plain(date).strip())[:3]
        month = MONTHS.get(fields.get("month", "").strip()[:3].lower(), fields.get("month", "").strip())
        item["issued"] = {"date-parts": [[*parts, *([month] if len(parts) == 1 and month else [])]]}
    return item


def _people(written: str) -> list[str]:
    """Return the names between which there is an "and" outside braces. bibtexparser loses an accent behind one (docs/upstream.md)."""
    people, depth = [""], 0
    for piece in PEOPLE.split(written):
        depth += (piece == "{") - (piece == "}")
        if depth <= 0 and piece.strip().lower() == "and":
            people.append("")
        else:
            people[-1] += piece
    return [name for each in people if (name := each.strip())]


def _names(written: str) -> Iterator[dict[str, Any]]:
    from bibtexparser.middlewares.names import parse_single_name_into_parts

    if _depth(written) > MAX_DEPTH:
        yield {"literal": written.replace("{", "").replace("}", "")}
        return
    for name in _people(written):
        if name.startswith("{") and name.endswith("}"):
            yield {"literal": plain(name)}
            continue
        parts = parse_single_name_into_parts(name.replace(ARABIC_COMMA, ","), strict=False)
        family, given = plain(" ".join(parts.last)), plain(" ".join(parts.first))
        particle = plain(" ".join(parts.von))
        if particle and not any(letter.islower() for letter in particle):
            # BibTeX takes a word for a particle that does not begin with a capital. Where there are no capitals, it is a name, or an initial.
            if "," in name or ARABIC_COMMA in name:
                family = f"{particle} {family}"
            else:
                given = f"{given} {particle}".strip()
            particle = ""
        yield {
            "family": family,
            "given": given,
            "non-dropping-particle": particle,
            "suffix": plain(" ".join(parts.jr)),
        }
