from __future__ import annotations

from django.tasks import task

from helpline.exchange import background
from helpline.exchange.models import ListingImport


# Printing goes first: nobody who looks for help waits for an import.
@task(priority=-20)
def read_import(key: int) -> None:
    """Read a file in the background."""
    if job := ListingImport.objects.filter(pk=key).first():
        background.read(job)


@task(priority=-20)
def save_import(key: int) -> None:
    """Save a file that was confirmed, in the background."""
    if job := ListingImport.objects.filter(pk=key).first():
        background.save(job)
