"""The list of erasures, in the database and in a file.

Each entry is stored in the transaction that erases, and in the file, which a restored database does not revert.
Each machine has a file (or all share one), and keeps it in sync with the database.
A line of the file is the time, the kind of erasure, and the identifier of the member:

- `2026-11-27T12:15:09.500000+00:00 member 1b4e28ba-2fa1-4d2c-883f-0016d3cca427`

Lines are only added, until they are older than any backup.
"""

import datetime as dt
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.utils import timezone

from core.background.processes import SCHEDULER, WORKER
from core.restored import ErasureList, InvalidErasureError
from network.models import Erasure, Member

Kind = Erasure.Kind
log = logging.getLogger(__name__)
# Seconds between two synchronisations of this machine's file with the database, and how long an entry may be missing
# before that is a fault.
LOOKS_EVERY = 60.0
MISSING_FOR = dt.timedelta(minutes=5)


def record(*, member: UUID, kind: Erasure.Kind) -> None:
    """Record an erasure in the caller's transaction, and add it to the file after the commit."""
    kept, _made = Erasure.objects.update_or_create(member=member, kind=kind, defaults={"erased_at": timezone.now()})
    # A full disk must not prevent the erasure: the row is stored, and `make_level` adds it to the file later.
    transaction.on_commit(partial(_append, str(kept)), robust=True)


def read(lines: Iterable[str]) -> list[Erasure]:
    """Return the entries of lines of the file, unsaved, the newest of each.

    Raises InvalidErasureError, with the number of the line.
    """
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            moment, kind, member = line.split()
            found.append(Erasure(member=UUID(member), kind=Kind(kind), erased_at=_aware(moment)))
        except ValueError as wrong:
            raise InvalidErasureError(number) from wrong
    return _newest(found)


def in_file() -> list[Erasure]:
    """Return the entries of the file, or an empty list if there is no file yet.

    Raises InvalidErasureError.
    """
    file = Path(settings.ERASURES_FILE)
    return read(file.read_text().splitlines()) if file.exists() else []


def known() -> list[Erasure]:
    """Return the entries of the file and the database, in order of time: either may lack some.

    Raises InvalidErasureError.
    """
    return _in_order(_newest([*in_file(), *Erasure.objects.all()]))


def behind() -> int:
    """Return the number of erasures that are missing in this machine's file for too long.

    Raises InvalidErasureError.
    """
    since = timezone.now() - MISSING_FOR
    return sum(entry.erased_at < since for entry in _lacking(in_file(), _unexpired(Erasure.objects.all())))


def undone(entries: Iterable[Erasure]) -> Iterator[tuple[Erasure, Member]]:
    """Yield the erasures that a restored backup has undone, with the member.

    One query.

    An account that was opened after the erasure does not count, because it is a new one.
    """
    erased = {(entry.member, entry.kind): entry for entry in entries}
    there = Member.objects.filter(uuid__in={member for member, _kind in erased}).select_related("user")
    for member in there.order_by("pk"):
        if whole := erased.get((member.uuid, Kind.MEMBER)):
            yield whole, member
        elif (
            (account := erased.get((member.uuid, Kind.ACCOUNT)))
            and member.user is not None
            and member.user.date_joined <= account.erased_at
            and not member.user.works_in_admin
        ):
            yield account, member


@transaction.atomic
def keep(entries: Iterable[Erasure]) -> None:
    """Add entries of the file to a restored database."""
    Erasure.objects.bulk_create(entries, ignore_conflicts=True)


def make_level() -> None:
    """Synchronise this machine's file and the database in both directions.

    One query if there is nothing to do.

    Raises InvalidErasureError, and OSError if the file cannot be written; then the database still has the entries, and
    so have other machines.
    """
    listed, rows = in_file(), list(Erasure.objects.all())
    if unknown := _lacking(rows, _unexpired(listed)):
        keep(unknown)
    whole = _in_order(_unexpired(_newest([*listed, *rows])))
    if len(_unexpired(listed)) < len(listed):
        _write(whole)
    elif missing := _lacking(listed, whole):
        _append("\n".join(map(str, missing)))


def forget_old() -> None:
    """Delete erasures that no backup contains any more.

    The file is rewritten with the remaining entries of both file and database.
    """
    entries = in_file()
    with transaction.atomic():
        keep(entries)
        Erasure.objects.expired().delete()
    _write(Erasure.objects.in_order())


def add_to_file(entries: Iterable[Erasure]) -> None:
    """Write the file with exactly these entries, in order of time."""
    _write(_in_order(entries))


def _in_order(entries: Iterable[Erasure]) -> list[Erasure]:
    return sorted(entries, key=lambda entry: entry.erased_at)


def _newest(entries: Iterable[Erasure]) -> list[Erasure]:
    """Return the newest of each kind for each member."""
    return list({(entry.member, entry.kind): entry for entry in _in_order(entries)}.values())


def _lacking(there: Iterable[Erasure], wanted: Iterable[Erasure]) -> list[Erasure]:
    """Return the entries of `wanted` that are missing in `there`, or older there."""
    has = {(entry.member, entry.kind): entry.erased_at for entry in _newest(there)}
    return [entry for entry in wanted if (at := has.get((entry.member, entry.kind))) is None or at < entry.erased_at]


def _unexpired(entries: Iterable[Erasure]) -> list[Erasure]:
    oldest = timezone.now() - settings.BACKUPS["kept"]
    return [entry for entry in entries if entry.erased_at >= oldest]


def _aware(moment: str) -> dt.datetime:
    """Return a time of the file.

    Raises ValueError, also for one without an offset from UTC.
    """
    found = dt.datetime.fromisoformat(moment)
    if found.tzinfo is None:
        raise ValueError
    return found


def _append(line: str) -> None:
    file = Path(settings.ERASURES_FILE)
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "a", opener=_private) as out:
        out.write(f"{line}\n")


def _write(entries: Iterable[Erasure]) -> None:
    file = Path(settings.ERASURES_FILE)
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    with open(new, "w", opener=_private) as out:
        out.writelines(f"{entry}\n" for entry in entries)
    new.replace(file)  # readers see either the old file or the new one


_private: Callable[[str, int], int] = partial(os.open, mode=0o600)


# --- On each machine ----------------------------------------------------------------------------------------


def accompany(process: str) -> None:
    """Start a thread that keeps this machine's file in sync.

    The worker and the scheduler do; either is enough.
    """
    if process in {WORKER, SCHEDULER}:
        threading.Thread(target=keep_level, args=[threading.Event()], name="erasures", daemon=True).start()


def keep_level(stopped: threading.Event) -> None:
    """Keep the file in sync until stopped, logging all errors."""
    while not stopped.wait(LOOKS_EVERY):
        try:
            make_level()
        except (DatabaseError, InterfaceError):
            log.debug("The database is unavailable, so no member can leave meanwhile.")
        except OSError as problem:
            log.error("The list of erasures could not be written: %s", problem)
        except InvalidErasureError as wrong:
            log.error("Line %s of the list of erasures is none of it: %s", wrong, settings.ERASURES_FILE)
        finally:
            connections.close_all()


LIST = ErasureList(
    file=lambda: Path(settings.ERASURES_FILE),
    in_file=in_file,
    in_database=Erasure.objects.all,
    known=known,
    behind=behind,
    read=read,
    write=add_to_file,
)
