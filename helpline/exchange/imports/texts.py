"""Import of texts about listings from a table: a row for each listing and language, as unreviewed drafts.

A text is shown once two people have approved it, like a listing.
The demonstration shows it before that, marked as not reviewed.
An import never overwrites what a person has written or approved since.
A file is imported completely, or not at all.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Locale

from core.background.locks import wait_for_lock
from core.languages.lazy import StrOrPromise
from helpline.approval.rule import User
from helpline.exchange.csv import cells
from helpline.exchange.csv.tables import CsvRow, TableError, parse
from helpline.exchange.imports.drafts import (
    LOCK,
    FieldChange,
    ImportOutcome,
    ImportProgress,
    PlannedImport,
    edited_by_people,
    keep_revisions,
    watched,
)
from helpline.exchange.imports.parsed import identifier
from helpline.records.laws import LawText
from helpline.records.listings import Listing
from helpline.records.texts import ProgrammeText

KEY = ("id", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """Kind of file: the model of its texts, the field that refers to the listing, and its text columns."""

    model: type[ProgrammeText] | type[LawText]
    listing: str
    name: str  # the field that identifies the listing to people, in every language
    words: Mapping[str, str]  # column: field
    optional: tuple[str, ...] = ()  # columns that a file may lack, which leaves their fields unchanged
    unknown: StrOrPromise  # the problem of a row for an unknown listing

    @property
    def columns(self) -> tuple[str, ...]:
        return (*KEY, *(column for column in self.words if column not in self.optional))

    def read(self, line: CsvRow) -> dict[str, str]:
        """Return the words of a row by field."""
        cells.reference(line)
        if line["language"] not in settings.LANGUAGE_TABLE:
            line.add_problem("language", _("“%(code)s” is not a known code.") % {"code": line["language"]})
        found = {}
        for column, name in self.words.items():
            if column not in line:
                continue
            field: Any = self.model._meta.get_field(name)
            found[name] = cells.short(field.max_length, required=not field.blank)(line, column)
        return found

    def listings(self, lines: Iterable[CsvRow]) -> dict[uuid.UUID, Listing]:
        """Return the listings that rows are about."""
        model: Any = self.model._meta.get_field(self.listing).related_model
        return {each.uuid: each for each in model.objects.filter(uuid__in=[_about(line) for line in lines])}

    def known(self, listings: Iterable[uuid.UUID]) -> dict[tuple[uuid.UUID, str], ProgrammeText | LawText]:
        """Return the existing texts, locked so that none of them is published while it is compared."""
        found = self.model.objects.filter(**{f"{self.listing}__in": list(listings)})
        locked = found.select_related("locale", self.listing).select_for_update(of=("self",))
        return {(getattr(text, self.listing).uuid, text.locale.language_code): text for text in locked}

    def new(self, listing: Listing, locale: Locale) -> ProgrammeText | LawText:
        # The texts of a listing are translations of each other, regardless of when they are imported.
        key = uuid.uuid5(listing.uuid, "text")
        return self.model(**{self.listing: listing}, locale=locale, translation_key=key, live=False)

    def store(self, drafts: list[ProgrammeText | LawText], *, by: User | None) -> None:
        changed = [draft for draft in drafts if draft.pk]
        self.model.objects.bulk_create([draft for draft in drafts if not draft.pk])
        if changed:
            self.model.objects.bulk_update(changed, list(self.words.values()), batch_size=500)
        keep_revisions(self.model, drafts, by=by)


PROGRAMME_TEXTS = TextTable(
    model=ProgrammeText,
    listing="programme",
    name="name",
    words={
        "what_it_is": "summary",
        "who_answers": "answers",
        "what_happens": "contact",
        "note": "note",
        "operator": "operator",
    },
    optional=("note", "operator"),
    unknown=gettext_lazy("There is no programme with this id."),
)
LAW_TEXTS = TextTable(
    model=LawText,
    listing="law",
    name="law",
    words={"words": "words"},
    unknown=gettext_lazy("There is no law with this id: import it first."),
)


def import_texts(
    table: TextTable,
    data: bytes,
    *,
    dry_run: bool = False,
    most: int | None = None,
    progress: ImportProgress | None = None,
    by: User | None = None,
) -> list[PlannedImport]:
    """Import the content of a file, as `imports.import_table` does.

    Rows in languages that the site does not have are left out.
    The number of queries does not depend on the number of rows.
    """
    lines = parse(data, table.columns, table.optional, key=KEY, most=most)
    rows = [(line, table.read(line)) for line in watched(lines, progress)]
    with transaction.atomic():
        wait_for_lock(LOCK)
        listings = table.listings(lines)
        _check(lines, listings, table)
        known = table.known(listings)
        edited = edited_by_people(table.model)
        locales = {locale.language_code: locale for locale in Locale.objects.all()}
        plans: list[PlannedImport] = []
        drafts: list[ProgrammeText | LawText] = []
        for line, words in rows:
            if progress is not None:
                progress.compared()
            locale = locales.get(line["language"])
            if locale is None:
                continue
            listing = listings[_about(line)]
            text = known.get((listing.uuid, line["language"]))
            plans.append(_plan(line, words, getattr(listing, table.name), text, edited))
            if plans[-1].outcome in {ImportOutcome.NEW, ImportOutcome.CHANGED}:
                draft = text or table.new(listing, locale)
                for name, said in words.items():
                    setattr(draft, name, said)
                drafts.append(draft)
        if not dry_run:
            table.store(drafts, by=by)
    return plans


def _about(line: CsvRow) -> uuid.UUID:
    return identifier(line["id"])


def _check(lines: list[CsvRow], listings: Mapping[uuid.UUID, Listing], table: TextTable) -> None:
    """Raise TableError with what is wrong with the rows, if anything is."""
    for line in lines:
        if _about(line) not in listings and not line.problems:
            line.add_problem("id", str(table.unknown))
    problems = [problem for line in lines for problem in line.problems]
    if problems:
        raise TableError(problems)


def _plan(
    line: CsvRow, words: Mapping[str, str], name: str, text: ProgrammeText | LawText | None, edited: set[str]
) -> PlannedImport:
    found = tuple(_differences(words, text))
    if text is None:
        outcome = ImportOutcome.NEW
    elif not found:
        outcome = ImportOutcome.SAME
    elif text.live or text.first_published_at or str(text.pk) in edited:
        outcome = ImportOutcome.CONFLICT
    else:
        outcome = ImportOutcome.CHANGED
    return PlannedImport(f"{line['id']} ({line['language']})", outcome, found, name)


def _differences(words: Mapping[str, str], text: ProgrammeText | LawText | None) -> Iterator[FieldChange]:
    for name, said in words.items():
        before = getattr(text, name) if text is not None else None
        if said != (before or ""):
            yield FieldChange(name, before, said)
