"""Failures of the storage of uploads: one kind of error for every backend, and a check before a file is sent."""

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _


class StorageUnavailableError(OSError):
    """The storage of uploads does not respond, refuses, or is full.

    Nothing was written, and existing files are unchanged.
    """

    # The number of failures in this process.
    # Wagtail replaces an unreadable picture by a placeholder; the renderer detects this by the number.
    times = 0

    def __init__(self, why: str) -> None:
        super().__init__(why)
        StorageUnavailableError.times += 1


def require_storage() -> None:
    """Check that a remote storage accepts files now.

    Raises ValidationError with advice to the editor.
    """
    ask = getattr(default_storage, "ask", None)
    if ask is None:
        return
    try:
        ask()
    except StorageUnavailableError:
        raise ValidationError(
            _(
                "The storage for files does not respond. Your file was not kept; nothing else has changed. "
                "Try again in a few minutes."
            ),
            code="unavailable",
        ) from None
