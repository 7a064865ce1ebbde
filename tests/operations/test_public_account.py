"""The public site reads with an account of its own that reads no secret, and its process writes nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from config.settings.base import ROOT
from core.postgresql import public_role
from helpline.exchange.hsds import pages as hsds
from helpline.finder.queries import REQUIRED_KINDS
from home.models import HomePage
from operations.diagnostics.database import public_account
from prerender import services as prerender
from tests.factories.core import StandardPageFactory
from tests.factories.helpline import FinderPageFactory, ProgrammeFactory, SupportLineFactory
from tests.factories.network import DirectoryPageFactory, MemberFactory
from tests.support.server import GRANIAN, Answer, SiteServer, database_url, free_port

# Tables that no declaration of an app may open: they hold keys, identities, or unpublished content.
NEVER = {
    "account_emailaddress", "core_outgoingmail", "django_session", "helpline_approval", "helpline_operatorcontact",
    "helpline_report", "mfa_authenticator", "network_conversation", "network_message", "prerender_pendingchange",
    "users_user", "wagtailcore_apitoken", "wagtailcore_modellogentry", "wagtailcore_revision",
}  # fmt: skip


def verdict() -> str:
    return " ".join(f"{found.verdict}: {found.says}" for found in public_account())


def can(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        return "permission denied" not in str(error)
    return True


def drop_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [public_role.name()])
        if cursor.fetchone():
            cursor.execute(f'DROP OWNED BY "{public_role.name()}"; DROP ROLE "{public_role.name()}"')


@pytest.fixture
def only_reading(_no_role, home: HomePage) -> Iterator[None]:
    StandardPageFactory(parent=home, title="About us")
    assert public_role.update() == ""
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{public_role.name()}"')
        yield
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
class TestRole:
    @pytest.fixture(autouse=True)
    def _no_role(self, home):
        """Roles belong to the server and not to the database of the test: a restored backup has made one, too."""
        drop_role()

    def test_reads_the_declared_tables_and_writes_none(self, only_reading):
        tables = connection.introspection.table_names()
        readable = {table for table in tables if can(f'SELECT 1 FROM "{table}" LIMIT 1')}  # noqa: S608

        assert readable == set(public_role.tables()) & set(tables)
        assert readable & NEVER == set()
        assert set(tables) >= NEVER
        assert [table for table in sorted(readable) if can(f'DELETE FROM "{table}"')] == []  # noqa: S608

    def test_is_given_its_rights_again_and_loses_others(self, home):
        assert verdict() == "doubtful: There is none."
        public_role.update()
        assert verdict().startswith("right: ")
        with connection.cursor() as cursor:
            cursor.execute(f'GRANT UPDATE ON wagtailcore_page TO "{public_role.name()}"')
            cursor.execute(f'GRANT SELECT ON users_user TO "{public_role.name()}"')
        assert "may write wagtailcore_page, and read users_user" in verdict()
        public_role.update()
        assert verdict().startswith("right: ")
        with connection.cursor() as cursor:
            cursor.execute(f'REVOKE ALL ON wagtailcore_page, users_user FROM "{public_role.name()}"')
        assert "may not read wagtailcore_page" in verdict()

        public_role.update()

        assert verdict().startswith("right: ")

    def test_that_may_not_be_created_is_left_to_an_administrator_of_the_database(self, home):
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE without_rights; SET ROLE without_rights")
            left = public_role.update()
            cursor.execute("RESET ROLE")

        assert f'CREATE ROLE "{public_role.name()}" LOGIN' in left
        assert not public_role.excess()

    def test_is_missed_if_the_public_site_uses_the_account_of_the_others(self, monkeypatch, home):
        public_role.update()
        other = connection.copy()
        monkeypatch.setattr("core.postgresql.base.APPLICATION_NAME", "waymark public")
        other.ensure_connection()
        try:
            assert "wrong: The public site is connected with the account of the private site" in verdict()
        finally:
            other.close()


class PublicProcess(SiteServer):
    """The process of the public site as it is deployed: with its own account, and, if root tests, another user.

    That is the user of the database server, who may reach its socket and write none of our files.
    """

    def _run(self, name: str, command: list[str]) -> None:
        owner = Path(str(connection.get_connection_params()["host"])).stat()
        other = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-c", GRANIAN, *command[3:]],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True, **other,
            )  # fmt: skip


def files(root: Path) -> dict[str, int]:
    """Return each file below a folder with the time of its last change, but the logs of the servers."""
    return {str(file): file.stat().st_mtime_ns for file in root.rglob("*") if file.is_file() and file.suffix != ".log"}


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
class TestProcess:
    @pytest.fixture
    def process(self, site_server, home, tmp_path, settings, monkeypatch) -> Iterator[PublicProcess]:
        # Rendered once, and of the addresses that merely explain codes only two.
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        settings.INTERFACE_LANGUAGES = ["en"]
        monkeypatch.setattr(hsds, "_term_objects", lambda: hsds.taxonomies.term_objects()[:2])
        StandardPageFactory(parent=home, slug="about", title="About us")
        DirectoryPageFactory(parent=home)
        MemberFactory.create_batch(2, listed=True)
        FinderPageFactory(parent=home)
        ProgrammeFactory(checked=True, approved=True)
        for kind in REQUIRED_KINDS:
            SupportLineFactory(kind=kind, checked=True, approved=True)
        call_command("update_index", verbosity=0, chunk_size=100)
        prerender.render_all()
        assert public_role.update() == ""
        for folder in (settings.SCRATCH, *Path(settings.PRERENDER_ROOT).parents):
            if folder.stat().st_uid == os.geteuid():
                folder.chmod(folder.stat().st_mode | 0o055)
        port = free_port()
        own = f"postgres://{public_role.name()}@{database_url().rpartition('@')[2]}"
        made = PublicProcess(
            port=port, folder=tmp_path, workers=1,
            environment={**site_server.environment, "WAYMARK_SITE": "public", "PORT": str(port), "DATABASE_URL": own},
        )  # fmt: skip
        made.start()
        yield made
        made.stop()
        drop_role()

    def test_serves_pages_searches_and_interfaces_and_writes_nothing(self, process, settings):
        before = files(settings.SCRATCH)

        found: dict[str, Answer] = {
            path: process.get(path)
            for path in (
                "/en/about/", "/en/search/?q=about", "/en/search/?q=help", "/en/search/?q=germany",
                "/en/search/?q=hlep",
                "/en/network/?country=de", "/api/en/members?page=1", "/hsds/en/services?page=1", "/favicon.ico",
            )
        }  # fmt: skip
        missing = {process.get(path).status for path in ("/en/nowhere/", "/documents/9/a.pdf", "/cards/en/no.png")}

        assert {path: answer.status for path, answer in found.items() if answer.status != 200} == {}, process.output()
        assert "About us" in found["/en/search/?q=about"].text
        assert missing == {404}
        assert files(settings.SCRATCH) == before
