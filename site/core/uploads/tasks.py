from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.tasks import task


@task(priority=-20)
def delete_upload(number: int) -> None:
    """Delete an upload whose storage was away (`core.uploads.bucket.number_of` its name). It queues itself again while that is so."""
    # A `BucketStorage`. It queues this task, so its module cannot be imported here.
    bucket: Any = default_storage
    bucket.delete_numbered(number)
