"""Several servers in one address, of which one is writable: `postgres://waymark@/waymark?host=db1,db2`.

libpq would try one after the other, too, but with a wait callback (`waiting`) it gives up a server that has vanished
only after minutes, and it takes the first writable one.
If two are writable, one was promoted while the other was unavailable, and the other is out of date: the promoted one is
on a newer timeline.
That one is used, and a process that has seen a newer timeline never goes back.
"""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg2
from django.conf import settings
from psycopg2 import extensions

type Parameters = dict[str, Any]
type Connect = Callable[[Parameters], extensions.connection]

log = logging.getLogger(__name__)
# The timeline is the beginning of the name of the file that is written to.
TIMELINE = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
NONE_LEFT = "None of the databases can be written to."
OUTDATED = "The only database that can be written to was replaced by another one."


class ChosenServer(NamedTuple):
    """The server that was last written to, and its timeline."""

    host: str
    port: str
    timeline: int


_chosen: dict[tuple[str, str], ChosenServer] = {}


def servers(parameters: Parameters) -> list[Parameters]:
    """Return the parameters for each of the servers: the same, unless several hosts are named."""
    hosts = str(parameters.get("host") or "").split(",")
    ports = str(parameters.get("port") or "").split(",")
    if len(hosts) == 1:
        return [parameters]
    ports = ports * len(hosts) if len(ports) == 1 else ports
    # To libpq, a public site whose sessions only read is on a server that only reads.
    wanted = "primary" if settings.SITE == "public" else "read-write"
    return [
        {**parameters, "host": host, "port": port, "target_session_attrs": wanted}
        for host, port in zip(hosts, ports, strict=True)
    ]


def connect(parameters: Parameters, connect_to: Connect) -> extensions.connection:
    """Connect to the server, or to the writable one of several.

    Raises psycopg2.OperationalError.
    """
    there = servers(parameters)
    if len(there) == 1:
        return connect_to(parameters)
    asked = str(parameters["host"]), str(parameters.get("port"))
    chosen = _chosen.get(asked)
    if chosen is not None:
        (same,) = (each for each in there if (each["host"], each["port"]) == chosen[:2])
        try:
            return connect_to(same)
        except psycopg2.OperationalError:
            log.error("The database at %s cannot be written to any more. Looking for another one.", chosen.host)
    connection, found = newest(there, connect_to)
    if chosen is not None and found.timeline < chosen.timeline:
        connection.close()
        raise psycopg2.OperationalError(OUTDATED)
    _chosen[asked] = found
    return connection


def newest(there: list[Parameters], connect_to: Connect) -> tuple[extensions.connection, ChosenServer]:
    """Return a connection to the writable server on the newest timeline.

    Raises psycopg2.OperationalError.
    """
    found = writable(there, connect_to)
    if not found:
        raise psycopg2.OperationalError(NONE_LEFT)
    found.sort(key=lambda each: each[1].timeline)
    connection, choice = found.pop()
    for other, outdated in found:
        other.close()
        log.error(
            "Two databases can be written to. Stop the one at %s, which was replaced by the one at %s.",
            outdated.host,
            choice.host,
        )
    return connection, choice


def writable(there: list[Parameters], connect_to: Connect) -> list[tuple[extensions.connection, ChosenServer]]:
    """Return a connection to each of the writable servers."""
    found = []
    for server in there:
        try:
            connection = connect_to(server)
        except psycopg2.OperationalError:
            continue
        with connection.cursor() as cursor:
            cursor.execute(TIMELINE)
            (timeline,) = cursor.fetchone() or ("0",)
        connection.rollback()
        found.append((connection, ChosenServer(server["host"], server["port"], int(timeline, 16))))
    return found
