"""The shared fixture: rows that many tests begin with.

The *shared fixture* is built once (the home page in four languages), by the same factories, and its rows are kept;
for each test the server copies them back with one statement per table.
Building it for every test took a third of the suite's time.

A test that commits begins with the prerendered files, too: they are kept beside the rows, once for each way of
rendering.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from wagtail.models import Site

from core.publishing import routes
from prerender.models import PendingChange, PendingPath
from tests.support.postgresql import pristine
from tests.support.postgresql.pristine import insert, tables

# For each table that the shared fixture changes, the number of rows without it.
_before: dict[str, int] = {}
# For each way of rendering, the tables that the prerendered fixture changes.
# Their rows are in a schema of that name, the files in a folder.
_prerendered: dict[str, list[str]] = {}
# For each table that has rows from the first day, their digest: no test changes the kept ones.
_first: dict[str, str] = {}
_untouched = False  # whether nothing had been written when a test requested the shared fixture


def save_shared_fixture(build: Callable[[], object]) -> None:
    """Keep the rows that `build` makes on top of those that the migrations made.

    Call it once, before the first test.
    """
    if not str(connection.settings_dict["NAME"]).startswith("test_"):
        return  # no test of this run needs a database, so none was made
    with transaction.atomic():
        build()
        connection.run_on_commit.clear()  # nothing is rendered: no test has begun
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS shared_fixture CASCADE; CREATE SCHEMA shared_fixture")
        for table in _changed(cursor):
            cursor.execute("SELECT to_regclass(%s)", [f'{pristine.SCHEMA}."{table}"'])
            _before[table] = _rows(cursor, pristine.SCHEMA, table) if cursor.fetchone()[0] else 0
            cursor.execute(f'CREATE TABLE shared_fixture."{table}" AS TABLE public."{table}"')
        cursor.execute("; ".join(["BEGIN", *pristine.restoring(cursor), "COMMIT"]))
    ContentType.objects.clear_cache()
    cache.clear()


def restore_shared_fixture() -> bool:
    """Copy the rows of the shared fixture into the test's transaction, if it is unchanged.

    Return whether it did.

    Not for a test that commits: what it builds is to be rendered.
    """
    if not _before or not connection.in_atomic_block:
        return False
    untouched = " AND ".join(
        f'(SELECT count(*) FROM public."{table}") = {rows}'  # noqa: S608
        for table, rows in _before.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {untouched}")
        if not cursor.fetchone()[0]:
            return False
        statements = ["SET LOCAL session_replication_role = replica"]
        for table in _before:
            statements += [f'DELETE FROM public."{table}"', insert(cursor, "shared_fixture", table)]  # noqa: S608
        cursor.execute("; ".join([*statements, "SET LOCAL session_replication_role = DEFAULT"]))
    Site.clear_site_root_paths_cache()
    return True


def save_rendered_fixture() -> None:
    """Keep the present rows and prerendered files for the next test that commits.

    Skip this where a worker renders: it may not be done.
    """
    if not _untouched or not renders_immediately() or renders_later():
        return
    name = way_of_rendering()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}")
        tables = _changed(cursor)
        for table in tables:
            cursor.execute(f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"')
    shutil.rmtree(_kept_files(name), ignore_errors=True)
    if Path(settings.PRERENDER_ROOT).exists():
        shutil.copytree(settings.PRERENDER_ROOT, _kept_files(name), symlinks=True)
    _prerendered[name] = tables


def restore_rendered_fixture() -> bool:
    """Put the prerendered fixture in place, if nothing has been written yet.

    Return whether it did.
    """
    global _untouched
    name = way_of_rendering()
    with connection.cursor() as cursor:
        _untouched = not connection.in_atomic_block and not _changed(cursor)
        if not _untouched or name not in _prerendered:
            return False
        statements = ["BEGIN", "SET LOCAL session_replication_role = replica"]
        for table in _prerendered[name]:
            statements += [f'DELETE FROM public."{table}"', insert(cursor, name, table)]  # noqa: S608
        cursor.execute("; ".join([*statements, "COMMIT"]))
    if _kept_files(name).exists():
        shutil.copytree(_kept_files(name), settings.PRERENDER_ROOT, symlinks=True, dirs_exist_ok=True)
    Site.clear_site_root_paths_cache()
    return True


def renders_immediately() -> bool:
    """Return whether a test's changes are rendered when the commit returns, and not by a worker later."""
    return "Immediate" in settings.TASKS["default"]["BACKEND"]


def renders_later() -> bool:
    """Return whether something is still to be rendered, because a test blocked it: a copy would keep that."""
    return PendingChange.objects.exists() or PendingPath.objects.exists()


def way_of_rendering() -> str:
    """Return a name for the site-wide settings on which prerendered files depend and that tests change."""
    hashed = "StaticStorage" in settings.STORAGES["staticfiles"]["BACKEND"]
    kinds = sum(1 for _kind in routes.declared())
    languages = "_".join(settings.INTERFACE_LANGUAGES).replace("-", "_")  # of error pages
    return f"prerendered_{'demo' if settings.DEMO else 'real'}_{'hashed' if hashed else 'plain'}_{kinds}_{languages}"


def _kept_files(name: str) -> Path:
    return settings.SCRATCH / name


def _changed(cursor: CursorWrapper) -> list[str]:
    """Return the tables whose rows differ from those of the migrations, apart from the cache, in one query."""
    if not _first:
        _first.update({table: _value(cursor, pristine.SCHEMA, table) for table in tables(cursor, pristine.SCHEMA)})
    asked = [
        f"SELECT '{table}' WHERE {_differs(table) if table in _first else _has_rows(table)}"
        for table in tables(cursor)
        if table != "cache"
    ]
    cursor.execute(" UNION ALL ".join(asked))
    return [table for (table,) in cursor.fetchall()]


def _has_rows(table: str) -> str:
    return f'EXISTS (SELECT 1 FROM public."{table}")'  # noqa: S608


def _differs(table: str) -> str:
    return f"{_digest('public', table)} <> '{_first[table]}'"


def _digest(schema: str, table: str) -> str:
    """Return the expression for a digest of all rows of a table."""
    return f"(SELECT coalesce(md5(string_agg(row::text, '' ORDER BY row::text)), '') FROM {schema}.\"{table}\" AS row)"  # noqa: S608


def _value(cursor: CursorWrapper, schema: str, table: str) -> str:
    cursor.execute(f"SELECT {_digest(schema, table)}")
    return str(cursor.fetchone()[0])


def _rows(cursor: CursorWrapper, schema: str, table: str) -> int:
    cursor.execute(f'SELECT count(*) FROM {schema}."{table}"')  # noqa: S608
    return int(cursor.fetchone()[0])
