"""Import of a file of translations in the worker: each text is accepted, or refused with a reason.

Each page or row of a wording is saved in one transaction, together with the outcome of its texts, so that another
worker can resume after the last one.
Nothing becomes public: accepted texts are stored like those that a translator has typed and neither submitted nor
published.
Wordings without drafts are the exception, on their screen as here.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.tasks import task
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import Truncator
from wagtail.models import Locale, UploadedFile
from wagtail_localize.models import StringTranslation

from core.background import locks, stopping
from core.languages.exchange import po, xliff
from core.languages.exchange.documents import (
    PAGE,
    Document,
    RefusedBecause,
    TranslationFileError,
    Unit,
    Writer,
    document_named,
)
from core.languages.exchange.inline import markup_problem, normalized, same
from core.models import BasePage
from core.models.translations import ImportedDocument, TranslationImport
from core.uploads.unavailable import StorageUnavailableError

Stage = TranslationImport.Stage
LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_MEMBERS = 1000
# How long the outcome is kept, how many texts of a page it lists, and how much of a text it shows.
KEPT = dt.timedelta(days=30)
NAMED = 200
SHOWN = 200
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)


# --- Requests of users --------------------------------------------------------------------------------------------


@transaction.atomic
def start(*, file: File[Any], by: Any) -> TranslationImport:
    """Keep a file for the worker.

    The ending of `file.name` gives its format.
    `start_import` also queues it.
    """
    name = Path(file.name or "").name[-200:]
    upload = UploadedFile(for_content_type=ContentType.objects.get_for_model(TranslationImport), uploaded_by_user=by)
    upload.file.save(f"translations{Path(name).suffix[:8]}", file)
    upload.save()
    return TranslationImport.objects.create(name=name, upload=upload, by=by)


def cancel(job: TranslationImport) -> bool:
    """Stop an import before its next page, and keep the accepted texts.

    Return False if it is too late.
    """
    if not locks.move_stage(job, TranslationImport.RUNNING, Stage.CANCELLED):
        return False
    delete_file(job)
    return True


# --- The worker ---------------------------------------------------------------------------------------------------


class ImportCancelledError(Exception):
    """The import was cancelled, or its file is gone."""


def read(job: TranslationImport) -> None:
    """Read a file, or resume reading it."""
    if not locks.move_stage(job, TranslationImport.RUNNING, Stage.READING):
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            _read(job, Path(folder))
    except ImportCancelledError:
        return
    except TranslationFileError as bad:
        locks.move_stage(job, [Stage.READING], Stage.REFUSED, problem=bad.problem)
    except stopping.ShutdownRequestedError:
        raise
    except BaseException:
        locks.move_stage(job, [Stage.READING], Stage.FAILED)
        raise
    else:
        locks.move_stage(job, [Stage.READING], Stage.DONE)
    delete_file(job)


def _read(job: TranslationImport, folder: Path) -> None:
    done = job.documents.count()
    for position, document in enumerate(_documents(_copy(job, folder), folder)):
        stopping.check()
        if position < done:
            continue
        with transaction.atomic():
            take(document, by=job.by, kind=Path(job.name).suffix).save_for(job, position)
            if not locks.move_stage(job, [Stage.READING], Stage.READING):
                raise ImportCancelledError


def _copy(job: TranslationImport, folder: Path) -> Path:
    """Fetch the file, which may be in remote storage, and give it a safe name.

    Raises ImportCancelledError if it is gone, and StorageUnavailableError if the storage is unavailable.
    """
    path = folder / f"upload{Path(job.name).suffix.lower()[:8]}"
    try:
        with job.upload.file.open("rb") as there, path.open("wb") as here:  # type: ignore[union-attr]
            shutil.copyfileobj(there, here)
    except StorageUnavailableError:
        raise
    except (AttributeError, OSError):
        raise ImportCancelledError from None
    return path


def _documents(path: Path, folder: Path) -> Iterator[Document]:
    """Yield the documents of a file, or of the files of an archive.

    Raises TranslationFileError.
    """
    if path.suffix in {xliff.SUFFIX, ".xliff", ".xml"}:
        with path.open("rb") as stream:
            yield from xliff.read(stream)
    elif path.suffix in {po.SUFFIX, ".pot"}:
        yield po.read(path, source_language=Locale.get_default().language_code)
    elif path.suffix == ".zip":
        for name, member in _unpacked(path, folder):
            try:
                yield from _documents(member, folder)
            except TranslationFileError as bad:
                unreadable = Unit(path="", key="", target="", problem=bad.problem)
                yield Document(original=name, source_language="", target_language="", units=[unreadable])
    else:
        raise TranslationFileError(TranslationFileError.Problem.OTHER)


def _unpacked(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of an archive, one by one: their names in it, and their paths, under safe names."""
    left = LARGEST_UNPACKED
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            if len(members) > MOST_MEMBERS:
                raise TranslationFileError(TranslationFileError.Problem.TOO_MANY)
            for member in members:
                suffix = Path(member.filename).suffix.lower()
                if suffix == ".zip":
                    raise TranslationFileError(TranslationFileError.Problem.OTHER)
                # The size declared in an archive may be false: no more than the limit is read.
                with archive.open(member) as packed:
                    content = packed.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise TranslationFileError(TranslationFileError.Problem.TOO_LARGE)
                file = folder / f"member{suffix[:8]}"
                file.write_bytes(content)
                yield member.filename, file
    except DAMAGED_ZIP:
        raise TranslationFileError(TranslationFileError.Problem.OTHER) from None


# --- One document ---------------------------------------------------------------------------------------------------


class Outcome:
    """The result of an import for the texts of one document."""

    def __init__(self, read: Document) -> None:
        self.read = read
        self.here: Document | None = None
        self.taken: list[Unit] = []
        self.same = self.empty = 0
        self.refused: list[tuple[Unit, str, str]] = []

    def refuse(self, unit: Unit, because: str, detail: str = "") -> None:
        self.refused.append((unit, because, detail))

    def save_for(self, job: TranslationImport, position: int) -> None:
        told = [*self.refused, *((unit, "", "") for unit in self.taken)][:NAMED]
        ImportedDocument.objects.create(
            job=job,
            position=position,
            title=(self.here.title if self.here else self.read.original)[:255],
            url=self.here.url if self.here else "",
            language=(self.here or self.read).target_language[:20],
            taken=len(self.taken),
            refused=len(self.refused),
            same=self.same,
            empty=self.empty,
            units=[
                {
                    "path": unit.path[:SHOWN],
                    "source": shown(unit.source),
                    "text": shown(unit.target),
                    "because": str(because),
                    "detail": detail,
                }
                for unit, because, detail in told
            ],
        )


def shown(html: str) -> str:
    """Return the beginning of a text without markup."""
    return Truncator(unescape(strip_tags(html.replace("\0", "")))).chars(SHOWN)


def take(document: Document, *, by: Any, kind: str) -> Outcome:
    """Store the accepted texts of a document, in the name of a user."""
    outcome = Outcome(document)
    because = ""
    try:
        outcome.here = document_named(document.original, by)
    except LookupError:
        because = RefusedBecause.GONE
    here = outcome.here
    if here is None:
        because = because or RefusedBecause.NOT_YOURS
    elif document.source_language not in {"", here.source_language} or document.target_language not in {
        "", here.target_language,
    }:  # fmt: skip
        because = RefusedBecause.LANGUAGE
    if because or here is None:
        for unit in document.units:
            outcome.refuse(unit, unit.problem or because)
        return outcome
    judge = Judge(here, document, outcome)
    for unit in document.units:
        judge.decide(unit)
    store = _store_page if here.original.startswith(f"{PAGE}/") else _store_words
    store(here, judge, by=by, kind=kind)
    return outcome


class Judge:
    """Decision about each text of a document."""

    def __init__(self, here: Document, document: Document, outcome: Outcome) -> None:
        self.outcome = outcome
        self.exported_at = document.exported_at
        self.by_place = {(unit.path, unit.key): unit for unit in here.units}
        self.paths = {unit.path for unit in here.units}
        self.seen: dict[tuple[str, str], str] = {}
        # The accepted texts: the stored one, and the one of the file.
        self.accepted: list[tuple[Unit, Unit]] = []
        self.is_page = here.original.startswith(f"{PAGE}/")
        page = here.of.get_target_instance() if self.is_page else None
        # Wordings have no flag for machine translations.
        self.takes_machines = isinstance(page, BasePage) and not page.is_sensitive
        self.changed_at = None if self.is_page else last_written(here)

    def decide(self, unit: Unit) -> None:
        """Accept a text, refuse it, or leave it unchanged."""
        if not unit.problem and not unit.target.strip():
            self.outcome.empty += 1
            return
        place = (unit.path, unit.key)
        here = self.by_place.get(place)
        if because := self.refusal_reason(unit, here):
            self.outcome.refuse(unit, because)
            return
        assert here is not None  # noqa: S101  (for mypy: without one there is a reason)
        if place in self.seen:
            if self.seen[place] != normalized(unit.target):
                self.outcome.refuse(unit, RefusedBecause.TWICE)
            return
        self.seen[place] = normalized(unit.target)
        if same(here.target, unit.target) and (here.writer is unit.writer or unit.writer is not Writer.PERSON):
            self.outcome.same += 1
            return
        self.accepted.append((here, unit))

    def refusal_reason(self, unit: Unit, here: Unit | None) -> str:
        if unit.problem:
            return unit.problem
        if here is None:
            return RefusedBecause.SOURCE if unit.path in self.paths else RefusedBecause.UNKNOWN
        if same(here.target, unit.target):
            return ""
        if unit.writer is Writer.UNSURE:
            return RefusedBecause.UNFINISHED
        if unit.writer is Writer.MACHINE and not self.takes_machines:
            return RefusedBecause.NO_MACHINE
        if because := markup_problem(here.source, unit.target):
            return because
        if not here.target:
            return ""
        if unit.writer is Writer.MACHINE and here.writer is Writer.PERSON:
            return RefusedBecause.PERSON
        changed_at = here.changed_at if self.is_page else self.changed_at
        if self.exported_at is None or changed_at is None or changed_at > self.exported_at:
            return RefusedBecause.NEWER
        return ""


def last_written(here: Document) -> dt.datetime | None:
    """Return the time of the last change of these words; None if it is not recorded."""
    locale = Locale.objects.get(language_code=here.target_language)
    past = here.of.wording.past(here.of, locale)
    return past[0].at if past else None


def _store_page(here: Document, judge: Judge, *, by: Any, kind: str) -> None:
    for stored, unit in judge.accepted:
        context, string = stored.segment or (0, 0)
        is_machine = unit.writer is Writer.MACHINE
        StringTranslation.objects.update_or_create(
            context_id=context,
            translation_of_id=string,
            locale_id=here.of.target_locale_id,
            defaults={
                "data": normalized(unit.target),
                "translation_type": StringTranslation.TRANSLATION_TYPE_MACHINE
                if is_machine
                else StringTranslation.TRANSLATION_TYPE_MANUAL,
                "tool_name": kind.removeprefix(".").upper()[:20],
                "last_translated_by": by,
                "has_error": False,
                "field_error": "",
            },
        )
        judge.outcome.taken.append(unit)


def _store_words(here: Document, judge: Judge, *, by: Any, kind: str) -> None:
    """Store the words as a draft, or live where there are no drafts; all that were accepted, or none."""
    if not judge.accepted:
        return
    wording, row = here.of.wording, here.of
    newest = row.newest
    words = {name: getattr(newest, name, "") or "" for name in wording.fields}
    words |= {unit.path: unescape(unit.target) for _stored, unit in judge.accepted}
    locale = Locale.objects.get(language_code=here.target_language)
    try:
        with transaction.atomic():
            wording.save(source=row.source, locale=locale, words=words, by=by, submit=False)
    except ValidationError as error:
        detail = " ".join(error.messages)
        for _stored, unit in judge.accepted:
            judge.outcome.refuse(unit, RefusedBecause.INVALID, detail)
    else:
        judge.outcome.taken += [unit for _stored, unit in judge.accepted]


# --- The import's row ---------------------------------------------------------------------------------------------


def expired() -> Iterable[TranslationImport]:
    """Return the imports whose outcome has been kept long enough, for the scheduler."""
    return TranslationImport.objects.filter(changed_at__lte=timezone.now() - KEPT)


def forget(job: TranslationImport) -> None:
    """Delete an import, its outcome and its file; the translations stay."""
    delete_file(job)
    job.delete()


def delete_file(job: TranslationImport) -> None:
    upload = UploadedFile.objects.filter(pk=job.upload_id).first()
    if upload is not None:
        upload.file.delete(save=False)
        upload.delete()
    job.upload = None


# Rendering goes first: pages for visitors must not wait for a translator's file.
@task(priority=-20)
def read_translations(key: int) -> None:
    """Read a file of translations in the background."""
    if job := TranslationImport.objects.filter(pk=key).first():
        read(job)


def start_import(*, file: File[Any], by: Any) -> TranslationImport:
    """Keep a file of translations, and have the worker read it.

    Its page is at `translations_upload`.
    """
    job = start(file=file, by=by)
    transaction.on_commit(lambda: read_translations.enqueue(job.pk))
    return job
