"""A restore brings back no member who has left and no used link; a failed one leaves everything as it was.

The site that is backed up has four members.
One leaves after the backup was made; another answers what is mailed.
What a restore knows of the erasure is the list in one place, or in none; it goes into an empty database, or
replaces one; it fails nowhere, or at one of its last steps.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from core import declarations
from core.links import InvalidLinkError, Purpose
from network import tokens
from network.models import Erasure, Member, Verification
from operations.backups import BackupError, postgres, repository
from operations.backups.archive import ERASURES
from tests.factories.network import (
    DigestEmailSubscriptionFactory,
    MemberFactory,
    RegistrationFactory,
    VerificationFactory,
)
from tests.operations.conftest import database, working_in
from tests.support.declaring import declared

pytestmark = [
    pytest.mark.process,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:get_connection"),
    pytest.mark.xdist_group("restoring"),
]
OLD, NEW = b"of the backup", b"since then"


# Where the list of erasures since the backup may be.
PLACES = (
    "beside the backup",
    "where this site keeps its own",
    "named",
    "in the replaced database",
    "nowhere",
)
CASES = [
    pytest.param(replace, place, id=f"{'replacing' if replace else 'empty'}, list {place}")
    for replace in (False, True)
    for place in PLACES
    if replace or place != "in the replaced database"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """A backup, the database that it was made of, and the members who have left since and who have not."""

    file: Path
    database: str
    gone: UUID
    stays: UUID
    links: dict[str, str]

    @property
    def erasure(self) -> Erasure:
        return Erasure(member=self.gone, kind=Erasure.Kind.MEMBER, erased_at=timezone.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine on which the backup is restored, with a database that is empty, or that of the site since then."""

    folder: Path
    backup: BackedUp
    replace: bool

    def restore(self, **options: object) -> str:
        out = StringIO()
        file = str(self.folder / self.backup.file.name)
        call_command("restore", file, replace=self.replace, unsigned=True, stdout=out, stderr=out, **options)
        return out.getvalue()

    def state(self) -> dict[str, object]:
        """Return what a failed restore may not change: uploads, tables, the list of erasures, and leftover files."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nspname, (SELECT count(*) FROM pg_tables WHERE schemaname = nspname) FROM pg_namespace"
            )
            schemas = dict(cursor.fetchall())
        there = bool(schemas["public"])
        return {
            "schemas": {name: count for name, count in schemas.items() if not name.startswith("pg_")},
            "members": set(Member.objects.values_list("uuid", "link_key")) if there else None,
            "erasures": set(Erasure.objects.values_list("member", flat=True)) if there else None,
            "files": {
                str(file.relative_to(self.folder)): file.read_bytes()
                for file in self.folder.rglob("*")
                if file.is_file() and file.name != ERASURES
            },
        }


@pytest.fixture(scope="module")
def backed_up(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackedUp]:
    """A backup of a small site, made once for the whole table."""
    folder = tmp_path_factory.mktemp("backed-up")
    with (
        on_a_machine(folder),
        django_db_blocker.unblock(),
        database("backed_up", template=str(connection.settings_dict["NAME"])) as name,
    ):
        with working_in(name):
            settings.MEDIA_ROOT.mkdir()
            (settings.MEDIA_ROOT / "guide.txt").write_bytes(OLD)
            gone, stays, asked = MemberFactory(listed=True), MemberFactory(listed=True), MemberFactory()
            links = {
                "opens a profile": tokens.make(stays, tokens.PROFILE),
                "confirms a request": tokens.make(asked, tokens.CONFIRM),
                "proves an address": tokens.make(VerificationFactory(member=stays), tokens.VERIFICATION),
                "says that all is right": tokens.make_for_answer(stays),
                "ends a letter": tokens.make_for_subscription(DigestEmailSubscriptionFactory(member=stays)),
                "is of a registration": tokens.make(RegistrationFactory(), tokens.REGISTRATION),
            }
            call_command("backup", unencrypted=True, stdout=StringIO(), stderr=StringIO())
            [backup] = repository.kept()
        yield BackedUp(file=backup.file, database=name, gone=gone.uuid, stays=stays.uuid, links=links)


@pytest.fixture
def machine(
    backed_up: BackedUp,
    replace: bool,
    django_db_blocker: DjangoDbBlocker,
    tmp_path: Path,
) -> Iterator[Machine]:
    shutil.copy(backed_up.file, tmp_path)
    template = backed_up.database if replace else "template0"
    with (
        on_a_machine(tmp_path),
        django_db_blocker.unblock(),
        database("restored", template=template) as name,
        working_in(name),
    ):
        if replace:
            settings.MEDIA_ROOT.mkdir()
            (settings.MEDIA_ROOT / "guide.txt").write_bytes(NEW)
        yield Machine(folder=tmp_path, backup=backed_up, replace=replace)


@contextmanager
def on_a_machine(folder: Path) -> Iterator[None]:
    """Use this folder for everything within the block.

    Little is rendered: the drill covers rendering after a restore.
    """
    with (
        override_settings(
            MEDIA_ROOT=folder / "media",
            PRERENDER_ROOT=folder / "prerender",
            ERASURES_FILE=folder / "own" / "erasures.txt",
            BACKUPS={**settings.BACKUPS, "folder": folder / "backups"},
            TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}},
            INTERFACE_LANGUAGES=["en"],
        ),
        declared(routes=[]),
    ):
        yield


def put_list(machine: Machine, place: str) -> dict[str, object]:
    """Put the list of erasures where a case has it.

    Return the options of the command.
    """
    line = f"{machine.backup.erasure}\n"
    match place:
        case "beside the backup":
            (machine.folder / ERASURES).write_text(line)
        case "where this site keeps its own":
            settings.ERASURES_FILE.parent.mkdir()
            settings.ERASURES_FILE.write_text(line)
        case "named":
            (machine.folder / "copied.txt").write_text(line)
            return {"erasures": [machine.folder / "copied.txt"]}
        case "in the replaced database":
            machine.backup.erasure.save()
    return {}


READERS: dict[str, Callable[[str], object]] = {
    "opens a profile": lambda token: tokens.read(token, tokens.PROFILE),
    "confirms a request": lambda token: tokens.read(token, tokens.CONFIRM),
    "proves an address": tokens.read_verification,
    "says that all is right": tokens.read_for_answer,
    "ends a letter": tokens.read_subscription,
    "is of a registration": tokens.read_registration,
}
# Those that work once may have been used since.
# The others can be used repeatedly, and their owners rely on them.
ENDED = {"opens a profile", "confirms a request", "proves an address"}


class TestErasures:
    @pytest.mark.parametrize(("replace", "place"), CASES)
    def test_are_applied_wherever_their_list_is_and_links_that_work_once_have_ended(self, machine, place):
        options = put_list(machine, place)

        machine.restore(**options)

        there = set(Member.objects.values_list("uuid", flat=True))
        assert machine.backup.stays in there
        is_known = place != "nowhere"
        assert (machine.backup.gone in there) is not is_known
        # The next restore has it from the database as well as from the file.
        assert Erasure.objects.filter(member=machine.backup.gone).exists() is is_known
        assert (str(machine.backup.gone) in settings.ERASURES_FILE.read_text()) is is_known
        assert (settings.MEDIA_ROOT / "guide.txt").read_bytes() == OLD
        assert {name for name in READERS if is_refused(name, machine.backup.links[name])} == ENDED


class TestLinks:
    def test_are_all_of_those_that_are_mailed(self):
        """A link of a new kind belongs into the table above."""
        purposes = {name for name, value in vars(tokens).items() if isinstance(value, Purpose)}

        assert purposes == {"CONFIRM", "PROFILE", "VERIFICATION", "REGISTRATION", "RECONFIRMATION", "STOP"}


def is_refused(name: str, token: str) -> bool:
    try:
        READERS[name](token)
    except InvalidLinkError:
        return True
    return False


def fails_in_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(kind: str) -> list[str]:
        raise BackupError("It fails.")

    monkeypatch.setattr(declarations, "perform", fail)


def fails_once_the_rows_are_in_place(monkeypatch: pytest.MonkeyPatch, *, sql: str = "SELECT 1 / 0") -> None:
    put = postgres.put_in_place

    def put_and_fail() -> None:
        put()
        with connection.cursor() as cursor:
            cursor.execute(sql)

    monkeypatch.setattr(postgres, "put_in_place", put_and_fail)


def fails_at_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail at the last step: rows and uploads are in place, and the server finds that they do not agree."""
    fails_once_the_rows_are_in_place(
        monkeypatch, sql="SET CONSTRAINTS ALL DEFERRED; UPDATE network_verification SET member_id = -1"
    )


FAILURES = [fails_in_a_step, fails_once_the_rows_are_in_place, fails_at_the_commit]


class TestFailure:
    @pytest.mark.parametrize("fails", FAILURES)
    @pytest.mark.parametrize("replace", [False, True])
    def test_changes_nothing(self, machine, fails, monkeypatch):
        put_list(machine, "beside the backup")
        before = machine.state()
        fails(monkeypatch)

        with pytest.raises(CommandError):
            machine.restore()

        assert machine.state() == before

    @pytest.mark.parametrize("replace", [False, True])
    def test_of_what_follows_the_commit_takes_nothing_back(self, machine, monkeypatch):
        """Rows and uploads belong together: when the rows are in place for good, so are the uploads."""
        perform = declarations.perform

        def follow(kind: str) -> list[str]:
            def fail() -> None:
                raise OSError(28, "No space left on device")

            transaction.on_commit(fail)
            return list(perform(kind))

        monkeypatch.setattr(declarations, "perform", follow)

        said = machine.restore()

        assert "No space left on device" in said
        assert Verification.objects.exists()
        assert (settings.MEDIA_ROOT / "guide.txt").read_bytes() == OLD
        assert {folder.name for folder in machine.folder.glob("media*")} == {"media"}
