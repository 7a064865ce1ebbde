"""The texts of one language in one queue, page by page and record by record, each saved by itself.

A text of a page is stored as on the screen of its translation.
A text of a record is kept (`core.languages.kept`) until its record is saved on its screen: some are public once saved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from wagtail.models import Locale
from wagtail_localize.models import StringTranslation, Translation

from core.languages import kept, wordings
from core.languages.changes import TextInWork, texts_in_work
from core.languages.exchange.documents import RefusedBecause
from core.languages.exchange.inline import markup_problem
from core.languages.glossary import Glossary, glossary
from core.languages.lazy import StrOrPromise
from core.languages.wordings import WordingRow, WordingState
from core.models import KeptText
from core.publishing.safety import plain
from translating.memory import Memory, MemoryMatch, SafetySentence, sentences_in
from translating.models import Cell, CellState

LENGTH = 20  # texts of one screen


@dataclass(slots=True, kw_only=True)
class QueuedText:
    """A text of the queue. `name` identifies it in forms; `of` is the text or the row that it belongs to."""

    cell: Cell
    name: str
    number: int
    label: StrOrPromise
    source: str
    words: str
    key: str
    of: TextInWork | WordingRow
    stored: str = ""
    before: str = ""
    difference: SafeString | None = None
    is_missing: bool = False
    is_machine: bool = False
    is_doubtful: bool = False
    problem: str = ""
    limit: int | None = None
    suggestions: list[MemoryMatch] = field(default_factory=list)
    terms: dict[str, str] = field(default_factory=dict)
    sentences: list[SafetySentence] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{self.cell.pk}-{self.name}"

    @property
    def seen(self) -> str:
        """A fingerprint of the stored words, by which a form detects an edit conflict."""
        return fingerprint(self.stored)

    @property
    def is_html(self) -> bool:
        return isinstance(self.of, TextInWork)

    @property
    def place(self) -> int | None:
        return self.of.segment.context_id if isinstance(self.of, TextInWork) else None

    def is_shown(self, show: str) -> bool:
        return show == "all" or (self.is_doubtful if show == "doubtful" else self.is_missing or self.is_machine)


def fingerprint(words: str) -> str:
    return blake2b(" ".join(words.split()).encode(), digest_size=8).hexdigest()


class ConflictError(Exception):
    """Another user has changed the text meanwhile."""


# --- Which cells --------------------------------------------------------------------------------------------------


def has_texts(cell: Cell, show: str) -> bool:
    """Return whether a cell has texts to show, by its numbers.

    A record is to do until it is saved, although its words may be complete.
    """
    if show == "doubtful":
        return cell.doubtful > 0
    if show == "all":
        return True
    if cell.subject.is_page:
        return cell.left > 0 or cell.state == CellState.MACHINE
    return cell.state in (CellState.MISSING, CellState.STALE, CellState.IN_WORK)


# --- Loading ------------------------------------------------------------------------------------------------------


def load(cells: Collection[Cell], locale: Locale) -> dict[int, list[QueuedText]]:
    """Return all texts of some cells of one language, by the key of the cell.

    The number of queries depends on the kinds of texts, not on their number.
    """
    found = {cell.pk: texts for cell, texts in (*_of_pages(cells), *_of_records(cells, locale))}
    doubts = KeptText.objects.filter(
        locale=locale, is_doubtful=True, key__in={cell.subject.key for cell in cells}
    ).values_list("kind", "key", "text")
    doubtful = set(doubts)
    for texts in found.values():
        for text in texts:
            text.is_doubtful = (text.cell.subject.kind, text.cell.subject.key, text.key) in doubtful
    return found


def _of_pages(cells: Iterable[Cell]) -> Iterator[tuple[Cell, list[QueuedText]]]:
    by_translation = {cell.translation_pk: cell for cell in cells if cell.translation_pk}
    if not by_translation:
        return
    translations = Translation.objects.filter(pk__in=by_translation, enabled=True).select_related(
        "source", "target_locale"
    )
    texts = texts_in_work(translations)
    for translation in translations:
        cell = by_translation[translation.pk]
        numbered = enumerate(texts[translation.pk], 1)
        yield cell, [_page_text(cell, translation, number, text) for number, text in numbered]


def _page_text(cell: Cell, translation: Translation, number: int, text: TextInWork) -> QueuedText:
    stored = text.stored
    is_machine = stored is not None and stored.translation_type == StringTranslation.TRANSLATION_TYPE_MACHINE
    return QueuedText(
        cell=cell,
        name=str(text.segment.pk),
        number=number,
        label=_label(translation, text.segment.context.path),
        source=text.source,
        words=text.translation,
        stored=stored.data if stored is not None else "",
        key=kept.text_key(text.segment.context.path, text.source),
        of=text,
        before=text.before,
        difference=text.difference if text.before else None,
        is_missing=text.is_missing,
        is_machine=is_machine and cell.state == CellState.MACHINE,
        problem=(stored.get_error() or "") if stored is not None else "",
    )


def _label(translation: Translation, path: str) -> StrOrPromise:
    """Return the name of the field that a text is in."""
    model = ContentType.objects.get_for_id(translation.source.specific_content_type_id).model_class()
    try:
        label: StrOrPromise = model._meta.get_field(path.partition(".")[0]).verbose_name  # type: ignore[union-attr]
    except FieldDoesNotExist:
        label = ""
    return label


def _of_records(cells: Iterable[Cell], locale: Locale) -> Iterator[tuple[Cell, list[QueuedText]]]:
    by_kind: dict[str, dict[str, Cell]] = {}
    for cell in cells:
        if not cell.subject.is_page:
            by_kind.setdefault(cell.subject.kind, {})[cell.subject.key] = cell
    declared = {wording.key: wording for wording in wordings.declared()}
    for kind, by_key in by_kind.items():
        words = {
            (key, text): said
            for key, text, said in KeptText.objects.filter(locale=locale, kind=kind, key__in=by_key)
            .exclude(words="")
            .values_list("key", "text", "words")
        }
        for row in declared[kind].rows(locale) if kind in declared else []:
            key = str(declared[kind].key_of(row.source))
            if key in by_key:
                said = {text: words[one, text] for one, text in words if one == key}
                yield by_key[key], [*_row_texts(by_key[key], row, said)]


def _row_texts(cell: Cell, row: WordingRow, said: dict[str, str]) -> Iterator[QueuedText]:
    newest, state = row.newest, row.state
    made_from = row.made_from
    number = 0
    for name, label, source in row.words():
        if not source:
            continue
        number += 1
        key = kept.text_key(name, source)
        stored = getattr(newest, name, "") or ""
        is_old = state == WordingState.CHANGED and (name not in made_from or name in row.changed_fields)
        difference = row.difference(name, source)
        yield QueuedText(
            cell=cell,
            name=name,
            number=number,
            label=label,
            source=source,
            words=said.get(key, stored),
            stored=said.get(key, stored),
            key=key,
            of=row,
            before=made_from.get(name, "") if difference is not None else "",
            difference=difference,
            is_missing=key not in said and (is_old or not stored),
            limit=getattr(row.source._meta.get_field(name), "max_length", None),
        )


def add_help(texts: Collection[QueuedText], source: Locale, target: Locale) -> None:
    """Add what was translated before, the terms and the safety sentences to texts. Three queries."""
    if not texts:
        return
    code = target.language_code
    terms: Glossary = glossary(source.language_code, code)
    strings = {text.of.segment.string_id for text in texts if isinstance(text.of, TextInWork)}
    memory = Memory(target, strings)
    for text in texts:
        html = text.source if text.is_html else escape(text.source)
        text.terms = terms.found_in(plain(html))
        text.sentences = sentences_in(html, code)
        text.suggestions = [
            each if text.is_html else MemoryMatch(
                words=plain(each.words), source=each.source, similarity=each.similarity, is_standard=each.is_standard
            )
            for each in memory.suggestions(html, text.place)
        ]  # fmt: skip


# --- Saving -------------------------------------------------------------------------------------------------------


@transaction.atomic
def save(text: QueuedText, *, locale: Locale, words: str, is_doubtful: bool, seen: str, by: Any) -> str:
    """Store the words of a text, and whether they are doubtful; without words, forget the translation.

    Returns what is wrong with its markup, or "".
    Raises ConflictError if another user has stored other words since.
    """
    words = words.replace("\r\n", "\n").strip()
    if text.stored and text.seen != seen and fingerprint(words) != text.seen:
        raise ConflictError
    problem = ""
    if isinstance(text.of, TextInWork):
        problem = _store(text.of, locale, words, by)
    kept.keep(
        locale=locale,
        kind=text.cell.subject.kind,
        key=text.cell.subject.key,
        text=text.key,
        words="" if isinstance(text.of, TextInWork) else words,
        is_doubtful=is_doubtful and bool(words),
    )
    return problem


def _store(text: TextInWork, locale: Locale, words: str, by: Any) -> str:
    if not words:
        if text.stored is not None:
            text.stored.delete()
        return ""
    segment = text.segment
    stored, _made = StringTranslation.objects.update_or_create(
        translation_of=segment.string,
        locale=locale,
        context=segment.context,
        defaults={
            "data": words,
            "translation_type": StringTranslation.TRANSLATION_TYPE_MANUAL,
            "tool_name": "",
            "last_translated_by": by,
            "has_error": False,
            "field_error": "",
        },
    )
    if problem := stored.get_error():
        return str(problem)
    because = markup_problem(text.source, words)
    return str(RefusedBecause(because).label) if because else ""


def finish_url(cell: Cell, code: str) -> str:
    """Return the address at which a record whose words are all here is saved."""
    return reverse("wording", args=[code, cell.subject.kind, cell.subject.source_pk])
