"""The database role of the public site, which reads what visitors look for, and nothing else.

`upgrade`, `set_up` and `restore` create and update it: the public site renders searches, filtered lists and pages of
the open APIs on request, and needs the tables that these read.
Each app declares its models (`public_models` in `core.declarations`); all types of pages are among them.
Accounts, sessions, messages, mail, approvals, revisions and reports are not, and neither is any table that an app adds
without declaring it.
"""

from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.db.utils import ProgrammingError
from psycopg2.errors import InsufficientPrivilege
from wagtail.models import Page, get_page_models

from core import declarations

# Defaults of its sessions. The process sets the same (`core.postgresql.base`); these hold for any client.
DEFAULTS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}
WRITES = "INSERT, UPDATE, DELETE, TRUNCATE"


class Excess(NamedTuple):
    """Rights of the role: tables that it may write, that it may read although it need not, and that it lacks."""

    written: list[str]
    read: list[str]
    missing: list[str]


def name() -> str:
    """Return the name of the role: roles are of a whole server, so it has the name of the database."""
    return f"{connection.settings_dict['NAME']}_public"


def tables() -> list[str]:
    """Return the tables that it reads, sorted.

    That of the migrations is among them: the process compares them with its own version.
    """
    models: set[type[Model]] = {Page, *get_page_models(), *declarations.collect("public_models")}
    models |= {parent for model in models for parent in model._meta.all_parents}
    return sorted({MigrationRecorder.Migration._meta.db_table, *(model._meta.db_table for model in models)})


def update() -> str:
    """Create the role if need be, give it its rights and take all others, and return what an operator has to do.

    Empty if nothing is left to do.
    """
    role, problem = connection.ops.quote_name(name()), ""
    with transaction.atomic(), connection.cursor() as cursor:
        if not exists(cursor) and (problem := attempt(cursor, f"CREATE ROLE {role} LOGIN")):
            return (
                f"The public site has no database account of its own, because this one may not create it ({problem}). "
                f"As an administrator of PostgreSQL: CREATE ROLE {role} LOGIN; and then this command again."
            )
        if password := settings.PUBLIC_DATABASE_PASSWORD:
            problem = attempt(cursor, f"ALTER ROLE {role} PASSWORD %s", [password])
        # Without the right to change the role, the process itself sets the defaults.
        attempt(cursor, ";".join(f"ALTER ROLE {role} SET {each} = '{value}'" for each, value in DEFAULTS.items()))
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        cursor.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        named = ", ".join(connection.ops.quote_name(table) for table in tables())
        cursor.execute(f"GRANT SELECT ON {named} TO {role}")
    if problem:
        return f"The password of the database account {role} was not changed: {problem}."
    return ""


def exists(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [name()])
    return bool(cursor.fetchone()[0])


def attempt(cursor: CursorWrapper, statement: str, values: list[str] | None = None) -> str:
    """Run a statement that not every account may run, and return why it was refused, or an empty text."""
    try:
        with transaction.atomic():
            cursor.execute(statement, values)
    except ProgrammingError as refused:
        if not isinstance(refused.__cause__, InsufficientPrivilege):
            raise
        return str(refused).partition("\n")[0].strip()
    return ""


def excess() -> Excess | None:
    """Compare the rights of the role with those that it needs; None if there is no such role."""
    with connection.cursor() as cursor:
        if not exists(cursor):
            return None
        cursor.execute(
            "SELECT tablename, has_table_privilege(%s, quote_ident(tablename), %s), "
            "has_table_privilege(%s, quote_ident(tablename), 'SELECT') "
            "FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
            [name(), WRITES, name()],
        )
        found = cursor.fetchall()
    needed = set(tables())
    return Excess(
        [table for table, writes, _reads in found if writes],
        [table for table, _writes, reads in found if reads and table not in needed],
        [table for table, _writes, reads in found if not reads and table in needed],
    )


def is_bypassed() -> bool:
    """Return whether a process of the public site is connected with the account of this one, which may do anything."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename = current_user AND application_name = 'waymark public')"
        )
        return bool(cursor.fetchone()[0])
