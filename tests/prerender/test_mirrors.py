"""A mirror has the public files, nothing that was withdrawn, and a notice that it is a copy."""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
import pytest
from django.core.management import CommandError, call_command

from core import scheduler
from core.assets import storage
from prerender import padding
from prerender.mirrors import copying, keeping, pages
from prerender.mirrors.copying import Mirror, MirrorError, record_folder, record_of
from prerender.store.files import FileStore, StoredFile, path_of
from tests.prerender.conftest import put

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

MAIN = "https://www.example.org"


def html(words: str = "", *, language: str = "en", head: str = "", end: str = "<footer><p>About</p></footer>") -> bytes:
    return (
        f'<!doctype html>\n<html lang="{language}" dir="ltr">\n'
        f'<head>\n<meta charset="utf-8">\n<title>A page</title>{head}</head>\n'
        f"<body><main>{words}{' more' * 60}</main>{end}</body></html>\n"
    ).encode()


def sheets() -> list[StoredFile]:
    return [
        StoredFile(path="/", body=html("Languages", end="")),
        StoredFile(path="/en/", body=html("Home")),
        StoredFile(path="/de/", body=html("Anfang", language="de")),
        StoredFile(path="/en/help/", body=html("Call 116 123", head='<link rel="canonical" href="/here">')),
        StoredFile(path="/en/old/", body=html("Moved"), moved="301 /en/"),
        StoredFile(
            path="/en/search/",
            body=html('<form action="/en/search/" method="get" role="search"></form><a href="?page=2">2</a>'),
            answers_query=True,
        ),
        StoredFile(path="/hsds/en", body=b'{"a": 1}' * 50),
        StoredFile(path="/sitemap.xml", body=b"<urlset></urlset>" * 50),
        StoredFile(path="/.well-known/security.txt", body=b"Contact: us"),
        StoredFile(path="/pictures/0a.webp", body=b"picture"),
        StoredFile(path="/documents/7/film.mp4", body=b"film"),
        StoredFile(path="/errors/de/help/404.html", body=html("Nicht hier", language="de")),
        StoredFile(path="/404.html", body=html("Not here")),
    ]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> FileStore:
    """A small prerendered site, with its static files, in separate folders."""
    for name in ("PRERENDER_ROOT", "STATIC_ROOT", "MEDIA_ROOT"):
        setattr(settings, name, tmp_path / name.lower())
    settings.PUBLIC_URL, settings.INTERFACE_LANGUAGES = MAIN, ["en", "de", "fr"]
    monkeypatch.setattr(storage, "SHARED", shared := tmp_path / "static_shared")
    (shared / "css").mkdir(parents=True)
    for name in ("site.0123456789ab.css", "site.0123456789ab.css.br", "site.css", "staticfiles.json"):
        (shared / "css" / name).write_bytes(brotli.compress(b"body {}") if name.endswith(".br") else b"body {}")
    put(*sheets())
    return FileStore()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "mirror"
    made.mkdir()
    return made


@pytest.fixture
def update(root: Path) -> Callable[[], copying.MirrorOutcome]:
    """Return a function that brings the mirror up to date."""
    return lambda: Mirror(str(root)).bring_up_to_date(begin=True)


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def remove(*names: str) -> None:
    folder = FileStore()
    with folder.locked():
        folder.remove(names)


def withdraw(folder: FileStore, sheet: StoredFile) -> None:
    """Replace a file as the renderer does after a withdrawal."""
    put(sheet)
    with folder.locked():
        folder.note_withdrawn([sheet.name])


def fails(monkeypatch: pytest.MonkeyPatch, name: str, problem: int, *, only: str = "") -> None:
    """Make a function of the mirror fail, for files whose path contains `only`."""
    real = getattr(copying, name)

    def failing(first: Path, second: Any) -> None:
        if only in f"{first} {second}":
            raise OSError(problem, os.strerror(problem))
        real(first, second)

    monkeypatch.setattr(copying, name, failing)


class TestContent:
    def test_is_what_is_public_and_nothing_else(self, folder: FileStore, root: Path, update):
        update()

        plain = {name for name in tree(root) if not name.endswith((".br", ".gz"))}
        assert plain == {*folder.names(), "static/css/site.0123456789ab.css", "mirror.json", "mirror.html"}
        assert ".well-known/security.txt" in plain

    def test_is_the_same_to_the_byte_but_for_pages(self, folder: FileStore, root: Path, update):
        update()

        found, prerendered = tree(root), tree(folder.root)
        same = {name for name in prerendered if "index.html" not in name and "404.html" not in name}
        others = {name for name in same if not name.startswith(".prerender/") and "/." not in name[1:]}
        assert {"hsds/en/index.json.br", "sitemap.xml.gz", "documents/7/film.mp4"} <= others
        assert {name: found.get(name) for name in others} == {name: prerendered[name] for name in others}
        assert brotli.decompress(found["static/css/site.0123456789ab.css.br"]) == b"body {}"

    def test_has_variants_that_fit(self, root: Path, update):
        update()

        found = tree(root)
        for name in ("en/help/index.html", "404.html", "sitemap.xml"):
            plain = padding.stripped(path_of(name), found[name])
            assert brotli.decompress(found[f"{name}.br"]) == gzip.decompress(found[f"{name}.gz"]) == plain

    def test_leaves_out_a_variant_of_an_earlier_render(self, folder: FileStore, root: Path, update):
        (folder.root / "sitemap.xml.br").write_bytes(brotli.compress(b"<older/>"))
        (folder.root / "sitemap.xml.gz").write_bytes(b"no gzip")

        update()

        assert not {"sitemap.xml.br", "sitemap.xml.gz"} & tree(root).keys()

    def test_can_be_read_by_every_web_server(self, root: Path, update):
        before = os.umask(0o077)
        try:
            update()
        finally:
            os.umask(before)

        assert (root / "en/help").stat().st_mode & 0o777 == 0o755
        assert (root / "en/help/index.html").stat().st_mode & 0o777 == 0o644


class TestPage:
    def test_has_the_policies_of_the_headers_in_its_markup(self):
        page = pages.mirrored("en/help/index.html", html())

        head = page.partition(b"<title>")[0].decode()
        assert head.index('charset="utf-8"') < head.index("Content-Security-Policy")
        assert "default-src 'none'; script-src 'self'" in head
        assert "form-action 'none'" in head
        assert "frame-ancestors" not in head
        assert '<meta name="referrer" content="no-referrer">' in head
        assert f'<link rel="canonical" href="{MAIN}/en/help/">' in head

    def test_does_not_say_it_twice(self):
        prerendered = html(head='<meta name="referrer" content="no-referrer"><link rel="canonical" href="/there">')

        page = pages.mirrored("en/about/index.html", prerendered)

        assert page.count(b'name="referrer"') == page.count(b'rel="canonical"') == 1

    @pytest.mark.parametrize(
        ("name", "original"),
        [
            ("index.html", f"{MAIN}/"),
            ("en/über/index.html", f"{MAIN}/en/%C3%BCber/"),
            ("errors/de/help/404.html", f"{MAIN}/de/"),
            ("404.html", f"{MAIN}/"),
        ],
    )
    @pytest.mark.parametrize("end", ["", "<footer><p>About</p></footer>"])
    def test_names_its_original_at_its_end(self, name: str, original: str, end: str):
        page = pages.mirrored(name, html(end=end)).decode()

        footer = page.rpartition("<footer")[2]
        assert f'<a href="{original}" target="_top">www.example.org</a>' in footer
        assert '<a href="/mirror.html#en" target="_top">' in footer
        assert footer.rstrip().endswith("</footer></body></html>")

    def test_is_otherwise_as_it_was_rendered(self):
        words = (
            '<form class="finder" hidden></form><a href="/en/help/#x">1</a>'
            '<a href="https://other.example/?q=1">2</a><a href="//o.example/?q">3</a>'
        )
        prerendered = html(words)

        page = pages.mirrored("en/about/index.html", prerendered)

        rest = re.sub(rb"(?<=utf-8\">)<meta.*?(?=\n<title>)", b"", page)
        assert re.sub(rb"<p>This page is a copy.*?</p>(?=</footer>)", b"", rest, flags=re.DOTALL) == prerendered

    @pytest.mark.parametrize("action", [' action="/en/search/"', ""])
    def test_sends_forms_and_queries_to_the_original(self, action: str):
        prerendered = html(
            f'<form{action} method="get" role="search"></form><a href="?page=2">2</a><a href="/en/?a=b">3</a>'
        )

        page = pages.mirrored("en/search/index.html", prerendered).decode()

        form = re.search(r"<form[^>]*>", page)
        assert form is not None
        assert form[0].count("action=") == 1
        assert f'action="{MAIN}/en/search/"' in form[0]
        assert f"form-action {MAIN}" in page
        assert page.index("is sent to www.example.org") < page.index("<form")
        assert f'href="{MAIN}/en/search/?page=2"' in page
        assert f'href="{MAIN}/en/?a=b"' in page

    def test_that_is_not_built_like_ours_is_not_copied_and_keeps_no_other(self, root: Path, update):
        put(StoredFile(path="/en/foreign/", body=html("Call 116 123")))
        update()
        put(StoredFile(path="/en/foreign/", body=b"<p>words</p>"))

        with pytest.raises(MirrorError, match=r"en/foreign/index\.html"):
            update()

        assert "en/foreign/index.html" not in tree(root)
        assert "en/help/index.html" in tree(root)


class TestAge:
    def test_is_shown_in_each_language_and_for_programs(self, root: Path, update):
        update()

        said = json.loads((root / "mirror.json").read_text())
        assert said["of"] == MAIN
        told = (root / "mirror.html").read_text()
        assert f'datetime="{said["as_of"]}"' in told
        # There is no home page in French.
        assert re.findall(r'<section [^>]*lang="(\w+)"', told) == ["en", "de"]


class TestAgain:
    def test_writes_only_what_has_changed(self, root: Path, update):
        update()
        before = {name: (root / name).stat().st_ino for name in tree(root)}
        put(StoredFile(path="/en/help/", body=html("Call 116 124")))

        outcome = update()

        assert outcome.written == 1
        after = {name: (root / name).stat().st_ino for name in tree(root)}
        changed = {name for name in after if before.get(name) != after[name]}
        assert changed - {"mirror.json", "mirror.html"} == {f"en/help/index.html{each}" for each in ("", ".br", ".gz")}
        assert b"116 124" in (root / "en/help/index.html").read_bytes()

    def test_rewrites_pages_that_would_look_different_now(self, root: Path, update, settings: SettingsWrapper):
        update()
        (root / "mirror.json").write_text('{"of": "https://new.example.org"}')
        settings.PUBLIC_URL = "https://new.example.org"

        outcome = update()

        assert outcome.written == 8
        assert b"https://new.example.org/en/help/" in (root / "en/help/index.html").read_bytes()

    def test_repairs_files_that_were_changed_by_others(self, root: Path, update):
        update()
        before = tree(root)
        (root / "en/help/index.html").write_text("Call 0900")
        (root / "sitemap.xml").unlink()
        (root / "en/added.html").write_text("Call 0900")
        (root / ".snapshot").mkdir()
        (root / ".snapshot/kept.html").touch()  # the disk's own

        update()

        found = tree(root)
        assert found.pop(".snapshot/kept.html") == b""
        assert {name: body for name, body in found.items() if "mirror." not in name} == {
            name: body for name, body in before.items() if "mirror." not in name
        }


class TestOrder:
    def test_has_pages_after_what_they_refer_to(self, update, monkeypatch: pytest.MonkeyPatch):
        names: list[str] = []
        real = Mirror.put

        def noting(self: Mirror, name: str, *content: Any) -> None:
            names.append(name)
            real(self, name, *content)

        monkeypatch.setattr(Mirror, "put", noting)
        update()

        kinds = [("static" in each, not each.endswith(".html")) for each in names[1:-2]]
        assert names[0] == names[-1] == "mirror.json"
        assert kinds == sorted(kinds, reverse=True)
        assert kinds[0] == (True, True)

    def test_has_what_was_taken_back_first_even_if_nothing_can_be_written(self, root: Path, update, monkeypatch):
        update()
        put(StoredFile(path="/en/new/", body=html("New")))
        remove("en/help/index.html", "pictures/0a.webp")
        with monkeypatch.context() as broken:
            fails(broken, "write", errno.ENOSPC, only=f"{root}/")

            with pytest.raises(MirrorError, match="No space left"):
                update()

        assert not {name for name in tree(root) if name.startswith(("en/help", "pictures"))}
        update()
        assert "en/new/index.html" in tree(root)

    def test_has_what_a_withdrawal_changes_before_the_rest_even_while_that_is_copied(
        self, root: Path, folder: FileStore, update, monkeypatch
    ):
        update()
        put(*(StoredFile(path=f"/de/{number:02}/", body=html("Viele", language="de")) for number in range(20)))
        copied: list[str] = []
        real = pages.mirrored

        def noting(name: str, body: bytes) -> bytes:
            copied.append(name)
            if len(copied) == 3:
                withdraw(folder, StoredFile(path="/en/help/", body=html("No number")))
                remove("pictures/0a.webp")
            if len(copied) == 5:
                assert "pictures/0a.webp" not in tree(root)
            return real(name, body)

        monkeypatch.setattr(pages, "mirrored", noting)
        withdraw(folder, StoredFile(path="/en/", body=html("No number here either")))
        update()

        assert (copied[0], copied[3]) == ("en/index.html", "en/help/index.html")
        assert b"No number" in (root / "en/help/index.html").read_bytes()

    def test_has_one_file_that_cannot_be_removed_keep_no_other_there(self, root: Path, update, monkeypatch):
        update()
        remove("en/help/index.html", "en/search/index.html", "pictures/0a.webp")
        real = Path.unlink

        def refusing(self: Path, *, missing_ok: bool = False) -> None:
            if self == root / "en/search/index.html":
                fail_with(errno.EACCES)
            real(self, missing_ok=missing_ok)

        monkeypatch.setattr(Path, "unlink", refusing)
        with pytest.raises(MirrorError, match="Permission denied"):
            update()

        assert not {"en/help/index.html", "pictures/0a.webp"} & tree(root).keys()

    def test_has_one_file_that_does_not_fit_keep_no_other(self, root: Path, update, monkeypatch):
        update()
        put(
            StoredFile(path="/documents/8/film.mp4", body=b"long"),
            StoredFile(path="/en/help/", body=html("116 124")),
        )
        fails(monkeypatch, "duplicate", errno.ENOSPC, only="documents/8")

        with pytest.raises(MirrorError, match="No space left"):
            update()

        assert b"116 124" in (root / "en/help/index.html").read_bytes()
        assert not [name for name in tree(root) if "documents/8" in name]

    def test_stops_immediately_when_the_disk_is_broken(self, root: Path, update, monkeypatch):
        update()
        put(*sheets()[:4], StoredFile(path="/pictures/0b.webp", body=b"picture"))
        tried: list[Path] = []
        monkeypatch.setattr(copying, "duplicate", lambda *files: tried.append(files[1]) or fail_with(errno.EIO))

        with pytest.raises(MirrorError, match="Input/output error"):
            update()

        assert len(tried) == 1

    def test_withdraws_what_is_taken_back_while_it_copies(self, root: Path, update, monkeypatch):
        real, taken = pages.mirrored, []

        def taking_back(name: str, body: bytes) -> bytes:
            if not taken:
                taken.append(name)
                remove("en/help/index.html", "sitemap.xml")  # one is on the mirror already, one is not
            return real(name, body)

        monkeypatch.setattr(pages, "mirrored", taking_back)
        update()

        assert taken
        assert not {"en/help/index.html", "sitemap.xml"} & tree(root).keys()


def fail_with(problem: int) -> None:
    raise OSError(problem, os.strerror(problem))


class KilledError(BaseException):
    """Skip the rest, as in a process that is killed."""


def die_at(step: int, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate the death of the process at this step of an update."""
    taken = iter(range(1, step))
    for name in ("replace", "unlink"):
        real = getattr(Path, name)

        def act(self: Path, *args: Any, real: Any = real, **kwargs: Any) -> Any:
            if self.is_relative_to(root) and next(taken, None) is None:
                raise KilledError
            return real(self, *args, **kwargs)

        monkeypatch.setattr(Path, name, act)


def served(root: Path) -> dict[str, bytes]:
    """Return the files that a web server would serve, without those that tell the age of the mirror."""
    return {
        name: body
        for name, body in tree(root).items()
        if name not in {"mirror.json", "mirror.html"} and not name.rpartition("/")[2].startswith(".")
    }


class TestKilled:
    def test_at_any_step_leaves_old_or_new_and_the_next_run_finishes(
        self, root: Path, tmp_path: Path, update, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(copying, "NOTED_AFTER", 3)
        update()
        begin = shutil.copytree(root, tmp_path / "begin")
        old = served(root)
        put(
            StoredFile(path="/en/help/", body=html("Call 116 124")),
            StoredFile(path="/en/new/", body=html("New")),
            StoredFile(path="/hsds/en", body=b'{"a": 2}' * 50),
        )
        remove("en/old/index.html")
        new: dict[str, bytes] = {}
        deaths = 0
        while True:
            shutil.rmtree(root)
            shutil.copytree(begin, root)
            with monkeypatch.context() as dying, suppress(KilledError):
                die_at(deaths + 1, root, dying)
                update()
                break
            deaths += 1
            left = served(root)
            update()
            new = new or served(root)
            assert served(root) == new
            assert [name for name in left if left[name] not in {old.get(name), new.get(name)}] == []
            for name in left:
                if name.endswith(".gz"):
                    plain = name.removesuffix(".gz")
                    assert gzip.decompress(left[name]) == padding.stripped(path_of(plain), left[plain])
        assert deaths > 15
        assert "en/old/index.html" not in new


class TestRefusal:
    def refused(self, root: Path, *, begin: bool = True) -> str:
        before = tree(root)
        with pytest.raises(MirrorError) as problem:
            Mirror(str(root)).bring_up_to_date(begin=begin)
        assert tree(root) == before
        return str(problem.value)

    def test_of_the_scheduler_to_begin_for_the_disk_may_not_be_mounted(self, root: Path):
        assert "is the disk mounted?" in self.refused(root, begin=False)
        assert "There is no folder" in self.refused(root / "gone")

    def test_of_a_folder_with_other_files(self, root: Path):
        (root / "letters.txt").write_text("Dear Ada")

        assert "not empty (letters.txt)" in self.refused(root)

    @pytest.mark.parametrize(
        ("sign", "words"),
        [('{"of": "https://other.example"}', "mirror of https://other.example"), ("{", "is damaged")],
    )
    def test_of_another_mirror(self, root: Path, sign: str, words: str):
        (root / "mirror.json").write_text(sign)

        assert words in self.refused(root)

    def test_of_the_folders_of_the_site(self, tmp_path: Path, folder: FileStore):
        assert "keeps files there" in self.refused(folder.root / "en")
        with pytest.raises(MirrorError, match="keeps files there"):
            Mirror(str(tmp_path)).bring_up_to_date(begin=True)

    def test_while_the_prerendered_site_is_not_complete_or_lost(self, root: Path, folder: FileStore, update):
        update()
        folder.start_first_render()
        assert "not rendered yet" in self.refused(root)
        folder.finish_first_render()
        shutil.rmtree(folder.root)
        assert "the prerendered site is gone" in self.refused(root)

    def test_to_go_on_when_the_disk_becomes_unavailable_meanwhile(self, root: Path, update, monkeypatch):
        update()
        put(StoredFile(path="/en/help/", body=html("Call 116 124")))
        real = pages.mirrored

        def unmounting(name: str, body: bytes) -> bytes:
            root.rename(root.with_name("disk"))
            root.mkdir()
            return real(name, body)

        monkeypatch.setattr(pages, "mirrored", unmounting)

        with pytest.raises(MirrorError, match="Is it mounted"):
            update()
        assert tree(root) == {}


class TestCommand:
    def mirror(self, *arguments: str) -> str:
        out = StringIO()
        call_command("prerender", "--mirror", *arguments, stdout=out, stderr=out)
        return out.getvalue()

    def test_reports_its_result_or_its_error(self, root: Path):
        assert re.search(r"14 files written, 0 as they were, 0 removed", self.mirror(str(root)))
        with pytest.raises(CommandError, match="There is no folder"):
            self.mirror(str(root / "gone"))

    def test_leaves_the_work_to_another_process_that_is_at_it(self, root: Path):
        with Mirror(str(root)).locked(), pytest.raises(CommandError) as busy:
            self.mirror(str(root))

        assert busy.value.returncode == 2
        assert tree(root) == {}

    def test_of_the_scheduler_reports_a_fault_once_and_its_end_once(self, root: Path, caplog, monkeypatch):
        monkeypatch.setattr(os, "nice", lambda by: by)
        for _time in range(2):
            with pytest.raises(SystemExit):
                self.mirror(str(root), "--begun")
        self.mirror(str(root))
        remove("index.html")
        with pytest.raises(SystemExit):
            self.mirror(str(root), "--begun")
        put(sheets()[0])
        for _time in range(2):
            self.mirror(str(root), "--begun")

        said = [record.getMessage() for record in caplog.records]
        assert [words.split(":")[0] for words in said] == [
            "A mirror is not up to date",
            "A mirror is not up to date",
            f"The mirror {root} is up to date again.",
        ]


@pytest.mark.process
class TestKeeping:
    """Mirrors of the setting.

    The process that does the work only waits, or fails.
    """

    @pytest.fixture(autouse=True)
    def _named(self, root: Path, settings: SettingsWrapper, tmp_path: Path, monkeypatch) -> Iterator[None]:
        settings.MIRRORS = [str(root)]
        settings.ROOT = tmp_path
        monkeypatch.setattr(keeping, "_processes", {})
        yield
        for each in keeping._processes.values():
            each.process.kill()
            each.process.wait()

    def program(self, tmp_path: Path, code: str) -> None:
        (tmp_path / "manage.py").write_text(code)

    def level(self, root: Path, **values: Any) -> None:
        record = record_of(str(root)) or copying.MirrorRecord(since=0)
        copying.save(copying.MirrorRecord(**{**vars(record), **values}), str(root))

    @pytest.mark.django_db
    def test_is_kept_by_each_machine_for_itself(self, root: Path, settings: SettingsWrapper, monkeypatch, declare):
        started: list[str] = []
        monkeypatch.setattr(keeping, "start", lambda root: started.append(settings.PRERENDER_HOST))
        for name, mirrors in (("south", []), ("north", [str(root)])):
            settings.PRERENDER_HOST, settings.MIRRORS = name, mirrors
            declare(jobs=[keeping.job()])
            scheduler.tick()

        assert started == ["north"]

    def test_is_due_when_the_prerendered_site_changes_and_otherwise_once_in_a_while(self, root: Path, update):
        assert list(keeping.due()) == [str(root)]
        update()
        assert list(keeping.due()) == []
        remove("en/help/index.html")
        assert list(keeping.due()) == [str(root)]
        update()
        self.level(root, level_at=time.time() - keeping.COMPARED.total_seconds())
        assert list(keeping.due()) == [str(root)]

    def test_waits_for_no_mirror_and_starts_no_second_process(self, root: Path, tmp_path: Path, update):
        self.program(tmp_path, "import time; time.sleep(600)")
        [due] = keeping.due()
        begun = time.monotonic()

        keeping.start(due)

        assert time.monotonic() - begun < 20  # seconds, on any machine
        last = keeping._processes[str(root)]
        last.started -= keeping.RETRY
        assert list(keeping.due()) == []
        last.started += keeping.RETRY
        # It hangs for too long: it is killed, and another has its turn a minute after it was started.
        record_folder(str(root)).mkdir(parents=True, exist_ok=True)
        lock = record_folder(str(root)) / "lock"
        lock.touch()
        os.utime(lock, (0, 0))
        assert list(keeping.due()) == []
        last.process.wait(20)
        assert list(keeping.due()) == []
        last.started -= keeping.RETRY
        assert list(keeping.due()) == [str(root)]

    def test_starts_the_command_that_begins_no_mirror(self, root: Path, tmp_path: Path):
        self.program(tmp_path, "import sys, pathlib; pathlib.Path('asked').write_text(' '.join(sys.argv[1:]))")

        keeping.start(str(root))

        assert keeping._processes[str(root)].process.wait(20) == 0
        assert (tmp_path / "asked").read_text() == f"prerender --mirror {root} --begun"
        assert list(keeping.due()) == [str(root)]  # the record has it as not up to date yet

    def test_measures_the_lag_of_the_last_one(self, root: Path, update, settings: SettingsWrapper):
        assert keeping.lag() == 0
        list(keeping.due())  # known from now on
        copying.save(copying.MirrorRecord(since=time.time() - 100), str(root))
        assert 100 <= keeping.lag() < 160
        update()
        assert keeping.lag() < 60
        settings.MIRRORS = [str(root), "/mnt/other"]
        copying.save(copying.MirrorRecord(since=0, level_at=time.time() - 3600), "/mnt/other")
        assert 3600 <= keeping.lag() < 3660

    def test_survives_a_record_that_cannot_be_read(self, root: Path):
        folder = record_folder(str(root))
        folder.mkdir(parents=True)
        (folder / "record.json").write_text("{")
        (folder / "placed.json").write_text("{")

        assert Mirror(str(root)).bring_up_to_date(begin=True).written
