"""Brings a mirror up to date: a folder with the whole public site, for any web server.

- Files that were removed from the prerendered site are removed first, even if something else fails.
  Then come static files, and the files that show a withdrawn listing (`FileStore.withdrawn`), also while the rest
  is copied, which takes minutes after an upgrade.
  Then come pictures and all other files, and the pages last, so that no page refers to a missing file.
- Each file is written beside its target and renamed into it.
  A process that dies leaves the old file or the new one, and never an old compressed variant beside a new page.
- Only changed files are written.
  The size and time of both files are recorded on our own disk, which reveals a disk that rounds times and changes made
  by others.
- One file that cannot be written does not stop the others.
- A folder is a mirror when it has `mirror.json`, which names its site.
  Without it nothing is touched: a disk that is not mounted leaves an empty folder behind, and a mistyped name may be a
  user's home directory.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import brotli
from django.conf import settings
from django.utils import timezone

from core.assets import storage
from core.version import running
from prerender import padding
from prerender.mirrors import pages
from prerender.store.files import PAGE, VARIANTS, WELL_KNOWN, FileStore, duplicate, packed, path_of, write

# Marks a folder as a mirror: of which site, and as of when.
SIGN = "mirror.json"
STATIC = "static/"
DRAFT = ".new"
# Number of files written between two updates of the record: after a crash, no more are written a second time.
NOTED_AFTER = 500
UNPACK = {".br": brotli.decompress, ".gz": gzip.decompress}
# Errors that concern one file: the next one, which may be smaller, can succeed.
# Any other error concerns the disk.
OF_ONE_FILE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENAMETOOLONG, errno.EILSEQ}
)  # fmt: skip
USE_EMPTY_FOLDER = "Use an empty directory."


class MirrorError(Exception):
    """The mirror could not be brought up to date, or only in part.

    The message is for operators.
    `is_new`: the last run did not find the same problem.
    """

    is_new = True


class MirrorBusyError(MirrorError):
    """Another process is bringing it up to date."""


@dataclass(kw_only=True)
class MirrorRecord:
    """Record of a mirror on this machine, which can be read even if the mirror cannot.

    Times are seconds since 1970.
    """

    since: float
    # When the mirror last matched the prerendered site, and the change (`FileStore.changed_at`) that it had then.
    level_at: float | None = None
    change: int = 0
    problem: str = ""

    @classmethod
    def read(cls, file: Path) -> MirrorRecord | None:
        """Return the record, or None if there is none that can be read."""
        try:
            return cls(**json.loads(file.read_text()))
        except (OSError, ValueError, TypeError):
            return None


def record_folder(root: str) -> Path:
    """Return where the record of a mirror is kept.

    `root` is its folder as the operator writes it.
    """
    return FileStore().state / "mirrors" / hashlib.sha256(root.encode()).hexdigest()[:16]


def record_of(root: str) -> MirrorRecord | None:
    return MirrorRecord.read(record_folder(root) / "record.json")


def save(record: MirrorRecord, root: str) -> None:
    replace(record_folder(root) / "record.json", json.dumps(vars(record)).encode())


def replace(file: Path, content: bytes) -> None:
    """Write a file of ours by renaming."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    write(draft, content)
    draft.replace(file)


@dataclass(kw_only=True)
class MirrorOutcome:
    written: int = 0
    kept: int = 0
    removed: int = 0
    problems: list[str] = field(default_factory=list)
    ended: str = ""  # the previous problem


class Mirror:
    def __init__(self, root: str) -> None:
        self.name = root
        self.root = Path(root)
        self.folder = FileStore()
        self.kept_at = record_folder(root)
        self.disk: tuple[int, int] | None = None
        self.placed: dict[str, list[int]] = {}
        self.is_noted = True

    def bring_up_to_date(self, *, begin: bool) -> MirrorOutcome:
        """Make the folder match the prerendered site, and again while the prerendered site changes.

        `begin`: an empty folder becomes a mirror.
        Raises MirrorBusyError, or MirrorError with the first problem, after as much as possible was done.
        """
        with self.locked(), readable_by_all():
            record = record_of(self.name) or MirrorRecord(since=timezone.now().timestamp())
            outcome = MirrorOutcome(ended=record.problem)
            try:
                self.require_prerendered_site()
                self.require_mirror(begin=begin)
                self.placed = self.read_placed()
                while True:
                    self.copy_once(record, outcome)
                    if record.change == self.folder.changed_at():
                        return outcome
            except (MirrorError, OSError) as found:
                problem = MirrorError(in_words(found, self.root))
                problem.is_new = record.problem != str(problem)
                record.problem = str(problem)
                with contextlib.suppress(OSError):  # our own disk may be full
                    save(record, self.name)
                raise problem from found

    def copy_once(self, record: MirrorRecord, outcome: MirrorOutcome) -> None:
        began, change = timezone.now().replace(microsecond=0), self.folder.changed_at()
        self.copy_all(outcome)
        if outcome.problems:
            raise MirrorError(outcome.problems[0])
        self.say_how_old(began)
        record.level_at, record.change, record.problem = began.timestamp(), change, ""
        save(record, self.name)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of this mirror, which is on our own disk.

        Raises MirrorBusyError.
        """
        self.kept_at.mkdir(parents=True, exist_ok=True)
        with (self.kept_at / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise MirrorBusyError(f"Another process is bringing {self.root} up to date.") from None
            yield

    # --- Preconditions ----------------------------------------------------------------------------

    def require_prerendered_site(self) -> None:
        if self.folder.is_being_prepared or not (self.folder.root / PAGE).is_file():
            raise MirrorError(
                "The site is not rendered yet, or the prerendered site is gone. "
                "The mirror stays as it is: `manage.py prerender --all` renders the site."
            )

    def require_mirror(self, *, begin: bool) -> None:
        own = [settings.PRERENDER_ROOT, settings.STATIC_ROOT, storage.SHARED, settings.MEDIA_ROOT]
        here = self.root.resolve()
        for each in map(Path, own):
            if here.is_relative_to(each.resolve()) or each.resolve().is_relative_to(here):
                raise MirrorError(f"{self.root} cannot be a mirror: the site itself keeps files there.")
        try:
            whose = json.loads((self.root / SIGN).read_text())["of"]
        except FileNotFoundError:
            self.begin(begin=begin)
        except (ValueError, TypeError, KeyError):
            raise MirrorError(f"{self.root / SIGN} is damaged. Nothing was changed. {USE_EMPTY_FOLDER}") from None
        else:
            if whose != settings.PUBLIC_URL:
                raise MirrorError(f"{self.root} is a mirror of {whose}. Nothing was changed.")
        self.disk = identity(self.root)

    def begin(self, *, begin: bool) -> None:
        """Make an empty folder a mirror."""
        if not self.root.is_dir():
            raise MirrorError(f"There is no folder {self.root}.")
        if not begin:
            raise MirrorError(
                f"{self.root} is no mirror (it has no {SIGN}): is the disk mounted? Nothing was changed. "
                f"To begin a mirror there, run `manage.py prerender --mirror {self.root}` once."
            )
        if others := sorted(each.name for each in self.root.iterdir() if not belongs_to_disk(each.name)):
            raise MirrorError(
                f"{self.root} is not empty ({others[0]}), and what is no part of a "
                f"mirror would be removed from it. Nothing was changed. {USE_EMPTY_FOLDER}"
            )
        self.write_sign(None)

    def write_sign(self, as_of: datetime | None) -> None:
        said = {
            "of": settings.PUBLIC_URL,
            "as_of": as_of and as_of.astimezone(UTC).isoformat(timespec="seconds"),
        }
        self.put(SIGN, json.dumps(said).encode())

    def say_how_old(self, as_of: datetime) -> None:
        languages = [code for code in settings.INTERFACE_LANGUAGES if (self.folder.root / code / PAGE).is_file()]
        self.put(pages.AGE, pages.age_page(as_of, languages or [settings.LANGUAGE_CODE]))
        self.write_sign(as_of)

    # --- Copying ----------------------------------------------------------------------------------

    def copy_all(self, outcome: MirrorOutcome) -> None:
        wanted = {**self.static_files(), **self.prerendered_files()}
        self.remove(self.strays(wanted, outcome), outcome)
        outcome.kept = position = 0
        try:
            for number, (name, source) in enumerate(sorted(wanted.items(), key=in_order), 1):
                if not name.startswith(STATIC):
                    position = self.follow_withdrawals(position, outcome)
                self.copy_one(name, source, outcome)
                if number % NOTED_AFTER == 0:
                    self.note_placed()
        finally:
            self.note_placed()

    def follow_withdrawals(self, position: int, outcome: MirrorOutcome) -> int:
        """Copy, or remove, what was withdrawn since a position of `FileStore.withdrawn`, and return the new one."""
        names, position = self.folder.withdrawn(position)
        for name in dict.fromkeys(names):
            if (source := self.folder.root / name).is_file():
                self.copy_one(name, source, outcome)
            else:
                there = [each for suffix in ("", *VARIANTS) if (self.root / (each := f"{name}{suffix}")).is_file()]
                self.remove(there, outcome)
        return position

    def copy_one(self, name: str, source: Path, outcome: MirrorOutcome) -> None:
        """Copy a file, unless it is there already.

        Raises OSError if something is wrong with the disk.
        """
        try:
            found = signature(source)
            if (known := self.placed.get(name)) and known == [*found, *self.in_place(name)]:
                outcome.kept += 1
                return
            self.is_noted = False
            self.placed.pop(name, None)
            if name.endswith(".html"):
                page = pages.mirrored(name, padding.stripped(path_of(name), source.read_bytes()))
                self.put(name, *packed(name, page)[:2])
            else:
                self.put(name, *content_of(source))
            self.placed[name] = [*found, *self.in_place(name)]
            outcome.written += 1
        except pages.NotAPageError as problem:
            outcome.problems.append(in_words(problem, self.root))
            self.remove([name, *(f"{name}{suffix}" for suffix in VARIANTS)], outcome)  # or an old one would stay
        except OSError as problem:
            if isinstance(problem, FileNotFoundError) and not source.exists():
                return  # it was withdrawn in the meantime: the prerendered site has changed, so there is another round
            if problem.errno not in OF_ONE_FILE:
                raise
            outcome.problems.append(in_words(problem, self.root))

    def prerendered_files(self) -> dict[str, Path]:
        return {name: self.folder.root / name for name in self.folder.names()}

    def static_files(self) -> dict[str, Path]:
        """Return the static files of all versions of the software whose pages may still be open, by their names."""
        found = {}
        for root in dict.fromkeys((Path(settings.STATIC_ROOT), storage.SHARED)):
            for folder, _folders, names in os.walk(root):
                for name in filter(storage.HASHED.search, names):
                    if not name.endswith(VARIANTS):
                        file = Path(folder) / name
                        found[f"{STATIC}{file.relative_to(root)}"] = file
        return found

    def in_place(self, name: str) -> list[int]:
        try:
            return signature(self.root / name)
        except OSError:
            return []

    def put(self, name: str, content: bytes | Path, variants: dict[str, bytes] | None = None) -> None:
        """Put a file in place: remove its old variants, write the new file, then write its variants."""
        if self.disk is not None and self.disk != identity(self.root):
            raise MirrorError(f"{self.root} is another disk than a moment ago. Is it mounted?")
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}{DRAFT}")
        drafts = {suffix: Path(f"{draft}{suffix}") for suffix in variants or ()}
        try:
            if isinstance(content, Path):
                duplicate(content, draft)
            else:
                write(draft, content)
            for suffix, file in drafts.items():
                write(file, (variants or {})[suffix])
            for suffix in VARIANTS:
                Path(f"{target}{suffix}").unlink(missing_ok=True)
            draft.replace(target)
            for suffix, file in drafts.items():
                file.replace(f"{target}{suffix}")
        except OSError:
            for file in (draft, *drafts.values()):
                with contextlib.suppress(OSError):
                    file.unlink(missing_ok=True)
            raise

    # --- Removing ---------------------------------------------------------------------------------

    def strays(self, wanted: dict[str, Path], outcome: MirrorOutcome) -> list[str]:
        """Return the names of files that are not wanted, or no longer, and of what dead processes have left behind."""
        found = []

        def note(problem: OSError) -> None:
            outcome.problems.append(in_words(problem, self.root))

        for folder, folders, names in os.walk(self.root, onerror=note):
            folders[:] = [name for name in folders if not belongs_to_disk(name)]
            for name in names:
                whole = str((Path(folder) / name).relative_to(self.root))
                plain = whole.removesuffix(".br").removesuffix(".gz")
                is_draft = name.startswith(".") and DRAFT in name
                if is_draft or (not name.startswith(".") and plain not in wanted and whole not in {SIGN, pages.AGE}):
                    found.append(whole)
        return found

    def remove(self, names: list[str], outcome: MirrorOutcome) -> None:
        """Remove files, and the folders that are then empty.

        A file that cannot be removed does not stop the others.
        """
        for name in sorted(names, key=lambda name: not name.endswith(VARIANTS)):
            try:
                (self.root / name).unlink(missing_ok=True)
            except OSError as problem:
                outcome.problems.append(in_words(problem, self.root))
                continue
            self.is_noted = self.placed.pop(name, None) is None and self.is_noted
            outcome.removed += 1
            for folder in (self.root / name).parents:
                if folder == self.root or not is_emptied(folder):
                    break

    # --- Record of what was written ---------------------------------------------------------------

    def recipe(self) -> str:
        """Return what pages on a mirror depend on besides the prerendered files.

        If it changes, all pages are written again.
        """
        return f"{running()} {settings.PUBLIC_URL}"

    def read_placed(self) -> dict[str, list[int]]:
        """Return, by name, the size and time of each file that was written, of its source and of itself."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            noted = json.loads((self.kept_at / "placed.json").read_bytes())
            same = noted["recipe"] == self.recipe()
            return {name: file for name, file in noted["files"].items() if same or not name.endswith(".html")}
        return {}

    def note_placed(self) -> None:
        (self.kept_at / "lock").touch()  # still at work
        if not self.is_noted:
            noted = {"recipe": self.recipe(), "files": self.placed}
            replace(self.kept_at / "placed.json", json.dumps(noted).encode())
            self.is_noted = True


def in_order(item: tuple[str, Path]) -> tuple[int, str]:
    """Sort key: static files first, then pictures and other files that pages link to, and pages last."""
    name = item[0]
    return (0 if name.startswith(STATIC) else 2 if name.endswith(".html") else 1, name)


def signature(file: Path) -> list[int]:
    found = file.stat()
    return [found.st_size, found.st_mtime_ns]


def identity(folder: Path) -> tuple[int, int]:
    """Return what distinguishes a folder from one of the same name after a disk was mounted there, or unmounted."""
    found = folder.stat()
    return found.st_dev, found.st_ino


def content_of(source: Path) -> tuple[bytes | Path, dict[str, bytes]]:
    """Return the content of a file, and the variants beside it that match it.

    While a file is rendered again, its variants may be old or missing.
    A file without variants, which may be a film, is not read.
    """
    files = {suffix: Path(f"{source}{suffix}") for suffix in VARIANTS}
    if not any(file.exists() for file in files.values()):
        return source, {}
    body, found = source.read_bytes(), {}
    for suffix, file in files.items():
        with contextlib.suppress(OSError, EOFError, brotli.error):
            variant = file.read_bytes()
            if UNPACK[suffix](variant) == body:
                found[suffix] = variant
    return body, found


@contextlib.contextmanager
def readable_by_all() -> Iterator[None]:
    """Write files that all users of the machine may read, regardless of the umask of this process.

    The files are public.
    """
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def belongs_to_disk(name: str) -> bool:
    """Return whether a folder belongs to the file system, such as `.snapshot` or `lost+found`, and is left alone."""
    return (name.startswith(".") and name != WELL_KNOWN) or name == "lost+found"


def is_emptied(folder: Path) -> bool:
    """Remove a folder if it is empty, and return whether it was."""
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def in_words(problem: Exception, root: Path) -> str:
    """Return the message about a problem for operators."""
    if isinstance(problem, pages.NotAPageError):
        return f"{problem} is no page of this site, and was not copied."
    if isinstance(problem, OSError):
        # A constant message for a constant problem: it is logged once.
        where = root if Path(problem.filename or root).is_relative_to(root) else problem.filename
        return f"{where} could not be read or written: {problem.strerror or type(problem).__name__}."
    return str(problem)
