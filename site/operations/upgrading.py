"""The steps of an upgrade, in an order in which a visitor never gets half of it.

1. The new static files are put beside the old ones, so that every process has those of each page.
2. The new version renders from now on: an old worker that renders stops after the pages in progress, and renders
   nothing more.
3. Tables, roles, first pages.
4. Every page is rendered again, while the old one is still in its place.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from pkgutil import iter_modules

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from core import version
from core.background import stopping
from prerender import services
from prerender.models import RenderVersion
from prerender.rendering.batches import RenderOutcome
from prerender.services import prerender_lock

PAUSE = 0.5  # seconds between two checks whether an old renderer has stopped


class StillRenderingError(Exception):
    """An old renderer has not stopped in time."""


def pending_migrations() -> list[Migration]:
    """Return the migrations that this version has and the database does not, in order."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def applied_migrations() -> list[str]:
    """Return the migrations that the database has, as `prerender.0001_initial`."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def unknown_migrations(applied: Iterable[str]) -> list[str]:
    """Return those of these migrations that are of our apps, and that a newer version made.

    No query.
    """
    known, ours = set(), set()
    for app in apps.get_app_configs():
        if Path(app.path).relative_to(settings.ROOT, walk_up=True).parts[0] in version.code_folders():
            ours.add(app.label)
            known |= {f"{app.label}.{found.name}" for found in iter_modules([f"{app.path}/migrations"])}
    return [name for name in applied if name not in known and name.partition(".")[0] in ours]


def has_site() -> bool:
    """Return whether the database holds a site.

    An empty one has nothing that could be interrupted.
    """
    return RenderVersion._meta.db_table in connection.introspection.table_names()


@contextmanager
def rendering_taken_over(*, patience: float) -> Iterator[None]:
    """Have only this version render.

    If the block fails, the version before may render again.

    `patience`: seconds to wait for a renderer that is running.
    Raises StillRenderingError.
    """
    before = services.take_over()
    try:
        wait_for_renderer(patience)
        yield
    except BaseException:
        services.give_back(before)
        raise


def wait_for_renderer(patience: float) -> None:
    """Wait until no process renders.

    Raises StillRenderingError.
    """
    until = time.monotonic() + patience
    while True:
        with prerender_lock() as free:
            if free:
                return
        stopping.check()
        if time.monotonic() > until:
            raise StillRenderingError
        time.sleep(PAUSE)


def render_everything(
    *, patience: float, progress: Callable[[RenderOutcome, int], None] | None = None
) -> RenderOutcome:
    """Render every page with this version, together with a worker of it that may be running already.

    Raises StillRenderingError.
    """
    total = services.make_all_due()
    outcome = RenderOutcome()
    while True:
        try:
            outcome.add(services.render_due(progress=(lambda done: progress(done, total)) if progress else None))
            break
        except services.AlreadyRunningError:  # a new worker: it renders the same pages
            wait_for_renderer(patience)
    outcome.removed += services.remove_strays()
    return outcome
