"""The print repairs itself: files that are missing, emptied or damaged come back without a person.

The clock compares a part of the addresses with their checksums each minute, all of them in `PARTS` minutes. What differs is due again.
Of files that belong to no address, the whole folder is cleared once in that time.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.functions import Mod
from django.tasks import task
from django.utils import timezone

from press import services, tasks
from press.models import Due, PressHost, Printed
from press.rendering import pictures
from press.store.files import Folder, is_safe

if TYPE_CHECKING:
    from collections.abc import Iterable

log = logging.getLogger(__name__)
# With one part a minute, and a print that waits for the clock: back within ten minutes, even if a minute is missed.
PARTS = 5


def repair_part() -> None:
    """Compare the part of this minute in the folder of this machine, and make due what differs."""
    part = int(timezone.now().timestamp() // 60) % PARTS
    if part == 0:
        for name in services.remove_strays():
            log.error("Removed, for it belongs to no address: %s", name)
    rows = Printed.objects.exclude(checksum="").annotate(part=Mod(F("pk"), PARTS)).filter(part=part)
    damaged = list(find_damaged(rows.iterator()))
    for row in damaged:
        log.error("The printed file is missing or damaged, and is printed again: %s", row.path)
    Due.objects.bulk_create(
        Due(path=row.path, kind=row.kind, source=row.source, urgency=Due.Urgency.NOW) for row in damaged
    )


def repair_everywhere() -> None:
    """Repair a part of the folder of each machine, and have what differs printed. Run by the clock each minute."""
    repair_part()
    for host in PressHost.objects.others().names():
        tasks.enqueue_on(host, repair_here)


@task()
def repair_here() -> None:
    """Repair a part of the folder of the machine whose worker does this."""
    repair_part()


def find_damaged(rows: Iterable[Printed]) -> Iterable[Printed]:
    """Yield those of these addresses whose files are not what was printed, or whose pictures are not."""
    folder = Folder()
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
