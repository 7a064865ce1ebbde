"""Checks of files: disk space, permissions, static files, catalogues, backups, erasures, mirrors, web server logs.

Also of the bucket with the uploads, if there is one: does it exist, do we have access, do strangers have none, do the
clocks agree?
"""

import os
import shutil
import tempfile
import urllib.error
import urllib.request
import uuid
import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.timesince import timesince

from core import restored
from core.assets import storage as assets
from core.uploads.bucket import BucketStorage
from core.uploads.unavailable import StorageUnavailableError
from operations.backups import repository
from operations.diagnostics import DoctorFinding, doubtful, right, wrong
from operations.models import BackupOutcome
from prerender.mirrors import keeping
from prerender.mirrors.copying import record_of

SUBJECT = "Storage"
WORDS = b"Written by `manage.py doctor`. It deletes this at once."
# A storage refuses requests that are 15 minutes early or late.
CLOCKS_AGREE = timedelta(minutes=2)
PATIENCE = 5  # seconds
NOT_KEPT = (
    "Pictures and files cannot be uploaded, and pages that need one which "
    "this machine has no copy of are not prerendered. Prerendered pages stay."
)


def bucket() -> Iterator[DoctorFinding]:
    """Check the bucket by writing, reading and deleting a file of our own.

    Yields nothing if uploads are on the disk.
    """
    if not settings.STORAGE["address"]:
        return
    storage, name = cast("BucketStorage", default_storage), f"doctor/{uuid.uuid4().hex}"
    yield from encryption()
    try:
        storage.ask()
        storage.put(name, BytesIO(WORDS))
        with tempfile.TemporaryDirectory() as folder:
            storage.fetch(name, Path(folder, "found"))
        names = storage.names()
        yield from clocks(storage)
        yield from privacy(storage, name)
        storage.remove(name)
    except (StorageUnavailableError, FileNotFoundError) as problem:
        yield wrong(
            SUBJECT,
            f"{settings.STORAGE['address']}: {problem}",
            meaning=NOT_KEPT,
            remedy="Look at WAYMARK_STORAGE, _ENDPOINT, _REGION, _KEY and _SECRET. "
            "The key has to list the bucket, and to read, write and delete "
            "in it: docs/operators/storage.md. If its clock or ours is wrong, it refuses all.",
        )
    else:
        yield right(
            SUBJECT,
            f"{settings.STORAGE['address']} takes, gives and deletes files; it has {len(names) - 1:,}.",
        )


def encryption() -> Iterator[DoctorFinding]:
    if settings.STORAGE["endpoint"].startswith("http://"):
        yield doubtful(
            SUBJECT,
            f"{settings.STORAGE['endpoint']} is used without TLS.",
            meaning="Anyone between this machine and the storage can read and change uploads.",
            remedy="WAYMARK_STORAGE_ENDPOINT=https://…, unless that is a network of your own.",
        )


def clocks(storage: BucketStorage) -> Iterator[DoctorFinding]:
    said = storage.client.head_bucket(Bucket=storage.bucket_name)["ResponseMetadata"]["HTTPHeaders"]["date"]
    apart = abs(timezone.now() - parsedate_to_datetime(said))
    if apart > CLOCKS_AGREE:
        yield doubtful(
            SUBJECT,
            f"Its clock and the one here are {int(apart.total_seconds())} seconds apart.",
            meaning="From a quarter of an hour on it refuses everything.",
            remedy="`timedatectl`: is the time of this machine set by NTP? Then contact the storage's operator.",
        )


def privacy(storage: BucketStorage, name: str) -> Iterator[DoctorFinding]:
    """Request the file and the list of files without credentials."""
    address = storage.address(name)
    for asked, what in (
        (address, "read the files"),
        (address.removesuffix(storage.key(name)), "list the files"),
    ):
        if allows_anonymous(asked):
            yield wrong(
                SUBJECT,
                f"Anybody can {what} in it: {settings.STORAGE['address']} is not private.",
                meaning="Drafts, files under an embargo, what members share "
                "in their groups, and every original are public.",
                remedy="Take the public access from the bucket now, by your storage's "
                "own means, and look what was read: docs/operators/incidents.md.",
            )


def allows_anonymous(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE):  # noqa: S310  (of our own settings)
            return True
    except (urllib.error.URLError, TimeoutError):
        return False


# --- Files on the disk ----------------------------------------------------------------------------


NO_ROOM, LITTLE_ROOM = 500 * 1024**2, 2 * 1024**3  # bytes
OTHERS = 0o077  # the bits of a mode that let others in
NGINX = Path("/etc/nginx")


def disk() -> Iterator[DoctorFinding]:
    free = shutil.disk_usage(settings.VAR).free
    said = f"{filesizeformat(free)} free in {settings.VAR}."
    if free < LITTLE_ROOM:
        found = wrong if free < NO_ROOM else doubtful
        yield found(
            "Disk",
            said,
            meaning="On a full disk visitors see the pages that are there, and nothing new; uploads and backups fail.",
            remedy="Make room, or a larger disk.",
        )
    else:
        yield right("Disk", said)


def folders() -> Iterator[DoctorFinding]:
    wanted = [settings.MEDIA_ROOT, settings.PRERENDER_ROOT, assets.SHARED, settings.BACKUPS["folder"]]
    closed = [str(folder) for folder in wanted if not is_writable(Path(folder))]
    if closed:
        yield wrong(
            "Folders",
            f"This process may not write in {', '.join(closed)}.",
            meaning="Uploads, rendering or backups fail.",
            remedy="Give them to the user that the processes run as: "
            "`chown -R waymark …`. Run `doctor` as that user, too.",
        )
    else:
        yield right("Folders", "All can be written to.")


def is_writable(folder: Path) -> bool:
    """Return whether a folder can be written to, or created."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return os.access(there, os.W_OK | os.X_OK)


def static_files() -> Iterator[DoctorFinding]:
    missing: list[str] = []
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        names = staticfiles_storage.hashed_files.values()
        missing = [name for name in names if not Path(settings.STATIC_ROOT, name).exists()] or (
            [] if names else ["all"]
        )
    if missing:
        yield wrong(
            "Static files",
            f"{len(missing)} are missing in {settings.STATIC_ROOT}.",
            meaning="Pages have no style sheet, and the private site does not work.",
            remedy="`manage.py collectstatic --noinput`, then `manage.py upgrade`.",
        )
    else:
        yield right("Static files", "Collected.")


def catalogues() -> Iterator[DoctorFinding]:
    folder = Path(settings.LOCALE_PATHS[0])
    missing = [
        code
        for code in settings.INTERFACE_LANGUAGES
        if code != settings.LANGUAGE_CODE
        and not (folder / code.replace("-", "_") / "LC_MESSAGES" / "django.mo").exists()
    ]
    if missing:
        yield wrong(
            "Translations",
            f"Not compiled: {', '.join(missing)}.",
            meaning="Pages in these languages have English menus and forms.",
            remedy="`python scripts/compile_catalogues.py`, then `manage.py upgrade`.",
        )
    else:
        yield right("Translations", "Compiled.")


def time_zones() -> Iterator[DoctorFinding]:
    try:
        zoneinfo.ZoneInfo(settings.TIME_ZONE)
    except zoneinfo.ZoneInfoNotFoundError:
        yield wrong(
            "Time zones",
            f"{settings.TIME_ZONE} is not known here.",
            meaning="Opening hours and dates of events cannot be shown.",
            remedy="Install your system's package `tzdata`.",
        )
    else:
        yield right("Time zones", "Known.")


def backups() -> Iterator[DoctorFinding]:
    if settings.BACKUPS["elsewhere"]:
        yield right("Backup", "Something else makes them (WAYMARK_BACKUPS).")
        return
    failed, elsewhere = last_backup_outcome()
    if failed is not None:
        yield wrong(
            "Backup",
            f"The last one failed {timesince(failed.at)} ago: {failed.said}",
            meaning="What was done since the one before would be lost with this machine.",
            remedy="Put right what is said here, and then `manage.py backup`, "
            "as the user and with the settings of the timer.",
        )
    last = repository.last()
    remedy = "`manage.py backup`, each night by a timer: docs/operators/backups.md."
    if elsewhere is not None and (last is None or last.made_at < elsewhere):
        said = (
            f"The last was made {timesince(elsewhere)} ago. It is not in {repository.folder()}: "
            "another machine made it, or this site was restored from it."
        )
        if elsewhere < timezone.now() - repository.OLD:
            yield wrong("Backup", said, meaning="What was done since then would be lost.", remedy=remedy)
        else:
            yield right("Backup", said)
        return
    if last is None:
        yield wrong(
            "Backup",
            "There was none yet.",
            meaning="If this machine is lost, so is everything.",
            remedy=remedy,
        )
        return
    said = f"The last was made {timesince(last.made_at)} ago: {last.name}, {filesizeformat(last.size)}."
    if last.made_at < timezone.now() - repository.OLD:
        yield wrong("Backup", said, meaning="What was done since then would be lost.", remedy=remedy)
    elif not last.encrypted:
        yield doubtful(
            "Backup",
            f"{said} It is not encrypted.",
            meaning="Anyone who gets the file has all messages between members.",
            remedy="Name a public key in WAYMARK_BACKUP_RECIPIENTS: docs/operators/backups.md.",
        )
    elif not last.signed:
        yield doubtful(
            "Backup",
            f"{said} It is not signed.",
            meaning="A restore cannot tell it from one that an intruder has made.",
            remedy="Set WAYMARK_BACKUP_SIGNING_KEY for the process that makes backups: docs/operators/backups.md.",
        )
    else:
        yield right("Backup", said)


def modes_of_backups() -> Iterator[DoctorFinding]:
    loose = [backup.file.name for backup in repository.kept() if backup.file.stat().st_mode & OTHERS]
    if loose:
        yield doubtful(
            "Backup",
            f"Others on this machine can read {', '.join(loose[:3])}.",
            meaning="It holds data that no other user should read.",
            remedy=f"`chmod 600 {repository.folder()}/waymark-*`",
        )


def last_backup_outcome() -> tuple[BackupOutcome | None, datetime | None]:
    """Return the outcomes of backups in the database: how the last one failed, and the time of the newest good one.

    Nothing if the database is unavailable.
    """
    try:
        return repository.failure(), repository.last_good()
    except (DatabaseError, InterfaceError):
        return None, None  # the check of the folder reports as well


def list_of_erasures() -> Iterator[DoctorFinding]:
    if (erasures := restored.erasure_list()) is None:
        return
    try:
        found = erasures.in_file()
    except (OSError, restored.InvalidErasureError) as problem:
        yield wrong(
            "Erasures",
            f"{erasures.file()} cannot be read: {problem}",
            meaning="A restored backup would bring back people who have left.",
            remedy="Put a copy of it in its place, or `manage.py list_erasures > …`.",
        )
        return
    if behind := erasures.behind():
        yield wrong(
            "Erasures",
            f"{behind} are missing in {erasures.file()}.",
            meaning="A backup from before, restored with this list, would bring back people who have left.",
            remedy="The worker and the scheduler of each machine add them within a minute: "
            "start them, and see what they log. By hand: `manage.py list_erasures > …`.",
        )
    else:
        yield right("Erasures", f"{len(found)} in {erasures.file()}.")


def mirrors() -> Iterator[DoctorFinding]:
    for root in settings.MIRRORS:
        record = record_of(root)
        if record is None or record.problem or keeping.age(record) > keeping.BEHIND.total_seconds():
            said = record.problem if record is not None and record.problem else f"{root} is not up to date."
            yield wrong(
                "Mirror",
                said,
                meaning="Its readers may see what was taken back here, such as a wrong number.",
                remedy=f"`manage.py prerender --mirror {root}` brings it up to date, or says what is wrong. "
                "If it cannot be mended soon, disconnect it from the network.",
            )
        else:
            yield right("Mirror", f"{root} is up to date.")


def web_server() -> Iterator[DoctorFinding]:
    """Check whether nginx, if it is on this machine and its files can be read, keeps a log about our hosts."""
    files = [NGINX / "nginx.conf", *sorted(NGINX.glob("conf.d/*")), *sorted(NGINX.glob("sites-enabled/*"))]
    for file in files:
        try:
            text = file.read_text()
        except OSError:
            continue
        if settings.PUBLIC_HOST in text and "access_log off" not in text:
            yield wrong(
                "Web server",
                f"{file} serves this site, and does not say `access_log off`.",
                meaning="It is written down who looked for help, and when.",
                remedy="Take over docs/operators/nginx.conf, and delete the logs that there are.",
            )


CHECKS = [
    disk,
    folders,
    static_files,
    catalogues,
    time_zones,
    backups,
    modes_of_backups,
    list_of_erasures,
    mirrors,
    web_server,
    bucket,
]
