"""Import of the plain words of laws from a file, one row for each law and language, as drafts that nobody has reviewed.

As with listings, what a person has written or approved is never overwritten. Languages that the site does not have are left out.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Locale

from core.locks import wait_for_lock
from helpline.exchange.bulk import keep_revisions
from helpline.exchange.csv.cells import reference, short
from helpline.exchange.csv.tables import BadTable, FileProblem, parse, read_bytes
from helpline.exchange.imports import LOCK, FieldChange, ImportOutcome, PlannedImport
from helpline.exchange.parsed import NAMESPACE, identifier
from helpline.records.laws import CountryLaw, LawText

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from helpline.exchange.csv.tables import CsvRow

COLUMNS = ("id", "law", "language", "words")


def import_law_texts(path: Path, *, dry_run: bool = False) -> list[PlannedImport]:
    """Import the texts of laws that are already imported. Raises BadTable, and then nothing is written. A fixed number of queries."""
    lines = parse(read_bytes(path), COLUMNS)
    longest = LawText._meta.get_field("words").max_length or 0
    read = [(line, reference(line), short(longest, required=True)(line, "words")) for line in lines]
    with transaction.atomic():
        wait_for_lock(LOCK)
        laws = {
            law.uuid: law
            for law in CountryLaw.objects.filter(uuid__in=[identifier(line["law"]) for line in lines])
        }
        problems = [*(problem for line in lines for problem in line.problems), *unknown_laws(lines, laws)]
        if problems:
            raise BadTable(problems)
        locales = {locale.language_code: locale for locale in Locale.objects.all()}
        known = {
            (text.law_id, text.locale_id): text
            for text in LawText.objects.filter(law__in=laws).select_related("latest_revision")
        }
        planned: list[PlannedImport] = []
        new: list[LawText] = []
        changed: list[LawText] = []
        for line, name, words in read:
            law, locale = laws[identifier(line["law"])], locales.get(line["language"])
            if locale is None:
                continue
            text = known.get((law.uuid, locale.pk))
            planned.append(plan(name, text, words))
            if text is None:
                new.append(
                    LawText(law=law, locale=locale, translation_key=key_of(law), words=words, live=False)
                )
            elif planned[-1].outcome is ImportOutcome.CHANGED:
                text.words = words
                changed.append(text)
        if not dry_run:
            LawText.objects.bulk_create(new)
            LawText.objects.bulk_update(changed, ["words"])
            keep_revisions(LawText, [*new, *changed])
    return planned


def plan(name: str, text: LawText | None, words: str) -> PlannedImport:
    if text is None:
        return PlannedImport(name, ImportOutcome.NEW)
    if text.words == words:
        return PlannedImport(name, ImportOutcome.SAME)
    by_people = (
        text.live or text.first_published_at or (text.latest_revision and text.latest_revision.user_id)
    )
    outcome = ImportOutcome.CONFLICT if by_people else ImportOutcome.CHANGED
    return PlannedImport(name, outcome, (FieldChange("words", text.words, words),))


def key_of(law: CountryLaw) -> uuid.UUID:
    """Return what the texts of a law in all languages have in common."""
    return uuid.uuid5(NAMESPACE, f"text:{law.uuid}")


def unknown_laws(lines: list[CsvRow], laws: dict[uuid.UUID, CountryLaw]) -> Iterator[FileProblem]:
    for line in lines:
        if identifier(line["law"]) not in laws:
            yield FileProblem(line.number, "law", _("There is no law with this id: import it first."))
