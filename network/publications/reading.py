"""A list of works that somebody pastes or uploads: BibTeX, RIS, CSL-JSON or DOIs. Nobody is asked anything, and nothing is kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from network.publications import bibtex, ris
from network.publications.csl import DOI, kept, normal_doi
from network.publications.entries import ReadEntry
from network.publications.models import likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from network.models import PublishedWork

MAX_CHARACTERS: Final = 400_000
MAX_ENTRIES: Final = 200
# bibtexparser compares each key with all that come before it.
MAX_BLOCKS: Final = 2_000
BIBTEX = re.compile(r"@\w{1,30}[ \t]{0,5}[{(]")
RIS = re.compile(r"^\s{0,3}TY {1,2}- ", re.MULTILINE)
# Between two DOIs on a line.
BETWEEN = re.compile(r"[\s;]+|,(?=10\.|https?:|doi:)", re.IGNORECASE)


class NotReadable(Exception):  # noqa: N818  (what it is)
    """A text of which nothing can be read; says why, in a sentence for whoever has sent it."""


@dataclass(slots=True)
class Reading:
    """What was read: the entries in their order, and how many more there are than are read at once."""

    entries: list[ReadEntry] = field(default_factory=list)
    left_out: int = 0

    @property
    def rest(self) -> str:
        """What was not read, in a sentence, or ""."""
        if not self.left_out:
            return ""
        return ngettext(
            "%(count)s more entry was not read. Please import it in a second step.",
            "%(count)s more entries were not read. Please import them in a second step.",
            self.left_out,
        ) % {"count": self.left_out}


def decoded(content: bytes) -> str:
    """Return the text of an uploaded file. Raises NotReadable."""
    for encoding in ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotReadable(_("This file is no text. BibTeX, RIS and CSL-JSON are text files."))


def read(text: str) -> Reading:
    """Return what is in a text, whatever format it is in. Raises NotReadable."""
    text = text.replace("\x00", "").lstrip("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise NotReadable(
            _("This is too long for one import. Please divide it: %(count)s characters are read at once.")
            % {"count": MAX_CHARACTERS}
        )
    found = _entries(text)
    reading = Reading(list(islice(found, MAX_ENTRIES)))
    reading.left_out = sum(1 for _entry in found)
    if not reading.entries:
        raise NotReadable(
            _("We have found no entry in this text: neither BibTeX, RIS nor CSL-JSON, and no DOI.")
        )
    for number, entry in enumerate(reading.entries, 1):
        entry.number = number
    return reading


def _entries(text: str) -> Iterator[ReadEntry]:
    if text.lstrip()[:1] in {"[", "{"}:
        return csl_json(text)
    if BIBTEX.search(text):
        if text.count("@") > MAX_BLOCKS:
            raise NotReadable(_("These are too many entries for one import. Please divide the file."))
        return bibtex.entries(text)
    return ris.entries(text) if RIS.search(text) else dois(text)


def csl_json(text: str) -> Iterator[ReadEntry]:
    """Yield each item of CSL-JSON. Raises NotReadable."""
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotReadable(
            _("This is not complete as JSON: reading ends in line %(line)s, at the %(column)s. character.")
            % {"line": error.lineno, "column": error.colno}
        ) from error
    except (RecursionError, ValueError) as error:
        raise NotReadable(
            _("This is no CSL-JSON: it is nested too deeply, or has numbers that are too long.")
        ) from error
    if isinstance(given, dict):
        given = given.get("items") if isinstance(given.get("items"), list) else [given]
    return _items(given)


def _items(given: list[object]) -> Iterator[ReadEntry]:
    for item in given:
        if isinstance(item, dict):
            yield ReadEntry(kept=kept(item), name=str(item.get("id", ""))[:60])
        else:
            yield ReadEntry(problem=_("It is no item of CSL-JSON."))


def dois(text: str) -> Iterator[ReadEntry]:
    """Yield each DOI of a list, and each line that has none."""
    for number, line in enumerate(text.splitlines(), 1):
        found = [doi for token in BETWEEN.split(line) if DOI.search(token) and (doi := normal_doi(token))]
        for doi in found:
            yield ReadEntry(line=number, kept=kept({"type": "document", "DOI": doi}), name=doi)
        if line.strip() and not found:
            yield ReadEntry(line=number, name=line.strip()[:60], problem=_("There is no DOI in this line."))


def mark_duplicates(entries: Iterable[ReadEntry], there: Iterable[PublishedWork]) -> None:
    """Mark what the member has already, and what is in the list twice: the same DOI, or the same title and year."""
    theirs = _("You have this work already.")
    dois = {work.doi: theirs for work in there if work.doi}
    alike = {likeness(work.item): theirs for work in there}
    for entry in entries:
        if entry.problem:
            continue
        same = _("It is the same as number %(number)s.") % {"number": entry.number}
        doi = entry.kept.item.get("DOI", "")
        entry.duplicate = dois.get(doi, "")
        if doi:
            dois.setdefault(doi, same)
        if entry.kept.title:
            entry.duplicate = entry.duplicate or alike.get(likeness(entry.kept.item), "")
            alike.setdefault(likeness(entry.kept.item), same)
