"""Every write of numbers.

All numbers of a week are written together, at a fixed hour that no visit influences.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy

from analytics.models import CountedWeek, PageCount, may_be_published
from core.publishing.counted import Cell
from core.scheduler import Job

State = CountedWeek.State


@transaction.atomic
def start(week: str) -> dict[Cell, int]:
    """Record that the collector was started, and return the stored numbers of this week."""
    row, _made = CountedWeek.objects.get_or_create(week=week)
    CountedWeek.objects.filter(pk=row.pk).update(starts=F("starts") + 1)
    return {(each.language, each.page): each.n for each in PageCount.objects.filter(week=week)}


@transaction.atomic
def keep(week: str, numbers: Mapping[Cell, int], *, is_over: bool) -> None:
    """Write all numbers of a week, replacing those of the night before."""
    state = State.COMPLETE if is_over else State.RUNNING
    CountedWeek.objects.update_or_create(week=week, defaults={"state": state})
    PageCount.objects.bulk_create(
        [PageCount(week=week, language=language, page=page, n=n) for (language, page), n in numbers.items()],
        update_conflicts=True,
        unique_fields=["week", "language", "page"],
        update_fields=["n"],
    )


@transaction.atomic
def finish_before(week: str, *, draw: Callable[[], int]) -> None:
    """Finish earlier weeks that ended while nothing was counted: their numbers get noise once more."""
    for row in CountedWeek.objects.filter(week__lt=week, state=State.RUNNING):
        stored = PageCount.objects.filter(week=row.week)
        keep(row.week, {(each.language, each.page): each.n + draw() for each in stored}, is_over=True)


def to_publish() -> Iterable[CountedWeek]:
    """Return the complete weeks that have been over for long enough."""
    today = timezone.localdate()
    complete = CountedWeek.objects.filter(state=State.COMPLETE)
    return [row for row in complete if may_be_published(row.week, today)]


def publish(row: CountedWeek) -> None:
    """Publish a week.

    Saving invalidates the files.
    """
    row.state = State.PUBLISHED
    row.save(update_fields=["state"])


JOBS = [
    Job(
        name="publish-pages-shown",
        title=gettext_lazy("Publish how often pages were shown, a week later"),
        every=timedelta(hours=1),
        items=to_publish,
        run=publish,
    )
]
