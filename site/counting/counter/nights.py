"""When what is in memory goes into the database: once a night, and never because somebody came."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from counting import services
from counting.counter import noise
from counting.counter.memory import WeekInMemory
from counting.models import week_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.publishing.counted import Cell
    from counting.counter.memory import Draw

HOUR = 3  # of the night, in the time zone of the site


class Nights:
    """What one counter does as time goes by. `printed` returns the pages that there are now."""

    def __init__(
        self, now: dt.datetime, printed: Callable[[], set[Cell]], *, draw: Draw = noise.draw
    ) -> None:
        self.printed = printed
        self.draw = draw
        self.running = WeekInMemory(week_of(now.date()), printed(), draw=draw)
        self.over: list[WeekInMemory] = []
        self.is_started = False
        # What was written in the night before this start is in the database already.
        self.written_on = last_night(now)

    def count(self, language: str, page: str) -> None:
        self.running.count((language, page))

    def pass_to(self, now: dt.datetime) -> bool:
        """Do what is due by a moment, in the time of the site. Returns whether the night's writing was done. Raises what the database raises:
        then the numbers stay in memory, and it is tried again."""
        self.turn_week(now)
        self.running.extend(self.printed())
        if not self.is_started:
            self.running.add(services.start(self.running.week))
            self.is_started = True
        if self.written_on >= last_night(now):
            return False
        while self.over:
            ended = self.over[0]
            services.keep(ended.week, ended.with_noise(), is_over=True)
            self.over.pop(0)
        services.keep(self.running.week, self.running.with_noise(), is_over=False)
        services.finish_before(self.running.week, draw=self.draw)
        self.written_on = last_night(now)
        return True

    def turn_week(self, now: dt.datetime) -> None:
        week = week_of(now.date())
        if week != self.running.week:
            self.over.append(self.running)
            self.running = WeekInMemory(week, draw=self.draw)


def last_night(now: dt.datetime) -> dt.date:
    """Return the day whose writing hour was the last one before a moment."""
    return (now - dt.timedelta(hours=HOUR)).date()
