"""Log filters and formats: nothing about a client is logged, on either site.

Imported before Django is set up, so it imports nothing from this project.
"""

from __future__ import annotations

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

# The request that this thread is answering (set by core.http.middleware).
# None during prerendering and previews, which no visitor requested.
answering: ContextVar[Any] = ContextVar("answering", default=None)


class NoTrace(logging.Filter):
    """Filter that reduces errors to a form without personal data, and drops all other records, during a request.

    This applies to all records, not only those with a request: any message of any library may quote an address, a
    search term or the token of a link, and a line for each 404 would record the time of a visit.
    An error on the public site is reduced to its type.
    On the private site it also has the pattern of the address and the lines of code that led to it, which staff need to
    find the fault.
    Attach it to handlers: a filter on a logger is skipped for records that propagate from its child loggers.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "reduced", False):
            return True  # already filtered for another handler
        request = getattr(record, "request", None) or answering.get()
        site_kind = getattr(getattr(request, "site_kind", None), "value", None)
        if getattr(request, "is_prerendering", False):
            site_kind = None
        # A request for an unknown host has not reached a site, and its record quotes the host.
        security = request is None and record.name.startswith("django.security")
        if site_kind is None and not security:
            return True
        if record.levelno < logging.ERROR:
            return False
        error = record.exc_info[1] if record.exc_info else None
        if site_kind == "private":
            record.msg, record.args = "private site: %s", (_on_private_site(record, request, error),)
        else:
            record.msg, record.args = "public site: %s", (type(error).__name__ if error else _status(record),)
        record.exc_info = record.exc_text = record.stack_info = None
        record.reduced = True
        if hasattr(record, "request"):
            del record.request
        return True


class JsonFormatter(logging.Formatter):
    """Format a record as a JSON object with `time` (UTC), `level`, `logger`, `message`, and `trace` if there is one.

    Other attributes are not written.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def trace(error: BaseException) -> str:
    """Return the tracebacks and types of an exception and its causes, without the messages, which may quote data."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < 10:
        where = "".join(traceback.format_tb(cause.__traceback__))
        parts.append(f"{type(cause).__module__}.{type(cause).__qualname__}\n{where}".rstrip())
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\nbecause of ".join(parts)


def _on_private_site(record: logging.LogRecord, request: Any, error: BaseException | None) -> str:
    # The pattern of the address (`members/link/<str:token>/`), never the address.
    route = getattr(getattr(request, "resolver_match", None), "route", None) or "?"
    what = trace(error) if error else f"{_status(record)}, logged in {record.filename}, line {record.lineno}"
    return f"{request.method if request.method in ('GET', 'POST') else '?'} {route}: {what}"


def _status(record: logging.LogRecord) -> Any:
    return getattr(record, "status_code", "-")
