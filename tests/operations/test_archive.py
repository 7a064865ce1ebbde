"""A backup is verified to its end before it is used: every fault is found and reported."""

import io
import json
import os
import shutil
import subprocess
import tarfile
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.background import stopping
from operations.backups import BackupError, encryption, making, repository, restoring, signing
from operations.backups.archive import (
    ABOUT,
    CONTENTS,
    DATABASE,
    ERASURES,
    MEDIA,
    SEAL,
    SETTINGS,
    SIGNATURE,
    ArchiveWriter,
)
from tests.operations.conftest import new_signing_key
from tests.support.programs import needs

MOMENT = datetime(2026, 11, 27, 3, 15, tzinfo=UTC)
PARTS = {
    SETTINGS: b"WAYMARK_PUBLIC_URL=https://www.example.org\n",
    ERASURES: b"",
    f"{DATABASE}00000": b"PGDMP" + bytes(range(256)) * 8,
    f"{MEDIA}documents/guide.pdf": b"%PDF-1.7 " * 100,
}


def about(**other: Any) -> bytes:
    return json.dumps(
        {
            "format": 1,
            "made_at": MOMENT.isoformat(),
            "site": "https://www.example.org",
            "versions": {"waymark": "0.1.0", "postgresql": "16.14"},
            "migrations": ["prerender.0001_initial"],
            "secret_key": making.trace_of_key(settings.SECRET_KEY, MOMENT.isoformat()),
            **other,
        }
    ).encode()


def written(
    parts: dict[str, bytes] = PARTS,
    *,
    first: bytes = b"",
    rows: dict[str, int] | None = None,
    signed_with: str = "",
) -> bytes:
    """Return a backup with these parts, not encrypted."""
    out = io.BytesIO()
    archive = ArchiveWriter(out)
    archive.add(ABOUT, first or about())
    for name, content in parts.items():
        archive.add(name, content)
    archive.end({"rows": rows or {"prerender_prerenderedpath": 3}, "gone": []}, signed_with=signed_with)
    return out.getvalue()


def put(folder: Path, content: bytes, *, recipients: list[str] | None = None) -> Path:
    file = folder / repository.name_at(MOMENT, encryption.suffix(recipients or []))
    with file.open("wb") as out, encryption.encrypting(recipients or [], out) as stream:
        stream.write(content)
    return file


class TestSignature:
    """Who has the public key of the encryption can make a backup, but not one that is restored."""

    def test_is_accepted_by_one_of_the_keys(self, tmp_path, signing_key, capsys):
        made = put(tmp_path, written(signed_with=signing_key.private))

        call_command("backup", check=made, signer=[new_signing_key().public, signing_key.public])

        assert "It is signed with the key of --signer." in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("signed_by", "signers", "why"),
        [("", ["ours"], "is not signed"), ("another", ["ours"], "with another key"), ("ours", [], "not known who made"),
         ("ours", ["none"], "--signer takes the public key")],
    )  # fmt: skip
    def test_is_required_by_a_restore(self, tmp_path, signing_key, signed_by, signers, why):
        keys = {"": "", "ours": signing_key.private, "another": new_signing_key().private}
        public = {"ours": signing_key.public, "none": "age1xyz"}
        file = put(tmp_path, written(signed_with=keys[signed_by]))

        with pytest.raises(CommandError, match=f"{why}.*Nothing was changed"):
            call_command("restore", file, signer=[public[each] for each in signers])

    def test_does_not_cover_other_content(self, tmp_path, signing_key):
        """A forger who puts the signature of a real backup into his own."""
        real = restoring.check(put(tmp_path, written(signed_with=signing_key.private)), identity=None)
        forged = restoring.check(put(tmp_path, written({**PARTS, f"{DATABASE}00000": b"PGDMP"})), identity=None)

        with pytest.raises(BackupError, match="with another key"):
            signing.require_signature(forged.manifest, real.signature, [signing_key.public])

    def test_is_of_the_file_that_is_unpacked(self, tmp_path):
        verified = restoring.check(put(tmp_path, written()), identity=None)
        replaced = put(tmp_path, written({name: part for name, part in PARTS.items() if not name.startswith(DATABASE)}))

        with (
            restoring.members(replaced, None) as each,
            pytest.raises(BackupError, match="replaced while it was read"),
        ):
            restoring.unpack(each, tmp_path / "incoming", verified.manifest)

    @needs("openssl")
    @pytest.mark.process
    def test_can_be_verified_without_this_software(self, tmp_path, signing_key):
        written_to = io.BytesIO(written(signed_with=signing_key.private))
        with tarfile.open(fileobj=written_to) as tar:
            tar.extractall(tmp_path, filter="data")
        key = tmp_path / "signer.der"
        key.write_bytes(b64decode(signing_key.public))

        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-rawin",
             "-in", tmp_path / CONTENTS, "-sigfile", tmp_path / SIGNATURE],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert "Verified Successfully" in done.stdout


class TestReading:
    def test_lists_the_content_of_a_complete_one(self, tmp_path, capsys):
        call_command("backup", check=put(tmp_path, written()))

        assert "is whole" in (said := capsys.readouterr().out)
        assert "3 rows in 1 tables, 1 uploads" in said

    @pytest.mark.parametrize("name", [ABOUT, *PARTS, CONTENTS, SEAL])
    def test_finds_one_wrong_byte_in_each_part(self, tmp_path, name):
        whole = written({**PARTS, ERASURES: b"2026-11-27T12:15:09+00:00 member 1b4e28ba-2fa1-4d2c-883f-0016d3cca427\n"})
        place = whole.index(name.encode()) + 512  # the first byte of its content
        damaged = whole[: place + 4] + bytes([whole[place + 4] ^ 1]) + whole[place + 5 :]

        with pytest.raises(BackupError, match=r"damaged|format"):
            restoring.check(put(tmp_path, damaged), identity=None)

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
    def test_finds_that_the_end_is_missing(self, tmp_path, share):
        whole = written()

        with pytest.raises(BackupError, match=r"damaged|cut off"):
            restoring.check(put(tmp_path, whole[: int(whole.index(CONTENTS.encode()) * share)]), identity=None)

    @pytest.mark.parametrize("name", ["media/../../etc/cron.d/x", "media//x", "/etc/passwd", "database/x"])
    def test_refuses_what_does_not_belong_there(self, tmp_path, name):
        with pytest.raises(BackupError, match="does not belong there"):
            restoring.check(put(tmp_path, written({**PARTS, name: b"x"})), identity=None)

    def test_refuses_something_else(self, tmp_path):
        with pytest.raises(BackupError, match="Nothing was changed"):
            restoring.check(put(tmp_path, b"about.json" + b"x" * 20_000), identity=None)

    def test_refuses_another_format(self, tmp_path):
        with pytest.raises(BackupError, match="has the format 2"):
            restoring.check(put(tmp_path, written(first=about(format=2))), identity=None)

    def test_reports_a_newer_version_and_another_key(self, tmp_path, capsys):
        newer = about(migrations=["prerender.0099_later"], secret_key="another")
        call_command("backup", check=put(tmp_path, written(first=newer)))

        said = capsys.readouterr().out
        assert "prerender.0099_later is newer than the software" in said
        assert "another WAYMARK_SECRET_KEY" in said

    def test_reports_a_missing_file(self, tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("backup", check=tmp_path / "none.tar")


@pytest.mark.process
class TestEncryption:
    def test_is_read_with_the_private_key_of_age_only(self, tmp_path, identity, recipient):
        file = put(tmp_path, written(), recipients=[recipient])
        other = tmp_path / "other.txt"
        subprocess.run(["age-keygen", "-o", other], check=True, capture_output=True)

        assert b"www.example.org" not in file.read_bytes()
        assert restoring.check(file, identity=identity).uploads == 1
        with pytest.raises(BackupError, match="--identity"):
            restoring.check(file, identity=None)
        with pytest.raises(BackupError, match="age cannot decrypt"):
            restoring.check(file, identity=other)

    def test_detects_a_wrong_byte_and_a_missing_end(self, tmp_path, identity, recipient):
        file = put(tmp_path, written(), recipients=[recipient])
        whole = file.read_bytes()
        for damaged in (whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:], whole[:-200]):
            file.write_bytes(damaged)

            with pytest.raises(BackupError, match="Nothing was changed"):
                restoring.check(file, identity=identity)

    @needs("gpg", "gpgconf")
    def test_is_read_with_gnupg(self, tmp_path, monkeypatch):
        home = tmp_path / "gnupg"
        home.mkdir(mode=0o700)
        monkeypatch.setenv("GNUPGHOME", str(home))
        quiet = ["gpg", "--batch", "--quiet", "--pinentry-mode=loopback", "--passphrase="]
        subprocess.run(
            [*quiet, "--quick-generate-key", "backup@example.org", "default", "default"],
            check=True,
            capture_output=True,
        )
        try:
            file = put(tmp_path, written(), recipients=["backup@example.org"])

            assert file.suffix == ".gpg"
            assert restoring.check(file, identity=None).uploads == 1
        finally:
            subprocess.run(["gpgconf", "--kill", "all"], check=True)

    @needs("age")
    def test_explains_an_invalid_key(self, tmp_path):
        with pytest.raises(BackupError, match="age did not encrypt the backup"):
            put(tmp_path, written(), recipients=["age1nothing"])

    def test_names_the_missing_program(self, tmp_path, monkeypatch):
        monkeypatch.setattr(shutil, "which", lambda name: None)

        with pytest.raises(BackupError, match="apt-get install age"):
            put(tmp_path, written(), recipients=["age1nothing"])

    def test_is_with_one_kind_of_key(self):
        with pytest.raises(BackupError, match="choose"):
            encryption.suffix(["age1abc", "backup@example.org"])


class TestFolder:
    """A backup file is complete or does not exist."""

    def test_has_no_file_when_writing_fails(self):
        self.fail_with(stopping.ShutdownRequestedError(), stopping.ShutdownRequestedError)

        assert list(repository.folder().glob("*waymark*")) == []

    def test_reports_a_full_disk(self):
        assert "The disk is full. Make room in" in self.fail_with(OSError(28, "No space left"), BackupError)
        assert "could not be written" in self.fail_with(OSError(5, "Input/output error"), BackupError)

    def fail_with(self, problem: Exception, expected: type[Exception]) -> str:
        """Fail in the middle of a file, and return the error message."""

        def half() -> None:
            with repository.alone(), making.whole_file(repository.folder() / "waymark-x.tar") as out:
                out.write(b"half")
                raise problem

        with pytest.raises(expected) as failure:
            half()
        return str(failure.value)

    def test_is_readable_by_its_owner_only(self):
        with repository.alone(), making.whole_file(repository.folder() / "waymark-x.tar") as out:
            out.write(b"whole")

        assert (repository.folder() / "waymark-x.tar").stat().st_mode & 0o777 == 0o600
        assert repository.folder().stat().st_mode & 0o777 == 0o700

    def test_takes_one_at_a_time_and_clears_what_a_killed_one_left(self):
        with repository.alone():
            rest = repository.folder() / f".waymark-x.tar{repository.PARTIAL}"
            rest.write_bytes(b"half")
            with pytest.raises(BackupError, match="Another backup is being made"), repository.alone():
                pass
            assert rest.exists()
        with repository.alone():
            assert not rest.exists()

    def test_keeps_the_newest_however_old_it_is(self):
        names = [repository.name_at(MOMENT - timedelta(days=days), ".tar.age") for days in (10, 100, 400)]
        with repository.alone():
            for name in names:
                (repository.folder() / name).touch()

        assert [old.file.name for old in repository.expired(timedelta(days=1))] == names[1:]

    @pytest.mark.django_db
    @pytest.mark.process
    @pytest.mark.parametrize("end", [".tar", ".tar.age", ".tar.gpg"])
    def test_loses_those_that_are_older_than_90_days_with_the_next_one(self, end):
        moments = {days: timezone.now() - timedelta(days=days) for days in (1, 89, 91, 200)}
        repository.folder().mkdir()
        for moment in moments.values():
            (repository.folder() / repository.name_at(moment, end)).touch()

        call_command("backup", unencrypted=True, stdout=io.StringIO())

        left = {backup.file.name for backup in repository.kept()} - {repository.last().name}
        assert left == {repository.name_at(moments[days], end) for days in (1, 89)}

    def test_knows_nothing_of_a_last_one_that_cannot_be_read(self):
        assert repository.last() is None
        with repository.alone():
            (repository.folder() / repository.LAST).write_text("{}")
        assert repository.last() is None


@pytest.mark.django_db
class TestAsking:
    """A forgotten option never leads to an unencrypted backup."""

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            ({}, "Name a public key"),
            ({"recipient": ["age1abc"], "unencrypted": True}, "Pass either"),
            ({"unencrypted": True, "keep_days": 100_000}, "WAYMARK_BACKUPS_KEPT"),
        ],
    )
    def test_is_refused(self, options, why):
        with pytest.raises(CommandError, match=why):
            call_command("backup", **options)

    def test_leaves_secrets_out_of_what_is_not_encrypted(self, monkeypatch):
        monkeypatch.setenv("WAYMARK_SECRET_KEY", "very secret")
        monkeypatch.setenv("WAYMARK_MAIL_HOST", "mail.example.org")
        monkeypatch.setenv("WAYMARK_SOMETHING_NEW", "nobody knows")
        monkeypatch.setenv("WAYMARK_STATIC", "/the/folder/of/this/version")
        monkeypatch.setenv("WAYMARK_BACKUP_SIGNING_KEY", "of the process that makes backups")

        clear, left_out = making.environment(secret=False)
        whole, nothing = making.environment(secret=True)

        assert "very secret" not in clear
        assert "nobody knows" not in clear
        assert {"WAYMARK_SECRET_KEY", "WAYMARK_SOMETHING_NEW"} <= set(left_out)
        assert "WAYMARK_MAIL_HOST=mail.example.org\n" in clear
        assert "WAYMARK_SECRET_KEY='very secret'\n" in whole
        assert nothing == []
        assert "WAYMARK_STATIC" not in whole
        assert "WAYMARK_BACKUP_SIGNING_KEY" not in whole + clear
        assert os.environ["WAYMARK_SECRET_KEY"] == "very secret"
