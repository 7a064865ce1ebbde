"""Test databases are copied from a template with the migrated tables, and the rows that every site begins with.

Running the migrations takes some twenty seconds, copying their result a fraction of one.
The template is named for a digest of all migrations, so that a changed migration gets a new one.
Where migrations were only added, an earlier template is copied and migrated further, as the database of a site is.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import django
import wagtail
from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import creation
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader

from tests.support.postgresql import pristine

PREFIX = "waymark_template_"
KEPT = 3  # templates, the current one among them: switching between branches should not rebuild them
LOCK = 7_391_204  # of a PostgreSQL advisory lock; any number that nothing else on the server uses
STARTER = Path(settings.ROOT) / "network" / "data" / "categories.toml"
# The tests' data need not survive a crash of the machine.
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


type Digests = dict[str, str]


def digests_of_migrations() -> Digests:
    """Return a digest of each migration, ours or a dependency's.

    Under an empty name it is one of the versions of Django and Wagtail, and of what is kept.
    """
    versions = f"{django.__version__} {wagtail.__version__}\n".encode()
    kept = Path(pristine.__file__).read_bytes() + STARTER.read_bytes()
    digests = {"": digest(versions + kept)}
    for app in sorted(apps.get_app_configs(), key=lambda app: app.label):
        module, _explicit = MigrationLoader.migrations_module(app.label)
        spec = find_spec(module) if module else None
        for folder in (spec and spec.submodule_search_locations) or ():
            for path in sorted(Path(folder).glob("*.py")):
                digests[f"{app.label}/{path.name}"] = digest(path.read_bytes())
    return digests


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def goes_on_from(digests: Digests, earlier: Digests) -> bool:
    """Return whether all of the earlier migrations are still there, unchanged."""
    return bool(earlier) and earlier.items() <= digests.items()


class DatabaseCreation(creation.DatabaseCreation):
    def create_test_db(
        self,
        verbosity: int = 1,
        autoclobber: bool = False,
        serialize: bool | None = None,
        keepdb: bool = False,
    ) -> str:
        """Copy the template, after making it if there is none yet.

        A database left by an earlier run is replaced.
        """
        name = self._unused(self._get_test_db_name())
        with self._locked() as cursor:
            template = self._template(cursor, verbosity)
            cursor.execute(f"DROP DATABASE IF EXISTS {self._quote_name(name)} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {self._quote_name(name)} TEMPLATE {self._quote_name(template)}")
        self._use(name)
        self.connection.ensure_connection()
        return name

    def _unused(self, name: str) -> str:
        """Return this name, with a number appended if another run is using it.

        It stays reserved until this process ends.
        """
        self.reservation = type(self.connection)(
            {**self.connection.settings_dict, "NAME": "postgres"}, alias=NO_DB_ALIAS
        )
        with self.reservation.cursor() as cursor:
            for number in count(1):
                candidate = name if number == 1 else f"{name}_{number}"
                cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCK, candidate])
                if cursor.fetchone()[0]:
                    return candidate
        raise AssertionError

    @contextmanager
    def _locked(self) -> Iterator[CursorWrapper]:
        """Let one worker at a time pass: they start together, and only one of them may make the template."""
        with self._nodb_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            yield cursor  # closing the connection releases the lock

    def _template(self, cursor: CursorWrapper, verbosity: int) -> str:
        digests = digests_of_migrations()
        name = PREFIX + digest(json.dumps(digests).encode())
        if not self._database_exists(cursor, name):
            if self.connection.is_embedded:
                for setting, value in CARELESS.items():
                    cursor.execute(f"ALTER SYSTEM SET {setting} = {value}")
                cursor.execute("SELECT pg_reload_conf()")
            self._build(cursor, name, digests, verbosity)
            self._drop_old(cursor)
        return name

    def _build(self, cursor: CursorWrapper, name: str, digests: Digests, verbosity: int) -> None:
        """Migrate a database of another name first: a template is either complete or missing."""
        before = self.connection.settings_dict["NAME"]
        building = f"building_{name}"
        cursor.execute(f"DROP DATABASE IF EXISTS {self._quote_name(building)} WITH (FORCE)")
        earlier = self._earlier(cursor, digests)
        if earlier:
            cursor.execute(f"CREATE DATABASE {self._quote_name(building)} TEMPLATE {self._quote_name(earlier)}")
        tests = self.connection.settings_dict["TEST"]
        named = tests["NAME"]
        tests["NAME"] = building
        try:
            super().create_test_db(verbosity=verbosity, autoclobber=True, keepdb=bool(earlier))
            pristine.add_first_rows()
            with self.connection.cursor() as inside:
                pristine.remember(inside)
        finally:
            tests["NAME"] = named
            self._use(before)
        cursor.execute(f"ALTER DATABASE {self._quote_name(building)} RENAME TO {self._quote_name(name)}")
        # A database with open connections cannot be copied.
        cursor.execute(f"ALTER DATABASE {self._quote_name(name)} ALLOW_CONNECTIONS false")
        cursor.execute(f"COMMENT ON DATABASE {self._quote_name(name)} IS %s", [json.dumps(digests)])

    def _earlier(self, cursor: CursorWrapper, digests: Digests) -> str | None:
        """Return the newest template whose migrations are among these."""
        cursor.execute(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE %s ORDER BY "
            "oid DESC",
            [f"{PREFIX}%"],
        )
        return next(
            (name for name, kept in cursor.fetchall() if goes_on_from(digests, json.loads(kept or "{}"))),
            None,
        )

    def _drop_old(self, cursor: CursorWrapper) -> None:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC OFFSET %s",
            [f"{PREFIX}%", KEPT],
        )
        for (old,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE {self._quote_name(old)}")

    def _destroy_test_db(self, test_database_name: str, verbosity: int) -> None:
        super()._destroy_test_db(test_database_name, verbosity)
        self.reservation.close()

    def _use(self, name: str) -> None:
        self.connection.close()
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name
