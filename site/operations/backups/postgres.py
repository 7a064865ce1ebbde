"""Dump and restore of the database with PostgreSQL's own programs: `pg_dump`, `pg_restore`, `psql`.

A dump is loaded beside the existing tables, in a separate schema, in one transaction: until `put_in_place` nothing
changes for users, and a restore that is killed leaves at most that schema, which the next one drops.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from operations.backups import BackupError
from operations.backups.programs import running

# Schemas of a restored database until it is put in place, and of the previous one meanwhile.
RESTORING, REPLACED = "restoring", "replaced"
BEGIN = f"""
BEGIN;
DROP SCHEMA IF EXISTS {RESTORING} CASCADE;
ALTER SCHEMA public RENAME TO {REPLACED};
CREATE SCHEMA public;
"""
END = f"""
ALTER SCHEMA public RENAME TO {RESTORING};
ALTER SCHEMA {REPLACED} RENAME TO public;
COMMIT;
"""
# The owner that PostgreSQL sets since version 15.
# Without the right to change it, it stays.
OWNER = """
DO $$ BEGIN
    ALTER SCHEMA public OWNER TO pg_database_owner;
EXCEPTION WHEN insufficient_privilege OR undefined_object THEN NULL;
END $$
"""
# `pg_dump (PostgreSQL) 17.6`, and of Debian `pg_dump (PostgreSQL) 17.6 (Debian 17.6-0+deb13u1)`.
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def server_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def folders() -> Iterator[Path]:
    """Yield where the programs may be: with the embedded server, on the path, where Debian puts each version."""
    if "data" in connection.settings_dict["OPTIONS"]:
        yield connection.start_server().bin_path  # type: ignore[attr-defined]
    if found := shutil.which("pg_dump"):
        yield Path(found).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def version_of(folder: Path) -> int | None:
    """Return the major version of the programs in a folder; None if they are not there."""
    try:
        with running([folder / "pg_dump", "--version"], stdout=subprocess.PIPE) as pg_dump:
            found = VERSION.search(pg_dump.output.read().decode())
    except OSError:
        return None
    return int(found[1]) if found else None


def programs() -> Path:
    """Return a folder with `pg_dump`, `pg_restore` and `psql` that are at least as new as the server.

    Raises BackupError.
    """
    wanted, found = server_version(), []
    for folder in folders():
        version = version_of(folder)
        if version is not None and version >= wanted:
            return folder
        if version is not None:
            found.append(f"{folder}: {version}")
    have = f"there is only {', '.join(found)}" if found else "there is none"
    raise BackupError(
        f"`pg_dump` of PostgreSQL {wanted} or newer is needed, "
        f"for the server has that version; {have}. Install it (Debian: "
        f"`apt-get install postgresql-client-{wanted}`), or put its folder first on the PATH. Nothing was changed."
    )


def environment() -> dict[str, str]:
    """Return the environment in which the programs connect to Django's database.

    The password is not an argument: all users of the machine can see those.
    """
    connection.ensure_connection()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE", "sslmode": "PGSSLMODE",
             "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}  # fmt: skip
    given = connection.connection.get_dsn_parameters()
    found = {variable: given[name] for name, variable in names.items() if given.get(name)}
    if password := connection.settings_dict.get("PASSWORD"):
        found["PGPASSWORD"] = str(password)
    return {**os.environ, **found, "PGOPTIONS": "-c client_min_messages=warning -c statement_timeout=0"}


# --- Dump -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of the database: its name at the server, and how many rows each table had."""

    name: str
    rows: dict[str, int]


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Hold a snapshot of the database for the block, so that row counts and dump agree."""
    apart = connection.copy()
    try:
        with apart.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            name = cursor.fetchone()[0]
            yield Snapshot(name, count_rows(cursor, "public"))
    finally:
        apart.close()


def count_rows(cursor: CursorWrapper, schema: str) -> dict[str, int]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
    counts = [f"SELECT '{table}', count(*) FROM {schema}.\"{table}\"" for (table,) in cursor.fetchall()]  # noqa: S608
    if not counts:
        return {}
    cursor.execute(" UNION ALL ".join(counts))
    return dict(cursor.fetchall())


@contextmanager
def dumping(moment: Snapshot) -> Iterator[IO[bytes]]:
    """Yield the output of `pg_dump`.

    Raises BackupError at the end of the block if it failed.
    """
    command: list[str | Path] = [
        programs() / "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment.name}",
        "--schema=public",
    ]  # fmt: skip
    with running(command, stdout=subprocess.PIPE, env=environment()) as pg_dump:
        yield pg_dump.output
        if pg_dump.end():
            raise BackupError(f"The database could not be read: {pg_dump.words} No backup was made.")


# --- Load -----------------------------------------------------------------------------------------


def load(pieces: Iterable[bytes]) -> None:
    """Load a database that `pg_dump` wrote into the schema RESTORING, all or nothing.

    Raises BackupError.
    """
    folder = programs()
    command: list[str | Path] = [folder / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment()) as psql:
        psql.input.write(BEGIN.encode())
        psql.input.flush()
        # `pg_restore` writes to psql itself.
        # We write the last statements, and only if it has succeeded.
        unpacker: list[str | Path] = [
            folder / "pg_restore", "--no-owner", "--no-privileges", "--schema=public", "--file=-",
        ]  # fmt: skip
        with running(unpacker, stdin=subprocess.PIPE, stdout=psql.input) as pg_restore:
            with suppress(BrokenPipeError):
                for piece in pieces:
                    pg_restore.input.write(piece)
            failed = pg_restore.end()
            if not failed:
                with suppress(BrokenPipeError):
                    psql.input.write(END.encode())
            problem = pg_restore.words
        if psql.end() or failed:
            raise BackupError(f"The database could not be restored: {psql.words or problem} Nothing was changed.")


def is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public')")
        return bool(cursor.fetchone()[0])


def others() -> int:
    """Return the number of other connections to the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


@contextmanager
def looking_at_restored() -> Iterator[None]:
    """Have Django use the restored tables for the block, although they are not in place yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {RESTORING}")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("RESET search_path")


def put_in_place() -> None:
    """Replace the existing tables with the restored ones.

    Call it in a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("put_in_place() needs a transaction.")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            f"DROP SCHEMA public CASCADE; ALTER SCHEMA {RESTORING} RENAME TO public; SET search_path TO public"
        )
        cursor.execute(OWNER)


def discard() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {RESTORING} CASCADE")
