"""Fixtures that are built once and then copied.

Most of what a test needs was built by the test before: the same pages in four languages, the same roles.
Building them takes hundreds of queries; putting their rows back takes a statement for each table.

    @pytest.fixture
    @cached_fixture
    def homes(home, languages):
        return {code: in_language(home, locale) for code, locale in languages.items()}

- The function runs once for each worker and for each state of the tables that it changes.
  After that its rows are put in from a copy, and what it returned is a copy too.
  It must not do anything but write to the database, the media folder and the prerendered files.
- Objects that it was given are refreshed, and where it returned one of them, the copy is that object.
- In a test that commits, what it builds is rendered, and the copy has the prerendered files.
- In a test that has stopped the clock, the copy is one that was built at the same moment.
- It runs as usual where a worker renders (its end is not known), where the clock was set and goes on, and where the
  test has written to the same tables before: the copy replaces whole tables, so they must hold exactly what they
  held when it was built.
"""

import io
import pickle
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, wraps
from itertools import count
from pathlib import Path
from typing import Any

import time_machine
from django.conf import settings
from django.core.cache import cache as django_cache
from django.db import connection, transaction
from django.db.models import Model
from psycopg2.extensions import set_wait_callback
from wagtail.models import Site

from core.postgresql import waiting
from tests.support.database import renders_immediately, renders_later, way_of_rendering
from tests.support.postgresql.pristine import columns_of, tables

# A digest of all rows of a table, by its name.
type State = dict[str, str]
# Copies of one fixture for different rows beneath it, for instance with and without a user.
# More are not worth their memory.
MAX_COPIES = 3


@dataclass
class Copy:
    before: State  # of the tables that changed
    rows: dict[str, bytes]  # in the format of COPY
    files: list[tuple[Path, Path]]  # the folder, and where a copy of it is kept
    returned: bytes
    statements: str = field(init=False)

    def __post_init__(self) -> None:
        deletions = (f'DELETE FROM public."{table}"' for table in self.rows)  # noqa: S608
        # As a replica, the server checks no foreign key: the order of the tables does not matter.
        self.statements = "; ".join(["SET LOCAL session_replication_role = replica", *deletions])


_copies: dict[tuple[object, ...], list[Copy]] = {}
_numbers = count()


def cached_fixture[**P, T](build: Callable[P, T]) -> Callable[P, T]:
    """Decorate the function of a fixture.

    See the docstring of this module.
    """

    @wraps(build)
    def fixture(*args: P.args, **kwargs: P.kwargs) -> T:
        committing = not connection.in_atomic_block
        moment = stopped_at()
        if (committing and not renders_immediately()) or (time_machine.escape_hatch.is_travelling() and not moment):
            return build(*args, **kwargs)
        copies = _copies.setdefault(
            (
                build.__module__,
                build.__qualname__,
                committing,
                moment,
                way_of_rendering(),
            ),
            [],
        )
        given = [*args, *kwargs.values()]
        for copy in copies:
            if state(copy.before) == copy.before:
                put(copy)
                for row in given:
                    if isinstance(row, Model):
                        row.refresh_from_db()
                returned: T = Unpickler(copy.returned, given).load()
                return returned
        if len(copies) == MAX_COPIES:
            return build(*args, **kwargs)
        before, files = state(), _files()
        returned = build(*args, **kwargs)
        if committing and renders_later():
            return returned
        copies.append(_copy(before, files, pickled(returned, given)))
        return returned

    return fixture


def stopped_at() -> int | None:
    """Return the moment at which the test has stopped the clock, in nanoseconds; None where it goes on."""
    moment = time.time_ns()
    return moment if time_machine.escape_hatch.is_travelling() and time.time_ns() == moment else None


class Pickler(pickle.Pickler):
    """Leaves out what the fixture was given."""

    def __init__(self, file: io.BytesIO, given: list[Any]) -> None:
        super().__init__(file)
        self.given = given

    def persistent_id(self, obj: object) -> int | None:
        return next((number for number, each in enumerate(self.given) if each is obj), None)


class Unpickler(pickle.Unpickler):
    """Puts in what the fixture is given now."""

    def __init__(self, data: bytes, given: list[Any]) -> None:
        super().__init__(io.BytesIO(data))
        self.given = given

    def persistent_load(self, number: int) -> object:
        return self.given[number]


def pickled(returned: object, given: list[Any]) -> bytes:
    file = io.BytesIO()
    Pickler(file, given).dump(returned)
    return file.getvalue()


def state(names: Mapping[str, str] | None = None) -> State:
    """Return digests of the tables, of all but the cache by default."""
    with connection.cursor() as cursor:
        wanted = _all_tables() if names is None else list(names)
        if not wanted:
            return {}
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', coalesce(md5(string_agg(row::text, '' ORDER BY row::text)), '') "  # noqa: S608
                f'FROM public."{name}" AS row'
                for name in wanted
            )
        )
        return dict(cursor.fetchall())


@contextmanager
def libpq_waits() -> Iterator[None]:
    """Let libpq wait for the database during the block: psycopg2 refuses COPY beside a wait of our own."""
    set_wait_callback(None)
    try:
        yield
    finally:
        waiting.install()


def put(copy: Copy) -> None:
    with transaction.atomic(), connection.cursor() as cursor, libpq_waits():
        cursor.execute(copy.statements)
        for table, rows in copy.rows.items():
            if rows:
                cursor.copy_expert(f"COPY {_target(table)} FROM STDIN", io.BytesIO(rows))
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    for folder, kept in copy.files:
        shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
    Site.clear_site_root_paths_cache()
    django_cache.clear()


def _copy(before: State, files: dict[Path, set[Path]], returned: bytes) -> Copy:
    after = state()
    changed = [table for table, digest in after.items() if before[table] != digest]
    rows = {}
    with connection.cursor() as cursor, libpq_waits():
        for table in changed:
            buffer = io.BytesIO()
            cursor.copy_expert(f"COPY {_target(table)} TO STDOUT", buffer)
            rows[table] = buffer.getvalue()
    kept = []
    for folder, there in _files().items():
        if there != files[folder]:
            place = Path(settings.SCRATCH) / "cached-fixtures" / str(next(_numbers))
            shutil.copytree(folder, place, symlinks=True)
            kept.append((folder, place))
    return Copy({table: before[table] for table in changed}, rows, kept, returned)


def _files() -> dict[Path, set[Path]]:
    """Return the files in the folders that a cached fixture may write to."""
    folders = (Path(settings.MEDIA_ROOT), Path(settings.PRERENDER_ROOT))
    return {folder: set(folder.rglob("*")) for folder in folders}


@cache
def _all_tables() -> list[str]:
    with connection.cursor() as cursor:
        return [table for table in tables(cursor) if table != "cache"]


@cache
def _target(table: str) -> str:
    with connection.cursor() as cursor:
        return f'public."{table}" ({columns_of(cursor, table)})'
