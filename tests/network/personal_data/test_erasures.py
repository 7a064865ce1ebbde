"""Erasure of a member covers all stored, prerendered and queued data, and older backups once they are restored."""

import gzip
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import brotli
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from config.embedded_postgres import server
from core.background.processes import SCHEDULER, WORKER
from core.models import OutgoingMail
from core.restored import InvalidErasureError
from network.mail import Letter
from network.members import services as members_services
from network.models import Erasure, Member, Practice, PracticeMember, ReviewEntry
from network.personal_data import services as erasures
from network.review import services as review
from network.vocabulary.details import Detail
from tests.factories.network import (
    DirectoryPageFactory,
    MemberFactory,
    PracticeFactory,
    ProposedTextsFactory,
    ReviewEntryFactory,
    VerificationFactory,
    with_account,
)
from tests.factories.users import UserFactory
from tests.support.scheduler import job, run
from tests.users.conftest import confirm
from users.models import User

CANARY = "canarius"
EARLY = "2026-01-01T00:00:00+00:00"


@pytest.fixture
def kept(settings, tmp_path) -> Path:
    """The erasure file of this test."""
    settings.ERASURES_FILE = tmp_path / "beside" / "erasures.txt"
    return settings.ERASURES_FILE


# --- The database and the folders as text ---


def postgresql(program: str, *arguments: str, given: bytes | None = None) -> bytes:
    """Run a client program of PostgreSQL on the server of the tests."""
    at = connection.get_connection_params()
    folder = server.start(Path(django_settings.DATABASES["default"]["OPTIONS"]["data"])).bin_path
    command = [
        *(folder / program, "-h", at["host"], "-p", str(at["port"]), "-U", at["user"]),
        *arguments,
    ]
    return subprocess.run(command, check=True, input=given, capture_output=True).stdout


def backup() -> bytes:
    """Make a backup, as operators do."""
    return postgresql("pg_dump", "--schema=public", connection.settings_dict["NAME"])


@pytest.fixture
def restored() -> Iterator:
    """Use a database that was restored from a backup."""
    ours, name = connection.settings_dict["NAME"], f"test_restored_{uuid4().hex[:8]}"

    def restore(dump: bytes) -> None:
        postgresql("createdb", name)
        postgresql(
            "psql",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            name,
            "-c",
            "DROP SCHEMA public",
            "-f",
            "-",
            given=dump,
        )
        connection.close()
        connection.settings_dict["NAME"] = name

    yield restore
    connection.close()
    connection.settings_dict["NAME"] = ours
    postgresql("dropdb", "--force", "--if-exists", name)


def read(file: Path) -> bytes:
    data = file.read_bytes()
    match file.suffix:
        case ".br":
            return brotli.decompress(data)
        case ".gz":
            return gzip.decompress(data)
    return data


def folders() -> list[Path]:
    """Return all files of the site: prerendered pages with their compressed copies, uploads, and others."""
    kept = ("cached-fixtures", "prerendered_")  # kept for other tests
    return [
        file
        for top in django_settings.SCRATCH.iterdir()
        if not top.name.startswith(kept)
        for file in (top, *top.rglob("*"))
        if file.is_file()
    ]


def found(*words: str) -> list[list[str]]:
    """Return the places of each word: tables (in a dump of the database), sessions (which are encoded), and files."""
    held: list[tuple[str, str]] = []
    table = "?"
    for line in backup().decode().splitlines():
        table = line.split()[1] if line.startswith("COPY ") else table
        held.append((table, line))
    held += [("session", str(each.get_decoded())) for each in Session.objects.all()]
    held += [(str(file), f"{file} {read(file).decode(errors='replace')}") for file in folders()]
    there = [(place, text.lower()) for place, text in held]
    return [sorted({place for place, text in there if word in text}) for word in words]


# --- A member with data everywhere ---


def browser() -> Client:
    return Client(headers={"host": django_settings.PRIVATE_HOST})


def person() -> Member:
    """A member with a unique word in all places that can have one."""
    manager, friend = UserFactory(is_superuser=True), MemberFactory(listed=True, email="friend@example.org")
    member = MemberFactory(
        awaiting_review=True, has_page=True, shown=list(Detail.values), name="Canarius", email="canarius@example.org",
        about="Canarius writes.", offers="Canarius offers.", needs="Canarius needs.", affiliation="Canarius House",
        orcid_name="Canarius", translations={"de": {"about": "Canarius schreibt."}},
    )  # fmt: skip
    review.ask_back(member=member, by=manager, question="Where, Canarius?")
    review.answer(member=member, text="At Canarius House.")
    review.approve(member=member, by=manager)
    member.refresh_from_db()
    for kind in ReviewEntry.Kind:
        ReviewEntryFactory(member=member, kind=kind, text="Canarius.", author=manager)
    ProposedTextsFactory(member=member, texts={"name": "Canarius the second"})
    VerificationFactory(member=member, what="canarius.example")
    VerificationFactory(member=member, kind="link", what="https://canarius.example/", confirmed_at=timezone.now())
    VerificationFactory(member=friend, kind="nomination", what=member.email)
    VerificationFactory(member=MemberFactory(listed=True), kind="nomination", nominator=member)
    members_services.send_link(address=member.email, language="en")
    for letter in Letter:
        OutgoingMail.objects.create(kind=letter, about=member, recipient=member.email, failed_at=timezone.now())
    practice = PracticeFactory(owner=member)
    practice.people = [PracticeMember(member=member, part="runs")]
    practice.save()
    practice.save_revision(user=manager)
    with_account(member)
    Authenticator.objects.create(user=member.user, type=Authenticator.Type.WEBAUTHN, data={"name": "Canarius' phone"})
    browser().post("/account/login/code/", {"email": member.email})
    return member


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("search_index")
class TestLeaving:
    def test_reaches_all_that_is_held_and_a_backup_from_before(self, home, kept, restored):
        with transaction.atomic():
            DirectoryPageFactory(parent=home)
            member = person()
        inside = browser()
        inside.force_login(member.user)
        confirm(inside, member.user)
        identity, before = str(member.uuid), backup()
        (held,) = found(CANARY)
        assert {"public.network_member", "public.core_outgoingmail", "public.users_user", "session"} <= {*held}
        assert {Path(place).suffix for place in held} >= {".html", ".br", ".gz"}

        inside.post("/en/members/profile/leave/")

        assert found(CANARY, identity) == [[], ["public.network_erasure"]]
        assert kept.read_text() == f"{Erasure.objects.get()}\n"
        assert kept.read_text().endswith(f" member {identity}\n")
        assert kept.stat().st_mode & 0o777 == 0o600

        restored(before)
        call_command("prerender", all=True)
        (held,) = found(CANARY)
        assert "public.network_member" in held
        assert any(place.endswith(".html") for place in held)
        call_command("apply_erasures")

        assert found(CANARY, identity) == [[], ["public.network_erasure"]]
        assert Member.objects.count() == 2
        assert Practice.objects.get().owner is None


class TestSessions:
    def test_of_sign_ins_begun_without_an_account_go_too(self, db):
        member = MemberFactory(listed=True, email="canarius@example.org")
        browser().post("/account/login/code/", {"email": member.email})
        assert "canarius" in str([each.get_decoded() for each in Session.objects.all()])

        members_services.leave(member=member)

        assert not Session.objects.exists()

    def test_of_a_colleague_with_the_same_address_stay(self, db):
        colleague = UserFactory(email="canarius@example.org")
        browser().force_login(colleague)

        members_services.leave(member=MemberFactory(listed=True, email=colleague.email))

        assert Session.objects.exists()
        assert User.objects.get() == colleague


class TestList:
    def test_says_only_a_random_number_and_a_time(self, db, kept, django_capture_on_commit_callbacks, capsys):
        member = with_account(MemberFactory(listed=True, name="Canarius"))
        with django_capture_on_commit_callbacks(execute=True):
            members_services.close_account(member=member)
            members_services.leave(member=member)
        call_command("list_erasures")

        lines = kept.read_text().splitlines()
        assert capsys.readouterr().out.splitlines() == lines
        assert [line.split()[1:] for line in lines] == [
            ["account", str(member.uuid)],
            ["member", str(member.uuid)],
        ]

    def test_is_none_the_longer_if_leaving_fails(self, db, kept, django_capture_on_commit_callbacks):
        member = MemberFactory(listed=True)

        with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
            leave_and_fail(member)

        assert Member.objects.exists()
        assert not Erasure.objects.exists()
        assert not kept.exists()

    def test_that_cannot_be_written_does_not_prevent_leaving(self, db, kept, django_capture_on_commit_callbacks):
        member = MemberFactory(listed=True)
        kept.parent.write_text("A file where the folder should be.")

        with django_capture_on_commit_callbacks(execute=True):
            members_services.leave(member=member)

        assert not Member.objects.exists()
        assert str(Erasure.objects.get().member) == str(member.uuid)

        kept.parent.unlink()
        run("network-forget-erasures")
        assert str(member.uuid) in kept.read_text()

    def test_forgets_what_no_backup_holds_any_more(self, db, kept, settings):
        settings.BACKUPS = {**settings.BACKUPS, "kept": timedelta(days=30)}
        kept.parent.mkdir()
        old, young = (timezone.now() - timedelta(days=days) for days in (31, 29))
        kept.write_text(f"{old.isoformat()} member {uuid4()}\n\n{young.isoformat()} account {(last := uuid4())}\n")
        Erasure.objects.create(member=uuid4(), kind="member", erased_at=old)

        run("network-forget-erasures")

        # Entries that were only in the file are in the restored database again.
        assert [entry.member for entry in Erasure.objects.all()] == [last]
        assert kept.read_text() == f"{young.isoformat()} account {last}\n"

    def test_reaches_the_file_of_each_machine(self, db, kept, settings, django_capture_on_commit_callbacks):
        north, south = kept, kept.with_name("south.txt")
        before, early = MemberFactory(listed=True), MemberFactory(listed=True)
        with django_capture_on_commit_callbacks(execute=True):
            members_services.leave(member=before)
        settings.ERASURES_FILE = south
        with django_capture_on_commit_callbacks(execute=True):
            members_services.leave(member=early)
        assert str(before.uuid) not in south.read_text()

        for file in (south, north):
            settings.ERASURES_FILE = file
            erasures.make_level()
            erasures.make_level()  # idempotent

        assert sorted(north.read_text().splitlines()) == sorted(south.read_text().splitlines())
        assert [line.split()[2] for line in sorted(south.read_text().splitlines())] == [
            str(before.uuid),
            str(early.uuid),
        ]

    def test_of_a_file_reaches_a_database_that_was_put_back_by_hand(self, db, kept):
        member = MemberFactory(listed=True)
        kept.parent.mkdir()
        kept.write_text(f"{timezone.now().isoformat()} member {member.uuid}\n")

        erasures.make_level()
        kept.unlink()  # on another machine, whose scheduler erases
        run("network-erase-again")

        assert not Member.objects.exists()

    def test_is_told_to_be_behind_only_after_there_was_time(self, db, kept):
        Erasure.objects.create(member=uuid4(), kind="member")
        assert erasures.behind() == 0
        Erasure.objects.create(member=uuid4(), kind="member", erased_at=timezone.now() - timedelta(minutes=6))
        Erasure.objects.create(member=uuid4(), kind="member", erased_at=timezone.now() - timedelta(days=91))
        assert erasures.behind() == 1

        erasures.make_level()

        assert erasures.behind() == 0
        assert len(kept.read_text().splitlines()) == 2

    def test_forgets_on_each_machine_what_no_backup_holds(self, db, kept):
        kept.parent.mkdir()
        old, young = (timezone.now() - timedelta(days=days) for days in (91, 89))
        line = f"{young.isoformat()} account {uuid4()}\n"
        kept.write_text(f"{old.isoformat()} member {uuid4()}\n{line}{line}")

        erasures.make_level()

        assert kept.read_text() == line
        assert Erasure.objects.count() == 1

    def test_that_is_none_is_left_alone_and_named(self, db, kept, caplog):
        kept.parent.mkdir()
        kept.write_text("nothing of the kind\n")
        Erasure.objects.create(member=uuid4(), kind="member")

        with pytest.raises(InvalidErasureError):
            erasures.make_level()
        with pytest.raises(CommandError, match=r"Line 1 of .* Move that file away"):
            call_command("list_erasures")

        assert kept.read_text() == "nothing of the kind\n"

    @pytest.mark.parametrize(("process", "expected"), [(WORKER, True), (SCHEDULER, True), ("private", False)])
    def test_is_kept_level_by_worker_and_scheduler(self, monkeypatch, process, expected):
        began = threading.Event()
        monkeypatch.setattr(erasures, "keep_level", lambda stopped: began.set())

        erasures.accompany(process)

        assert began.wait(5 if expected else 0.1) is expected

    def test_is_kept_level_despite_errors(self, monkeypatch, caplog):
        stopped, went_wrong = (
            threading.Event(),
            [OperationalError("away"), OSError("full"), InvalidErasureError(3)],
        )

        def level() -> None:
            if went_wrong:
                raise went_wrong.pop(0)
            stopped.set()

        monkeypatch.setattr(erasures, "LOOKS_EVERY", 0.001)
        monkeypatch.setattr(erasures, "make_level", level)
        monkeypatch.setattr(erasures.connections, "close_all", lambda: None)

        erasures.keep_level(stopped)

        assert stopped.is_set()
        assert "could not be written: full" in caplog.text
        assert "Line 3 of the list of erasures" in caplog.text


@transaction.atomic
def leave_and_fail(member: Member) -> None:
    members_services.leave(member=member)
    raise RuntimeError


class TestErasingAgain:
    """Members restored from a backup, although the list has them as erased."""

    def test_is_done_by_the_scheduler(self, db, kept):
        member, other = MemberFactory(listed=True), MemberFactory(listed=True)
        kept.parent.mkdir()
        kept.write_text(f"{EARLY} member {member.uuid}\n{EARLY} account {other.uuid}\n")

        run("network-erase-again")

        assert list(Member.objects.all()) == [other]
        assert list(job("network-erase-again").items()) == []

    def test_spares_an_account_that_was_opened_again_immediately(self, db, kept, django_capture_on_commit_callbacks):
        member = with_account(MemberFactory(listed=True))
        with django_capture_on_commit_callbacks(execute=True):
            members_services.close_account(member=member)
        members_services.open_account(member=Member.objects.get())

        run("network-erase-again")

        assert Member.objects.get().user is not None

    def test_deletes_an_account_and_not_one_that_was_opened_since(self, db):
        with time_machine.travel(timezone.now() - timedelta(days=9)):
            early = with_account(MemberFactory(listed=True))
        late, colleague = (
            with_account(MemberFactory(listed=True)),
            MemberFactory(listed=True, user=UserFactory()),
        )
        moment = timezone.now() - timedelta(days=5)
        members = [early, late, colleague]

        erased = members_services.erase_again(
            [Erasure(member=each.uuid, kind="account", erased_at=moment) for each in members]
        )

        for each in members:
            each.refresh_from_db()
        assert erased == 1
        assert early.user is None
        assert late.user is not None
        assert colleague.user is not None
        assert User.objects.count() == 2

    @pytest.mark.parametrize(
        "line",
        [
            "nonsense",
            "2026-01-01 member",
            "2026-01-01 person {}",
            "yesterday member {}",
            "2026-01-01 member 7",
        ],
    )
    def test_refuses_a_list_that_is_none(self, db, kept, line):
        member = MemberFactory(listed=True)
        kept.parent.mkdir()
        kept.write_text(f"{EARLY} member {member.uuid}\n{line.format(member.uuid)}\n")

        with pytest.raises(CommandError, match=r"Line 2 of .*nothing was erased"):
            call_command("apply_erasures", str(kept))

        assert Member.objects.exists()

    def test_refuses_a_list_that_is_not_there(self, db, kept):
        with pytest.raises(CommandError, match="could not be read"):
            call_command("apply_erasures", kept)

    def test_takes_the_same_queries_for_few_and_many(self, db, django_assert_num_queries):
        some = [Erasure(member=uuid4(), kind="member") for _ in range(50)]

        for entries in (some[:1], some):
            with django_assert_num_queries(1):
                assert list(erasures.undone(entries)) == []
