"""Backups and the doctor, where uploads are in a bucket."""

import time
from io import StringIO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import declarations, monitoring
from core.models import UploadedDocument
from operations.backups import BackupError, repository
from operations.diagnostics import examine, files
from operations.monitoring import health, metrics
from operations.monitoring.metrics import BoundedQuestion
from tests.factories.campaigns import FileFactory
from tests.support.bucket import PRIVATE, PUBLIC, nowhere, use

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("bucket")]


def said() -> str:
    return "\n".join(f"{each.verdict}: {each.says}" for each in examine([files.bucket]))


class TestDoctor:
    def test_reports_nothing_where_uploads_are_on_the_disk(self):
        assert said() == ""

    def test_takes_gives_and_deletes_a_file(self, in_bucket):
        assert f"right: s3://{PRIVATE}/site takes, gives and deletes files; it has 0." in said()
        assert "is used without TLS" in said()
        assert in_bucket.objects() == {}

    @pytest.mark.parametrize("how", ["gone", "no bucket", "locked"])
    def test_reports_that_it_does_not_respond(self, in_bucket, settings, how):
        match how:
            case "gone":
                use(settings, nowhere())
            case "no bucket":
                use(settings, in_bucket.url, bucket="nowhere")
            case _:
                use(settings, in_bucket.url, secret="another")

        assert "wrong: s3://" in said()

    @pytest.mark.parametrize("how", ["there", "gone", "frozen", "locked"])
    def test_agrees_with_the_metric_and_readiness_and_no_process_leaves_service(
        self, in_bucket, settings, monkeypatch, how
    ):
        match how:
            case "gone":
                use(settings, nowhere())
            case "frozen":
                monkeypatch.setattr(metrics, "_storage", BoundedQuestion(metrics.is_storage_unavailable, seconds=0.2))
                monkeypatch.setattr("core.uploads.bucket.PATIENCE", 5.0)
                in_bucket.freeze()
            case "locked":
                use(settings, in_bucket.url, secret="another")
        metric = next(each for each in monitoring.declared() if each.name == "waymark_storage_unavailable")

        began = time.monotonic()
        reading = monitoring.read(metric)

        assert (reading.value, reading.is_beyond) == ((0, False) if how == "there" else (1, True))
        assert time.monotonic() - began < metrics.STORAGE_PATIENCE + 1
        for process, says in (
            ("worker", health.STORAGE_UNAVAILABLE),
            ("private", health.STORAGE_UNAVAILABLE),
            ("public", ""),
        ):
            made = health.ProcessReadiness(process)
            made.questions = []  # of the database
            assert made.problem() == (True, "" if how == "there" else says)

    def test_reports_a_public_bucket(self, in_bucket, settings):
        use(settings, in_bucket.url, bucket=PUBLIC)

        assert f"wrong: Anybody can read the files in it: s3://{PUBLIC}/site is not private." in said()
        assert in_bucket.objects(PUBLIC) == {}

    def test_reports_a_clock_difference(self, in_bucket):
        with time_machine.travel(timezone.now().timestamp() + 400):
            assert "doubtful: Its clock and the one here are" in said()


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore:get_connection")
class TestBackup:
    """A backup holds the objects of the bucket, and a restore deletes none that may belong to another site."""

    @pytest.fixture
    def backup(self, in_bucket, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        FileFactory(file=ContentFile(b"%PDF-1.4 kept", name="kept.txt"))
        return lambda: call_command("backup", unencrypted=True, stdout=StringIO(), stderr=StringIO())

    def test_comes_back_with_the_uploads(self, backup, in_bucket, elsewhere, monkeypatch):
        before = in_bucket.objects()
        backup()
        [made] = repository.kept()
        [kept] = UploadedDocument.objects.values_list("file", flat=True)
        default_storage.delete(kept)
        newer = default_storage.save("documents/newer.txt", ContentFile(b"newer"))
        restore = ["restore", str(made.file), "--unsigned"]

        with elsewhere():
            with pytest.raises(CommandError, match="1 that are not in the backup, such as documents/"):
                call_command(*restore, stdout=StringIO())
            assert set(in_bucket.objects()) == {f"site/{newer}"}

            with monkeypatch.context() as patched:
                patched.setattr(declarations, "perform", fail)
                with pytest.raises(CommandError, match="not today"):
                    call_command(*restore, replace=True, stdout=StringIO())
            assert set(in_bucket.objects()) == {f"site/{newer}"}

            call_command(*restore, replace=True, stdout=StringIO())

            assert in_bucket.objects() == before
            with UploadedDocument.objects.get().file.open() as file:
                assert file.read() == before[f"site/{kept}"]

    def test_is_not_made_while_the_storage_is_unavailable(self, backup, settings):
        use(settings, nowhere())

        with pytest.raises(CommandError, match=r"The storage does not respond.*Nothing was changed"):
            backup()

        assert repository.kept() == []


def fail(kind: str) -> list[str]:
    raise BackupError("not today")
