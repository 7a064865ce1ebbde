"""PO files, as wagtail-localize makes them: `msgctxt` is the place of a text, `msgid` the source in HTML.

One file has one page or row.
"""

import datetime as dt
from pathlib import Path

import polib
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core.languages.exchange.documents import (
    PAGE,
    Document,
    RefusedBecause,
    TranslationFileError,
    Unit,
    Writer,
    key_of,
)

SUFFIX = ".po"
TRANSLATION, WORDS = "X-WagtailLocalize-TranslationID", "X-Waymark-Words"
CREATED = "POT-Creation-Date"
MOST_UNITS = 20_000


def write(document: Document) -> bytes:
    """Return one document as a PO file.

    Machine translations are marked as fuzzy, so that translators review them.
    """
    file = polib.POFile(wrapwidth=200)
    kind, _slash, name = document.original.partition("/")
    file.metadata = {
        CREATED: str(document.exported_at or timezone.now()),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": document.target_language,
        **({TRANSLATION: name} if kind == PAGE else {WORDS: document.original}),
    }
    for unit in document.units:
        entry = polib.POEntry(msgid=unit.source, msgctxt=unit.path, msgstr=unit.target)
        if unit.target and unit.writer is Writer.MACHINE:
            entry.flags.append("fuzzy")
        file.append(entry)
    return str(file).encode()


def read(path: Path, *, source_language: str) -> Document:
    """Return the document of a file.

    Raises TranslationFileError.
    """
    data = path.read_bytes()
    if data.count(b"msgid") > MOST_UNITS:
        raise TranslationFileError(TranslationFileError.Problem.TOO_MANY)
    try:
        data.decode()
        # A path and not the text: polib would open a file if the text were the name of one.
        file = polib.pofile(str(path), encoding="utf-8")
    except (OSError, ValueError, UnicodeError, IndexError):
        raise TranslationFileError(TranslationFileError.Problem.NOT_PO) from None
    metadata = file.metadata
    name = metadata.get(TRANSLATION)
    return Document(
        original=f"{PAGE}/{name}" if name else metadata.get(WORDS, ""),
        source_language=source_language,
        target_language=metadata.get("Language", "").replace("_", "-").lower(),
        exported_at=_exported(metadata.get(CREATED, "")),
        units=[_unit(entry) for entry in file if not entry.obsolete],
    )


def _exported(text: str) -> dt.datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at.replace(tzinfo=dt.UTC) if at is not None and timezone.is_naive(at) else at


def _unit(entry: polib.POEntry) -> Unit:
    return Unit(
        path=entry.msgctxt or "",
        key=key_of(entry.msgid),
        source=entry.msgid,
        target=entry.msgstr,
        writer=Writer.UNSURE if entry.fuzzy else Writer.PERSON,
        problem=RefusedBecause.PLURAL if entry.msgid_plural else "",
    )
