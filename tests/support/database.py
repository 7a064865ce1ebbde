"""The test database as it was after the migrations, so that a test that commits leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


def remember() -> None:
    """Keep a copy of each row in a schema of its own; call it once, right after the migrations.

    Django's own flush empties all tables, Wagtail's first page, language and site with them.
    """
    if not str(connection.settings_dict["NAME"]).startswith("test_"):
        return  # no test of this run needs a database, so none was made
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS pristine CASCADE; CREATE SCHEMA pristine")
        for table in _tables(cursor):
            cursor.execute(f'CREATE TABLE pristine."{table}" AS TABLE public."{table}"')
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM pristine."{table}")')  # noqa: S608
            if not cursor.fetchone()[0]:
                cursor.execute(f'DROP TABLE pristine."{table}"')


def restore() -> None:
    """Put the rows back that `remember` saw, and no others. Connections of other processes stay open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'pristine'")
        kept = [name for (name,) in cursor.fetchall()]
        if not kept:
            raise RuntimeError("This is not the database that was remembered; nothing was changed.")
        everything = ", ".join(f'"{table}"' for table in _tables(cursor))
        # As a replica, the server checks no foreign key: the order of the tables does not matter.
        statements = ["BEGIN", f"TRUNCATE {everything}", "SET LOCAL session_replication_role = replica"]
        for table in kept:
            columns = ", ".join(f'"{name}"' for name in _columns(cursor, table))
            statements.append(
                f'INSERT INTO public."{table}" ({columns}) OVERRIDING SYSTEM VALUE '  # noqa: S608
                f'SELECT {columns} FROM pristine."{table}"'
            )
        cursor.execute("; ".join([*statements, "COMMIT"]))
    ContentType.objects.clear_cache()
    cache.clear()


def _tables(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in cursor.fetchall()]


def _columns(cursor: CursorWrapper, table: str) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]
