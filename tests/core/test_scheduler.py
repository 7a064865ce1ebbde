"""Due items are handled once and on time, and the failure of one stops no other."""

import contextlib
import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoDbBlocker
from wagtail.models import Page, PageLogEntry, Revision

from core import scheduler
from core.models import JobRun
from core.scheduler import Job, jobs, scheduled_publishing
from home.models import HomePage, StandardPage
from tests.factories.core import StandardPageFactory
from tests.support.forks import Forks, forking
from tests.support.scheduler import only_due
from tests.support.server import process_environment
from tests.support.waiting import wait_until

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def job(declare: Callable[..., None]) -> Callable[..., Job]:
    """Return a function that declares a job for a scheduler without other jobs."""
    declare(jobs=[])

    def job(name: str = "sweep", run: Callable[..., object] = lambda: None, **more: object) -> Job:
        made = Job(name=name, title=name, run=run, every=timedelta(hours=1), **more)
        declare(jobs=[*scheduler.declared(), made])
        return made

    return job


def scheduled(home: HomePage, slug: str, at: datetime) -> StandardPage:
    """Return a draft page whose publication was approved for `at`."""
    page = StandardPage(title=slug, slug=slug, locale=home.locale, live=False, introduction="First")
    home.add_child(instance=page)
    page.go_live_at = at
    with time_machine.travel(min(at, timezone.now()) - timedelta(minutes=5), tick=False):
        page.save_revision().publish()
    page.refresh_from_db()
    assert not page.live
    return page


class TestDue:
    def test_a_job_that_was_never_done_is_due(self, job):
        assert scheduler.is_due(job(), None, NOON)

    @pytest.mark.parametrize(
        ("finished", "after", "is_due"),
        [
            pytest.param(NOON, timedelta(minutes=59), False, id="waits for its time"),
            pytest.param(NOON, timedelta(minutes=60), True, id="its time has come"),
            pytest.param(None, timedelta(seconds=1), True, id="was cut short"),
            pytest.param(NOON, timedelta(days=-300), True, id="the clock was set back"),
        ],
    )
    def test_a_job_is_due_by_its_last_run(self, job, finished, after, is_due):
        last = JobRun(name="sweep", started_at=NOON, finished_at=finished)

        assert scheduler.is_due(job(), last, NOON + after) is is_due

    @pytest.mark.parametrize("night", [(2026, 3, 29), (2026, 10, 25)], ids=["spring", "autumn"])
    def test_a_day_has_24_hours_when_the_clocks_change(self, job, night):
        daily = Job(name="daily", title="Daily", run=lambda: None, every=timedelta(days=1))
        started = datetime(*night, tzinfo=ZoneInfo("Europe/Brussels"))
        last = JobRun(name="daily", started_at=started, finished_at=started)
        utc = started.astimezone(UTC)

        assert not scheduler.is_due(daily, last, utc + timedelta(hours=23, minutes=59))
        assert scheduler.is_due(daily, last, utc + timedelta(hours=24))


@pytest.mark.django_db
class TestNextRun:
    def at(self, *moments: datetime) -> Callable[[datetime], datetime | None]:
        return lambda after: min((moment for moment in moments if moment > after), default=None)

    def test_end_the_sleep_of_the_scheduler(self, job):
        job(next_run_at=self.at(NOON))

        with time_machine.travel(NOON - timedelta(seconds=2), tick=False):
            assert scheduler.seconds_until_next(5) == 2
        with time_machine.travel(NOON - timedelta(hours=2), tick=False):
            assert scheduler.seconds_until_next(5) == 5

    def test_are_kept_although_the_interval_is_not_over(self, job):
        done: list[object] = []
        job(run=lambda: done.append(1), next_run_at=self.at(NOON))

        for seconds in (-60, -1, 0, 1):
            with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
                scheduler.tick()

        assert len(done) == 2  # the first time, and at noon

    def test_interrupt_another_job_between_two_of_its_items(self, job):
        done: list[object] = []
        with time_machine.travel(NOON - timedelta(seconds=1), tick=False) as now:
            prompt = job("prompt", run=lambda: done.append("prompt"), next_run_at=self.at(NOON))
            scheduler.tick()

            def slow(item: int) -> None:
                done.append(item)
                now.move_to(NOON)

            job("slow", run=slow, items=lambda: [1, 2])
            scheduler.tick()

        assert prompt in scheduler.declared()
        assert done == ["prompt", 1, "prompt", 2]

    def test_are_not_missed_for_work_that_cannot_be_interrupted(self, job):
        done: list[object] = []
        job("letters", run=lambda: done.append("letters"), own_transactions=True)
        job("prompt", run=lambda: done.append("prompt"), next_run_at=self.at(NOON))

        for seconds in (-10, 0, 1):
            with time_machine.travel(NOON + timedelta(seconds=seconds), tick=False):
                scheduler.tick()

        assert done == ["prompt", "prompt", "letters"]

    def test_of_a_job_that_fails_do_not_keep_the_scheduler_awake(self, job):
        def fails() -> None:
            raise ValueError("broken")

        job(run=fails, next_run_at=self.at(NOON))
        with time_machine.travel(NOON, tick=False):
            scheduler.tick()

            assert scheduler.seconds_until_next(5) == 5

    def test_of_the_schedule_are_those_of_pages_that_go_live_or_are_taken_down(self, home):
        scheduled(home, "later", NOON)
        StandardPage.objects.filter(slug="later").update(live=True, expire_at=NOON + timedelta(hours=1))

        assert scheduled_publishing.next_run_at(NOON - timedelta(days=1)) == NOON
        assert scheduled_publishing.next_run_at(NOON) == NOON + timedelta(hours=1)
        assert scheduled_publishing.next_run_at(NOON + timedelta(hours=1)) is None


@pytest.mark.django_db
class TestTick:
    def test_does_each_thing_that_is_due(self, job):
        done: list[int] = []
        job(run=done.append, items=lambda: [1, 2, 3])

        scheduler.tick()

        assert done == [1, 2, 3]

    def test_a_broken_thing_is_reported_and_stops_neither_the_next_nor_the_other_jobs(self, job, caplog):
        done: list[object] = []

        def run(item: int) -> None:
            if item == 1:
                raise ValueError("no such colour")
            done.append(item)

        job("paint", run=run, items=lambda: [1, 2])
        job("sweep", run=lambda: done.append("swept"))

        scheduler.tick()

        assert done == [2, "swept"]
        paint = JobRun.objects.get(name="paint")
        assert (paint.done, paint.failures) == (1, [{"item": "1", "error": "ValueError: no such colour"}])
        assert paint.succeeded_at is None
        assert "no such colour" in caplog.text

    def test_a_thing_that_the_database_refuses_is_reported_without_its_words(self, job, caplog):
        """The database's message may quote the row."""
        address = "ana@example.org"

        def run() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s::integer", [address])

        job("paint", run=run)

        scheduler.tick()

        assert [failure["error"] for failure in JobRun.objects.get(name="paint").failures] == ["DataError"]
        assert "DataError" in caplog.text
        assert "ana@" not in caplog.text

    def test_what_keeps_failing_is_logged_once(self, job, caplog):
        def run(item: int) -> None:
            raise ValueError

        job(run=run, items=lambda: [1])

        scheduler.tick()
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            scheduler.tick()

        assert len(caplog.records) == 1

    def test_a_broken_thing_leaves_nothing_half_written(self, job, home):
        def run(item: int) -> None:
            Page.objects.filter(pk=home.pk).update(title="Half")
            raise ValueError

        job(run=run, items=lambda: [1])

        scheduler.tick()

        home.refresh_from_db()
        assert home.title == "Home"

    def test_what_cannot_be_listed_stops_no_other_job(self, job):
        done: list[str] = []

        def items() -> list[int]:
            raise LookupError("which ones?")

        job("paint", items=items)
        job("sweep", run=lambda: done.append("swept"))

        scheduler.tick()

        assert done == ["swept"]
        assert JobRun.objects.get(name="paint").failures[0]["error"] == "LookupError: which ones?"

    def test_stops_between_two_things_and_takes_the_rest_up_again(self, job):
        done: list[int] = []
        job(run=done.append, items=lambda: [item for item in (1, 2, 3) if item not in done])

        scheduler.tick(stop=lambda: len(done) == 1)
        scheduler.tick()

        assert done == [1, 2, 3]

    def test_lists_late_jobs(self, job):
        job("paint")
        sweep = job("sweep")
        scheduler.tick()
        JobRun.objects.filter(name="sweep").update(finished_at=timezone.now() - timedelta(hours=2))

        assert scheduler.late() == [sweep]

    def test_takes_no_job_for_late_that_is_at_work(self, job):
        sweep = job("sweep")
        scheduler.tick()
        at_work = JobRun.objects.filter(name="sweep")

        at_work.update(finished_at=None, started_at=timezone.now() - timedelta(minutes=4))
        assert scheduler.late() == []
        at_work.update(started_at=timezone.now() - timedelta(minutes=6))
        assert scheduler.late() == [sweep]


@pytest.mark.django_db
class TestScheduledPublishing:
    @pytest.fixture(autouse=True)
    def _only_this(self, declare):
        publish = Job(
            name="publish",
            title="Publish",
            every=timedelta(seconds=15),
            items=scheduled_publishing.due,
            run=scheduled_publishing.carry_out,
        )
        declare(jobs=[publish])

    def test_publishes_what_is_due_and_nothing_else(self, home):
        due = scheduled(home, "due", NOON)
        later = scheduled(home, "later", NOON + timedelta(minutes=2))

        with time_machine.travel(NOON + timedelta(minutes=1)):
            scheduler.tick()

        due.refresh_from_db()
        later.refresh_from_db()
        assert (due.live, later.live) == (True, False)

    def test_publishes_once(self, home):
        page = scheduled(home, "due", NOON)

        for minutes in (1, 2, 3):
            with time_machine.travel(NOON + timedelta(minutes=minutes)):
                scheduler.tick()

        assert PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish.scheduled").count() == 1

    def test_takes_down_what_has_expired(self, home):
        page = StandardPageFactory(parent=home, slug="gone", expire_at=NOON)
        Page.objects.filter(pk=page.pk).update(live=True, expired=False)

        with time_machine.travel(NOON + timedelta(minutes=1)):
            scheduler.tick()

        page.refresh_from_db()
        assert (page.live, page.expired) == (False, True)

    def test_what_is_over_before_the_scheduler_ran_does_not_stay(self, home):
        page = scheduled(home, "missed", NOON)
        page.expire_at = NOON + timedelta(hours=1)
        with time_machine.travel(NOON - timedelta(hours=1)):
            page.save_revision().publish()

        with time_machine.travel(NOON + timedelta(days=1)):
            scheduler.tick()

        page.refresh_from_db()
        assert (page.live, page.expired) == (False, True)

    def test_a_failed_publication_keeps_its_schedule_and_the_next_one_goes_out(self, home, monkeypatch):
        broken = scheduled(home, "broken", NOON)
        sound = scheduled(home, "sound", NOON + timedelta(seconds=1))
        save = StandardPage.save

        def refuse(self: StandardPage, *args: object, **kwargs: object) -> None:
            if self.slug == "broken" and self.live:
                raise RuntimeError("the disk is full")
            save(self, *args, **kwargs)

        monkeypatch.setattr(StandardPage, "save", refuse)
        with time_machine.travel(NOON + timedelta(minutes=1)):
            scheduler.tick()
        sound.refresh_from_db()
        assert sound.live
        assert JobRun.objects.get().failures[0]["error"] == "RuntimeError: the disk is full"

        monkeypatch.undo()
        with time_machine.travel(NOON + timedelta(minutes=2)):
            call_command("scheduler", once=True)

        broken.refresh_from_db()
        assert broken.live

    def test_a_publication_that_was_refused_in_silence_is_reported(self, home, monkeypatch):
        page = scheduled(home, "refused", NOON)
        monkeypatch.setattr(StandardPage, "publish", lambda *args, **kwargs: None)

        with time_machine.travel(NOON + timedelta(minutes=1)):
            scheduler.tick()

        assert JobRun.objects.get().failures[0]["error"].startswith("NotPublishedError")
        assert Revision.objects.filter(object_id=str(page.pk), approved_go_live_at=NOON).exists()

    def test_an_editor_who_was_quicker_wins(self, home):
        page = scheduled(home, "withdrawn", NOON)
        with time_machine.travel(NOON + timedelta(minutes=1)):
            [item] = scheduled_publishing.due()
            Revision.objects.filter(pk=item.revision).update(approved_go_live_at=None)

            with transaction.atomic():
                scheduled_publishing.carry_out(item)

        page.refresh_from_db()
        assert not page.live

    def test_a_schedule_whose_page_is_gone_is_forgotten(self, home):
        page = scheduled(home, "deleted", NOON)
        revision = page.latest_revision
        Page.objects.get(pk=page.pk).delete()
        revision.pk = None
        revision.save()

        with time_machine.travel(NOON + timedelta(minutes=1)):
            scheduler.tick()

        assert not Revision.objects.filter(approved_go_live_at__isnull=False).exists()

    def test_half_past_two_comes_twice_in_the_autumn_night(self, home):
        brussels = ZoneInfo("Europe/Brussels")
        first = scheduled(home, "first", datetime(2026, 10, 25, 2, 30, tzinfo=brussels, fold=0))
        second = scheduled(home, "second", datetime(2026, 10, 25, 2, 30, tzinfo=brussels, fold=1))

        with time_machine.travel(datetime(2026, 10, 25, 0, 31, tzinfo=UTC)):
            scheduler.tick()
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.live, second.live) == (True, False)

        with time_machine.travel(datetime(2026, 10, 25, 1, 31, tzinfo=UTC)):
            scheduler.tick()

        second.refresh_from_db()
        assert second.live

    def test_half_past_two_that_never_comes_in_the_spring_night_is_an_hour_later(self, home):
        page = scheduled(home, "gap", datetime(2027, 3, 28, 2, 30, tzinfo=ZoneInfo("Europe/Brussels")))

        with time_machine.travel(datetime(2027, 3, 28, 1, 29, tzinfo=UTC)):
            scheduler.tick()
        page.refresh_from_db()
        assert not page.live

        with time_machine.travel(datetime(2027, 3, 28, 1, 31, tzinfo=UTC)):
            scheduler.tick()

        page.refresh_from_db()
        assert page.live


@pytest.mark.django_db
class TestRetention:
    def test_deletes_expired_sessions(self):
        Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(days=1))
        Session.objects.create(session_key="new", expire_date=timezone.now() + timedelta(days=1))

        jobs.delete_expired_sessions()

        assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]

    def test_deletes_task_results_after_two_weeks(self):
        for age in (13, 15):
            DBTaskResult.objects.create(
                task_path=f"{age}", backend_name="default", status="SUCCESSFUL", args_kwargs={},
                finished_at=timezone.now() - timedelta(days=age),
            )  # fmt: skip

        jobs.delete_finished_tasks()

        assert list(DBTaskResult.objects.values_list("task_path", flat=True)) == ["13"]

    def test_keeps_of_old_versions_what_is_live_and_what_is_newest(self, home):
        with time_machine.travel(timezone.now() - timedelta(days=400)):
            page = StandardPageFactory(parent=home, slug="aged")
            first = page.latest_revision
            page.save_revision()
            page.save_revision().publish()
            page.refresh_from_db()
            live = page.live_revision
            middle = page.save_revision()
            newest = page.save_revision()

        jobs.delete_old_revisions()

        kept = set(Revision.objects.filter(object_id=str(page.pk)).values_list("pk", flat=True))
        assert {live.pk, newest.pk} <= kept
        assert not {first.pk, middle.pk} & kept

    def test_deletes_expired_cache_entries(self, settings):
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
        call_command("createcachetable", verbosity=0)
        from django.core.cache import cache

        cache.set("kept", 1, 600)
        with time_machine.travel(timezone.now() - timedelta(hours=1)):
            cache.set("expired", 1, 60)

        jobs.delete_expired_cache()

        with connection.cursor() as cursor:
            cursor.execute("SELECT cache_key FROM cache")
            assert [key for (key,) in cursor.fetchall()] == [":1:kept"]


@pytest.mark.django_db
class TestCommand:
    def test_reports_the_runs_and_fails_if_one_failed(self, job, capsys):
        def run(item: int) -> None:
            raise ValueError("no such colour")

        job("paint", run=run, items=lambda: ["door"])

        with pytest.raises(CommandError, match="paint"):
            call_command("scheduler", once=True)

        assert "door: ValueError: no such colour" in capsys.readouterr().err

    def test_reports_that_nothing_was_due(self, job, capsys):
        call_command("scheduler", once=True)

        assert "Nothing was due." in capsys.readouterr().out


class Forwarder:
    """A connection to the database that can be cut."""

    def __init__(self) -> None:
        at = connection.get_connection_params()
        self.target = f"{at['host']}/.s.PGSQL.{at.get('port') or 5432}"
        self.port = 0
        self.open()

    def open(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listening.getsockname()[1]
        self.ends: list[socket.socket] = []
        threading.Thread(target=self.accept, args=(self.listening,), daemon=True).start()

    def accept(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.target)
                self.ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self.pass_on, args=(source, sink), daemon=True).start()

    def pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)

    def cut(self) -> None:
        # Only shutting a socket down releases a thread that waits on it.
        for end in [self.listening, *self.ends]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Runner:
    """A scheduler in its own process, over the tests' database."""

    def __init__(self, forks: Forks, folder: Path, *arguments: str) -> None:
        self.log = folder / f"scheduler-{time.monotonic_ns()}.log"
        self.log.touch()
        self.process = forks.start("scheduler", *arguments, stdout=self.log)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def end(self, number: int, seconds: float = 20) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)


def scheduler_environment(database: str | None = None) -> dict[str, str]:
    return process_environment(database=database, WAYMARK_LOG_FORMAT="json")


@pytest.fixture(scope="module")
def forks(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Forks]:
    with django_db_blocker.unblock():
        environment = scheduler_environment()
    with forking(environment) as made:
        yield made


def is_live(page: StandardPage) -> bool:
    return bool(StandardPage.objects.values_list("live", flat=True).get(pk=page.pk))


def waits_for_a_lock() -> bool:
    """Return whether a connection to this database waits for a lock.

    The server also has the databases of other workers.
    """
    with connection.cursor() as cursor:
        # A lock on a row names no database, but a process that waits for one holds another lock that does.
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT held.pid FROM pg_locks AS held "
            "JOIN pg_database AS here ON here.oid = held.database WHERE here.datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
class TestProcess:
    @pytest.fixture
    def start(self, forks: Forks, tmp_path: Path) -> Iterator[Callable[..., Runner]]:
        runners: list[Runner] = []
        with contextlib.ExitStack() as more:

            def start(*arguments: str, database: str = "") -> Runner:
                own = more.enter_context(forking(scheduler_environment(database))) if database else forks
                runners.append(Runner(own, tmp_path, *arguments))
                return runners[-1]

            yield start
            for runner in runners:
                runner.process.kill()
                runner.process.wait()

    @pytest.fixture
    def pages(self, home: HomePage) -> list[StandardPage]:
        """Return three pages that have just become due, in this order.

        Nothing else is due, and the cache table exists.
        """
        call_command("createcachetable", "cache", verbosity=0)
        only_due("publish")
        now = timezone.now()
        return [scheduled(home, slug, now - timedelta(seconds=9 - n)) for n, slug in enumerate(["one", "two", "three"])]

    @contextlib.contextmanager
    def in_the_way(self, page: StandardPage) -> Iterator[None]:
        """Lock a page, which blocks a process that publishes it half-way."""
        with transaction.atomic():
            Page.objects.select_for_update(no_key=True).get(pk=page.pk)
            yield

    def publications(self, page: StandardPage) -> int:
        return PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish.scheduled").count()

    def test_killed_in_the_middle_of_a_publication_it_loses_and_repeats_nothing(self, start, pages):
        _one, two, _three = pages
        with self.in_the_way(two):
            runner = start()
            wait_until(waits_for_a_lock)
            runner.end(signal.SIGKILL)
            assert [is_live(page) for page in pages] == [True, False, False]

        wait_until(lambda: not waits_for_a_lock())
        assert Revision.objects.filter(approved_go_live_at__isnull=False).count() == 2
        again = start("--once")
        assert again.process.wait(60) == 0, again.output()

        assert [is_live(page) for page in pages] == [True, True, True]
        assert [self.publications(page) for page in pages] == [1, 1, 1]

    def test_two_runners_do_nothing_twice(self, start, pages):
        _one, two, _three = pages
        with self.in_the_way(two):
            first = start()
            wait_until(waits_for_a_lock)
            second = start("--once")
            assert second.process.wait(60) == 1
            assert "Another scheduler is already running" in second.output()

        wait_until(lambda: all(is_live(page) for page in pages))
        assert first.end(signal.SIGTERM) == 0
        assert [self.publications(page) for page in pages] == [1, 1, 1]

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_stops_cleanly_on_a_signal(self, start, pages, number):
        runner = start()
        wait_until(lambda: all(is_live(page) for page in pages))

        assert runner.end(number) == 0
        assert runner.output() == ""  # successful runs are not logged

    def test_finishes_what_it_is_doing_before_it_stops(self, start, pages):
        _one, two, _three = pages
        with self.in_the_way(two):
            runner = start()
            wait_until(waits_for_a_lock)
            runner.process.send_signal(signal.SIGTERM)

        assert runner.process.wait(20) == 0
        assert [is_live(page) for page in pages] == [True, True, False]

    def test_waits_for_a_lost_database_and_goes_on(self, start, home):
        only_due("publish")
        way = Forwarder()
        at = connection.get_connection_params()
        runner = start(database=f"postgres://{at['user']}@127.0.0.1:{way.port}/{connection.settings_dict['NAME']}")
        wait_until(lambda: JobRun.objects.filter(name="publish", finished_at__isnull=False).exists())

        way.cut()
        wait_until(lambda: "The scheduler is waiting for it" in runner.output())
        page = scheduled(home, "after", timezone.now() - timedelta(seconds=1))
        assert runner.process.poll() is None
        way.open()

        wait_until(lambda: is_live(page), seconds=60)
        wait_until(lambda: "The scheduler continues" in runner.output())
        assert runner.end(signal.SIGTERM) == 0
        assert {"time", "message"} <= set.intersection(
            *(set(json.loads(line)) for line in runner.output().splitlines())
        )
