"""Two machines, each with its own folder: both render every change, and each applies the other's withdrawals."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import declarations, monitoring, scheduler
from core.background import worker
from core.background.processes import SCHEDULER, WORKER
from core.models import Picture
from core.postgresql import replica
from core.publishing.routes import AppRoute
from home.models import StandardPage
from prerender import addresses, services, tasks
from prerender.models import PendingPath, PrerenderedPath, PrerenderHost, Withdrawal
from prerender.services import prerender_lock
from prerender.store import hosts, repair
from prerender.store.files import FileStore
from tests.factories.core import StandardPageFactory
from tests.prerender.conftest import showing
from tests.prerender.test_pictures import drawn, public_pictures, shown_on
from tests.support.cached_fixtures import cached_fixture
from tests.support.publishing import publish_page

type On = Callable[[str], AbstractContextManager[FileStore]]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_pages", "without_error_pages")]


@pytest.fixture
def without_error_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render no error pages, which each machine would render in each test."""
    monkeypatch.setattr(addresses, "of_errors", lambda: iter(()))


@pytest.fixture
def on(settings) -> On:
    """`with on("b") as folder:` is work on machine b, which does the tasks of its own queue."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
    root = Path(settings.PRERENDER_ROOT)  # the folder that a cached fixture copies

    @contextmanager
    def on(name: str) -> Iterator[FileStore]:
        before = settings.PRERENDER_HOST, settings.PRERENDER_ROOT
        settings.PRERENDER_HOST, settings.PRERENDER_ROOT = name, root / name
        try:
            yield FileStore()
        finally:
            settings.PRERENDER_HOST, settings.PRERENDER_ROOT = before

    return on


@pytest.fixture
@cached_fixture
def picture(home) -> Picture:
    return drawn()


@pytest.fixture
@cached_fixture
def about(home, picture, on, commit) -> StandardPage:
    """A page with a picture.

    Both machines have joined and rendered it; nothing is left to do.
    """
    with commit():
        page = StandardPageFactory(parent=home, slug="about", introduction="The old words.", body=showing(picture))
        publish_page(page)
    for name in ("a", "b"):
        with on(name), commit():
            hosts.attend()
            services.render_due()
    with on("a"):
        services.render_due()
    DBTaskResult.objects.all().delete()
    return page


def words(folder: FileStore) -> str:
    return folder.file("/en/about/").read_text()


def work() -> None:
    """Do the tasks that the worker of this machine does."""
    one = worker.Worker()
    while one.do_next():
        pass


def waiting() -> set[tuple[str, str]]:
    return set(DBTaskResult.objects.ready().values_list("queue_name", "task_path"))


class TestChanges:
    def test_are_rendered_on_each_machine(self, on, about, commit):
        with on("a") as here, commit():
            about.introduction = "The new words."
            publish_page(about)
        with on("a"):
            work()
            assert "The new words." in words(here)
        with on("b") as there:
            assert "The old words." in words(there)
            work()
            assert "The new words." in words(there)

        assert not PendingPath.everywhere.exists()
        assert PrerenderedPath.everywhere.filter(path="/en/about/").count() == 2

    def test_are_not_dropped_where_one_machine_renders_everything(self, on, about, commit):
        with on("a"), commit():
            about.introduction = "The new words."
            publish_page(about)
            services.render_all()
        with on("b") as there:
            services.render_due()

            assert "The new words." in words(there)

    def test_wait_in_one_task_for_a_machine_that_is_unavailable(self, on, about, commit):
        for number in range(3):
            with on("a"), commit():
                about.introduction = f"Words {number}."
                publish_page(about)

        assert DBTaskResult.objects.filter(queue_name="prerender b").count() == 1

    def test_are_rendered_on_both_at_the_same_time(self, on, about):
        with on("a"), prerender_lock() as one, on("b"), prerender_lock() as other:
            assert one
            assert other

    def test_that_lost_their_task_are_found_by_the_scheduler_of_any_machine(self, on, about, commit):
        with on("b"):
            PendingPath.objects.create(path="/en/about/", kind="page", source=str(about.pk))
        with on("a"), commit():
            tasks.queue_leftovers()

        assert ("prerender b", "prerender.tasks.render_changes") in waiting()


class TestWithdrawal:
    def test_takes_the_page_from_each_machine_before_anything_is_rendered(self, on, about, commit):
        with on("a") as here, commit():
            about.unpublish()
        assert not here.file("/en/about/").exists()
        with on("b") as there:
            assert there.file("/en/about/").exists()

            hosts.attend()

            assert not there.file("/en/about/").exists()
            assert not public_pictures(there)
            assert not PrerenderedPath.objects.filter(path="/en/about/").exists()
        assert not Withdrawal.objects.exists()

    def test_reaches_a_machine_that_alone_has_the_page(self, on, about, commit):
        with on("a"):
            services.take_away(["/en/about/"])
        with on("a"), commit():
            about.unpublish()
        with on("b") as there:
            hosts.attend()

            assert not there.file("/en/about/").exists()

    def test_leaves_a_page_that_is_public_again(self, on, about, commit):
        with on("a"), commit():
            about.unpublish()
        with on("a"), commit():
            publish_page(about)
        with on("b") as there:
            hosts.attend()

            assert there.file("/en/about/").exists()

    def test_takes_a_package_from_each_machine_which_renders_it_again(self, on, about, declare):
        class Kits(AppRoute):
            packs_files = True

            def addresses(self) -> list[str]:
                return ["/en/kit.zip"]

        declare(routes=[Kits()])
        for name in ("a", "b"):
            with on(name) as folder:
                folder.file("/en/kit.zip").write_bytes(b"with a poster")
        with on("a") as here:
            services.purge_packages(["/en/kit.zip", "/en/about/"])
            assert not here.file("/en/kit.zip").exists()
        with on("b") as there:
            hosts.attend()

            assert not there.file("/en/kit.zip").exists()
            assert there.file("/en/about/").exists()
            assert [due.path for due in PendingPath.objects.all()] == ["/en/kit.zip"]

    def test_takes_a_deleted_picture_from_each_machine(self, on, about, picture, commit):
        with on("b") as there:
            (shown,) = shown_on(there, "/en/about/")
        with on("a"), commit():
            picture.delete()
        with on("b"):
            assert there.file(shown).exists()

            hosts.attend()

            assert not there.file(shown).exists()

    def test_waits_for_the_replica(self, on, about, commit, monkeypatch):
        waited = []
        monkeypatch.setattr(replica, "wait_until_replayed", lambda: waited.append(about.pk))

        with on("a"), commit():
            about.unpublish()

        assert waited

    def test_is_measured_until_each_machine_has_done_it(self, on, about, commit):
        metric = next(each for each in monitoring.declared() if each.name == "waymark_prerender_withdrawn_seconds")
        assert monitoring.read(metric).value == 0
        with on("a"), commit():
            about.unpublish()
        Withdrawal.objects.update(noted_at=timezone.now() - timedelta(minutes=2))

        assert monitoring.read(metric).is_beyond


class TestMachines:
    def test_begin_with_an_empty_folder(self, on, about, commit):
        with on("c") as fresh:
            fresh.file("/en/stale/").parent.mkdir(parents=True)
            fresh.file("/en/stale/").write_text("A wrong number.")
            with commit():
                hosts.attend()

            assert not fresh.file("/en/stale/").exists()
            assert fresh.is_being_prepared
            assert ("prerender c", "prerender.tasks.render_changes") in waiting()
            work()
            assert "The old words." in words(fresh)
            assert not fresh.is_being_prepared

    def test_that_are_there_join_once_and_say_that_they_are_there(self, on, about):
        long_ago = timezone.now() - timedelta(days=2)
        PrerenderHost.objects.update(seen_at=long_ago)

        with on("b") as there:
            hosts.attend()

            assert there.file("/en/about/").exists()
        assert set(PrerenderHost.objects.filter(seen_at=long_ago).values_list("name", flat=True)) == {"a"}

    def test_are_forgotten_after_a_long_silence_and_then_start_over(self, on, about, commit):
        PrerenderHost.objects.filter(name="b").update(seen_at=timezone.now() - timedelta(days=8))
        with on("a"), commit():
            about.unpublish()
        next(job for job in scheduler.declared() if job.name == "prerender-hosts").run()

        assert PrerenderHost.objects.names() == ["a"]
        assert not PrerenderedPath.everywhere.filter(host="b").exists()
        assert not PendingPath.everywhere.filter(host="b").exists()
        assert not Withdrawal.objects.exists()
        assert not DBTaskResult.objects.filter(queue_name="prerender b").exists()
        with on("b") as there:
            hosts.attend()

            assert not there.file("/en/about/").exists()

    def test_are_forgotten_by_an_operator(self, on, about, capsys):
        call_command("prerender", "--forget", "b")

        assert PrerenderHost.objects.names() == ["a"]
        assert "b is forgotten" in capsys.readouterr().out
        with pytest.raises(CommandError, match="no machine called b"):
            call_command("prerender", "--forget", "b")

    def test_start_over_after_a_restore(self, on, about):
        with on("a"):
            said = list(declarations.perform("after_restore"))

            assert PrerenderHost.objects.names() == ["a"]
            assert PrerenderedPath.objects.filter(path="/en/about/").exists()
        assert not PrerenderedPath.everywhere.filter(host="b").exists()
        assert "These machines begin with an empty folder: b." in said

    def test_repair_their_own_folders(self, on, about, commit, monkeypatch):
        monkeypatch.setattr(repair, "PARTS", 1)
        with on("b") as there:
            there.file("/en/about/").write_text("Damaged.")
        with on("a"), commit():
            repair.repair_everywhere()
            assert not PendingPath.objects.exists()
        with on("b"):
            work()
            services.render_due()

            assert "The old words." in words(there)


class TestAttendance:
    def test_goes_on_after_any_error(self, monkeypatch):
        problems, stopped = [OperationalError(), OSError("Read-only file system")], threading.Event()

        def attend() -> None:
            if problems:
                raise problems.pop()
            stopped.set()

        monkeypatch.setattr(hosts, "attend", attend)
        monkeypatch.setattr(hosts, "LOOKS_EVERY", 0.001)
        attending = threading.Thread(target=hosts.keep_attending, args=[stopped])
        attending.start()
        attending.join(10)

        assert stopped.is_set()

    @pytest.mark.parametrize(
        ("name", "process", "expected"),
        [("a", WORKER, True), ("a", SCHEDULER, True), ("a", "private", False), ("", WORKER, False)],
    )
    def test_is_the_business_of_worker_and_scheduler_where_there_are_several_folders(
        self, settings, monkeypatch, name, process, expected
    ):
        began = threading.Event()
        monkeypatch.setattr(hosts, "keep_attending", lambda stopped: began.set())
        settings.PRERENDER_HOST = name

        hosts.accompany(process)

        assert began.wait(5 if expected else 0.1) is expected
