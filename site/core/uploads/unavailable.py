"""When the storage of uploads does not answer: one kind of error, whatever is behind it, and how to ask before anything is sent."""

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _


class StorageUnavailableError(OSError):
    """The storage of uploads does not answer, refuses, or is full. Nothing was written, and nothing that was there is gone."""

    # How often this has happened in this process. Wagtail makes a picture that cannot be read into one that says so; the renderer must notice.
    times = 0

    def __init__(self, why: str) -> None:
        super().__init__(why)
        StorageUnavailableError.times += 1


def require_storage() -> None:
    """Ask the storage whether it takes a file now, if it is another machine. Raises ValidationError with what a person can do."""
    ask = getattr(default_storage, "ask", None)
    if ask is None:
        return
    try:
        ask()
    except StorageUnavailableError:
        raise ValidationError(
            _(
                "The storage for files does not respond. Your file was not kept; nothing else has changed. Try again in a few minutes."
            ),
            code="unavailable",
        ) from None
