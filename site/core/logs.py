"""What the logs may know: everything about the desk, nothing about a visitor."""

import logging

from django.conf import settings


class PublicDoor(logging.Filter):
    """Reduce a record about the public door to its level and the kind of error.

    Attach it to handlers: a filter on a logger is skipped for records that come up from its child loggers.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is None and not record.name.startswith("django.security"):
            return True
        meta = getattr(request, "META", {})
        if meta.get("HTTP_HOST", "").partition(":")[0].lower() == settings.DESK_HOST:
            return True
        name = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else getattr(record, "status_code", "-")
        record.msg, record.args = "public door: %s", (name,)
        record.exc_info = record.exc_text = record.stack_info = None
        if request is not None:
            del record.request
        return True
