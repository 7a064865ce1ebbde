"""What the logs may know: everything about the desk, nothing about a visitor.

Imported before Django is set up, so it imports nothing of ours.
"""

import logging
from contextvars import ContextVar

# Whether this thread answers a visitor at the public door right now (set by core.doors).
serving_visitor: ContextVar[bool] = ContextVar("serving_visitor", default=False)


class PublicDoor(logging.Filter):
    """Reduce whatever is logged while a visitor is answered to the kind of error, and drop what is none.

    Not only records that name their request: any message, of any library, may quote an address or a word from a query. A line for
    each address that is not there would say when somebody came. Attach it to handlers: a filter on a logger is skipped for
    records that come up from its child loggers.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        door = getattr(getattr(request, "door", None), "value", None)
        at_public = door == "public" and not getattr(request, "is_print", False)
        # A host name that is not ours says nothing about the door, and everything about who tried.
        security = request is None and record.name.startswith("django.security")
        if getattr(record, "reduced", False):
            return True  # another handler's filter was here before
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
