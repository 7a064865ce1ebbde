"""Rows that a site begins with, kept in a separate schema, to be restored after each test that commits."""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

SCHEMA = "pristine"
_columns: dict[str, str] = {}


def add_first_rows() -> None:
    """Add the rows of all settings, and the categories that the forms of the network offer.

    Wagtail makes a row of settings when it is first read.
    For the renderer that is a change of the whole site: without these rows, reading a setting would prerender
    everything, in every test again.
    """
    # Models cannot be imported before the engine is there.
    from network.vocabulary.services import seed_categories
    from prerender.invalidation import discard_changes
    from prerender.services import create_settings

    with transaction.atomic():
        create_settings()
        seed_categories()
        discard_changes()
        connection.run_on_commit.clear()


def remember(cursor: CursorWrapper) -> None:
    """Keep a copy of each row; call it once, after the migrations."""
    cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
    for table in tables(cursor):
        cursor.execute(f'CREATE TABLE {SCHEMA}."{table}" AS TABLE public."{table}"')
        cursor.execute(f'SELECT EXISTS (SELECT 1 FROM {SCHEMA}."{table}")')  # noqa: S608
        if not cursor.fetchone()[0]:
            cursor.execute(f'DROP TABLE {SCHEMA}."{table}"')


def restoring(cursor: CursorWrapper) -> list[str]:
    """Return the statements that restore those rows and no others, in one transaction.

    Connections of other processes stay open.
    """
    kept = tables(cursor, SCHEMA)
    if not kept:
        raise RuntimeError("This is not a database of the tests; nothing was changed.")
    everywhere = tables(cursor)
    cursor.execute(
        " UNION ALL ".join(
            f'SELECT {number} WHERE EXISTS (SELECT 1 FROM public."{table}")'  # noqa: S608
            for number, table in enumerate(everywhere)
        )
    )
    filled = [everywhere[number] for (number,) in cursor.fetchall()]
    # As a replica, the server checks no foreign key: the order of the tables does not matter.
    return [
        "SET LOCAL session_replication_role = replica",
        *(f'DELETE FROM public."{table}"' for table in filled),  # noqa: S608
        *(insert(cursor, SCHEMA, table) for table in kept),
        "SET LOCAL session_replication_role = DEFAULT",
    ]


def insert(cursor: CursorWrapper, schema: str, table: str) -> str:
    """Return the statement that puts the rows of a kept table into the table of its name."""
    columns = columns_of(cursor, table)
    return (
        f'INSERT INTO public."{table}" ({columns}) OVERRIDING SYSTEM VALUE '  # noqa: S608
        f'SELECT {columns} FROM {schema}."{table}"'
    )


def columns_of(cursor: CursorWrapper, table: str) -> str:
    """Return the writable columns, quoted for SQL.

    Queried once for each table: no test changes them.
    """
    if table not in _columns:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        _columns[table] = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
    return _columns[table]


def tables(cursor: CursorWrapper, schema: str = "public") -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
    return [name for (name,) in cursor.fetchall()]
