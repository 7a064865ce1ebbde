"""Restore drill: rows of every app, a backup, an empty machine, a restore.

Same pages, without members who left.
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.models import OutgoingMail
from helpline.exchange.hsds import pages as hsds
from network.members import services as members
from network.models import Member
from network.personal_data.services import LIST
from operations.backups import BackupError, postgres, repository, restoring
from operations.backups.archive import DATABASE
from prerender import services as prerender
from prerender.models import PrerenderedPath
from prerender.store.files import FileStore
from tests.canary import dataset
from tests.operations.test_archive import PARTS, put, written

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [
    pytest.mark.process,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:get_connection"),
    pytest.mark.xdist_group("canary"),
]


def said(name: str, *arguments: str, **options: object) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


def hashes() -> dict[str, str]:
    """Return the checksum of what is in place for each prerendered address."""
    folder = FileStore()
    prerendered = PrerenderedPath.objects.exclude(checksum="").values_list("path", flat=True)
    return {path: str(folder.checksum(path)) for path in prerendered}


def said_by(name: str) -> str:
    """Return the name and the content of a prerendered file."""
    return name + (FileStore().root / name).read_text(errors="replace")


def uploads() -> dict[str, bytes]:
    root = Path(settings.MEDIA_ROOT)
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")
        return {name for (name,) in cursor.fetchall()} - {"information_schema"}


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, settings: SettingsWrapper) -> dataset.Dataset:
    """Rows of every app, all of it rendered, and no worker that would render each change."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    settings.INTERFACE_LANGUAGES = ["en"]
    # Render only two of the hundreds of addresses that merely explain the codes.
    monkeypatch.setattr(hsds, "_term_objects", lambda: hsds.taxonomies.term_objects()[:2])
    with transaction.atomic():
        made = dataset.build()
    prerender.render_all()
    return made


class TestDrill:
    """A single test, because building the site is what takes time."""

    def test_brings_back_every_page_and_no_member_who_has_left(
        self, site, elsewhere, identity, recipient, signing_key, settings
    ):
        settings.BACKUPS = {**settings.BACKUPS, "signing_key": signing_key.private}
        before, files = hashes(), uploads()
        counted = {model: model.objects.count() for model in (PrerenderedPath, Member)}
        member = Member.objects.filter(state=Member.State.LISTED).first()
        links = {member.link_key for member in Member.objects.all()}
        Session.objects.create(session_key="stolen", session_data="", expire_date="2100-01-01T00:00Z")
        OutgoingMail.objects.all().delete()
        OutgoingMail.objects.create(kind="core.admin", recipient="somebody@example.org", data={})

        made = said("backup", recipient=[recipient])

        [backup] = repository.kept()
        assert "holds all settings, the secrets too" in made
        assert repository.last().name == backup.file.name
        assert f"{backup.file}  " in said("backup", list=True)

        members.leave(member=member)
        newest_list = Path(settings.ERASURES_FILE)
        how = {"identity": identity, "erasures": [newest_list], "signer": [signing_key.public]}
        with elsewhere() as machine:
            # Leftovers of a restore that was killed in the middle.
            with connection.cursor() as cursor:
                cursor.execute("CREATE SCHEMA restoring CREATE TABLE prerender_prerenderedpath (half integer)")
            (machine / "media.restoring").mkdir()

            told = said("restore", str(backup.file), **how)

            after = hashes()
            gone = {path for path in before if path not in after}
            assert not Member.objects.filter(pk=member.pk).exists()
            assert f"/en/network/{member.uuid}/" in gone
            assert [file for file in FileStore().names() if str(member.uuid) in said_by(file)] == []
            # The pages that showed the member have changed accordingly; all others are as they were.
            different = {path for path in after if after[path] != before.get(path)}
            assert len(different | gone) < len(before) / 4
            assert all(path in told for path in sorted(different)[:3])
            assert f"{len(before) - len(different | gone)} of {len(before)} addresses are what they were" in told
            assert {name: content for name, content in files.items() if name not in uploads()} == {}
            assert Member.objects.count() == counted[Member] - 1
            # Nothing that worked before works twice.
            assert not Session.objects.exists()
            assert not OutgoingMail.objects.waiting().exists()
            assert links.isdisjoint(member.link_key for member in Member.objects.all())
            assert schemas() == {"public"}
            assert not (machine / "media.restoring").exists()

            self.refuses_to_replace_unless_told(backup.file, how)

    def refuses_to_replace_unless_told(self, file: Path, how: dict[str, object]) -> None:
        with pytest.raises(CommandError, match="not empty"):
            said("restore", str(file), **how)


class TestRefusing:
    """A restore that cannot be completed changes nothing.

    On an empty machine, with small archives.
    """

    @pytest.mark.parametrize(
        ("parts", "why"),
        [
            (PARTS, "could not be restored"),  # it begins as a dump does, and is none
            ({**PARTS, f"{DATABASE}00000": b""}, "could not be restored"),
        ],
    )
    def test_leaves_nothing_of_a_dump_that_is_none(self, elsewhere, tmp_path, parts, why):
        file = put(tmp_path, written(parts))
        with elsewhere() as machine:
            with pytest.raises(CommandError, match=why):
                said("restore", str(file), unsigned=True)

            assert postgres.is_empty()
            assert schemas() == {"public"}
            assert [entry.name for entry in machine.iterdir()] == []

    def test_does_not_wait_for_open_connections(self, elsewhere, tmp_path):
        file = put(tmp_path, written())
        with elsewhere():
            other = connection.copy()
            other.ensure_connection()
            try:
                with pytest.raises(CommandError, match="in use"):
                    said("restore", str(file), unsigned=True)
            finally:
                other.close()

    def test_refuses_a_newer_one_and_a_list_that_is_none(self, elsewhere, tmp_path):
        newer = restoring.BackupContents(
            about={"migrations": ["network.0099_later"], "made_at": "2026-11-27T03:15:00+00:00"}
        )
        with elsewhere(), pytest.raises(BackupError, match="newer version"):
            restoring.refuse_unless_possible(newer, replace=True)
        wrong = tmp_path / "erasures.txt"
        wrong.write_text("nothing of the kind\n")
        with pytest.raises(BackupError, match="would be back"):
            restoring.merged_erasures(LIST, tmp_path / "x.tar", restoring.BackupContents(), wrong)

    def test_names_the_program_that_is_too_old(self, monkeypatch, tmp_path):
        monkeypatch.setattr(postgres, "folders", lambda: iter([tmp_path]))
        monkeypatch.setattr(postgres, "version_of", lambda folder: 9)

        with pytest.raises(CommandError, match=r"postgresql-client-\d+"):
            said("backup", unencrypted=True)

        assert repository.kept() == []
