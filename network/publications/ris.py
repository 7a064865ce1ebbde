"""RIS as CSL-JSON. Each entry is read for itself, so that a broken one spoils no other, and is cut off where it is longer than any entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from network.publications.csl import kept
from network.publications.entries import ReadEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from network.publications.csl import CslItem

# rispy joins the lines of a value one by one.
MAX_ENTRY: Final = 20_000
# A line with a tag, as exact as programs write it: with one space or two, or none behind the dash.
TAGGED = re.compile(r"\s{0,3}([A-Z][A-Z0-9])\s{1,2}-(?: (.*)|\s*)")
TYPES = {
    "JOUR": "article-journal", "EJOUR": "article-journal", "MGZN": "article-journal", "BOOK": "book", "EBOOK": "book", "EDBOOK": "book",
    "CHAP": "chapter", "ECHAP": "chapter", "RPRT": "report", "GOVDOC": "report", "CONF": "paper-conference", "CPAPER": "paper-conference",
    "THES": "thesis", "DATA": "dataset", "DBASE": "dataset", "COMP": "software", "ELEC": "webpage", "BLOG": "webpage", "WEB": "webpage",
    "NEWS": "article-newspaper", "UNPB": "article", "INPR": "article",
}  # fmt: skip
# What rispy calls the tags, by field of CSL; the first that is there counts.
FIELDS = {
    "title": ("title", "primary_title", "translated_title"),
    "container-title": (
        "secondary_title",
        "alternate_title3",
        "journal_name",
        "alternate_title2",
        "alternate_title1",
    ),
    "volume": ("volume",),
    "issue": ("number",),
    "edition": ("edition",),
    "genre": ("type_of_work",),
    "publisher": ("publisher",),
    "publisher-place": ("place_published",),
    "language": ("language",),
    "DOI": ("doi",),
    "URL": ("urls",),
}


def entries(text: str) -> Iterator[ReadEntry]:
    """Yield each entry of an RIS file, those that are broken too."""
    for start, lines in _records(text):
        written = "\n".join(lines)
        if len(written) > MAX_ENTRY:
            yield ReadEntry(line=start, problem=_("It is longer than any entry can be."))
            continue
        record = _read(written)
        if record is None:
            yield ReadEntry(
                line=start,
                problem=_("We cannot read it: a line has no tag, or one that does not belong there."),
            )
        else:
            yield ReadEntry(line=start, kept=kept(_item(record)))


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line in which each record begins, and its lines with tags as they should be. What is between records is passed over."""
    start = 0
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        found = TAGGED.fullmatch(line)
        tag = found[1] if found else ""
        if tag in {"TY", "ER"}:
            if lines:
                yield start, lines
            lines = []
            start = number
        if tag == "TY" or (lines and tag != "ER"):
            lines.append(f"{tag}  - {found[2] or ''}" if found else line)
    if lines:
        yield start, lines


def _read(written: str) -> dict[str, Any] | None:
    import rispy

    try:
        records = rispy.loads(f"{written}\nER  - ")
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return records[0] if records else None


def _item(record: dict[str, Any]) -> CslItem:
    kind = TYPES.get(str(record.get("type_of_reference", "")).strip().upper(), "document")
    item: CslItem = {"type": kind}
    for name, sources in FIELDS.items():
        value = next((record[source] for source in sources if record.get(source)), None)
        if value is not None:
            item[name] = value[0] if isinstance(value, list) else value
    first, last = record.get("start_page", ""), record.get("end_page", "")
    if first or last:
        item["page"] = f"{first}-{last}" if first and last and first != last else first or last
    if number := record.get("issn"):
        item["ISBN" if kind in {"book", "chapter"} else "ISSN"] = number
    for name, sources in {"author": ("authors", "first_authors"), "editor": ("secondary_authors",)}.items():
        if people := next((record[source] for source in sources if record.get(source)), None):
            item[name] = [_name(each) for each in people]
    if date := record.get("year") or record.get("publication_year") or record.get("date"):
        item["issued"] = {"date-parts": [[part for part in re.split(r"[-/]", str(date)) if part.strip()][:3]]}
    return item


def _name(written: str) -> dict[str, str]:
    """Return "Family, Given, Suffix" as its parts; a name without a comma is taken as it is."""
    family, *rest = [part.strip() for part in written.split(",", 2)]
    if not rest:
        return {"literal": family}
    return {"family": family, "given": rest[0], "suffix": rest[1] if len(rest) > 1 else ""}
