"""The list of what was erased: kept in the transaction that erases, and in a file, which a restored database does not take back.

Each machine has a file of its own (or all share one), and keeps it level with the database, whichever machine the erasure was made on.

A line of the file is the time, what was erased, and the identifier that the member had:
`2026-11-27T12:15:09.500000+00:00 member 1b4e28ba-2fa1-4d2c-883f-0016d3cca427`.
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
# Seconds between two looks whether the file of this machine has what is in the database, and how long one may be missing before that is a fault.
LOOKS_EVERY = 60.0
MISSING_FOR = dt.timedelta(minutes=5)


def record(*, member: UUID, kind: Erasure.Kind) -> None:
    """Keep that something is erased, in the caller's transaction, and add it to the file once that is committed."""
    kept, _made = Erasure.objects.update_or_create(
        member=member, kind=kind, defaults={"erased_at": timezone.now()}
    )
    # A full disk must not keep anybody: the row is there, and the file is made level with it (`make_level`).
    transaction.on_commit(partial(_append, str(kept)), robust=True)


def read(lines: Iterable[str]) -> list[Erasure]:
    """Return what lines of the file say, unsaved, the newest of each. Raises InvalidErasureError, with the number of the line."""
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
    """Return what the file says; nothing if there is none yet. Raises InvalidErasureError."""
    file = Path(settings.ERASURES_FILE)
    return read(file.read_text().splitlines()) if file.exists() else []


def known() -> list[Erasure]:
    """Return what was erased by the file and by the database, in order of time: either may have what the other lacks. Raises InvalidErasureError."""
    return _in_order(_newest([*in_file(), *Erasure.objects.all()]))


def behind() -> int:
    """Return how many erasures the file of this machine has not, though there was time. Raises InvalidErasureError."""
    since = timezone.now() - MISSING_FOR
    return sum(entry.erased_at < since for entry in _lacking(in_file(), _unexpired(Erasure.objects.all())))


def undone(entries: Iterable[Erasure]) -> Iterator[tuple[Erasure, Member]]:
    """Yield what a backup has brought back, with the member. One query.

    An account counts unless it was opened after the erasure: that one is another.
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
    """Put entries of the file back into a database that was restored."""
    Erasure.objects.bulk_create(entries, ignore_conflicts=True)


def make_level() -> None:
    """Bring the file of this machine and the database level: what one has and the other lacks. One query if there is nothing to do.

    Raises InvalidErasureError, and OSError if the file cannot be written; then the database has it, and so have other machines.
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
    """Forget what no backup holds any more, and write the file anew with all that is in it or in the database."""
    entries = in_file()
    with transaction.atomic():
        keep(entries)
        Erasure.objects.expired().delete()
    _write(Erasure.objects.in_order())


def add_to_file(entries: Iterable[Erasure]) -> None:
    """Write the file with these entries, in order of time: all that is known, also to another list."""
    _write(_in_order(entries))


def _in_order(entries: Iterable[Erasure]) -> list[Erasure]:
    return sorted(entries, key=lambda entry: entry.erased_at)


def _newest(entries: Iterable[Erasure]) -> list[Erasure]:
    """Return the newest of each kind for each member."""
    return list({(entry.member, entry.kind): entry for entry in _in_order(entries)}.values())


def _lacking(there: Iterable[Erasure], wanted: Iterable[Erasure]) -> list[Erasure]:
    """Return those of `wanted` that are not `there`, or only older."""
    has = {(entry.member, entry.kind): entry.erased_at for entry in _newest(there)}
    return [
        entry
        for entry in wanted
        if (at := has.get((entry.member, entry.kind))) is None or at < entry.erased_at
    ]


def _unexpired(entries: Iterable[Erasure]) -> list[Erasure]:
    oldest = timezone.now() - settings.BACKUPS["kept"]
    return [entry for entry in entries if entry.erased_at >= oldest]


def _aware(moment: str) -> dt.datetime:
    """Return a time of the file. Raises ValueError, also for one without its distance from UTC."""
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
    new.replace(file)  # a reader sees the old file or the new one


_private: Callable[[str, int], int] = partial(os.open, mode=0o600)


# --- On each machine ---------------------------------------------------------------------------------------------------------------------


def accompany(process: str) -> None:
    """Keep the file of this machine level in a thread of its own. The worker and the scheduler do; each suffices."""
    if process in {WORKER, SCHEDULER}:
        threading.Thread(target=keep_level, args=[threading.Event()], name="erasures", daemon=True).start()


def keep_level(stopped: threading.Event) -> None:
    """Keep it level, whatever happens, until stopped."""
    while not stopped.wait(LOOKS_EVERY):
        try:
            make_level()
        except (DatabaseError, InterfaceError):
            log.debug("The database is unavailable, and nobody can leave meanwhile.")
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
