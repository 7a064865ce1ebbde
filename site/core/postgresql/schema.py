"""Comparison of the models with the tables of the database."""

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ANY (current_schemas(false))"
)


def missing() -> list[str]:
    """Return what the models have and the database lacks: tables, and columns as `table.column`, sorted.

    Apps that have migrations to apply are left out: `upgrade` creates their tables.
    """
    loader = MigrationLoader(connection)
    pending = {app for app, name in loader.disk_migrations if (app, name) not in loader.applied_migrations}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        columns = set(cursor.fetchall())
    tables = {table for table, _column in columns}
    lacking = set()
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if not meta.managed or meta.proxy or meta.swapped or meta.app_label in pending:
            continue
        if meta.db_table not in tables:
            lacking.add(meta.db_table)
            continue
        names = {field.column for field in meta.local_concrete_fields}
        lacking |= {f"{meta.db_table}.{name}" for name in names if (meta.db_table, name) not in columns}
    return sorted(lacking)
