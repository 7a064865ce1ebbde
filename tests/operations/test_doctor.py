"""`manage.py doctor` names each fault, its meaning and its remedy, and prints nothing about what is right."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import scheduler
from core.models import JobRun, OutgoingMail
from network.models import Erasure
from operations import upgrading
from operations.backups import repository
from operations.diagnostics import DoctorFinding, Verdict, database, examine, files, sites, work
from prerender import tasks
from prerender.mirrors import copying
from prerender.mirrors.copying import MirrorRecord
from prerender.models import PendingPath, PrerenderedPath, PrerenderHost, RenderVersion
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def found(check: Callable[[], Iterable[DoctorFinding]]) -> str:
    """Return the findings of a check that are not right: verdict, words and remedy."""
    said = [
        f"{finding.verdict}: {finding.says} | {finding.meaning} | {finding.remedy}"
        for finding in examine([check])
        if finding.verdict is not Verdict.RIGHT
    ]
    return "\n".join(said)


def run_scheduler() -> None:
    now = timezone.now()
    JobRun.objects.bulk_create(JobRun(name=job.name, started_at=now, finished_at=now) for job in scheduler.declared())


class TestCommand:
    def test_reports_everything_as_text_and_for_programs(self, settings, tmp_path):
        settings.BACKUPS = {**settings.BACKUPS, "folder": tmp_path}
        out, machine = StringIO(), StringIO()

        with pytest.raises(CommandError) as failure:
            call_command("doctor", offline=True, stdout=out)
        with pytest.raises(CommandError):
            call_command("doctor", offline=True, json=True, stdout=machine)

        assert failure.value.returncode == 1
        assert "Scheduler: It is not running." in out.getvalue()
        assert "Do: `systemctl restart waymark-scheduler`" in out.getvalue()
        subjects = [finding["subject"] for finding in json.loads(machine.getvalue())]
        assert {"Database", "Version", "Backup", "Disk"} <= set(subjects)
        assert "Mail server" not in subjects

    def test_goes_on_after_a_check_that_fails(self):
        def broken() -> Iterator[DoctorFinding]:
            raise RuntimeError("no idea")
            yield

        assert "RuntimeError: no idea" in found(broken)

    def test_reports_once_that_the_database_is_unavailable(self):
        def one() -> Iterator[DoctorFinding]:
            raise OperationalError("connection refused")
            yield

        said = list(examine([one, one]))

        assert [finding.says for finding in said] == ["One, One: the database did not respond."]
        assert said[0].verdict is Verdict.WRONG


class TestDatabase:
    def test_that_is_right_has_nothing_said_against_it(self, home):
        others = set(database.CHECKS) - {database.public_account}  # tests/operations/test_public_account.py
        assert not any(map(found, others))

    def test_that_is_unavailable(self, monkeypatch):
        def unavailable() -> None:
            raise OperationalError("connection refused\nmore")

        monkeypatch.setattr(connection, "ensure_connection", unavailable)

        assert "It does not respond: connection refused |" in found(database.database)

    def test_that_is_too_old_or_keeps_another_time(self, monkeypatch):
        monkeypatch.setattr(database, "OLDEST", 99)
        monkeypatch.setattr(database, "SKEW", -1)

        said = found(database.database)

        assert "PostgreSQL 99 or newer is needed" in said
        assert re.search(r"differ by \d+ seconds?", said)

    def test_of_another_version(self, monkeypatch):
        monkeypatch.setattr(upgrading, "applied_migrations", lambda: ["prerender.0099_later"])
        assert "A newer version has been here: prerender.0099_later" in found(database.tables)
        RenderVersion.objects.create(digest="another")
        assert "`manage.py upgrade`" in found(database.tables)
        monkeypatch.setattr(upgrading, "has_site", lambda: False)
        assert "The database is empty" in found(database.tables)

    def test_that_lacks_tables_and_columns_names_them_unless_a_migration_waits(self, home):
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE operations_backupoutcome")
            cursor.execute("ALTER TABLE core_sitesettings DROP COLUMN exit_id")

        said = found(database.columns)

        assert "lacks 2 tables or columns" in said
        assert "core_sitesettings.exit_id, operations_backupoutcome" in said
        MigrationRecorder(connection).record_unapplied("operations", "0001_initial")
        assert "lacks 1 tables or columns" in found(database.columns)

    def test_without_its_programs(self, monkeypatch):
        monkeypatch.setattr(database.postgres, "folders", lambda: iter(()))

        assert "there is none" in found(database.programs)

    @pytest.mark.parametrize(("recipient", "program"), [("age1abc", "age"), ("waymark@example.org", "gpg")])
    def test_without_what_encrypts_backups(self, monkeypatch, settings, recipient, program):
        settings.BACKUPS = {**settings.BACKUPS, "recipients": [recipient]}
        monkeypatch.setenv("PATH", "/nowhere")

        assert f"{program} is not installed here" in found(database.programs)
        settings.BACKUPS = {**settings.BACKUPS, "recipients": []}
        assert "is not installed here" not in found(database.programs)

    @pytest.mark.parametrize("packaged", ["", " (Debian 17.6-0+deb13u1)", " (Ubuntu 17.6-1.pgdg24.04+1)"])
    @pytest.mark.process
    def test_reads_the_version_of_its_programs_from_any_package(self, tmp_path, packaged):
        program = tmp_path / "pg_dump"
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) 17.6{packaged}'\n")
        program.chmod(0o755)

        assert database.postgres.version_of(tmp_path) == 17


class TestWork:
    def test_that_is_done(self, home):
        run_scheduler()
        UserFactory.create_batch(3, is_superuser=True)

        assert [found(check) for check in work.CHECKS] == [""] * len(work.CHECKS)

    def test_that_the_scheduler_has_not_done(self):
        run_scheduler()
        JobRun.objects.filter(name="publish").update(finished_at=timezone.now() - timedelta(hours=1))
        JobRun.objects.filter(name="mail").update(failures=[{"item": "x", "error": "y"}])

        said = found(work.jobs)

        assert "Late: publish." in said
        assert "Failed at their last run: mail." in said

    def test_that_no_scheduler_does_although_some_is_not_due_yet(self):
        """After a night without one, weekly jobs are not late yet."""
        run_scheduler()
        night = timedelta(hours=8)
        JobRun.objects.update(started_at=F("started_at") - night, finished_at=F("finished_at") - night)

        assert 0 < len(scheduler.late()) < len(scheduler.declared())
        assert "It is not running." in found(work.jobs)

    def test_that_many_jobs_wait_is_said_in_a_line_that_can_be_read(self):
        run_scheduler()
        JobRun.objects.exclude(name="publish").update(finished_at=timezone.now() - timedelta(days=30))

        assert len(found(work.jobs)) < 500
        assert " more." in found(work.jobs)

    def test_that_no_worker_has_taken(self, settings):
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
        tasks.render_changes.enqueue()
        DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))

        assert "waiting for 1" in found(work.worker)

    def test_that_could_not_be_rendered(self):
        PendingPath.objects.create(path="/en/", kind="page")
        PendingPath.objects.update(noted_at=timezone.now() - timedelta(hours=1))
        PrerenderedPath.objects.create(path="/en/about/", kind="page", refused="It has a form.")

        said = found(work.prerender)

        assert "1 addresses wait to be rendered" in said
        assert "Refused: /en/about/." in said

    def test_that_a_machine_does_not_do(self, settings):
        assert found(work.machines) == ""
        PrerenderHost.objects.create(name="south")
        assert "has no name, and others have: south." in found(work.machines)
        settings.PRERENDER_HOST = "north"
        assert found(work.machines) == ""
        assert [finding.says for finding in work.machines()] == ["south: all are there."]

        PrerenderHost.objects.update(seen_at=timezone.now() - timedelta(hours=1))

        assert "No report for 5\xa0minutes from south." in found(work.machines)

    def test_that_the_mail_server_does_not_take(self, monkeypatch):
        OutgoingMail.objects.create(kind="core.admin", failed_at=timezone.now())

        def refuse(self: object) -> None:
            raise ConnectionRefusedError("connection refused")

        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.open", refuse)

        assert "1 were given up" in found(work.mail)
        assert "ConnectionRefusedError: connection refused" in found(work.mail_server)

    def test_that_another_key_has_encrypted(self, settings):
        settings.SECRET_KEY_FALLBACKS = ["an earlier one"]
        assert "still accepted" in found(work.second_factors)
        Authenticator.objects.create(user=UserFactory(), type="totp", data={"secret": "of another key"})
        assert "1 second factors of 1 cannot be read" in found(work.second_factors)

    def test_by_fewer_than_three_people(self):
        UserFactory.create_batch(2, is_superuser=True)
        UserFactory()  # without a role
        assert "Only 2 people have a role" in found(work.people)


class TestFiles:
    def test_without_room(self, monkeypatch):
        usage = namedtuple("usage", "total used free")
        for free, verdict in ((10**9, "doubtful"), (10**6, "wrong")):
            monkeypatch.setattr(shutil, "disk_usage", lambda folder, free=free: usage(10**12, 0, free))
            assert found(files.disk).startswith(verdict)

    def test_that_cannot_be_written(self, monkeypatch):
        monkeypatch.setattr(files.os, "access", lambda folder, mode: False)

        assert "may not write in" in found(files.folders)

    def test_that_were_not_made(self, settings, tmp_path):
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "core.assets.storage.StaticStorage"},
        }
        settings.STATIC_ROOT, settings.LOCALE_PATHS = tmp_path, [tmp_path]
        settings.INTERFACE_LANGUAGES, settings.TIME_ZONE = ["en", "de"], "Nowhere/Else"

        assert "collectstatic" in found(files.static_files)
        assert "Not compiled: de." in found(files.catalogues)
        settings.TIME_ZONE = "UTC"

    def test_with_an_unknown_time_zone(self, monkeypatch):
        monkeypatch.setattr(files.settings, "TIME_ZONE", "Nowhere/Else", raising=False)

        assert "tzdata" in found(files.time_zones)

    def test_of_backups(self, settings, tmp_path):
        settings.BACKUPS = {**settings.BACKUPS, "folder": tmp_path}
        now = timezone.now()
        assert "There was none yet" in found(files.backups)
        for age, encrypted, signed, expected in (
            (timedelta(days=4), True, True, "would be lost"),
            (timedelta(0), False, True, "not encrypted"),
            (timedelta(0), True, False, "not signed"),
            (timedelta(0), True, True, ""),
        ):
            repository.remember(
                repository.LastBackup("waymark-x.tar", now - age, 1, 1.0, encrypted=encrypted, signed=signed)
            )
            said = found(files.backups)
            assert expected in said
            assert bool(said) is bool(expected)
        (tmp_path / repository.name_at(now, ".tar")).touch(mode=0o644)
        assert "chmod 600" in found(files.modes_of_backups)

    def test_of_a_backup_that_failed_until_there_is_another(self, settings, tmp_path):
        settings.BACKUPS = {**settings.BACKUPS, "folder": tmp_path}
        with pytest.raises(CommandError):
            call_command("backup", recipient=[])

        assert "wrong: The last one failed" in found(files.backups)
        assert "Name a public key" in found(files.backups)

        repository.note_success(timezone.now())
        assert found(files.backups) == ""

    def test_of_backups_that_another_machine_makes(self, settings, tmp_path):
        settings.BACKUPS = {**settings.BACKUPS, "folder": tmp_path}
        repository.note_success(timezone.now() - timedelta(hours=51))
        assert "another machine made it" in found(files.backups)
        assert "would be lost" in found(files.backups)
        repository.note_success(timezone.now() - timedelta(hours=49))
        assert found(files.backups) == ""

    def test_of_backups_that_something_else_makes(self, settings, tmp_path):
        settings.BACKUPS = {**settings.BACKUPS, "folder": tmp_path, "elsewhere": True}
        repository.note_failure("Tried once.")
        assert found(files.backups) == ""

    def test_of_backups_while_the_database_is_unavailable(self, settings, tmp_path, monkeypatch):
        def unavailable() -> None:
            raise OperationalError

        settings.BACKUPS = {**settings.BACKUPS, "folder": tmp_path}
        monkeypatch.setattr(repository, "failure", unavailable)
        assert "There was none yet" in found(files.backups)

    def test_of_erasures(self, settings, tmp_path):
        settings.ERASURES_FILE = tmp_path / "erasures.txt"
        assert found(files.list_of_erasures) == ""
        settings.ERASURES_FILE.write_text("nothing of the kind\n")
        assert "people who have left" in found(files.list_of_erasures)
        settings.ERASURES_FILE.unlink()
        Erasure.objects.create(member=uuid4(), kind="member", erased_at=timezone.now() - timedelta(minutes=6))
        assert f"wrong: 1 are missing in {settings.ERASURES_FILE}." in found(files.list_of_erasures)
        call_command("list_erasures", stdout=(listed := StringIO()))
        settings.ERASURES_FILE.write_text(listed.getvalue())
        assert found(files.list_of_erasures) == ""

    def test_of_mirrors(self, settings, tmp_path):
        settings.PRERENDER_ROOT = tmp_path
        settings.MIRRORS = ["/srv/mirror"]
        assert "/srv/mirror is not up to date. | Its readers may see" in found(files.mirrors)
        copying.save(MirrorRecord(since=0, level_at=time.time() - 1801), "/srv/mirror")
        assert "wrong: /srv/mirror is not up to date." in found(files.mirrors)
        copying.save(MirrorRecord(since=0, level_at=time.time(), problem="Full."), "/srv/mirror")
        assert "wrong: Full." in found(files.mirrors)
        copying.save(MirrorRecord(since=0, level_at=time.time()), "/srv/mirror")
        assert found(files.mirrors) == ""

    def test_of_a_web_server_that_logs(self, settings, tmp_path, monkeypatch):
        monkeypatch.setattr(files, "NGINX", tmp_path)
        assert found(files.web_server) == ""
        (tmp_path / "conf.d/folder").mkdir(parents=True)
        for name in ("nginx.conf", "conf.d/site.conf"):
            (tmp_path / name).write_text(f"server_name {settings.PUBLIC_HOST}; access_log off;")
            assert found(files.web_server) == ""
            (tmp_path / name).write_text(f"server_name {settings.PUBLIC_HOST};")
            assert "It is written down who looked for help" in found(files.web_server)
            (tmp_path / name).unlink()


@pytest.fixture
def web_server(settings) -> Iterator[dict[str, object]]:
    """A fake site: `status` and `headers` of its responses, and the status of its `files`."""
    answer: dict[str, object] = {"status": 200, "files": 200, "headers": dict.fromkeys(sites.WANTED, "x")}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer["files" if self.path.startswith("/static/") else "status"])
            for name, value in answer["headers"].items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.PUBLIC_URL = settings.PRIVATE_URL = f"http://127.0.0.1:{server.server_port}"
    yield answer
    server.shutdown()
    thread.join()
    server.server_close()


class TestSites:
    def test_get_requests_without_a_session(self, web_server):
        assert [found(check) for check in sites.CHECKS] == ["", "", ""]
        web_server["headers"] = {**web_server["headers"], "Set-Cookie": "who=you"}
        assert "sets a cookie" in found(sites.public_site)
        assert found(sites.private_site) == ""
        web_server["headers"] = {}
        assert "without Content-Security-Policy" in found(sites.public_site)
        web_server["status"] = 502
        assert "answers 502" in found(sites.public_site)

    def test_whose_web_server_may_not_read_the_files(self, web_server):
        web_server["files"] = 403

        assert "usermod --append --groups waymark www-data" in found(sites.style_sheet)
        assert found(sites.public_site) == ""

    def test_that_do_not_answer(self, settings):
        settings.PUBLIC_URL = "https://nobody.invalid"
        settings.PRIVATE_URL = "http://127.0.0.1:1"

        assert found(sites.style_sheet) == ""  # the other check reports it
        assert "its name is not known" in found(sites.public_site)
        assert "does not answer" in found(sites.private_site)
