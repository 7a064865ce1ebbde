"""The list of what was erased: kept in the transaction that erases, and in a file, which a restored database does not take back.

A line of the file is the time, what was erased, and the identifier that the member had:
`2026-11-27T12:15:09.500000+00:00 member 1b4e28ba-2fa1-4d2c-883f-0016d3cca427`.
Lines are only added, until they are older than any backup.
"""

from __future__ import annotations

import datetime as dt
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from network.models import Erasure, Member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Kind = Erasure.Kind


class NotAnErasure(ValueError):  # noqa: N818  (what it is)
    """A line that is none of the list."""


def record(*, member: UUID, kind: Erasure.Kind) -> None:
    """Keep that something is erased, in the caller's transaction, and add it to the file once that is committed."""
    kept, _made = Erasure.objects.update_or_create(
        member=member, kind=kind, defaults={"erased_at": timezone.now()}
    )
    # A full disk must not keep anybody: the row is there, and the clock writes the file anew once a day.
    transaction.on_commit(partial(_append, str(kept)), robust=True)


def read(lines: Iterable[str]) -> list[Erasure]:
    """Return what lines of the file say, unsaved, the newest of each. Raises NotAnErasure, with the number of the line."""
    found: dict[tuple[UUID, str], Erasure] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            moment, kind, member = line.split()
            entry = Erasure(member=UUID(member), kind=Kind(kind), erased_at=_aware(moment))
        except ValueError as wrong:
            raise NotAnErasure(number) from wrong
        earlier = found.get((entry.member, entry.kind))
        if earlier is None or earlier.erased_at < entry.erased_at:
            found[entry.member, entry.kind] = entry
    return list(found.values())


def in_file() -> list[Erasure]:
    """Return what the file says; nothing if there is none yet. Raises NotAnErasure."""
    file = Path(settings.ERASURES_FILE)
    return read(file.read_text().splitlines()) if file.exists() else []


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
            and not member.user.works_at_desk
        ):
            yield account, member


@transaction.atomic
def keep(entries: Iterable[Erasure]) -> None:
    """Put entries of the file back into a database that was restored."""
    Erasure.objects.bulk_create(entries, ignore_conflicts=True)


def forget_old() -> None:
    """Forget what no backup holds any more, and write the file anew with all that is in it or in the database."""
    entries = in_file()
    with transaction.atomic():
        keep(entries)
        Erasure.objects.expired().delete()
    _write(Erasure.objects.in_order())


def add_to_file(entries: Iterable[Erasure]) -> None:
    """Write the file with these entries, in order of time: all that is known, also to another list."""
    _write(sorted(entries, key=lambda entry: entry.erased_at))


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
