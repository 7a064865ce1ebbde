"""Repair of prerendered files that are missing, emptied or damaged.

The scheduler compares a part of the addresses with their checksums each minute, all of them in `PARTS` minutes.
Addresses that differ become due again, and are rendered without manual action.
Files that belong to no address are removed from the whole folder once in that time.
"""

import filecmp
import gzip
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import brotli
from django.db.models import F
from django.db.models.functions import Mod
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.scheduler import Job
from prerender import addresses, padding, services, tasks
from prerender.models import PendingPath, PrerenderedPath, PrerenderHost
from prerender.rendering import pictures
from prerender.rendering.batches import make_files, pictures_of
from prerender.rendering.renderer import PageRenderer
from prerender.store.files import FileStore, StoredFile, is_safe, name_for, path_of

log = logging.getLogger(__name__)
# With one part a minute, and a render that waits for the scheduler: back within ten minutes, even if a minute is
# missed.
PARTS = 5


def repair_part() -> None:
    """Compare the part of this minute in the folder of this machine, and make due what differs."""
    part = int(timezone.now().timestamp() // 60) % PARTS
    if part == 0:
        for name in services.remove_strays():
            log.error("Removed, for it belongs to no address: %s", name)
    rows = PrerenderedPath.objects.exclude(checksum="").annotate(part=Mod(F("pk"), PARTS)).filter(part=part)
    damaged = list(find_damaged(rows.iterator()))
    for row in damaged:
        log.error("The prerendered file is missing or damaged, and is rendered again: %s", row.path)
    PendingPath.objects.bulk_create(
        PendingPath(path=row.path, kind=row.kind, source=row.source, urgency=PendingPath.Urgency.NOW) for row in damaged
    )


def repair_everywhere() -> None:
    """Repair a part of the folder of each machine: what differs becomes due.

    Run by the scheduler each minute.
    """
    repair_part()
    for host in PrerenderHost.objects.others().names():
        tasks.enqueue_on(host, repair_here)


@task()
def repair_here() -> None:
    repair_part()


def find_damaged(rows: Iterable[PrerenderedPath]) -> Iterable[PrerenderedPath]:
    """Yield those of these addresses whose files, or whose pictures, differ from what was prerendered."""
    folder = FileStore()
    intact: dict[str, bool] = {}
    for row in rows:
        if is_safe(row.path) and folder.checksum(row.path) != row.checksum:
            yield row
            continue
        for picture in row.pictures:
            if picture not in intact:
                intact[picture] = pictures.is_intact(folder.file(picture))
        if not all(intact[picture] for picture in row.pictures):
            yield row


JOB = Job(
    name="repair-public-files",
    title=_("Repair of public files"),
    every=timedelta(minutes=1),
    run=repair_everywhere,
)


# --- Comparing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RenderDifference:
    """An address whose file is wrong.

    `what` is one of: missing, different, damaged, unwanted, refused, unknown.
    """

    path: str
    what: str
    why: str = ""


def compare(*, progress: Callable[[int], None] | None = None) -> Iterator[RenderDifference]:
    """Render every address and compare it with its file and variants, without changing anything."""
    folder, renderer, wanted = FileStore(), PageRenderer(), set()
    for number, address in enumerate(addresses.everything(), 1):
        if progress:
            progress(number)
        if is_safe(address.path) and not address.reasons:
            wanted.add(name_for(address.path))
        made = make_files([address], renderer)
        for path, reason in made.refused.items():
            yield RenderDifference(path, "refused", reason)
        for path in made.waiting:
            yield RenderDifference(path, "unknown", "The storage of what it shows is unavailable.")
        for stored in [*made.files.values(), *pictures_of(made.files.values())]:
            wanted.add(stored.name)
            if (what := difference(stored, folder)) is not None:
                yield RenderDifference(stored.path, what)
    wanted |= {name_for(picture) for picture in PrerenderedPath.objects.refused().pictures()}
    for name in folder.strays(wanted):
        yield RenderDifference("/" + name.removesuffix("index.html"), "unwanted")


def difference(stored: StoredFile, folder: FileStore) -> str | None:
    """Return how the file in place differs from what it should be; None if it does not."""
    file = folder.root / stored.name
    if not file.is_file():
        return "missing"
    if stored.copy_of:
        same = filecmp.cmp(stored.copy_of, file, shallow=False)
    else:
        same = padding.is_content(stored.path, file.read_bytes(), stored.body)
    if not same:
        return "different"
    return None if variants_agree(folder, stored.name) else "damaged"


def variants_agree(folder: FileStore, name: str) -> bool:
    """Return whether the compressed variants of a file decompress to its content."""
    body = padding.stripped(path_of(name), (folder.root / name).read_bytes())
    for suffix, unpack in ((".br", brotli.decompress), (".gz", gzip.decompress)):
        variant = folder.root / f"{name}{suffix}"
        try:
            if variant.exists() and unpack(variant.read_bytes()) != body:
                return False
        except (brotli.error, OSError, EOFError):
            return False
    return True
