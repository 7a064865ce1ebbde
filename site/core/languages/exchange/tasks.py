from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.tasks import task

from core.languages.exchange import importing
from core.models.exchange import TranslationImport

if TYPE_CHECKING:
    from django.core.files import File


# Printing goes first: nobody who looks for help waits for a translator's file.
@task(priority=-20)
def read_translations(key: int) -> None:
    """Read a file of translations in the background."""
    if job := TranslationImport.objects.filter(pk=key).first():
        importing.read(job)


def start_import(*, file: File[Any], by: Any) -> TranslationImport:
    """Keep a file of translations, and have the worker read it. Its page is at `translations_upload`."""
    job = importing.start(file=file, by=by)
    transaction.on_commit(lambda: read_translations.enqueue(job.pk))
    return job
