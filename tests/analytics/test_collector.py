"""Counts are in memory by day and in the database after the night; behaviour without one of the two."""

import datetime as dt
import io
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError

from analytics import services
from analytics.collector import Collector
from analytics.management.commands import analytics
from analytics.models import CountedWeek, PageCount, may_be_published, week_of
from core.background import stopping
from core.scheduler import declared
from tests.analytics.conftest import CELLS, MONDAY, WEEK, night, numbers, quiet

pytestmark = pytest.mark.django_db
NEXT = "2026-W49"


class TestNight:
    def test_writes_a_number_for_every_page_once(self):
        collector = quiet()
        collector.pass_to(MONDAY)
        for _ in range(3):
            collector.count("de", "lu")
        collector.count("de", "mars")

        written = [collector.pass_to(night(1) + dt.timedelta(minutes=minutes)) for minutes in (-1, 0, 1)]

        assert written == [False, True, False]
        assert numbers(WEEK) == {cell: 3 * (cell == ("de", "lu")) for cell in CELLS}

    def test_rewrites_the_whole_week_each_time(self):
        collector = quiet()
        for day in (1, 2):
            collector.count("de", "lu")
            collector.pass_to(night(day))

        assert numbers(WEEK)["de", "lu"] == 2
        assert PageCount.objects.count() == len(CELLS)

    def test_adds_noise_at_the_start_and_each_night(self):
        noise = [1]
        collector = Collector(MONDAY, lambda: CELLS, draw=lambda: noise[0])
        noise[0] = 100
        collector.pass_to(night(1))
        collector.pass_to(night(2))

        assert set(numbers(WEEK).values()) == {101}  # of the start and of one night, not of two

    def test_is_wrong_in_both_directions_and_right_on_average(self):
        cells = {("de", f"page-{number}") for number in range(400)}
        collector = Collector(MONDAY, lambda: cells)
        for language, page in cells:
            for _ in range(5):
                collector.count(language, page)
        collector.pass_to(night(1))
        wrong = [n - 5 for n in numbers(WEEK).values()]

        assert min(wrong) < -1
        assert max(wrong) > 1
        assert abs(sum(wrong)) < len(wrong)
        assert sum(abs(n) <= 3 for n in wrong) > 0.8 * len(wrong)

    def test_begins_with_what_is_nothing_is_rendered(self):
        cells = {("de", "finder")}
        collector = quiet(cells=cells)
        cells.add(("de", "pt"))
        collector.pass_to(MONDAY)
        collector.count("de", "pt")
        collector.pass_to(night(1))

        assert numbers(WEEK) == {("de", "finder"): 0, ("de", "pt"): 1}


class TestWeek:
    def test_ends_on_monday_and_is_complete_after_the_night(self):
        collector = quiet()
        collector.pass_to(MONDAY)
        collector.count("de", "lu")
        collector.pass_to(night(7) - dt.timedelta(hours=1))
        collector.count("de", "lu")
        collector.count("de", "lu")
        collector.pass_to(night(7))

        assert numbers(WEEK)["de", "lu"] == 1
        assert numbers(NEXT)["de", "lu"] == 2
        assert dict(CountedWeek.objects.values_list("week", "state")) == {WEEK: "complete", NEXT: "running"}

    def test_that_ended_while_nothing_was_counted_is_finished_with_noise(self):
        services.keep(WEEK, {("de", "lu"): 4}, is_over=False)
        collector = quiet(night(14))
        collector.draw = lambda: 10
        collector.pass_to(night(15))

        assert CountedWeek.objects.get(week=WEEK).state == "complete"
        assert numbers(WEEK) == {("de", "lu"): 14}

    @pytest.mark.parametrize(("day", "may"), [("2026-12-06", False), ("2026-12-07", True)])
    def test_may_be_published_a_week_after_its_end(self, day, may):
        today = dt.date.fromisoformat(day)

        assert may_be_published(WEEK, today) is may

    def test_is_published_by_the_scheduler(self):
        services.keep(WEEK, {("de", "lu"): 4}, is_over=True)
        job = next(each for each in declared() if each.name == "publish-pages-shown")

        for day, state in (("2026-12-06", "complete"), ("2026-12-07", "published")):
            with time_machine.travel(f"{day} 12:00"):
                for row in job.items():
                    job.run(row)
            assert CountedWeek.objects.get().state == state

    def test_of_the_turn_of_the_year_is_an_iso_week(self):
        assert week_of(dt.date(2027, 1, 3)) == "2026-W53"


class TestFault:
    def test_of_the_collector_loses_the_counts_since_the_night_and_is_counted(self):
        collector = quiet()
        collector.count("de", "lu")
        collector.pass_to(night(1))
        collector.count("de", "lu")
        again = quiet(night(2) - dt.timedelta(hours=1))  # killed, and started again
        again.pass_to(night(2) - dt.timedelta(minutes=50))
        again.count("de", "lu")
        again.pass_to(night(2))

        assert numbers(WEEK)["de", "lu"] == 2
        assert CountedWeek.objects.get().starts == 2

    def test_of_the_database_loses_nothing(self, monkeypatch):
        collector = quiet()
        collector.pass_to(MONDAY)
        collector.count("de", "lu")
        with monkeypatch.context() as away:
            away.setattr(services, "keep", lost)
            for day in (1, 7, 8):
                with pytest.raises(OperationalError):
                    collector.pass_to(night(day))
                collector.count("de", "lu")
        collector.pass_to(night(8) + dt.timedelta(minutes=1))

        # Three, for the one after the first Monday's failure belongs to the next week.
        assert (numbers(WEEK)["de", "lu"], numbers(NEXT)["de", "lu"]) == (2, 2)

    def test_in_the_middle_of_writing_keeps_the_night_before(self, monkeypatch):
        services.keep(WEEK, {("de", "lu"): 4}, is_over=False)
        monkeypatch.setattr(CountedWeek.objects, "update_or_create", lost)

        with pytest.raises(OperationalError):
            services.keep(WEEK, {("de", "lu"): 5}, is_over=True)

        assert numbers(WEEK) == {("de", "lu"): 4}


def lost(*_args, **_kwargs):
    raise OperationalError


def run(command: str, *, stderr: io.StringIO) -> None:
    """Run a command in a separate thread.

    A browser test may have left an event loop running in this one, and asyncio refuses a second.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(call_command, command, stdout=io.StringIO(), stderr=stderr).result()


class TestCommand:
    def test_refuses_where_nothing_is_counted(self):
        with pytest.raises(CommandError, match="WAYMARK_ANALYTICS=1"):
            call_command("analytics")

    @pytest.fixture
    def ending(self, settings, monkeypatch):
        """Count pages, and stop the process at its third look at the clock.

        Return the looks.
        """
        settings.ANALYTICS = True
        settings.COLLECTOR = f"127.0.0.1:{int(os.environ['PORT']) + 2}"
        looks, told = [], threading.Event()
        monkeypatch.setattr(stopping, "on_signals", lambda: nullcontext(told))

        def look(self, now):
            looks.append(now)
            if len(looks) < 3:
                raise OperationalError
            told.set()

        monkeypatch.setattr("analytics.collector.Collector.pass_to", look)
        monkeypatch.setattr(analytics, "PAUSE", 0.01)
        return looks

    def test_waits_for_the_database_and_stops_on_a_signal(self, ending):
        said, before = io.StringIO(), threading.active_count()

        run("analytics", stderr=said)

        assert len(ending) == 3
        assert said.getvalue().count("stay in memory") == 1
        assert threading.active_count() <= before

    def test_reports_that_another_one_is_running(self, ending, settings):
        host, _colon, port = settings.COLLECTOR.rpartition(":")
        with socket.create_server((host, int(port))), pytest.raises(CommandError, match="another one"):
            run("analytics", stderr=io.StringIO())
