"""Keeps the mirrors of `settings.MIRRORS` up to date, and reports how far behind they are.

A remote disk may hang, and a process that waits for it cannot even be killed.
So the scheduler never touches a mirror: it starts a process for each that is due, does not wait for it, and reads the
result from our own disk.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.scheduler import Job
from prerender.mirrors.copying import MirrorRecord, record_folder, record_of, save
from prerender.models import this_host
from prerender.store.files import FileStore

EVERY = timedelta(seconds=15)
# A mirror that should match the prerendered site is compared with it, as others may have written to it.
COMPARED = timedelta(minutes=10)
# From then on a mirror is too far behind, and operators are alerted.
BEHIND = timedelta(minutes=30)
# After a failure, the next attempt comes later.
RETRY = 60.0  # seconds
# A process that has written nothing for so long hangs, and is abandoned: a file of 500 MB takes less, even over a slow
# line.
HANGS = timedelta(hours=1)


@dataclass(kw_only=True)
class MirrorProcess:
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


_processes: dict[str, MirrorProcess] = {}


def due() -> Iterator[str]:
    """Yield the mirrors to bring up to date now: the prerendered site has changed, or it is time to compare."""
    change = FileStore().changed_at()
    for root in settings.MIRRORS:
        last = _processes.get(root)
        if last is not None and (is_at_work(last, root) or not may_retry(last)):
            continue
        record = record_of(root)
        if record is None:
            record = MirrorRecord(since=timezone.now().timestamp())
            save(record, root)
        if record.level_at is None or record.change != change or age(record) >= COMPARED.total_seconds():
            yield root


def start(root: str) -> None:
    """Start a process that brings a mirror up to date, and do not wait for it."""
    command = [sys.executable, "manage.py", "prerender", "--mirror", root, "--begun"]
    process = subprocess.Popen(  # noqa: S603  (our own command, and the folder of the operator)
        command, cwd=settings.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _processes[root] = MirrorProcess(process=process)


def is_at_work(last: MirrorProcess, root: str) -> bool:
    """Return whether a process is still working on its mirror.

    One that hangs is killed, if possible; no other is started before it has ended.
    """
    if last.process.poll() is not None:
        return False
    if is_hanging(root):
        last.process.kill()
    return True


def is_hanging(root: str) -> bool:
    try:
        last = (record_folder(root) / "lock").stat().st_mtime
    except OSError:
        return False
    return time.time() - last > HANGS.total_seconds()


def may_retry(last: MirrorProcess) -> bool:
    return last.process.returncode == 0 or time.monotonic() - last.started >= RETRY


def age(record: MirrorRecord) -> float:
    """Return the seconds since a mirror last matched the prerendered site."""
    last = record.since if record.level_at is None else record.level_at
    return max(0.0, timezone.now().timestamp() - last)


def lag() -> float:
    """Return the seconds by which the slowest mirror is behind; 0 without mirrors."""
    found = [record_of(root) for root in settings.MIRRORS]
    return max((age(record) for record in found if record is not None), default=0.0)


def job() -> Job:
    """Return the scheduled job of this machine.

    Mirrors are on the disks of one machine: the scheduler of another does not update them.
    """
    return Job(name=f"mirrors {this_host()}".strip(), title=_("Mirrors"), every=EVERY, items=due, run=start)


JOB = job()
