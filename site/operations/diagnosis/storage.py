"""Checks of the bucket that has the uploads, if there is one: is it there, may we, may nobody else, do the clocks agree?"""

from __future__ import annotations

import tempfile
import urllib.error
import urllib.request
import uuid
from datetime import timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from core.uploads.away import StorageAway
from operations.diagnosis import DoctorFinding, doubtful, right, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.uploads.bucket import BucketStorage

SUBJECT = "Storage"
WORDS = b"Written by `manage.py doctor`. It deletes this at once."
# A storage refuses requests that are 15 minutes early or late.
CLOCKS_AGREE = timedelta(minutes=2)
PATIENCE = 5  # seconds
NOT_KEPT = "Pictures and files cannot be uploaded, and pages that need one which this machine has no copy of are not printed. Printed pages stay."


def bucket() -> Iterator[DoctorFinding]:
    """Look at the bucket by writing, reading and deleting a file of our own. Nothing is said if uploads are on the disk."""
    if not settings.STORAGE:
        return
    storage, name = cast("BucketStorage", default_storage), f"doctor/{uuid.uuid4().hex}"
    yield from encryption()
    try:
        storage.ask()
        storage.put(name, BytesIO(WORDS))
        with tempfile.TemporaryDirectory() as folder:
            storage.fetch(name, Path(folder, "found"))
        names = storage.names()
        yield from clocks(storage)
        yield from privacy(storage, name)
        storage.remove(name)
    except (StorageAway, FileNotFoundError) as problem:
        yield wrong(
            SUBJECT,
            f"{settings.STORAGE}: {problem}",
            meaning=NOT_KEPT,
            remedy="Look at WAYMARK_STORAGE, _ENDPOINT, _REGION, _KEY and _SECRET. The key has to list the bucket, and to read, write and delete "
            "in it: docs/operators/storage.md. If its clock or ours is wrong, it refuses all.",
        )
    else:
        yield right(SUBJECT, f"{settings.STORAGE} takes, gives and deletes files; it has {len(names) - 1:,}.")


def encryption() -> Iterator[DoctorFinding]:
    if settings.STORAGE_ENDPOINT.startswith("http://"):
        yield doubtful(
            SUBJECT,
            f"{settings.STORAGE_ENDPOINT} is asked without TLS.",
            meaning="Whoever is between this machine and the storage can read and change what is uploaded.",
            remedy="WAYMARK_STORAGE_ENDPOINT=https://…, unless that is a network of your own.",
        )


def clocks(storage: BucketStorage) -> Iterator[DoctorFinding]:
    said = storage.client.head_bucket(Bucket=storage.bucket_name)["ResponseMetadata"]["HTTPHeaders"]["date"]
    apart = abs(timezone.now() - parsedate_to_datetime(said))
    if apart > CLOCKS_AGREE:
        yield doubtful(
            SUBJECT,
            f"Its clock and the one here are {int(apart.total_seconds())} seconds apart.",
            meaning="From a quarter of an hour on it refuses everything.",
            remedy="`timedatectl`: is the time of this machine set by NTP? Then tell whoever runs the storage.",
        )


def privacy(storage: BucketStorage, name: str) -> Iterator[DoctorFinding]:
    """Ask for the file and for the list of files, as anybody could."""
    address = storage.address(name)
    for asked, what in (
        (address, "read the files"),
        (address.removesuffix(storage.key(name)), "list the files"),
    ):
        if answers_anybody(asked):
            yield wrong(
                SUBJECT,
                f"Anybody can {what} in it: {settings.STORAGE} is not private.",
                meaning="Drafts, files under an embargo, what members share in their groups, and every original are public.",
                remedy="Take the public access from the bucket now, by your storage's own means, and look what was read: docs/operators/incidents.md.",
            )


def answers_anybody(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE):  # noqa: S310  (of our own settings)
            return True
    except (urllib.error.URLError, TimeoutError):
        return False


CHECKS = [bucket]
