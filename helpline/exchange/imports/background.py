"""Import by the worker: a file is read, then confirmed, then saved.

It can be cancelled at any time before it is saved.
A request in the admin only stores the file, so that large files do not slow the public site.
Between the steps, the file is kept in Wagtail's store for unfinished uploads, which no web server serves, for the
person who uploaded it.
It is deleted once imported, and in any case after a day.
A file is saved in one transaction, so it is never imported partially.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import transaction
from django.tasks import task
from django.utils import timezone, translation
from wagtail.models import UploadedFile
from wagtail.users.models import UserProfile

from core.background import locks
from core.uploads.unavailable import StorageUnavailableError
from helpline.approval.rule import User
from helpline.exchange.csv.tables import MOST_ROWS, TableError
from helpline.exchange.imports.drafts import (
    FieldChange,
    ImportOutcome,
    ImportProgress,
    PlannedImport,
)
from helpline.exchange.imports.kinds import MODELS, import_upload
from helpline.exchange.models import ListingImport

Stage = ListingImport.Stage
KEPT = dt.timedelta(days=1)
# The number of listings, and of problems, that are kept to be shown.
ROWS_SHOWN, PROBLEMS_SHOWN = 500, 50
# The number of rows between two checks for cancellation.
OFTEN = 50


class ImportStoppedError(Exception):
    """Raised when the user has cancelled the import."""


class StoredProgress(ImportProgress):
    """Stores the progress of an import, and stops the import once it is cancelled."""

    def __init__(self, job: ListingImport) -> None:
        self.job = job
        self.compared_rows = 0

    def parsed(self, done: int, total: int) -> None:
        if done % OFTEN == 0 or done == total:
            if self.job.stage == Stage.READING:
                _move(self.job, Stage.READING, done=done, total=total)
            else:
                self.stop_if_cancelled()

    def compared(self) -> None:
        self.compared_rows += 1
        if self.compared_rows % OFTEN == 0:
            self.stop_if_cancelled()

    def stop_if_cancelled(self) -> None:
        """Check for cancellation without storing progress.

        Within the transaction of the import, progress would be visible to no one else, and cancelling would wait for
        the end of the transaction.
        """
        if not ListingImport.objects.filter(pk=self.job.pk, stage=self.job.stage).exists():
            raise ImportStoppedError


# --- What a person does ---------------------------------------------------------------------------


@transaction.atomic
def start(*, kind: str, data: bytes, by: User) -> ListingImport:
    """Keep a file to be read by the worker.

    Each person has one import at a time: an earlier one that is not being saved is cancelled.
    """
    for earlier in ListingImport.objects.filter(by_id=by.pk).exclude(stage__in=[Stage.CONFIRMED, Stage.SAVING]):
        cancel(earlier)
        forget(earlier)
    upload = UploadedFile(for_content_type=ContentType.objects.get_for_model(MODELS[kind]), uploaded_by_user=by)
    upload.file.save(f"listings-{kind}", ContentFile(data))
    upload.save()
    # A signed-in user has a key.
    return ListingImport.objects.create(kind=kind, upload=upload, by_id=by.pk)  # type: ignore[misc]


def confirm(job: ListingImport) -> bool:
    """Have a file saved that was read.

    Return whether that was possible.
    """
    return job.changes_anything and locks.move_stage(job, [Stage.READ], Stage.CONFIRMED)


def cancel(job: ListingImport) -> bool:
    """Cancel an import.

    Return False if it is too late.
    """
    if not locks.move_stage(job, ListingImport.CANCELLABLE, Stage.CANCELLED):
        return False
    delete_file(job)
    return True


# --- What the worker does -------------------------------------------------------------------------


def read(job: ListingImport) -> None:
    """Read a file, and store its changes and its problems, in the language of the user who uploaded it.

    If a worker died while reading, the next one starts again.
    """
    if locks.move_stage(job, [Stage.QUEUED, Stage.READING], Stage.READING):
        with translation.override(UserProfile.get_for_user(job.by).get_preferred_language()):
            _work(job, _read)


def save(job: ListingImport) -> None:
    """Save what was confirmed, completely or not at all.

    If a worker died while saving, nothing was saved, so it is saved again.
    """
    if locks.move_stage(job, [Stage.CONFIRMED, Stage.SAVING], Stage.SAVING):
        _work(job, _save)


def _work(job: ListingImport, step: Callable[[ListingImport], None]) -> None:
    try:
        step(job)
    except ImportStoppedError:
        return
    except TableError as bad:
        locks.move_stage(
            job, [job.stage], Stage.REFUSED, problems=[str(each) for each in bad.problems[:PROBLEMS_SHOWN]]
        )
        delete_file(job)
    except BaseException:
        locks.move_stage(job, [job.stage], Stage.FAILED)
        raise


def _read(job: ListingImport) -> None:
    changes = import_upload(job.kind, content(job), dry_run=True, most=MOST_ROWS, progress=StoredProgress(job))
    _move(job, Stage.READ, **outcome(changes))


def _save(job: ListingImport) -> None:
    data = content(job)
    with transaction.atomic():
        changes = import_upload(job.kind, data, most=MOST_ROWS, progress=StoredProgress(job), by=job.by)
        _move(job, Stage.DONE, **outcome(changes))
    delete_file(job)


def content(job: ListingImport) -> bytes:
    """Return the file.

    Raises ImportStoppedError if it is gone, and StorageUnavailableError if the storage cannot be reached.
    """
    try:
        with job.upload.file.open("rb") as file:  # type: ignore[union-attr]
            return bytes(file.read())
    except StorageUnavailableError:
        raise
    except (AttributeError, OSError):
        raise ImportStoppedError from None


def outcome(changes: Sequence[PlannedImport]) -> dict[str, Any]:
    """Return the outcome of an import: the number of listings of each kind, and the first of those that it changes."""
    shown = [change for change in changes if change.outcome is not ImportOutcome.SAME]
    return {
        "counts": Counter(change.outcome.value for change in changes),
        "changes": [
            {
                "reference": change.reference,
                "outcome": change.outcome.value,
                "name": change.name,
                "differences": [[each.field, each.before, each.after] for each in change.differences],
            }
            for change in shown[:ROWS_SHOWN]
        ],
    }


def changes_of(job: ListingImport) -> Iterator[PlannedImport]:
    """Yield the changes that `outcome` kept."""
    for kept in job.changes:
        differences = tuple(FieldChange(*each) for each in kept["differences"])
        yield PlannedImport(kept["reference"], ImportOutcome(kept["outcome"]), differences, kept["name"])


# --- Its row --------------------------------------------------------------------------------------


def _move(job: ListingImport, after: str, **values: Any) -> None:
    """Move on to another stage.

    Raises ImportStoppedError if the import was cancelled.
    """
    if not locks.move_stage(job, [job.stage], after, **values):
        raise ImportStoppedError


def expired() -> Iterable[ListingImport]:
    """Return the imports that are a day old, for the scheduler."""
    return ListingImport.objects.filter(changed_at__lte=timezone.now() - KEPT)


def forget(job: ListingImport) -> None:
    """Delete an import and its file.

    The imported listings stay.
    """
    delete_file(job)
    job.delete()


def delete_file(job: ListingImport) -> None:
    upload = UploadedFile.objects.filter(pk=job.upload_id).first()
    if upload is not None:
        upload.file.delete(save=False)
        upload.delete()
    job.upload = None


# --- Tasks ----------------------------------------------------------------------------------------


# Rendering goes first, so that public pages do not wait for an import.
@task(priority=-20)
def read_import(key: int) -> None:
    if job := ListingImport.objects.filter(pk=key).first():
        read(job)


@task(priority=-20)
def save_import(key: int) -> None:
    if job := ListingImport.objects.filter(pk=key).first():
        save(job)
