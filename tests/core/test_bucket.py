"""Uploads in a bucket: whole or not at all, never public, and handled while the storage is unavailable.

The tests run over a real server that speaks S3.
"""

import os
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core.background import worker
from core.models import Picture, UploadedDocument
from core.uploads import bucket, first_pages
from core.uploads.unavailable import StorageUnavailableError
from tests.factories.users import UserFactory
from tests.support import files
from tests.support.bucket import FULL, PRIVATE, ObjectStore, Wire, nowhere, use

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("bucket")]
FILM = b"film" * 50_000


@pytest.fixture(autouse=True)
def _in_bucket(in_bucket: ObjectStore) -> None:
    pass


@pytest.fixture
def another_machine(settings, tmp_path):
    """Return a function that moves this process to another machine, with an empty disk."""

    def move() -> None:
        settings.MEDIA_ROOT = tmp_path / "another"

    return move


def save(name: str = "documents/plan.pdf", content: bytes = files.PDF) -> str:
    return default_storage.save(name, ContentFile(content))


def read(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def on_disk(settings) -> list[Path]:
    return [file for file in Path(settings.MEDIA_ROOT).rglob("*") if file.is_file()]


class TestStoring:
    def test_stores_a_complete_private_file_with_its_type(self, in_bucket):
        name = save()

        assert in_bucket.objects() == {f"site/{name}": files.PDF}
        found = in_bucket.client().head_object(Bucket=PRIVATE, Key=f"site/{name}")
        assert found["ContentType"] == "application/pdf"
        assert found["CacheControl"] == "private, no-store"
        assert found["Metadata"] == {}
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{in_bucket.url}/{PRIVATE}/site/{name}")  # noqa: S310
        assert default_storage.url(name) == f"/media/{name}"

    def test_gives_no_name_twice_and_leaves_readers_theirs(self):
        names = [save(), save(), save("images/a.webp"), save("images/a.webp")]

        assert len(set(names)) == 4
        assert [Path(name).name for name in names[:2]] == ["plan.pdf", "plan.pdf"]
        assert len(default_storage.get_available_name(f"images/{'x' * 300}.webp", max_length=100)) == 100

    def test_is_read_on_another_machine_and_there_even_while_the_storage_is_unavailable(
        self, settings, another_machine
    ):
        name, never_asked_for = save(content=FILM), save()
        another_machine()
        with pytest.raises(ValueError, match="are immutable"):
            default_storage.open(name, "wb")
        assert default_storage.size(never_asked_for) == len(files.PDF)

        assert read(name) == FILM
        use(settings, nowhere())

        assert read(name) == FILM
        assert default_storage.size(name) == len(FILM)
        with pytest.raises(StorageUnavailableError):
            read(never_asked_for)

    def test_misses_what_is_not_there(self):
        with pytest.raises(FileNotFoundError):
            read("documents/none.pdf")

    def test_deletes_copies_that_are_no_longer_used(self, settings, monkeypatch):
        used, unused = Path(default_storage.path(save())), Path(default_storage.path(save()))
        changed = used.stat().st_mtime_ns
        for copy in (used, unused):
            os.utime(copy, ns=(0, copy.stat().st_mtime_ns))
        monkeypatch.setitem(bucket._next, "look", 0.0)

        default_storage.path(str(used.relative_to(settings.MEDIA_ROOT)))

        assert (used.exists(), unused.exists()) == (True, False)
        assert used.stat().st_mtime_ns == changed


class TestStorageUnavailable:
    """Errors reach the waiting user soon, and nothing is half written."""

    LONGEST = 8  # seconds by the clock, on a machine that does other things as well; the limits are a second or two

    @pytest.fixture(params=["gone", "frozen", "full", "locked", "no bucket", "cut"])
    def _away(self, request, in_bucket, settings):
        wire = Wire(in_bucket.port, requests=20_000)
        match request.param:
            case "gone":
                use(settings, nowhere())
            case "frozen":
                in_bucket.freeze()
            case "full":
                use(settings, in_bucket.url, bucket=FULL)
            case "locked":
                use(settings, in_bucket.url, secret="a key that was changed")
            case "no bucket":
                use(settings, in_bucket.url, bucket="nowhere")
            case "cut":
                use(settings, wire.url)
        yield
        wire.close()

    @pytest.mark.usefixtures("_away")
    def test_stores_a_complete_file_or_fails_immediately(self, in_bucket, settings):
        begun = time.monotonic()

        with pytest.raises(StorageUnavailableError):
            save(content=FILM)

        assert time.monotonic() - begun < self.LONGEST
        in_bucket.go_on()
        assert in_bucket.objects() == {}
        assert on_disk(settings) == []

    @pytest.mark.parametrize("fault", ["cut", "drops"])
    def test_returns_a_complete_file_or_fails_soon(self, in_bucket, settings, another_machine, monkeypatch, fault):
        name = save(content=FILM if fault == "cut" else FILM[:3000])
        another_machine()
        wire = Wire(in_bucket.port, drops=True) if fault == "drops" else Wire(in_bucket.port, answers=20_000)
        use(settings, wire.url)
        monkeypatch.setattr(bucket, "AT_LEAST", 0.3)
        monkeypatch.setattr(bucket, "PIECE", 100)
        begun = time.monotonic()

        with pytest.raises(StorageUnavailableError):
            read(name)

        wire.close()
        assert time.monotonic() - begun < self.LONGEST
        assert on_disk(settings) == []

    def test_sends_slowly_only_for_so_long(self, in_bucket, monkeypatch):
        monkeypatch.setattr(bucket, "AT_LEAST", -1.0)

        with pytest.raises(StorageUnavailableError, match="too long"):
            save(content=FILM)

        assert in_bucket.objects() == {}

    def test_is_found_out_by_one_and_not_by_each(self, settings, monkeypatch):
        monkeypatch.setattr(bucket, "RETRY", 60.0)
        right = settings.STORAGE["endpoint"]
        use(settings, nowhere())
        monkeypatch.setitem(bucket._next, "ask", 0.0)
        with pytest.raises(StorageUnavailableError):
            save()
        use(settings, right)

        with pytest.raises(StorageUnavailableError, match="a moment ago"):
            save()

        monkeypatch.setitem(bucket._next, "ask", 0.0)
        assert read(save()) == files.PDF


@pytest.mark.django_db
class TestPeople:
    @pytest.fixture
    def _away(self, settings):
        use(settings, nowhere())

    def upload(self, private):
        private.force_login(UserFactory(is_superuser=True))
        file = ContentFile(files.picture(), name="a.png")
        return private.post(
            reverse("wagtailimages:add"),
            {"title": "Red and blue", "file": file, "collection": 1, "description": "x"},
        )

    def test_upload_a_picture_that_the_next_machine_shows(self, private, in_bucket, another_machine):
        assert self.upload(private).status_code == 302
        drawn = Picture.objects.get().get_rendition("width-40")
        another_machine()

        shown = private.get(drawn.url)

        assert shown.getvalue() == in_bucket.objects()[f"site/{drawn.file.name}"]
        assert private.get(reverse("wagtailimages:edit", args=[Picture.objects.get().pk])).status_code == 200

    @pytest.mark.usefixtures("_away")
    def test_see_the_error_beside_the_field_and_keep_their_input(self, private):
        answer = self.upload(private)

        assert answer.status_code == 200
        assert "The storage for files does not respond. Your file was not kept" in answer.text
        assert "Red and blue" in answer.text
        assert not Picture.objects.exists()

    def test_get_an_error_page_if_the_storage_fails_meanwhile(self, private, in_bucket, settings, another_machine):
        self.upload(private)
        drawn = Picture.objects.get().get_rendition("width-40")
        another_machine()
        use(settings, in_bucket.url, bucket="nowhere")

        answer = private.get(drawn.url, headers={"Accept-Language": "de"})

        assert answer.status_code == 503
        assert answer["Retry-After"] == "10"

    def test_delete_a_file_that_goes_once_the_storage_is_back(self, in_bucket, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        name, right = save(), settings.STORAGE["endpoint"]
        use(settings, nowhere())
        default_storage.delete(name)
        assert in_bucket.objects() != {}
        use(settings, right)

        DBTaskResult.objects.update(run_after=timezone.now())
        worker.Worker().do_next()

        assert in_bucket.objects() == {}

    def test_see_the_first_page_of_a_file_once_the_storage_is_back(self, settings, another_machine):
        document = UploadedDocument.objects.create(title="A", file=ContentFile(files.PDF, name="a.pdf"))
        right = settings.STORAGE["endpoint"]
        another_machine()
        use(settings, nowhere())
        with pytest.raises(StorageUnavailableError):
            first_pages.draw(document)
        use(settings, right)

        first_pages.draw(document)

        assert Picture.objects.filter(first_page_of=document).exists()
