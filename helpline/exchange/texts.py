"""Import of what programmes say of themselves, in words: a row for each programme and language, as drafts that nobody has reviewed.

A text is shown once two people have approved it, like a listing; the demonstration shows it before, marked as not reviewed. What a person
has written or approved since is never overwritten. A file is imported completely, or not at all.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Locale, Revision

from core.locks import wait_for_lock
from helpline.exchange.bulk import keep_revisions
from helpline.exchange.csv import cells
from helpline.exchange.csv.tables import BadTable, parse
from helpline.exchange.imports import LOCK, FieldChange, ImportOutcome, PlannedImport
from helpline.exchange.parsed import identifier
from helpline.records.programmes import Programme
from helpline.records.texts import ProgrammeText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpline.exchange.csv.tables import CsvRow

KEY = ("id", "language")
# The columns with words, and their fields.
WORDS = {"what_it_is": "summary", "who_answers": "answers", "what_happens": "contact"}
COLUMNS = (*KEY, *WORDS)


def import_texts(data: bytes, *, dry_run: bool = False) -> list[PlannedImport]:
    """Import the content of a file. Rows in languages that the site does not have are left out. Raises BadTable.

    The number of queries does not depend on how many rows there are.
    """
    lines = parse(data, COLUMNS, key=KEY)
    with transaction.atomic():
        wait_for_lock(LOCK)
        locales = {locale.language_code: locale for locale in Locale.objects.all()}
        found = [line for line in lines if _checked(line) and line["language"] in locales]
        programmes = _programmes(found)
        known = _known(programmes)
        written = _written_by_people()
        plans: list[PlannedImport] = []
        drafts: list[ProgrammeText] = []
        for line in found:
            programme = programmes.get(identifier(line["id"]))
            if programme is None:
                line.add_problem("id", _("There is no programme with this id."))
                continue
            text = known.get((programme.uuid, line["language"]))
            plan = _plan(line, text, written)
            plans.append(plan)
            if plan.outcome in {ImportOutcome.NEW, ImportOutcome.CHANGED}:
                draft = text or _new(programme, locales[line["language"]])
                _fill(draft, line)
                drafts.append(draft)
        problems = [problem for line in lines for problem in line.problems]
        if problems:
            raise BadTable(problems)
        if not dry_run:
            _store(drafts)
    return plans


def _checked(line: CsvRow) -> bool:
    cells.reference(line)
    if line["language"] not in settings.LANGUAGE_TABLE:
        line.add_problem("language", _("“%(code)s” is not a known code.") % {"code": line["language"]})
    return not line.problems


def _programmes(lines: list[CsvRow]) -> dict[uuid.UUID, Programme]:
    wanted = {identifier(line["id"]) for line in lines}
    return {programme.uuid: programme for programme in Programme.objects.filter(uuid__in=wanted)}


def _known(programmes: dict[uuid.UUID, Programme]) -> dict[tuple[uuid.UUID, str], ProgrammeText]:
    """Return the texts that there are, locked so that nobody publishes one of them while it is compared."""
    texts = ProgrammeText.objects.filter(programme__in=programmes).select_related("locale")
    return {
        (text.programme_id, text.locale.language_code): text for text in texts.select_for_update(of=("self",))
    }


def _written_by_people() -> set[str]:
    """Return the primary keys, as text, of the texts that a person has saved."""
    by_people = Revision.objects.filter(
        content_type__app_label="helpline",
        content_type__model=ProgrammeText._meta.model_name,
        user__isnull=False,
    )
    return set(by_people.values_list("object_id", flat=True).distinct())


def _plan(line: CsvRow, text: ProgrammeText | None, written: set[str]) -> PlannedImport:
    reference = f"{line['id']} ({line['language']})"
    if text is None:
        return PlannedImport(reference, ImportOutcome.NEW)
    found = tuple(_differences(line, text))
    if not found:
        return PlannedImport(reference, ImportOutcome.SAME)
    by_people = text.live or text.first_published_at or str(text.pk) in written
    return PlannedImport(reference, ImportOutcome.CONFLICT if by_people else ImportOutcome.CHANGED, found)


def _differences(line: CsvRow, text: ProgrammeText) -> Iterator[FieldChange]:
    for column, field in WORDS.items():
        before = getattr(text, field)
        if before != line[column]:
            yield FieldChange(field, before, line[column])


def _new(programme: Programme, locale: Any) -> ProgrammeText:
    # The texts of a programme are translations of each other, wherever and whenever they are imported.
    key = uuid.uuid5(programme.uuid, "text")
    return ProgrammeText(programme=programme, locale=locale, translation_key=key, live=False)


def _fill(text: ProgrammeText, line: CsvRow) -> None:
    for column, name in WORDS.items():
        field: Any = ProgrammeText._meta.get_field(name)
        setattr(text, name, cells.short(field.max_length, required=not field.blank)(line, column))


def _store(drafts: list[ProgrammeText]) -> None:
    changed = [draft for draft in drafts if draft.pk]
    ProgrammeText.objects.bulk_create([draft for draft in drafts if not draft.pk])
    if changed:
        ProgrammeText.objects.bulk_update(changed, list(WORDS.values()), batch_size=500)
    keep_revisions(ProgrammeText, drafts)
