"""Wait callback for psycopg2 that detects a hanging server.

A server whose processes are stopped, or whose disk does not respond, keeps its connections open, and its kernel
acknowledges all data sent: no setting of the client or the server ends such a wait.
So a statement that takes longer than PATIENCE makes the client check: does the server respond on a new connection,
within as long again?
A slow statement on a healthy server goes on; the server limits its time.

Once the server has been found to hang, the next connections fail immediately for PAUSE seconds.
Otherwise each request in the queue would wait in turn, and the pages that need no database would wait behind them.
"""

import select
import time

import psycopg2
from django.conf import settings
from psycopg2 import extensions
from psycopg2.extensions import POLL_OK, POLL_READ, STATUS_SETUP, parse_dsn, set_wait_callback

# Seconds for one statement, should the server fail to end it, and for a response before the client checks whether the
# server hangs.
LONGEST = 20.0 if settings.SITE else 900.0
PATIENCE = 0.7 if settings.SITE else 10.0
# Seconds for which a server that was found to hang is left alone.
PAUSE = 2.0
HANGS = "The database does not respond."

# By host and port.
_left_alone_until: dict[tuple[str, str], float] = {}


def install() -> None:
    """Install the wait callback for all connections of this process.

    psycopg2 closes a connection whose callback raises.
    """
    set_wait_callback(wait)


def check(host: object, port: object) -> None:
    """Raise OperationalError while a server that hangs is left alone."""
    if time.monotonic() < _left_alone_until.get(_server(host, port), 0.0):
        raise psycopg2.OperationalError(HANGS)


def wait(connection: extensions.connection) -> None:
    """Wait until the server has answered.

    Raises OperationalError if it hangs.
    """
    started = time.monotonic()
    while (state := connection.poll()) != POLL_OK:
        connecting = connection.status == STATUS_SETUP  # connecting is such a check itself
        patience = PATIENCE * (2 if connecting else 1)
        while not _is_ready(connection.fileno(), state, patience):
            if connecting or time.monotonic() - started > LONGEST or not _answers(connection.dsn):
                _leave_alone(connection.dsn)
                raise psycopg2.OperationalError(HANGS)


def _leave_alone(dsn: str) -> None:
    at = parse_dsn(dsn)
    _left_alone_until[_server(at.get("host"), at.get("port"))] = time.monotonic() + PAUSE


def _server(host: object, port: object) -> tuple[str, str]:
    return str(host or ""), str(port or "")


def _answers(dsn: str) -> bool:
    """Return whether the server responds on a new connection.

    A request for the password, which `dsn` lacks, is enough.
    """
    until = time.monotonic() + PATIENCE
    try:
        knock = psycopg2.connect(dsn, async_=True)
    except psycopg2.OperationalError:
        return False
    try:
        while (state := knock.poll()) != POLL_OK:
            if not _is_ready(knock.fileno(), state, max(0.0, until - time.monotonic())):
                return False
            if state == POLL_READ:
                return True
    except psycopg2.OperationalError:
        return False
    finally:
        knock.close()
    return True


def _is_ready(file: int, state: int, seconds: float) -> bool:
    """Return whether the socket is ready for psycopg2's next step, within so many seconds."""
    wants_to_read = state == POLL_READ
    if hasattr(select, "poll"):
        poller = select.poll()
        poller.register(file, select.POLLIN if wants_to_read else select.POLLOUT)
        return bool(poller.poll(seconds * 1000))
    # Windows, where sockets are not limited to numbers below 1024.
    files = [file]
    return any(select.select(files if wants_to_read else [], [] if wants_to_read else files, [], seconds))
