"""Messages of commands state what happened, what was kept and what to do."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from core import version
from core.assets import storage
from core.assets.storage import share
from core.background import stopping
from operations import upgrading
from operations.backups import making, repository, restoring, uploads
from operations.management.commands import restore, upgrade
from operations.management.commands.backup import some
from prerender import services
from prerender.management.commands.prerender import REFUSED
from prerender.models import PrerenderedPath, RenderVersion

pytestmark = pytest.mark.django_db

UNAVAILABLE = OperationalError("connection refused\nmore")


def fail_with(problem: Exception):
    def fail(*args: object, **options: object) -> None:
        raise problem

    return fail


BACKUP, RESTORE, UPGRADE = ("backup", "--unencrypted"), ("restore", "x.tar"), ("upgrade",)


@pytest.mark.parametrize(
    ("command", "problem", "said"),
    [
        (BACKUP, UNAVAILABLE, "The database cannot be read: connection refused. No backup"),
        (BACKUP, stopping.ShutdownRequestedError(), "Stopped. No backup was made"),
        (RESTORE, UNAVAILABLE, "connection refused. Nothing was changed"),
        (RESTORE, stopping.ShutdownRequestedError(), "Stopped. Nothing was changed"),
        (UPGRADE, UNAVAILABLE, "connection refused. Visitors see the pages"),
        (UPGRADE, upgrading.StillRenderingError(), "Stop the old worker"),
        (UPGRADE, services.SupersededError(), "Another version"),
        (UPGRADE, OSError(28, "No space left on device"), "The disk is full"),
        (UPGRADE, stopping.ShutdownRequestedError(), "goes on from where it was"),
    ],
)
def test_each_command_names_the_remedy(monkeypatch, command, problem, said):
    for module, name in ((making, "make"), (restoring, "check"), (upgrading, "rendering_taken_over")):
        monkeypatch.setattr(module, name, fail_with(problem))

    with pytest.raises(CommandError, match=said):
        call_command(*command, stdout=StringIO())


class TestBackup:
    def test_names_omitted_and_missing_data(self, settings, monkeypatch):
        Path(settings.MEDIA_ROOT).mkdir(parents=True)
        monkeypatch.setattr(uploads.UploadsOnDisk, "names", lambda self: {"gone.pdf"})
        monkeypatch.setenv("WAYMARK_SECRET_KEY", "secret")
        repository.folder().mkdir()
        old = repository.folder() / "waymark-20200101T000000Z.tar"
        old.touch()
        out = StringIO()

        call_command("backup", unencrypted=True, stdout=out)

        assert "It is NOT encrypted" in out.getvalue()
        assert "WAYMARK_SECRET_KEY" in out.getvalue()
        assert "Deleted while the backup was made, and not in it: gone.pdf." in out.getvalue()
        assert "Too old, and deleted: waymark-20200101T000000Z.tar." in out.getvalue()
        assert not old.exists()
        [backup] = repository.kept()
        assert restoring.check(backup.file, identity=None).gone == ["gone.pdf"]

    def test_reports_that_there_are_none(self, capsys):
        call_command("backup", list=True)

        assert "There is no backup in" in capsys.readouterr().out

    def test_does_not_list_a_thousand_names(self):
        assert some([str(number) for number in range(12)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"


class TestRestore:
    def test_names_missing_uploads_and_keys(self):
        out, errors = StringIO(), StringIO()
        about = {"made_at": timezone.now().isoformat(), "secret_key": "of another"}
        contents = restoring.BackupContents(about=about, gone=["gone.pdf"])

        restore.Command(stdout=out, stderr=errors).tell(contents, restoring.RestoredSite(contents))

        assert "they were deleted while it was made: gone.pdf" in out.getvalue()
        assert "WAYMARK_SECRET_KEY_FALLBACKS" in errors.getvalue()

    def test_goes_on_after_a_refused_page_and_not_after_a_full_disk(self, monkeypatch):
        done = restoring.RestoredSite(restoring.BackupContents(), prerendered={"/en/": "x"})
        out = StringIO()
        monkeypatch.setattr(restore, "call_command", fail_with(CommandError("refused", returncode=REFUSED)))
        restore.Command(stdout=out).render_again(done)
        assert "0 of 1 addresses" in out.getvalue()

        monkeypatch.setattr(restore, "call_command", fail_with(CommandError("The disk is full.")))
        with pytest.raises(CommandError, match="Everything is restored, but"):
            restore.Command(stdout=out).render_again(done)

    def test_renders_what_another_version_has_backed_up_once_there_are_static_files(self, monkeypatch):
        done = restoring.RestoredSite(restoring.BackupContents())
        RenderVersion.objects.create(digest="of another")
        with monkeypatch.context() as patch:
            patch.setattr(storage, "share", fail_with(LookupError("/static")))
            with pytest.raises(CommandError, match=r"no static files in /static: run `manage\.py collectstatic"):
                restore.Command(stdout=StringIO()).render_again(done)
        monkeypatch.setattr(restore, "call_command", lambda *args, **options: None)

        restore.Command(stdout=StringIO()).render_again(done)

        assert RenderVersion.objects.get().digest == version.running()


class TestUpgrade:
    def test_names_what_it_would_change(self, monkeypatch):
        monkeypatch.setattr(upgrading, "pending_migrations", lambda: ["prerender.0002_more"])
        out = StringIO()
        call_command("upgrade", plan=True, stdout=out)
        assert "Would change tables: prerender.0002_more" in out.getvalue()
        monkeypatch.setattr(upgrading, "has_site", lambda: False)
        call_command("upgrade", plan=True, stdout=out)
        assert "the first start" in out.getvalue()

    def test_makes_the_backup_first(self, monkeypatch):
        asked = []
        monkeypatch.setattr(upgrade, "call_command", lambda name, **options: asked.append(name))
        monkeypatch.setattr(upgrading, "render_everything", lambda **options: upgrade.RenderOutcome())
        monkeypatch.setattr(storage, "share", lambda: 3)
        PrerenderedPath.objects.create(path="/en/", kind="page", refused="It has a form.")
        out, errors = StringIO(), StringIO()

        call_command("upgrade", backup=True, stdout=out, stderr=errors)

        assert asked == ["backup", "set_up"]
        assert "3 static files were added" in out.getvalue()
        assert "refused   /en/  It has a form." in errors.getvalue()


class TestSharing:
    def test_adds_those_of_this_version(self, settings, tmp_path, monkeypatch):
        settings.STATIC_ROOT = tmp_path / "own"
        monkeypatch.setattr(storage, "SHARED", tmp_path / "shared")
        own = ManifestStaticFilesStorage(location=tmp_path / "own", base_url="/static/")
        monkeypatch.setattr(storage, "staticfiles_storage", own)
        with pytest.raises(LookupError):
            share()
        name = "site.0123456789ab.css"
        own.hashed_files = {"site.css": name}
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / name).write_text("p {}")

        assert share() == 1
        assert (tmp_path / "shared" / name).read_text() == "p {}"
        assert share() == 0
