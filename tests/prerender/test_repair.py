"""Missing, emptied or damaged files in the folder are restored, and unknown files are removed."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from core import scheduler
from prerender import services, serving
from prerender.models import PendingPath
from prerender.store import repair
from prerender.store.files import FileStore, StoredFile
from prerender.store.repair import compare
from tests.factories.core import StandardPageFactory
from tests.prerender.conftest import put, showing
from tests.prerender.test_pictures import drawn
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_pages")]


@pytest.fixture
@cached_fixture
def file(home) -> Path:
    """The file of a prerendered page that shows a picture."""
    publish_page(
        StandardPageFactory(parent=home, slug="about", introduction="Who we are. " * 40, body=showing(drawn()))
    )
    services.render_all()
    return FileStore().file("/en/about/")


def a_round(commit) -> None:
    """Let the two scheduled jobs of the renderer run for as many minutes as it takes to come round."""
    jobs = [job for job in scheduler.declared() if job.name in {"repair-public-files", "prerender"}]
    start = timezone.now()
    for minute in range(repair.PARTS):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False), commit():
            for job in jobs:
                job.run()


class TestRepair:
    @pytest.mark.parametrize("suffix", ["", ".br", ".gz"])
    @pytest.mark.parametrize("damage", ["missing", "emptied", "one byte", "old"])
    def test_brings_back_a_file(self, file: Path, commit, suffix, damage):
        of = file.with_name(file.name + suffix)
        before = of.read_bytes()
        match damage:
            case "missing":
                of.unlink()
            case "emptied":
                of.write_bytes(b"")
            case "one byte":
                of.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
            case "old":
                of.write_bytes(b"<!doctype html><p>What stood here last year</p>")

        a_round(commit)

        assert of.read_bytes() == before

    def test_brings_back_a_picture(self, file: Path, folder: FileStore, commit):
        (picture,) = (folder.root / "pictures").iterdir()
        before = picture.read_bytes()
        picture.unlink()
        picture.write_bytes(b"")  # not the file that it was linked to

        a_round(commit)

        assert picture.read_bytes() == before

    def test_removes_files_that_were_not_rendered(self, file: Path, folder: FileStore, commit):
        put(StoredFile(path="/en/secret/", body=b"<!doctype html><p>A draft</p>"))
        (folder.root / "pictures" / "guessed.webp").write_bytes(b"picture")

        a_round(commit)

        assert not (folder.root / "en" / "secret").exists()
        assert [one.name for one in (folder.root / "pictures").iterdir()] != ["guessed.webp"]
        assert list(compare()) == []

    def test_leaves_alone_what_is_right(self, file: Path, folder: FileStore, rerendered, commit):
        before = file.stat()

        a_round(commit)

        assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
        assert rerendered == set()
        assert not PendingPath.objects.exists()

    def test_asks_for_a_part_of_the_files_each_minute(self, file: Path, folder: FileStore, commit, monkeypatch):
        asked: list[int] = []
        monkeypatch.setattr(repair, "find_damaged", lambda rows: asked.append(len(list(rows))) or [])

        a_round(commit)

        assert len(asked) == repair.PARTS
        assert max(asked) <= sum(asked) / 2


class TestDamagedJournal:
    @pytest.mark.parametrize(
        "journal",
        [b"", b"{", b"\xff\xfe", b"{}", b"[1]", b'[["put"]]', b'[["remove", "../../settings"]]',
            b'[["remove", "/etc/x"]]'],
    )  # fmt: skip
    def test_does_not_prevent_starting_or_rendering(self, file: Path, folder: FileStore, commit, journal):
        folder.journal.write_bytes(journal)
        file.unlink()

        application = serving.PrerenderServer(lambda environ, start: [b""])

        assert application.files.root == str(settings.PRERENDER_ROOT)
        assert not folder.journal.exists()
        assert folder.journal.with_suffix(".damaged").read_bytes() == journal
        a_round(commit)
        assert file.exists()

    def test_is_set_aside_only_when_it_is_damaged(self, file: Path, folder: FileStore):
        folder.journal.write_bytes(b'[["remove", "en/about/index.html"]]')

        serving.PrerenderServer(lambda environ, start: [b""])

        assert not file.exists()
        assert list(folder.state.glob("journal*")) == []
