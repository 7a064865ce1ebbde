"""The folder of printed files holds the old print or the new one, whatever happens in between."""

from __future__ import annotations

import errno
import gzip
import os
import resource
import signal
import warnings
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest

from press.files import Folder, StoredFile, UnsafePathError, name_for

if TYPE_CHECKING:
    from collections.abc import Callable

OLD, NEW = b"old words " * 50, b"new words " * 60


@cache
def sheets(body: bytes) -> list[StoredFile]:
    made = [
        StoredFile(path="/de/help/", body=body),
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


def put(folder: Folder, made: list[StoredFile]) -> None:
    edition = folder.stage(made)
    with folder.locked():
        folder.put(edition, {sheet.path for sheet in made})


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "press")


def content(root: Path) -> dict[str, bytes]:
    """Return everything that a web server would serve."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".press" not in path.parts
    }


class TestNames:
    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("/", "index.html"),
            ("/de/help/", "de/help/index.html"),
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
            "", "de/", "//de/", "/de//help/", "/../x", "/de/../x/", "/de/./x/", "/.press/journal", "/de/.moved", "/x\0/", "/x\n/",
            "/de\\x/", "/de/index.html", "/de/index.json", "/de/x.br", "/x.gz", "/" + "x" * 260 + "/", "/.well-known", "/de/.well-known/x",
        ],
    )  # fmt: skip
    def test_that_would_leave_the_folder_or_hide_in_it_are_refused(self, path: str):
        with pytest.raises(UnsafePathError):
            name_for(path)


class TestPut:
    def test_stores_variants_beside_the_file(self, folder: Folder):
        put(folder, sheets(NEW))

        assert folder.file("/de/help/").read_bytes() == NEW
        assert brotli.decompress((folder.root / "de/help/index.html.br").read_bytes()) == NEW
        assert gzip.decompress((folder.root / "de/help/index.html.gz").read_bytes()) == NEW
        assert (folder.root / "de/search/.answers-query").exists()

    def test_takes_away_what_the_new_sheet_has_not(self, folder: Folder):
        put(folder, sheets(NEW))

        put(folder, sheets(OLD))

        assert not (folder.root / "de/search/.answers-query").exists()
        assert not (folder.root / "de/moved/.moved").exists()
        assert (folder.root / "de/moved/index.html.br").exists()

    def test_leaves_nothing_of_its_own_behind(self, folder: Folder):
        put(folder, sheets(NEW))

        assert {path.name for path in folder.state.rglob("*") if path.is_file()} == {"lock"}

    def test_puts_only_what_is_still_wanted(self, folder: Folder):
        edition = folder.stage(sheets(NEW))
        with folder.locked():
            folder.put(edition, {"/de/help/"})

        assert {name.partition(".")[0] for name in content(folder.root)} == {"de/help/index"}


class TestPowerCut:
    """A file is on the disk before it gets its final name: otherwise a power cut could leave an empty file under that name."""

    @pytest.fixture
    def events(self, monkeypatch) -> list[tuple[str, str]]:
        """Record what is synced to the disk and what is renamed, in order."""
        found: list[tuple[str, str]] = []
        fsync, replace = os.fsync, Path.replace

        def noting_fsync(handle: int) -> None:
            found.append(("safe", str(Path(f"/proc/self/fd/{handle}").readlink())))
            fsync(handle)

        def noting_replace(self: Path, target: Path) -> Path:
            found.append(("renamed", str(self)))
            return replace(self, target)

        monkeypatch.setattr(os, "fsync", noting_fsync)
        monkeypatch.setattr(Path, "replace", noting_replace)
        return found

    def test_every_file_is_on_the_disk_before_it_gets_its_name(self, folder: Folder, events):
        put(folder, sheets(NEW))

        renamed = [name for what, name in events if what == "renamed"]
        assert len(renamed) > len(sheets(NEW))
        for name in renamed:
            assert events.index(("safe", name)) < events.index(("renamed", name))

    def test_every_name_is_on_the_disk_in_the_end(self, folder: Folder, events):
        put(folder, sheets(NEW))

        last = events[::-1]
        for sheet in sheets(NEW):
            parent = str((folder.root / sheet.name).parent)
            assert last.index(("safe", parent)) < last.index(("renamed", next_renamed(events)))

    def test_a_copy_is_on_the_disk_where_there_are_no_second_names(self, folder: Folder, events, monkeypatch):
        def no_links(*args: object) -> None:
            raise OSError(errno.EPERM, "no second names here")

        original = folder.root.parent / "leaflet.pdf"
        original.write_bytes(NEW)
        monkeypatch.setattr(os, "link", no_links)

        put(folder, [StoredFile(path="/documents/1/leaflet.pdf", copy_of=original)])

        renamed = [name for what, name in events if what == "renamed" and "staged" in name]
        assert renamed
        assert all(events.index(("safe", name)) < events.index(("renamed", name)) for name in renamed)


def next_renamed(events: list[tuple[str, str]]) -> str:
    """Return the last staged file that got its final name."""
    return [name for what, name in events if what == "renamed" and "staged" in name][-1]


class TestRemove:
    def test_takes_variants_and_marks_and_empty_folders(self, folder: Folder):
        put(folder, sheets(NEW))

        with folder.locked():
            folder.remove([sheet.name for sheet in sheets(NEW)])

        assert content(folder.root) == {}
        assert not (folder.root / "de").exists()

    def test_works_on_a_full_disk(self, folder: Folder, monkeypatch):
        put(folder, sheets(NEW))
        monkeypatch.setattr("press.files.write", full_disk)

        with folder.locked():
            folder.remove(["de/help/index.html"])

        assert not folder.file("/de/help/").exists()


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
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # other threads of the test run do not matter to this child
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


class TestKilled:
    """A process may be killed before any call that changes the disk: the next one still finds a complete print, old or new."""

    def test_leaves_each_address_old_or_new_and_the_next_print_finishes(self, tmp_path: Path):
        old, new = content_of(tmp_path / "old", OLD), content_of(tmp_path / "new", NEW)
        put(Folder(tmp_path / "whole"), sheets(OLD))
        _, steps = in_a_process(lambda: put(Folder(tmp_path / "whole"), sheets(NEW)))
        assert steps > 40
        finished = set()
        for number in range(1, steps + 1):
            root = tmp_path / f"killed-{number}"
            put(Folder(root), sheets(OLD))

            ended, _ = in_a_process(lambda root=root: put(Folder(root), sheets(NEW)), kill_before=number)

            assert ended == signal.SIGKILL
            self.check_variants(content(root))
            with Folder(root).locked():  # the next process, whatever it wants
                pass
            after = content(root)
            assert after in (old, new), number
            finished.add(after == new)
            Folder(root).clear()
            put(Folder(root), sheets(NEW))
            assert content(root) == new
        assert finished == {True, False}

    def test_while_removing_finishes_too(self, tmp_path: Path):
        def remove(root: Path) -> None:
            folder = Folder(root)
            with folder.locked():
                folder.remove([sheet.name for sheet in sheets(OLD)])

        old = content_of(tmp_path / "old", OLD)
        _, steps = in_a_process(lambda: remove(tmp_path / "old"))
        for number in range(1, steps + 1):
            root = tmp_path / f"killed-{number}"
            put(Folder(root), sheets(OLD))

            in_a_process(lambda root=root: remove(root), kill_before=number)

            self.check_variants(content(root))
            with Folder(root).locked():
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
    put(Folder(root), sheets(OLD))
    if body == NEW:
        put(Folder(root), sheets(NEW))
    return content(root)


class TestFullDisk:
    @pytest.mark.parametrize("number", range(16))
    def test_keeps_the_old_print_whatever_cannot_be_written(self, folder: Folder, monkeypatch, number: int):
        from press import files

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

    def test_shows_no_half_file_where_the_system_stops_writing(self, tmp_path: Path):
        """The limit is the operating system's, not a stand-in: the process may not write files longer than 500 bytes."""
        root = tmp_path / "press"
        put(Folder(root), sheets(OLD))
        before = content(root)
        said = tmp_path / "said"

        def fill() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
            try:
                put(Folder(root), sheets(NEW))
            except OSError as problem:
                said.write_text(str(problem))

        in_a_process(fill)

        assert "File too large" in said.read_text()
        assert content(root) == before
