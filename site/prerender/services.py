"""Prerendering: render what is due, purge what no longer exists, render the whole site, compare files with the site."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.contrib.settings.registry import registry as settings_models
from wagtail.models import Site

from core import version
from core.background import stopping
from core.background.locks import advisory_lock
from core.publishing import routes
from prerender import addresses
from prerender.addresses import Address
from prerender.invalidation import discard_changes, expand_changes
from prerender.models import (
    Kind,
    PendingChange,
    PendingPath,
    PrerenderedPath,
    PrerenderHost,
    RenderVersion,
    Withdrawal,
    this_host,
)
from prerender.rendering import sizes
from prerender.rendering.batches import RenderedBatch, RenderOutcome, remove, store_batch
from prerender.rendering.pool import Pool, pool
from prerender.store.files import FileStore, is_safe, name_for

log = logging.getLogger(__name__)
# Addresses put in place together: few enough that an editor does not wait for the rest of the site.
BATCH = 50
# Number of due addresses from which more processes render: fewer would be done before the processes have started.
WORTH_OTHERS = 300
# Seconds after which a renderer that waits for its rendering processes checks for a request to stop.
LOOK_UP = 0.5
_rendering: ContextVar[bool] = ContextVar("rendering", default=False)


class AlreadyRunningError(Exception):
    """Another process is rendering, and will also render what this one was called for."""


class SupersededError(Exception):
    """Another version of the software renders now.

    Addresses that are due are left to its processes.
    """


# --- Rendering ------------------------------------------------------------------------------------


def render_due(*, progress: Callable[[RenderOutcome], None] | None = None) -> RenderOutcome:
    """Render until nothing is due.

    Changes made in the meantime come next, before the rest of a whole-site render, and withdrawals before all else:
    they wait for the batches in progress alone, each of which ends after a few seconds (`rendering.batches.ENOUGH`).
    Addresses that need a storage that is unavailable stay due and are left out (`waiting`).
    Raises AlreadyRunningError if a process is already rendering: it continues until nothing is left.
    Raises SupersededError.
    Raises ShutdownRequestedError if the process is to stop: the batch in progress is abandoned, and the rest stays due.
    """
    outcome = RenderOutcome()
    while True:
        with exclusive_rendering() as folder, pool() as renderer_pool:
            for batch, made in batches(renderer_pool, outcome.waiting):
                outcome.add(store_batch(batch.paths, made, folder=folder))
                done = [path for path in batch.paths if path not in made.waiting and path not in made.unfinished]
                if batch.urgency == PendingPath.Urgency.WITHDRAWN:
                    with folder.locked():
                        folder.note_withdrawn(name_for(path) for path in done if is_safe(path))
                # Addresses that became due while this batch was rendered have a higher key and stay in the queue.
                PendingPath.objects.filter(path__in=done, pk__lte=batch.newest).delete()
                if progress:
                    progress(outcome)
        # Another process may have given way to us just before we released the lock.
        if not PendingChange.objects.exists() and not PendingPath.objects.exclude(path__in=outcome.waiting).exists():
            if outcome.waiting:
                log.error(
                    "The storage of uploads is unavailable. %s addresses wait for it, among them %s.",
                    len(outcome.waiting),
                    min(outcome.waiting),
                )
            else:
                FileStore().finish_first_render()
            return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    asked: list[Address]
    urgency: int
    newest: int  # the key of the last address that was due when this batch was started

    @property
    def paths(self) -> list[str]:
        return [address.path for address in self.asked]


def batches(renderer_pool: Pool, left_out: Collection[str]) -> Iterator[tuple[Batch, RenderedBatch]]:
    """Render what is due batch by batch, the most urgent first, until only `left_out` is left.

    `left_out` may grow meanwhile.
    """
    in_hand: dict[Future[RenderedBatch], Batch] = {}
    while True:
        # Before the rest of many changes, such as an import, is expanded, that which was withdrawn is rendered.
        while expand_changes() and not withdrawn_due(left_out):
            pass
        if PendingPath.objects.count() >= WORTH_OTHERS:
            renderer_pool.start_workers()
        while len(in_hand) < renderer_pool.capacity and (batch := next_batch(in_hand.values(), left_out)):
            in_hand[renderer_pool.submit(batch.asked)] = batch
        if not in_hand:
            return
        done, _waiting = wait(in_hand, timeout=LOOK_UP, return_when=FIRST_COMPLETED)
        stopping.check()
        require_render_version()
        for future in done:
            batch = in_hand.pop(future)
            yield batch, renderer_pool.result(future, batch.asked)


def withdrawn_due(left_out: Collection[str]) -> bool:
    withdrawn = PendingPath.objects.filter(urgency=PendingPath.Urgency.WITHDRAWN)
    return withdrawn.exclude(path__in=left_out).exists()


def next_batch(in_hand: Collection[Batch], left_out: Collection[str]) -> Batch | None:
    """Return the next batch.

    An address that is being rendered must finish first, and nothing less urgent starts beside a batch in progress.
    """
    due = PendingPath.objects.exclude(path__in=[*left_out, *(path for batch in in_hand for path in batch.paths)])
    if in_hand:
        due = due.filter(urgency__lte=min(batch.urgency for batch in in_hand))
    rows = list(due.order_by("urgency", "pk")[:BATCH])
    if not rows:
        return None
    # Do not delay urgent addresses by filling up the batch with others.
    rows = [row for row in rows if row.urgency == rows[0].urgency]
    asked = {row.path: Address(path=row.path, kind=Kind(row.kind), source=row.source) for row in rows}
    newest = PendingPath.objects.aggregate(newest=Max("pk"))["newest"]
    return Batch(asked=list(asked.values()), urgency=rows[0].urgency, newest=newest)


def require_render_version() -> None:
    """Raise SupersededError if another version of the software renders now.

    One query.
    """
    rendering = RenderVersion.objects.values_list("digest", flat=True).first()
    if rendering is not None and rendering != version.running():
        raise SupersededError


def take_over() -> str | None:
    """Make this version the one that renders, and return the digest of the one before.

    A renderer of another version stops after the pages in progress.
    """
    before = RenderVersion.objects.values_list("digest", flat=True).first()
    give_back(version.running())
    return before


@transaction.atomic
def give_back(digest: str | None) -> None:
    """Make another version the one that renders; None: every version may."""
    RenderVersion.objects.all().delete()
    if digest is not None:
        RenderVersion.objects.create(digest=digest)


@contextmanager
def exclusive_rendering() -> Iterator[FileStore]:
    """Hold the prerender lock and yield the folder.

    Raises AlreadyRunningError or SupersededError.
    """
    if _rendering.get():
        raise AlreadyRunningError
    with prerender_lock() as taken:
        if not taken:
            raise AlreadyRunningError
        token = _rendering.set(True)
        try:
            require_render_version()
            folder = FileStore()
            folder.clear()
            with folder.locked():
                pass  # taking the lock finishes the work of a dead process
            yield folder
        finally:
            _rendering.reset(token)


def render_paths(paths: Iterable[str]) -> RenderOutcome:
    """Render these addresses now.

    Raises LookupError with the first path that does not exist.
    """
    due = []
    for path in paths:
        known = PrerenderedPath.objects.filter(path=path).first() if is_safe(path) else None
        address = addresses.locate(path) or known
        if address is None:
            raise LookupError(path)
        due.append(PendingPath(path=path, kind=address.kind, source=address.source, urgency=PendingPath.Urgency.NOW))
    PendingPath.objects.bulk_create(due)
    return render_due()


def render_all(*, progress: Callable[[RenderOutcome, int], None] | None = None) -> RenderOutcome:
    """Render every address, and remove every file that belongs to none.

    `progress` is called with the outcome so far and the total.
    If interrupted, the rest stays due: `render_due` continues.
    """
    total = make_all_due()
    outcome = render_due(progress=(lambda outcome: progress(outcome, total)) if progress else None)
    outcome.removed += remove_strays()
    return outcome


def make_all_due() -> int:
    """Make every address due, entry pages first.

    Returns how many there are.
    """
    if not PrerenderedPath.objects.exclude(rendered_at=None).exists():
        FileStore().start_first_render()
    create_settings()
    discard_changes()
    if this_host():  # from here on, every change makes addresses due here as well
        PrerenderHost.objects.get_or_create(name=this_host())
    wanted: dict[str, Address | PrerenderedPath] = {
        prerendered.path: prerendered for prerendered in PrerenderedPath.objects.all()
    }
    wanted |= {address.path: address for address in addresses.everything(reasons=False)}
    rows = (
        PendingPath(
            path=item.path,
            kind=item.kind,
            source=item.source,
            urgency=PendingPath.Urgency.NOW if is_first(item) else PendingPath.Urgency.WHOLE_SITE,
        )
        for item in wanted.values()
    )
    PendingPath.objects.bulk_create(rows, batch_size=1000)
    return len(wanted)


def is_first(item: Address | PrerenderedPath) -> bool:
    return item.path == "/" or (isinstance(item, Address) and item.is_first)


def create_settings() -> None:
    """Create the row of each settings model.

    Wagtail creates it on first read: if a page did that, all pages would be due again.
    """
    for model in settings_models:
        if issubclass(model, BaseSiteSetting):
            for site in Site.objects.all():
                model.for_site(site)
        else:
            model.load()


def remove_strays() -> list[str]:
    """Remove files that belong to no address, and return their names."""
    folder = FileStore()
    with folder.locked():
        wanted = [
            *PrerenderedPath.objects.values_list("path", flat=True),
            *PrerenderedPath.objects.all().pictures(),
        ]
        strays = folder.strays({name_for(path) for path in wanted if is_safe(path)})
        folder.remove(strays)
    return strays


# --- Purging: immediately, in the process that committed the change, never queued -----------------


def purge_pages(keys: Iterable[int]) -> list[str]:
    return purge(PrerenderedPath.everywhere.of_pages(list(keys)))


def purge_documents(keys: Iterable[int] | None = None) -> list[str]:
    prerendered = PrerenderedPath.everywhere.filter(kind=Kind.DOCUMENT)
    return purge(prerendered if keys is None else prerendered.filter(source__in=[str(key) for key in keys]))


def purge_redirects(keys: Iterable[int]) -> list[str]:
    return purge(PrerenderedPath.everywhere.filter(kind=Kind.MOVED, source__in=[str(key) for key in keys]))


def purge_paths(paths: Iterable[str]) -> list[str]:
    """Purge addresses that are not pages: files that belong to a page or a row."""
    return purge(PrerenderedPath.everywhere.filter(path__in=list(paths), kind__in=[Kind.DOCUMENT, Kind.OTHER]))


def purge_packages(paths: Iterable[str]) -> None:
    """Remove packages that hold a withdrawn file, and render them again.

    They are due only afterwards, or one that the worker has just rendered would be lost.
    """
    packages = routes.packages_among(paths)
    if not packages:
        return
    withdraw_elsewhere(packages)
    try:
        take_away(packages)
    except OSError:
        log.exception("Packages with a withdrawn file could not be removed.")
    make_packages_due(packages)


def make_packages_due(paths: Iterable[str]) -> None:
    PendingPath.objects.bulk_create(
        PendingPath(path=path, kind=Kind.OTHER, urgency=PendingPath.Urgency.WITHDRAWN) for path in paths
    )


def purge_pictures(pictures: Iterable[str]) -> None:
    """Remove pictures that were deleted, before the pages that show them are rendered again.

    The deletion may be urgent.
    """
    names = {picture: name_for(picture) for picture in pictures}
    withdraw_elsewhere(names)
    folder = FileStore()
    with folder.locked():
        folder.remove(names.values())


def purge_language(code: str) -> list[str]:
    return purge(PrerenderedPath.everywhere.filter(path__startswith=f"/{code}/").exclude(kind=Kind.OTHER))


def purge(prerendered: Iterable[PrerenderedPath]) -> list[str]:
    """Remove those of these addresses that no longer exist, or now belong to something else.

    Returns their paths.

    They are removed from the folder of this machine when this returns; other machines read a table and follow within
    seconds (`prerender.store.hosts`).
    """
    rows = list(prerendered)
    if not rows:
        return []
    existing = addresses.existing(
        (Address(path=row.path, kind=Kind(row.kind), source=row.source) for row in rows), reasons=False
    )
    gone = list(
        dict.fromkeys(
            row.path
            for row in rows
            if row.path not in existing
            or (existing[row.path].kind, existing[row.path].source) != (row.kind, row.source)
        )
    )
    if gone:
        withdraw_elsewhere(gone)
        try:
            take_away(gone)
        except OSError:
            # The change that led here is recorded, so its addresses will be checked again.
            log.exception("Pages that no longer exist could not be removed.")
            return []
    return gone


def take_away(paths: Collection[str]) -> None:
    """Remove addresses from the folder of this machine, with the pictures that only they show.

    Raises OSError.
    """
    folder = FileStore()
    with folder.locked():
        left = PrerenderedPath.objects.exclude(path__in=paths)
        shown = PrerenderedPath.objects.filter(path__in=paths).pictures()
        # In one step: orphaned pictures are removed atomically with the last page that shows them.
        remove(folder, [*paths, *left.unused_among(shown)])
    with sizes.changes_noted():
        PrerenderedPath.objects.filter(path__in=paths).delete()


def withdraw_elsewhere(paths: Iterable[str]) -> None:
    """Have every other machine remove these addresses from its folder."""
    found = list(paths)
    others = PrerenderHost.objects.others().names() if found else []
    Withdrawal.objects.bulk_create(
        [Withdrawal(host=host, path=path) for host in others for path in found], ignore_conflicts=True
    )


def prerender_lock() -> AbstractContextManager[bool]:
    """Hold the prerender lock; yields whether this process may render.

    PostgreSQL releases it when the process dies.
    """
    return advisory_lock(f"prerender {this_host()}".strip())
