"""What may be logged: everything about the desk, nothing about a visitor.

Imported before Django is set up, so it imports nothing from this project.
"""

import logging
from contextvars import ContextVar

# Whether this thread is answering a visitor at the public door (set by core.doors.middleware).
serving_visitor: ContextVar[bool] = ContextVar("serving_visitor", default=False)


class PublicDoor(logging.Filter):
    """While a visitor is being answered, reduce errors to their type and drop everything else.

    This goes for all records, not only those with a request: any message of any library may quote an address or a search term, and a
    line for each 404 would say when somebody visited. Attach it to handlers: a filter on a logger is skipped for records that
    propagate from its child loggers.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        door = getattr(getattr(request, "door", None), "value", None)
        at_public = door == "public" and not getattr(request, "is_print", False)
        # A request for an unknown host has not reached a door, and its record quotes the host.
        security = request is None and record.name.startswith("django.security")
        if getattr(record, "reduced", False):
            return True  # already filtered for another handler
        if serving_visitor.get() or at_public or security:
            if record.levelno < logging.ERROR:
                return False
            kind = (
                record.exc_info[0].__name__
                if record.exc_info and record.exc_info[0]
                else getattr(record, "status_code", "-")
            )
            record.msg, record.args = "public door: %s", (kind,)
            record.exc_info = record.exc_text = record.stack_info = None
            record.reduced = True
            if request is not None:
                del record.request  # type: ignore[attr-defined]
        return True
