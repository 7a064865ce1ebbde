"""The folder of prerendered files, which a web server may serve as it is.

One file for each address (`de/help/index.html`, `sitemap.xml`, `hsds/de/services/index.json`), with `.br` and `.gz`
beside it.
Two kinds of marker files beside a page instruct a server without a database: `.answers-query` (pass requests with a
query on to the application) and `.moved` (the status and location that the application sends; the page itself redirects
readers of a static mirror).

A change is first written in full to `.prerender/staged`, then listed in a journal, then put in place by renaming.
A process that dies leaves the old file or the new one: before the journal is complete nothing has changed, after it the
next process finishes the work.
An old variant is never beside a new one: the compressed variants are removed before the plain file changes, and written
again after it.
"""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import gzip
import hashlib
import json
import logging
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import brotli
from django.conf import settings

from core.http.headers import is_sensitive
from prerender import padding

log = logging.getLogger(__name__)

STATE = ".prerender"
# A marker in the state folder, present while the site is rendered for the first time.
BEING_PREPARED = "being-prepared"
# Its time is that of the last change to the folder.
CHANGED = "changed"
# The names of files that were withdrawn, and of help pages and uploads that were removed, one a line and the newest
# last: mirrors follow these first.
WITHDRAWN = "withdrawn"
FILES = ("documents/", "pictures/")
PACKAGE = ".zip"
MOST_WITHDRAWN = 1024 * 1024  # bytes, after which the list begins again
ANSWERS_QUERY = ".answers-query"
MOVED = ".moved"
VARIANTS = (".br", ".gz")
BESIDE = frozenset({*VARIANTS, ANSWERS_QUERY, MOVED})
# File names for addresses without an extension: a page, or a JSON response for programs.
# Markers are stored beside these.
PAGE, ANSWER = "index.html", "index.json"
NOT_FOUND = "404.html"  # static hosts show it for missing pages
WELL_KNOWN = ".well-known"  # RFC 8615: the only public name that begins with a dot
# Other segments that begin with a dot are internal; control characters and backslashes are never allowed.
SAFE = re.compile(r"(?:/\.well-known(?=/))?(?:/[^/.\x00-\x1f\x7f\\][^/\x00-\x1f\x7f\\]*)*/?")
COMPRESSED = frozenset(
    {
        ".html",
        ".xml",
        ".txt",
        ".json",
        ".atom",
        ".rss",
        ".ics",
        ".csv",
        ".webmanifest",
        ".js",
        ".css",
        ".xsl",
        ".ttl",
        ".jsonld",
    }
)
WORTH_COMPRESSING = 256  # bytes
PIECE = 1024 * 1024


class UnsafePathError(ValueError):
    """An address that cannot be stored as a file."""


def name_for(path: str) -> str:
    """Return the file name for an address, relative to the folder: `/de/help/` is `de/help/index.html`.

    Raises UnsafePathError.
    """
    if not path.startswith("/") or not SAFE.fullmatch(path):
        raise UnsafePathError(path)
    last = path.rpartition("/")[2]
    if last in {PAGE, ANSWER} or last.endswith(VARIANTS):
        raise UnsafePathError(path)
    name = path[1:] + PAGE if not last else path[1:]
    if last and "." not in last:
        name += f"/{ANSWER}"
    if any(len(os.fsencode(part)) > 250 for part in name.split("/")):
        raise UnsafePathError(path)
    return name


def is_safe(path: str) -> bool:
    try:
        name_for(path)
    except UnsafePathError:
        return False
    return True


class DamagedJournalError(ValueError):
    """A journal that cannot be read, so that its steps are lost."""


@dataclass(kw_only=True)
class StoredFile:
    """The content of an address: its bytes, or a file to copy, and the markers for a server."""

    path: str
    body: bytes = b""
    copy_of: Path | None = None
    answers_query: bool = False
    moved: str = ""  # such as `301 /de/about/`
    # The pictures that it shows, by their public address, each with the rendition's file.
    pictures: dict[str, Path] = field(default_factory=dict)
    variants: dict[str, bytes] = field(default_factory=dict)
    # How much of the largest size of its kind it takes (`prerender.padding`); None if its kind has no sizes.
    fill: float | None = None

    @property
    def name(self) -> str:
        return name_for(self.path)

    def checksum(self) -> str:
        """Return the SHA-256 of everything stored for the address: the content, its variants and its markers."""
        plain = self.body if self.copy_of is None else self.copy_of
        marks = {ANSWERS_QUERY: b""} if self.answers_query else {}
        marks |= {MOVED: self.moved.encode()} if self.moved else {}
        return checksum(plain, self.variants | marks)

    def compress(self) -> None:
        """Make the compressed variants, and pad a page that must not be recognised by its size.

        Slow, but releases the GIL.
        """
        if not self.copy_of and not self.moved:
            self.body, self.variants, self.fill = packed(self.name, self.body)


def packed(name: str, body: bytes) -> padding.Padded:
    """Return a file and its compressed variants, padded if its kind has sizes."""
    found = padding.padded(path_of(name), body)
    return found or padding.Padded(body, compressed(name, body), None)


def path_of(name: str) -> str:
    """Return the address of the file of a page, or of another file with an extension."""
    return "/" + name.removesuffix(PAGE)


def compressed(name: str, body: bytes) -> dict[str, bytes]:
    """Return the compressed variants of a file, by their suffix; none where they would not help."""
    if len(body) < WORTH_COMPRESSING or Path(name).suffix not in COMPRESSED:
        return {}
    return {
        ".br": brotli.compress(body, mode=brotli.MODE_TEXT, quality=settings.PRERENDER_BROTLI_QUALITY),
        ".gz": gzip.compress(body, 9, mtime=0),
    }


class FileStore:
    """The prerendered files below `root`."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = Path(root or settings.PRERENDER_ROOT)
        self.state = self.root / STATE
        self.journal = self.state / "journal"

    # --- The first render -------------------------------------------------------------------------

    @property
    def is_being_prepared(self) -> bool:
        """Return whether the first render is still incomplete, so that missing files may yet appear."""
        return (self.state / BEING_PREPARED).exists()

    def start_first_render(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        (self.state / BEING_PREPARED).touch()

    def finish_first_render(self) -> None:
        (self.state / BEING_PREPARED).unlink(missing_ok=True)

    # --- Reading ------------------------------------------------------------------------------------------------------

    def changed_at(self) -> int:
        """Return when the folder was last changed, in nanoseconds since 1970; 0 if unknown."""
        try:
            return (self.state / CHANGED).stat().st_mtime_ns
        except OSError:
            return 0

    def withdrawn(self, since: int = 0) -> tuple[list[str], int]:
        """Return the names that were noted as withdrawn since a position, and the position to go on from."""
        try:
            size = (self.state / WITHDRAWN).stat().st_size
            if size == since:
                return [], since
            since = since if since < size else 0  # the list has begun again
            with (self.state / WITHDRAWN).open("rb") as noted:
                noted.seek(since)
                whole = noted.read().rpartition(b"\n")[0]  # the last line may still be being written
            return whole.decode().splitlines(), since + len(whole) + bool(whole)
        except OSError:
            return [], 0

    def file(self, path: str) -> Path:
        return self.root / name_for(path)

    def names(self) -> Iterator[str]:
        """Yield the names of all prerendered files, without their variants and markers."""
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name == WELL_KNOWN or not name.startswith("."))
            for name in sorted(files):
                if not name.startswith(".") and not name.endswith(VARIANTS):
                    yield str((Path(folder) / name).relative_to(self.root))

    def strays(self, wanted: set[str]) -> list[str]:
        """Return the names of files that belong to none of `wanted`.

        These are removed pages, and variants and markers without a page.
        """
        found = set()
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name == WELL_KNOWN or not name.startswith(".")]
            for name in files:
                whole = str((Path(folder) / name).relative_to(self.root))
                if name in {ANSWERS_QUERY, MOVED}:
                    beside = whole.removesuffix(name)
                    owner = beside + (ANSWER if beside + ANSWER in wanted else PAGE)
                else:
                    owner = whole.removesuffix(".br").removesuffix(".gz")
                if owner not in wanted:
                    found.add(owner)
        return sorted(found)

    def holds(self, stored: StoredFile) -> bool:
        """Return whether exactly this file is already in place, variants and markers included."""
        target = self.root / stored.name
        try:
            if stored.copy_of is not None:
                if not filecmp.cmp(stored.copy_of, target, shallow=False):
                    return False
            elif target.read_bytes() != stored.body:
                return False
            for suffix in VARIANTS:
                variant = Path(f"{target}{suffix}")
                if (variant.read_bytes() if variant.exists() else None) != stored.variants.get(suffix):
                    return False
            if target.name not in {PAGE, ANSWER}:
                return True
            moved = target.with_name(MOVED)
            return (
                target.with_name(ANSWERS_QUERY).exists() == stored.answers_query
                and (moved.read_text() if moved.exists() else "") == stored.moved
            )
        except OSError:
            return False

    def checksum(self, path: str) -> str | None:
        """Return the checksum of the files of an address (`StoredFile.checksum`); None if its file is missing."""
        target = self.file(path)
        beside = {suffix: Path(f"{target}{suffix}") for suffix in VARIANTS}
        if target.name in {PAGE, ANSWER}:
            beside |= {mark: target.with_name(mark) for mark in (ANSWERS_QUERY, MOVED)}
        try:
            return checksum(
                target,
                {suffix: file.read_bytes() for suffix, file in beside.items() if file.exists()},
            )
        except OSError:
            return None

    # --- Writing ------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the exclusive lock on the folder, after finishing the work of a dead process.

        A file lock rather than a database lock: purging, and finishing an interrupted render, must work without the
        database.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        with (self.state / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._recover()
            yield

    def stage(self, files: Iterable[StoredFile]) -> StagedFiles:
        """Write files to the staging area and sync them to disk.

        They are invisible until they are put in place.
        """
        edition = StagedFiles(self, self.state / "staged" / uuid.uuid4().hex)
        try:
            for stored in files:
                edition.add(stored)
        except BaseException:
            edition.discard()
            raise
        return edition

    def clear(self) -> None:
        """Delete what dead processes have staged.

        Only for the one process that renders.
        """
        shutil.rmtree(self.state / "staged", ignore_errors=True)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files with their variants and markers.

        The folder must be locked.
        """
        steps: list[list[str]] = [
            ["remove", name] for name in names if (self.root / name).is_file() or self._leftovers(name)
        ]
        if steps:
            with contextlib.suppress(OSError):  # a full disk must not prevent a removal
                self._write_journal(steps)
            self._replay(steps)
            self.journal.unlink(missing_ok=True)
            # Not every removed page: the name of a profile would outlive its member here.
            names = [name for _remove, name in steps]
            files = {name for name in names if name.startswith(FILES) or name.endswith(PACKAGE)}
            self.note_withdrawn(name for name in names if name in files or is_sensitive(path_of(name)))

    def note_withdrawn(self, names: Iterable[str]) -> None:
        """Have mirrors follow these files before all others.

        The folder must be locked.
        """
        file = self.state / WITHDRAWN
        with contextlib.suppress(OSError):  # on a full disk; mirrors follow in the usual order
            grown = file.exists() and file.stat().st_size > MOST_WITHDRAWN
            with file.open("wb" if grown else "ab") as noted:
                noted.write("".join(f"{name}\n" for name in names).encode())

    def put(self, edition: StagedFiles, paths: set[str]) -> None:
        """Put the files of an edition that are for `paths` in place.

        The folder must be locked.
        """
        steps = [step for path, step in edition.steps.items() if path in paths]
        try:
            for step in steps:  # anything that needs disk space comes before the journal, which promises the rest
                (self.root / step[1]).parent.mkdir(parents=True, exist_ok=True)
            if steps:
                self._write_journal(steps)
        except BaseException:
            edition.discard()
            raise
        if steps:
            self._replay(steps)
            self.journal.unlink(missing_ok=True)
        edition.discard()

    def _leftovers(self, name: str) -> bool:
        return any(Path(f"{self.root / name}{suffix}").exists() for suffix in VARIANTS) or (
            name.endswith((PAGE, ANSWER))
            and any((self.root / name).with_name(mark).exists() for mark in (ANSWERS_QUERY, MOVED))
        )

    def _write_journal(self, steps: list[list[str]]) -> None:
        draft = self.journal.with_suffix(".draft")
        write(draft, json.dumps(steps).encode())
        draft.replace(self.journal)
        sync_folder(self.state)

    def _recover(self) -> None:
        """Replay the journal that a dead process left, if there is one.

        A damaged one is set aside: its addresses are still due, and the scheduled repair finds the rest.
        """
        try:
            steps = self._read_journal()
        except FileNotFoundError:
            return
        except DamagedJournalError as damage:
            log.error("The journal of the prerendered files was damaged, and is set aside: %s", damage)
            self.journal.replace(self.journal.with_suffix(".damaged"))
            return
        self._replay(steps)
        self.journal.unlink(missing_ok=True)

    def _read_journal(self) -> list[list[str]]:
        """Return the steps of the journal.

        Raises FileNotFoundError or DamagedJournalError.
        """
        try:
            steps = json.loads(self.journal.read_bytes())
        except ValueError as unreadable:
            raise DamagedJournalError(unreadable) from None
        if not isinstance(steps, list) or not all(map(is_step, steps)):
            raise DamagedJournalError("Journal contains unknown entries.")
        return steps

    def _replay(self, steps: list[list[str]]) -> None:
        """Perform the steps of a journal; each may have been performed before."""
        changed_folders = set()
        for step in steps:
            if step[0] == "remove":
                self._delete(self.root / step[1])
                changed_folders.add((self.root / step[1]).parent)
            else:
                self._place(self.root / step[1], self.root / step[2], step[3:])
                changed_folders.add((self.root / step[1]).parent)
        for folder in changed_folders:
            # A folder that was removed because it was empty: sync the one above it.
            sync_folder(next(each for each in (folder, *folder.parents) if each.exists()))
        self._note_changed()

    def _note_changed(self) -> None:
        """Record the time, after the change itself: a process that reads the folder in between will read it again."""
        now = time.time_ns()
        with contextlib.suppress(OSError):  # on a full disk; mirrors are compared once in a while anyway
            (self.state / CHANGED).touch()
            os.utime(self.state / CHANGED, ns=(now, now))

    def _place(self, target: Path, staged: Path, suffixes: list[str]) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if staged.exists():
            # Until the plain file is renamed, clients that accept compression get the old plain file, afterwards the
            # new one.
            for suffix in VARIANTS:
                Path(f"{target}{suffix}").unlink(missing_ok=True)
            if target.name in {PAGE, ANSWER}:
                target.with_name(MOVED).unlink(missing_ok=True)
            staged.replace(target)
        for suffix in suffixes:
            beside = target.with_name(suffix) if suffix in {ANSWERS_QUERY, MOVED} else Path(f"{target}{suffix}")
            with contextlib.suppress(FileNotFoundError):
                Path(f"{staged}{suffix}").replace(beside)
        if target.name in {PAGE, ANSWER} and ANSWERS_QUERY not in suffixes:
            target.with_name(ANSWERS_QUERY).unlink(missing_ok=True)

    def _delete(self, target: Path) -> None:
        # The plain file last: as long as it exists, the old page does.
        for suffix in VARIANTS:
            Path(f"{target}{suffix}").unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        if target.name in {PAGE, ANSWER}:
            for mark in (ANSWERS_QUERY, MOVED):
                target.with_name(mark).unlink(missing_ok=True)
        for folder in target.parents:
            if folder == self.root:
                break
            try:
                folder.rmdir()
            except OSError:
                break


class StagedFiles:
    """Staged files that are to be put in place together."""

    def __init__(self, folder: FileStore, staged: Path) -> None:
        self.folder = folder
        self.staged = staged
        self.steps: dict[str, list[str]] = {}

    def add(self, stored: StoredFile) -> None:
        self.staged.mkdir(parents=True, exist_ok=True)
        draft = self.staged / str(len(self.steps))
        if stored.copy_of is not None:
            copy(stored.copy_of, draft)
        else:
            write(draft, stored.body)
        suffixes = []
        for suffix, content in stored.variants.items():
            write(Path(f"{draft}{suffix}"), content)
            suffixes.append(suffix)
        if stored.moved:
            write(Path(f"{draft}{MOVED}"), stored.moved.encode())
            suffixes.append(MOVED)
        if stored.answers_query:
            write(Path(f"{draft}{ANSWERS_QUERY}"), b"")
            suffixes.append(ANSWERS_QUERY)
        self.steps[stored.path] = ["put", stored.name, str(draft.relative_to(self.folder.root)), *suffixes]

    def discard(self) -> None:
        shutil.rmtree(self.staged, ignore_errors=True)


def is_step(step: object) -> bool:
    """Return whether this is a step that `FileStore` writes: all names are inside the folder."""
    return (
        isinstance(step, list)
        and all(isinstance(word, str) for word in step)
        and ((step[:1] == ["remove"] and len(step) == 2) or (step[:1] == ["put"] and len(step) >= 3))
        and not any(".." in Path(name).parts or Path(name).is_absolute() for name in step[1:3])
        and BESIDE.issuperset(step[3:])
    )


def checksum(plain: bytes | Path, beside: dict[str, bytes]) -> str:
    """Return the SHA-256 of a content, or of a file, and of the files beside it, each with its name and length."""
    found = hashlib.sha256()
    for name, content in sorted({"": plain, **beside}.items()):
        if isinstance(content, Path):  # a film need not be in memory
            found.update(f"{name} {content.stat().st_size}\n".encode())
            with content.open("rb") as file:
                while piece := file.read(PIECE):
                    found.update(piece)
        else:
            found.update(f"{name} {len(content)}\n".encode())
            found.update(content)
    return found.hexdigest()


def write(file: Path, content: bytes) -> None:
    """Write a new file and sync it to disk."""
    with file.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def copy(source: Path, target: Path) -> None:
    """Hard-link a file that is never written to again; copy it where the file system has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        duplicate(source, target)


def duplicate(source: Path, target: Path) -> None:
    """Write a new file with the content of another, and sync it to disk."""
    with source.open("rb") as original, target.open("wb") as out:
        shutil.copyfileobj(original, out)
        out.flush()
        os.fsync(out.fileno())


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
