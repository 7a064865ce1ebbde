"""The folder of prerendered files holds the old render or the new one, after every interruption."""

import errno
import gzip
import hashlib
import json
import os
import resource
import shutil
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import Any

import brotli
import pytest
from django.conf import settings

from prerender.store.files import COMPRESSED, PIECE, FileStore, StoredFile, UnsafePathError, is_safe, name_for

OLD, NEW = b"old words " * 50, b"new words " * 60


@cache
def sheets(body: bytes) -> list[StoredFile]:
    made = [
        StoredFile(path="/de/diary/", body=body),
        StoredFile(path="/de/search/", body=body, answers_query=body == NEW),
        StoredFile(path="/sitemap.xml", body=body),
    ]
    if body == NEW:
        made.append(StoredFile(path="/de/new/", body=body))
        made.append(StoredFile(path="/de/moved/", body=body, moved="301 /de/new/"))
    else:
        made.append(StoredFile(path="/de/moved/", body=body))
    for sheet in made:
        sheet.compress()
    return made


def put(folder: FileStore, made: list[StoredFile]) -> None:
    edition = folder.stage(made)
    with folder.locked():
        folder.put(edition, {sheet.path for sheet in made})


@pytest.fixture
def folder(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "prerender")


def content(root: Path) -> dict[str, bytes]:
    """Return everything that a web server would serve."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".prerender" not in path.parts
    }


class TestNames:
    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("/", "index.html"),
            ("/de/diary/", "de/diary/index.html"),
            ("/sitemap.xml", "sitemap.xml"),
            ("/hsds/de/services", "hsds/de/services/index.json"),
            ("/de/über/", "de/über/index.html"),
            ("/.well-known/security.txt", ".well-known/security.txt"),
        ],
    )
    def test_follow_the_address(self, path: str, name: str):
        assert name_for(path) == name

    @pytest.mark.parametrize(
        "path",
        [
            "", "de/", "//de/", "/de//help/", "/../x", "/de/../x/", "/de/./x/", "/.prerender/journal", "/de/.moved",
            "/x\0/", "/x\n/", "/de\\x/", "/de/index.html", "/de/index.json", "/de/x.br", "/x.gz", "/" + "x" * 260 + "/",
            "/.well-known", "/de/.well-known/x",
        ],
    )  # fmt: skip
    def test_that_would_leave_the_folder_or_hide_in_it_are_refused(self, path: str):
        assert not is_safe(path)
        with pytest.raises(UnsafePathError):
            name_for(path)

    def test_may_be_as_long_as_a_file_system_allows(self):
        assert is_safe(f"/{'x' * 250}/")
        assert not is_safe(f"/{'x' * 251}/")
        assert not is_safe(f"/{'ü' * 126}/")


class TestCompressing:
    @pytest.mark.parametrize("suffix", sorted(COMPRESSED))
    @pytest.mark.parametrize("body", [NEW, b"x" * 256])
    def test_is_for_texts_that_are_worth_it(self, suffix: str, body: bytes):
        sheet = StoredFile(path=f"/de/a{suffix}", body=body)

        sheet.compress()

        assert brotli.decompress(sheet.variants[".br"]) == gzip.decompress(sheet.variants[".gz"]) == body
        assert sheet.variants[".gz"][4:8] == bytes(4)  # not when it was done

    @pytest.mark.parametrize(
        "sheet",
        [
            StoredFile(path="/de/a.webp", body=NEW),
            StoredFile(path="/de/a.html", body=b"x" * 255),
            StoredFile(path="/de/moved/", body=NEW, moved="301 /de/new/"),
            StoredFile(path="/de/a.html", body=NEW, copy_of=Path(__file__)),
        ],
        ids=["pictures", "short ones", "signs", "copies"],
    )
    def test_is_not_for_others(self, sheet: StoredFile):
        sheet.compress()

        assert sheet.variants == {}


class TestFirstRender:
    def test_is_known_until_it_is_finished(self, folder: FileStore):
        known = [folder.is_being_prepared]
        for _ in range(2):
            folder.start_first_render()
            known.append(folder.is_being_prepared)
        for _ in range(2):
            folder.finish_first_render()
            known.append(folder.is_being_prepared)

        assert known == [False, True, True, False, False]


class TestReading:
    """Listing of the folder's files, which the renderer compares with the expected ones."""

    @pytest.fixture
    def names(self, folder: FileStore) -> set[str]:
        """The names of all files that were put in."""
        more = [
            StoredFile(path="/.well-known/security.txt", body=NEW),
            StoredFile(path="/hsds/de/services", body=NEW, answers_query=True),
        ]
        for sheet in more:
            sheet.compress()
        put(folder, [*sheets(NEW), *more])
        return {sheet.name for sheet in [*sheets(NEW), *more]}

    def test_lists_every_file_in_the_same_order_each_time_without_what_is_beside_it(self, folder: FileStore, names):
        assert list(folder.names()) == [
            "sitemap.xml",
            ".well-known/security.txt",
            *(f"de/{name}/index.html" for name in ("diary", "moved", "new", "search")),
            "hsds/de/services/index.json",
        ]

    @pytest.mark.parametrize(
        "unwanted",
        [[], ["de/diary/index.html"], ["de/moved/index.html"], ["de/search/index.html"], ["sitemap.xml"],
            [".well-known/security.txt"]],
    )  # fmt: skip
    def test_finds_what_is_not_wanted(self, folder: FileStore, names, unwanted: list[str]):
        assert folder.strays(names - {*unwanted}) == unwanted

    @pytest.mark.parametrize("left", ["index.html.br", "index.html.gz", ".moved", ".answers-query"])
    def test_finds_what_has_lost_its_page(self, folder: FileStore, names, left: str):
        (folder.root / "de/old").mkdir()
        (folder.root / "de/old" / left).touch()

        assert folder.strays(names) == ["de/old/index.html"]


class TestHolds:
    @pytest.fixture
    def leaflet(self, tmp_path: Path) -> Path:
        path = tmp_path / "leaflet.pdf"
        path.write_bytes(OLD)
        return path

    @pytest.fixture
    def sheet(self, folder: FileStore) -> StoredFile:
        """A page that is in the folder."""
        sheet = StoredFile(path="/de/a/", body=NEW, answers_query=True, variants={".br": b"br", ".gz": b"gz"})
        put(folder, [sheet])
        return sheet

    def test_every_sheet_that_was_put(self, folder: FileStore):
        put(folder, sheets(NEW))

        assert [folder.holds(sheet) for sheet in sheets(NEW)] == [True] * len(sheets(NEW))

    def test_no_sheet_that_was_not(self, folder: FileStore, sheet: StoredFile):
        sheet.path = "/de/b/"

        assert not folder.holds(sheet)

    @pytest.mark.parametrize(
        ("fact", "value"),
        [
            ("body", OLD), ("answers_query", False), ("moved", "301 /de/new/"), ("variants", {}),
            ("variants", {".br": b"br"}),
            ("variants", {".br": b"other", ".gz": b"gz"}), ("variants", {".br": b"br", ".gz": b"other"}),
        ],
    )  # fmt: skip
    def test_no_sheet_that_differs_in_anything(self, folder: FileStore, sheet: StoredFile, fact: str, value: object):
        assert folder.holds(sheet)

        setattr(sheet, fact, value)

        assert not folder.holds(sheet)

    def test_the_sign_of_what_has_moved(self, folder: FileStore, sheet: StoredFile):
        moved = StoredFile(path="/de/moved/", body=NEW, moved="301 /de/a/")
        put(folder, [moved])

        assert folder.holds(moved)
        assert not folder.holds(StoredFile(path="/de/moved/", body=NEW, moved="302 /de/a/"))
        assert not folder.holds(StoredFile(path="/de/moved/", body=NEW))

    def test_what_programs_read(self, folder: FileStore):
        put(folder, [StoredFile(path="/hsds/de/services", body=NEW, answers_query=True)])

        assert folder.holds(StoredFile(path="/hsds/de/services", body=NEW, answers_query=True))
        assert not folder.holds(StoredFile(path="/hsds/de/services", body=NEW))

    @pytest.mark.parametrize("looks_the_same", [False, True])
    def test_a_copy_as_long_as_it_is_the_same(self, folder: FileStore, leaflet: Path, looks_the_same: bool):
        copy = StoredFile(path="/documents/1/leaflet.pdf", copy_of=leaflet)
        put(folder, [copy])
        held = folder.holds(copy)
        other = leaflet.with_name("other.pdf")
        other.write_bytes(OLD.replace(b"old", b"odd"))
        if looks_the_same:
            os.utime(other, ns=(leaflet.stat().st_atime_ns, leaflet.stat().st_mtime_ns))

        assert held
        assert not folder.holds(StoredFile(path="/documents/1/leaflet.pdf", copy_of=other))


class TestClear:
    def test_deletes_what_dead_processes_have_staged(self, folder: FileStore):
        folder.clear()
        assert not folder.root.exists()
        folder.stage(sheets(NEW))

        folder.clear()

        assert [path for path in folder.root.rglob("*") if path.is_file()] == []


class TestFolder:
    def test_can_be_locked_before_it_is_there(self, folder: FileStore):
        with folder.locked():
            folder.remove(["de/diary/index.html"])

        assert content(folder.root) == {}

    def test_is_locked_by_one_at_a_time(self, folder: FileStore):
        inside = Event()

        def lock() -> None:
            with FileStore(folder.root).locked():
                inside.set()

        other = Thread(target=lock)
        with folder.locked():
            other.start()
            too_early = inside.wait(0.3)
        other.join()

        assert (too_early, inside.is_set()) == (False, True)

    def test_keeps_no_file_open(self, folder: FileStore):
        before = len(list(Path("/proc/self/fd").iterdir()))

        put(folder, sheets(NEW))

        assert len(list(Path("/proc/self/fd").iterdir())) == before

    def test_finishes_what_a_dead_process_left(self, folder: FileStore, monkeypatch):
        put(folder, sheets(OLD))
        with monkeypatch.context() as dying:
            dying.setattr(Path, "replace", die_in_the_middle())
            with pytest.raises(KeyboardInterrupt):
                put(folder, sheets(NEW))

        with FileStore(folder.root).locked():
            pass

        assert folder.holds(sheets(NEW)[0])
        assert folder.holds(sheets(NEW)[-1])

    def test_records_its_last_change(self, folder: FileStore):
        known = [folder.changed_at()]
        before = time.time_ns()
        put(folder, sheets(OLD))
        known.append(folder.changed_at())
        list(folder.names())
        known.append(folder.changed_at())
        with folder.locked():
            folder.remove(["sitemap.xml"])
        known.append(folder.changed_at())

        never, put_at, read_at, removed_at = known
        assert never == 0
        assert before <= put_at == read_at < removed_at <= time.time_ns()


class TestJournal:
    """Leftovers of a dead process.

    An attacker who can write to the folder must not have the renderer remove or move anything outside of it.
    """

    @pytest.mark.parametrize(
        "steps",
        [
            {}, [1], ["remove"], [[]], [["remove"]], [["remove", 1]], [["remove", "de/a.html", "de/b.html"]], [["put"]],
            [["put", "de/a.html"]], [["put", "de/a.html", 1]], [["put", "de/a.html", ".prerender/staged/1/0", 1]],
            [["move", "de/a.html", "de/b.html"]], [["remove", "../precious.html"]],
            [["remove", "de/../../precious.html"]], [["remove", "OUTSIDE/precious.html"]],
            [["put", "../precious.html", ".prerender/staged/1/0"]],
            [["put", "OUTSIDE/precious.html", ".prerender/staged/1/0"]],
            [["put", "de/a.html", "../precious.html"]], [["put", "de/a.html", "OUTSIDE/precious.html"]],
            [["put", "de/a.html", ".prerender/staged/1/0", "/../../../precious.html"]],
            [["put", "de/a.html", ".prerender/staged/1/0", ".exe"]],
            [["remove", "de/diary/index.html"], ["remove", "../precious.html"]],
        ],
    )  # fmt: skip
    def test_of_anything_but_steps_inside_is_set_aside(self, folder: FileStore, steps: object, caplog):
        put(folder, sheets(OLD))
        precious = folder.root.parent / "precious.html"
        precious.write_bytes(NEW)
        staged = folder.state / "staged/1/0"
        staged.parent.mkdir(parents=True)
        staged.write_bytes(OLD)
        journal = json.dumps(steps).replace("OUTSIDE", str(folder.root.parent))
        folder.journal.write_text(journal)
        before = content(folder.root)

        with folder.locked():
            pass

        assert (precious.read_bytes(), staged.read_bytes()) == (NEW, OLD)
        assert content(folder.root) == before
        assert not folder.journal.exists()
        assert folder.journal.with_suffix(".damaged").read_text() == journal
        assert "The journal of the prerendered files was damaged" in caplog.text

    @pytest.mark.parametrize("journal", [b"", b"[", b'[["remove", "sitemap.xml"]', b"\xff\xfe"])
    def test_that_is_unreadable_is_set_aside(self, folder: FileStore, journal: bytes):
        put(folder, sheets(OLD))
        folder.journal.write_bytes(journal)

        with folder.locked():
            pass

        assert folder.journal.with_suffix(".damaged").read_bytes() == journal
        assert (folder.root / "sitemap.xml").exists()

    def test_of_steps_inside_is_finished(self, folder: FileStore):
        put(folder, sheets(OLD))
        staged = folder.state / "staged/1/0"
        staged.parent.mkdir(parents=True)
        staged.write_bytes(NEW)
        folder.journal.write_text('[["remove", "sitemap.xml"], ["put", "fr/a/b.html", ".prerender/staged/1/0"]]')

        with folder.locked():
            pass

        assert not (folder.root / "sitemap.xml").exists()
        assert (folder.root / "fr/a/b.html").read_bytes() == NEW
        assert list(folder.state.glob("journal*")) == []


class TestChecksum:
    """The database's record of a file, by which the scheduler detects a changed one."""

    @pytest.fixture
    def film(self, tmp_path: Path) -> Path:
        """A file of more than one piece."""
        path = tmp_path / "film.mp4"
        path.write_bytes(OLD * 4000)
        return path

    @pytest.mark.parametrize("sheet", sheets(NEW), ids=lambda sheet: sheet.path)
    def test_of_what_was_put_is_that_of_what_is_there(self, folder: FileStore, sheet: StoredFile):
        put(folder, sheets(NEW))

        assert folder.checksum(sheet.path) == sheet.checksum()

    def test_of_a_copy_is_that_of_its_content(self, folder: FileStore, film: Path):
        copy = StoredFile(path="/documents/1/film.mp4", copy_of=film)
        put(folder, [copy])

        assert film.stat().st_size > PIECE
        assert copy.checksum() == StoredFile(path=copy.path, body=film.read_bytes()).checksum()
        assert folder.checksum(copy.path) == copy.checksum()

    @pytest.mark.parametrize(
        ("fact", "value"),
        [
            ("body", OLD), ("answers_query", False), ("moved", "301 /de/new/"), ("variants", {}),
            ("variants", {".br": b"br"}),
            ("variants", {".br": b"other", ".gz": b"gz"}), ("variants", {".br": b"gz", ".gz": b"br"}),
        ],
    )  # fmt: skip
    def test_differs_with_anything_that_is_stored(self, fact: str, value: object):
        sheet = StoredFile(path="/de/a/", body=NEW, answers_query=True, variants={".br": b"br", ".gz": b"gz"})
        before = sheet.checksum()

        setattr(sheet, fact, value)

        assert sheet.checksum() != before

    @pytest.mark.parametrize("beside", ["index.html.br", "index.html.gz", ".answers-query", ".moved"])
    def test_of_what_is_there_differs_with_what_is_beside_it(self, folder: FileStore, beside: str):
        page = StoredFile(path="/de/a/", body=NEW)
        put(folder, [page])

        (folder.root / "de/a" / beside).write_bytes(b"")

        assert folder.checksum("/de/a/") != page.checksum()

    def test_of_a_file_says_nothing_of_the_page_beside_it(self, folder: FileStore):
        feed = StoredFile(path="/a/feed.xml", body=OLD)

        put(folder, [StoredFile(path="/a/", body=NEW, answers_query=True), feed])

        assert folder.checksum("/a/feed.xml") == feed.checksum()

    def test_stays_what_the_database_remembers_of_earlier_versions(self):
        sheet = StoredFile(
            path="/de/a/",
            body=b"words",
            answers_query=True,
            moved="301 /de/b/",
            variants={".gz": b"gz", ".br": b"br2"},
        )

        told = b" 5\nwords.answers-query 0\n.br 3\nbr2.gz 2\ngz.moved 10\n301 /de/b/"
        assert sheet.checksum() == hashlib.sha256(told).hexdigest()

    def test_is_none_where_nothing_is(self, folder: FileStore):
        put(folder, sheets(NEW))

        assert folder.checksum("/de/nowhere/") is None


def die_in_the_middle() -> Callable[[Path, Path], Path]:
    """Rename twice, and die: the first is the journal."""
    left, replace = iter(range(2)), Path.replace

    def dying(self: Path, target: Path) -> Path:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return replace(self, target)

    return dying


class TestPut:
    def test_stores_variants_beside_the_file(self, folder: FileStore):
        put(folder, sheets(NEW))

        assert folder.file("/de/diary/").read_bytes() == NEW
        assert brotli.decompress((folder.root / "de/diary/index.html.br").read_bytes()) == NEW
        assert gzip.decompress((folder.root / "de/diary/index.html.gz").read_bytes()) == NEW
        assert (folder.root / "de/search/.answers-query").exists()

    def test_takes_away_what_the_new_sheet_has_not(self, folder: FileStore):
        put(folder, sheets(NEW))

        put(folder, [*sheets(OLD), StoredFile(path="/de/diary/", body=b"short")])

        assert not (folder.root / "de/search/.answers-query").exists()
        assert not (folder.root / "de/moved/.moved").exists()
        assert (folder.root / "de/moved/index.html.br").exists()
        assert {path.name for path in (folder.root / "de/diary").iterdir()} == {"index.html"}

    def test_leaves_no_temporary_files(self, folder: FileStore):
        put(folder, sheets(NEW))

        assert {path.name for path in folder.state.rglob("*") if path.is_file()} == {"lock", "changed"}

    def test_puts_only_what_is_still_wanted(self, folder: FileStore):
        edition = folder.stage(sheets(NEW))
        with folder.locked():
            folder.put(edition, {"/de/diary/"})

        assert {name.partition(".")[0] for name in content(folder.root)} == {"de/diary/index"}


class TestPowerCut:
    """A file is on the disk before it gets its final name: a power cut could leave an empty file under that name."""

    @pytest.fixture
    def events(self, monkeypatch) -> list[tuple[str, str]]:
        """Record what is synced to the disk and what is renamed, in order."""
        found: list[tuple[str, str]] = []
        fsync, replace = os.fsync, Path.replace

        def noting_fsync(handle: int) -> None:
            synced = Path(f"/proc/self/fd/{handle}").readlink()
            if synced.is_dir() or synced.stat().st_size or synced.name.endswith(".answers-query"):
                found.append(("safe", str(synced)))  # buffered data is not safe
            fsync(handle)

        def noting_replace(self: Path, target: Path) -> Path:
            found.append(("renamed", str(self)))
            return replace(self, target)

        monkeypatch.setattr(os, "fsync", noting_fsync)
        monkeypatch.setattr(Path, "replace", noting_replace)
        return found

    def test_every_file_is_on_the_disk_before_it_gets_its_name(self, folder: FileStore, events):
        put(folder, sheets(NEW))

        renamed = [name for what, name in events if what == "renamed"]
        assert len(renamed) > len(sheets(NEW))
        for name in renamed:
            assert events.index(("safe", name)) < events.index(("renamed", name))

    def test_the_journal_is_on_the_disk_before_its_work_begins(self, folder: FileStore, events):
        put(folder, sheets(NEW))

        promised = events.index(("renamed", str(folder.state / "journal.draft")))
        begun = next(at for at, (what, name) in enumerate(events) if what == "renamed" and "staged" in name)
        assert ("safe", str(folder.state)) in events[promised:begun]

    def test_every_name_is_on_the_disk_in_the_end(self, folder: FileStore, events):
        put(folder, sheets(NEW))

        last = events[::-1]
        for sheet in sheets(NEW):
            parent = str((folder.root / sheet.name).parent)
            assert last.index(("safe", parent)) < last.index(("renamed", next_renamed(events)))

    def test_what_is_gone_is_gone_from_the_disk(self, folder: FileStore, events):
        put(folder, sheets(NEW))
        events.clear()

        with folder.locked():
            folder.remove(["de/diary/index.html", "sitemap.xml"])

        assert {("safe", str(folder.root)), ("safe", str(folder.root / "de"))} <= set(events)

    def test_a_copy_is_on_the_disk_where_there_are_no_second_names(self, folder: FileStore, events, monkeypatch):
        def no_links(*args: object) -> None:
            raise OSError(errno.EPERM, "no second names here")

        original = folder.root.parent / "leaflet.pdf"
        original.write_bytes(NEW)
        monkeypatch.setattr(os, "link", no_links)

        put(folder, [StoredFile(path="/documents/1/leaflet.pdf", copy_of=original)])

        renamed = [name for what, name in events if what == "renamed" and "staged" in name]
        assert folder.file("/documents/1/leaflet.pdf").read_bytes() == NEW
        assert renamed
        assert all(events.index(("safe", name)) < events.index(("renamed", name)) for name in renamed)


def next_renamed(events: list[tuple[str, str]]) -> str:
    """Return the last staged file that got its final name."""
    return [name for what, name in events if what == "renamed" and "staged" in name][-1]


class TestRemove:
    def test_takes_variants_and_marks_and_empty_folders(self, folder: FileStore):
        put(folder, sheets(NEW))

        with folder.locked():
            folder.remove([sheet.name for sheet in sheets(NEW)])

        assert content(folder.root) == {}
        assert not (folder.root / "de").exists()

    def test_takes_what_has_lost_its_page(self, folder: FileStore):
        for name in (
            "a/index.html.br",
            "b/index.html.gz",
            "c/.moved",
            "d/.answers-query",
            "e/.answers-query",
        ):
            (folder.root / name).parent.mkdir(parents=True)
            (folder.root / name).touch()

        with folder.locked():
            folder.remove([f"{name}/index.html" for name in "abcd"] + ["e/index.json"])

        assert content(folder.root) == {}

    def test_leaves_everything_else(self, folder: FileStore):
        put(folder, sheets(NEW))
        before = content(folder.root)

        with folder.locked():
            folder.remove(["de/diary/index.html", "de/nowhere/index.html", "sitemap"])

        assert {path.name for path in folder.state.rglob("*") if path.is_file()} == {"lock", "changed", "withdrawn"}
        gone = before.keys() - content(folder.root).keys()
        assert gone == {f"de/diary/index.html{suffix}" for suffix in ("", ".br", ".gz")}

    def test_of_a_file_leaves_the_marks_of_the_page_beside_it(self, folder: FileStore):
        put(folder, [StoredFile(path="/a/", answers_query=True), StoredFile(path="/a/feed.xml")])

        with folder.locked():
            folder.remove(["a/feed.xml"])

        assert content(folder.root).keys() == {"a/index.html", "a/.answers-query"}

    def test_works_on_a_full_disk(self, folder: FileStore, monkeypatch):
        put(folder, sheets(NEW))
        monkeypatch.setattr("prerender.store.files.write", full_disk)

        with folder.locked():
            folder.remove(["de/diary/index.html"])

        assert not folder.file("/de/diary/").exists()


def full_disk(*args: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def in_a_process(action: Callable[[], object], *, kill_before: int = 0) -> tuple[int, int]:
    """Run an action in a child process, which kills itself before disk-changing call number `kill_before` (0: never).

    Return the signal that ended it (0: none), and how many such calls it made if it was not killed.
    """
    calls = 0

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def run(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls == kill_before:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return run

    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Other threads of the test run do not matter to this child.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            for name in ("replace", "rename", "unlink", "mkdir", "rmdir", "fsync", "link"):
                setattr(os, name, counted(getattr(os, name)))
            action()
            os.write(writing, str(calls).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        made = said.read()
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status), int(made or 0)


@pytest.mark.process
class TestKilled:
    """A process may be killed before any call that changes the disk: the next one still finds a complete render."""

    @pytest.fixture
    def scratch(self) -> Iterator[Path]:
        """A folder in memory: on the disk, each test would wait three thousand times for a sync."""
        folder = Path(settings.SCRATCH) / "killed"
        folder.mkdir()
        yield folder
        shutil.rmtree(folder)

    def test_leaves_each_address_old_or_new_and_the_next_render_finishes(self, scratch: Path):
        old, new = content_of(scratch / "old", OLD), content_of(scratch / "new", NEW)
        put(FileStore(scratch / "whole"), sheets(OLD))
        _, steps = in_a_process(lambda: put(FileStore(scratch / "whole"), sheets(NEW)))
        assert steps > 40
        finished = set()
        for number in range(1, steps + 1):
            root = scratch / f"killed-{number}"
            put(FileStore(root), sheets(OLD))

            ended, _ = in_a_process(lambda root=root: put(FileStore(root), sheets(NEW)), kill_before=number)

            assert ended == signal.SIGKILL
            self.check_variants(content(root))
            with FileStore(root).locked():  # the next process, for any work
                pass
            after = content(root)
            assert after in (old, new), number
            finished.add(after == new)
            FileStore(root).clear()
            put(FileStore(root), sheets(NEW))
            assert content(root) == new
        assert finished == {True, False}

    def test_while_removing_finishes_too(self, scratch: Path):
        def remove(root: Path) -> None:
            folder = FileStore(root)
            with folder.locked():
                folder.remove([sheet.name for sheet in sheets(OLD)])

        old = content_of(scratch / "old", OLD)
        _, steps = in_a_process(lambda: remove(scratch / "old"))
        for number in range(1, steps + 1):
            root = scratch / f"killed-{number}"
            put(FileStore(root), sheets(OLD))

            in_a_process(lambda root=root: remove(root), kill_before=number)

            self.check_variants(content(root))
            with FileStore(root).locked():
                pass
            assert content(root) in ({}, old)

    def check_variants(self, found: dict[str, bytes]) -> None:
        """Assert that each compressed variant matches the file beside it, and that none exists without one."""
        for name, body in found.items():
            if name.endswith((".answers-query", ".moved")):
                continue
            assert found[name.removesuffix(".br").removesuffix(".gz")] in {OLD, NEW}
            if name.endswith(".br"):
                assert brotli.decompress(body) == found[name.removesuffix(".br")]
            if name.endswith(".gz"):
                assert gzip.decompress(body) == found[name.removesuffix(".gz")]


def content_of(root: Path, body: bytes) -> dict[str, bytes]:
    put(FileStore(root), sheets(OLD))
    if body == NEW:
        put(FileStore(root), sheets(NEW))
    return content(root)


@pytest.mark.process
class TestFullDisk:
    @pytest.mark.parametrize("number", range(16))
    def test_keeps_the_old_render_after_any_write_error(self, folder: FileStore, monkeypatch, number: int):
        from prerender.store import files

        put(folder, sheets(OLD))
        before = content(folder.root)
        write, left = files.write, iter(range(number))

        def until_full(*args: object) -> None:
            if next(left, None) is None:
                full_disk()
            write(*args)

        with monkeypatch.context() as filling:
            filling.setattr(files, "write", until_full)
            with pytest.raises(OSError, match="No space left"):
                put(folder, sheets(NEW))

        assert content(folder.root) == before
        assert list((folder.state / "staged").iterdir()) == []
        put(folder, sheets(NEW))
        assert folder.file("/de/new/").read_bytes() == NEW

    def test_keeps_the_old_render_where_no_folder_can_be_made(self, folder: FileStore, monkeypatch):
        put(folder, sheets(OLD))
        before, mkdir = content(folder.root), Path.mkdir

        def until_full(self: Path, *args: Any, **kwargs: Any) -> None:
            if self.name == "new":
                full_disk()
            mkdir(self, *args, **kwargs)

        with monkeypatch.context() as filling:
            filling.setattr(Path, "mkdir", until_full)
            with pytest.raises(OSError, match="No space left"):
                put(folder, sheets(NEW))
        with folder.locked():
            pass

        assert content(folder.root) == before

    def test_shows_no_half_file_where_the_system_stops_writing(self, tmp_path: Path):
        """The limit is the operating system's: the process may not write files longer than 500 bytes."""
        root = tmp_path / "prerender"
        put(FileStore(root), sheets(OLD))
        before = content(root)
        said = tmp_path / "said"

        def fill() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
            try:
                put(FileStore(root), sheets(NEW))
            except OSError as problem:
                said.write_text(str(problem))

        in_a_process(fill)

        assert "File too large" in said.read_text()
        assert content(root) == before
