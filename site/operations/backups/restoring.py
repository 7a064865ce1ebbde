"""Restores a backup.

It is read to its end before anything changes, and put in place in one step; erased data stay erased.
The existing site stays complete until the last step: the rows are loaded beside it (`postgres.load`), and so are the
uploads.
Then one transaction ends sessions and links, erases again the data of users who have left, and puts everything in
place.
"""

import json
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils.crypto import constant_time_compare
from wagtail.models import Site

from core import declarations, restored
from core.restored import ErasureList
from operations import upgrading
from operations.backups import BackupError, encryption, postgres, repository
from operations.backups.archive import (
    ABOUT,
    CONTENTS,
    DAMAGED,
    DATABASE,
    ERASURES,
    FORMAT,
    MEDIA,
    SIGNATURE,
    ArchiveMember,
    read,
)
from operations.backups.making import trace_of_key
from operations.backups.uploads import uploads_of_site
from prerender.models import PrerenderedPath

log = logging.getLogger(__name__)


@dataclass(slots=True)
class BackupContents:
    """Metadata of a backup, once all of it has been read and verified."""

    about: dict[str, Any] = field(default_factory=dict)
    manifest: bytes = b""  # contents.json, and its signature, empty if there is none
    signature: bytes = b""
    rows: dict[str, int] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    uploads: int = 0
    names: set[str] = field(default_factory=set)  # of the uploads
    size: int = 0  # bytes, decrypted
    erasures: list[str] = field(default_factory=list)

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.about["made_at"])


@dataclass(slots=True)
class RestoredSite:
    """A restored site.

    `prerendered`: the checksum of each prerendered address when the backup was made.
    """

    contents: BackupContents
    said: list[str] = field(default_factory=list)
    prerendered: dict[str, str] = field(default_factory=dict)


# --- Reading --------------------------------------------------------------------------------------


def check(file: Path, *, identity: Path | None) -> BackupContents:
    """Read a backup to its end, and change nothing.

    Raises BackupError unless it is intact.
    """
    found = BackupContents()
    with members(file, identity) as each:
        for member in each:
            found.size += member.size
            take_note(member, found)
    return found


@contextmanager
def members(file: Path, identity: Path | None) -> Iterator[Iterator[ArchiveMember]]:
    try:
        with encryption.decrypting(file, identity=identity) as stream:
            yield read(stream)
    except OSError as problem:
        raise BackupError(f"{file} cannot be read: {problem}. Nothing was changed.") from problem


def take_note(member: ArchiveMember, found: BackupContents) -> None:
    if member.name == ABOUT:
        try:
            found.about = json.loads(member.content())
        except ValueError as problem:
            raise BackupError(DAMAGED.format(why=f"{ABOUT} cannot be read")) from problem
        if found.about.get("format") != FORMAT:
            raise BackupError(
                f"The backup has the format {found.about.get('format')}, "
                f"and this version reads {FORMAT}. Restore it with the version that "
                "made it, or a newer one. Nothing was changed."
            )
    elif member.name == ERASURES:
        found.erasures = member.content().decode().splitlines()
    elif member.name == CONTENTS:
        found.manifest = member.content()
        contents = json.loads(found.manifest)
        found.rows, found.gone = contents["rows"], contents["gone"]
    elif member.name == SIGNATURE:
        found.signature = member.content()
    elif member.name.startswith(MEDIA):
        found.uploads += 1
        found.names.add(member.name.removeprefix(MEDIA))


def has_our_key(contents: BackupContents) -> bool:
    """Return whether a backup was made with the secret key of this site, or with a previous one."""
    return any(
        constant_time_compare(trace_of_key(str(key), contents.about["made_at"]), contents.about["secret_key"])
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )


# --- Restoring ------------------------------------------------------------------------------------


def refuse_unless_possible(contents: BackupContents, *, replace: bool) -> None:
    """Raise BackupError if this backup must not be restored here and now."""
    if unknown := upgrading.unknown_migrations(contents.about["migrations"]):
        raise BackupError(
            "The backup was made by a newer version of the software: "
            f"{', '.join(unknown[:3])} is not known here. Install that version, "
            "or a newer one. Nothing was changed."
        )
    if not postgres.is_empty() and not replace:
        raise BackupError(
            "The database is not empty. With --replace, everything in it, "
            "and all uploads, are replaced by the backup. Nothing was changed."
        )
    if not replace and (others := uploads_of_site().others(contents.names)):
        raise BackupError(
            f"The storage of uploads has {len(others)} that are not in the backup, "
            f"such as {min(others)}. They may belong to a site that is "
            "running: is WAYMARK_STORAGE what it should be? With --replace, they are deleted. Nothing was changed."
        )
    if there := postgres.others():
        raise BackupError(
            f"The database is in use ({there} connections). Stop the web processes, "
            "the worker, the scheduler and all other clients, and "
            "try again. Nothing was changed."
        )


def restore(file: Path, contents: BackupContents, *, identity: Path | None, lists: Iterable[Path] = ()) -> RestoredSite:
    """Restore a backup that `check` has read.

    Raises BackupError or ShutdownRequestedError; then nothing has changed.
    """
    erasures = restored.erasure_list()
    listed = merged_erasures(erasures, file, contents, *lists) if erasures else []
    incoming = Path(settings.MEDIA_ROOT).with_name("media.restoring")
    shutil.rmtree(incoming, ignore_errors=True)
    try:
        with members(file, identity) as each:
            unpack(each, incoming, contents.manifest)
        done = RestoredSite(contents)
        with postgres.looking_at_restored():
            require_rows(contents)
            migrate(done)
            forget_cached()
            done.prerendered = dict(PrerenderedPath.objects.exclude(checksum="").values_list("path", "checksum"))
            if erasures:
                erasures.write(listed)
            with uploads_of_site().replaced(incoming) as put_uploads_in_place:
                put_in_place(done, put_uploads_in_place)
    except BaseException:
        shutil.rmtree(incoming, ignore_errors=True)
        with suppress(Exception):
            postgres.discard()
        raise
    forget_cached()
    return done


def put_in_place(done: RestoredSite, put_uploads_in_place: Callable[[], None]) -> None:
    """Put rows and uploads in place in one transaction.

    An error after the commit, such as in an app that deletes a file, reverts nothing: the rows are committed, and need
    these uploads.
    """
    committed: list[bool] = []
    try:
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(True))  # the first of all
            done.said += declarations.perform("after_restore")
            repository.note_success(done.contents.made_at)
            postgres.put_in_place()
            put_uploads_in_place()
    except Exception as problem:
        if not committed:
            raise
        log.exception("What follows a restore has failed.")
        done.said.append(f"What follows has failed, and everything is restored all the same: {problem}.")


def unpack(each: Iterator[ArchiveMember], incoming: Path, manifest: bytes) -> None:
    """Unpack uploads into a folder beside the existing one, and rows into a separate schema.

    Raises BackupError if the file is no longer the one whose `manifest` was verified.
    """
    incoming.mkdir(parents=True)
    for part, found in groupby(each, key=lambda member: member.name.partition("/")[0]):
        if f"{part}/" == DATABASE:
            postgres.load(block for member in found for block in member.blocks())
        elif f"{part}/" == MEDIA:
            for member in found:
                target = incoming / member.name.removeprefix(MEDIA)
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    for block in member.blocks():
                        out.write(block)
        elif part == CONTENTS and next(found).content() != manifest:
            raise BackupError(DAMAGED.format(why="it was replaced while it was read"))


def require_rows(contents: BackupContents) -> None:
    """Raise BackupError unless each table has as many rows as were counted when the backup was made."""
    with connection.cursor() as cursor:
        found = postgres.count_rows(cursor, postgres.RESTORING)
    wrong = sorted(
        table for table in found.keys() | contents.rows.keys() if found.get(table) != contents.rows.get(table)
    )
    if wrong:
        raise BackupError(DAMAGED.format(why=f"{', '.join(wrong)} have not the rows that they had"))


def migrate(done: RestoredSite) -> None:
    """Migrate the restored tables to this version.

    Does nothing if the backup was made by it.
    """
    if plan := upgrading.pending_migrations():
        call_command("migrate", interactive=False, verbosity=0)
        done.said.append(f"The backup is from an earlier version: {len(plan)} migrations were applied to it.")


def merged_erasures(erasures: ErasureList, file: Path, contents: BackupContents, *more: Path) -> Sequence[Any]:
    """Return the erasures of all lists: in the backup, beside it, in this site's file, and in its database.

    Raises BackupError for an invalid list: a failed restore is better than restored data that were erased.
    """
    found: list[str] = list(contents.erasures)
    for each in {file.with_name(ERASURES), erasures.file(), *more}:
        if each.exists():
            found += each.read_text().splitlines()
    if not postgres.is_empty():
        with suppress(DatabaseError), transaction.atomic():
            found += [str(entry) for entry in erasures.in_database()]
    try:
        return erasures.read(found)
    except restored.InvalidErasureError as wrong:
        raise BackupError(
            f"{found[wrong.args[0] - 1]!r} is not a line of a list of erasures. "
            "Nothing was changed: without the list, people who have "
            "left would be back."
        ) from wrong


def forget_cached() -> None:
    """Clear this process's caches of rows from before."""
    ContentType.objects.clear_cache()
    Site.clear_site_root_paths_cache()
