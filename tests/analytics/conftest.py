import datetime as dt
from collections.abc import Callable

import pytest

from analytics.collector import Collector
from analytics.models import CountedWeek, PageCount, week_of

CELLS = {("de", "finder"), ("de", "lu"), ("en", "finder"), ("en", "lu")}
MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def night(number: int) -> dt.datetime:
    """Return a time just after the writing hour, that many nights after the Monday on which a collector was started."""
    return MONDAY.replace(hour=3) + dt.timedelta(days=number)


def numbers(week: str) -> dict[tuple[str, str], int]:
    return {(row.language, row.page): row.n for row in PageCount.objects.filter(week=week)}


def quiet(at: dt.datetime = MONDAY, cells: set[tuple[str, str]] = CELLS) -> Collector:
    """Return a collector without noise."""
    return Collector(at, lambda: cells, draw=lambda: 0)


@pytest.fixture
def published(db: None) -> Callable[[dict[str, dict[tuple[str, str], int]]], None]:
    """Return a function that publishes numbers, given as week → (language, page) → number."""

    def put(weeks: dict[str, dict[tuple[str, str], int]]) -> None:
        for week, found in weeks.items():
            CountedWeek.objects.create(week=week, state=CountedWeek.State.PUBLISHED, starts=1)
            PageCount.objects.bulk_create(
                PageCount(week=week, language=language, page=page, n=n) for (language, page), n in found.items()
            )

    return put


WEEK = week_of(MONDAY.date())
