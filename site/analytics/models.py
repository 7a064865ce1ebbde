"""Weekly numbers of the pages that were shown.

No column could hold a person or a time.
"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# A published week has been over for at least this long.
DELAY = dt.timedelta(days=7)


def week_of(day: dt.date) -> str:
    """Return the ISO week of a day, such as `2026-W48`."""
    return f"{day:%G-W%V}"


def monday_of(week: str) -> dt.date:
    return dt.date.fromisoformat(f"{week}-1")


def may_be_published(week: str, today: dt.date) -> bool:
    return monday_of(week) + dt.timedelta(days=7) + DELAY <= today


class CountedWeekQuerySet(models.QuerySet["CountedWeek"]):
    def complete(self) -> CountedWeekQuerySet:
        return self.exclude(state=CountedWeek.State.RUNNING)

    def published(self) -> CountedWeekQuerySet:
        return self.filter(state=CountedWeek.State.PUBLISHED)


class CountedWeek(models.Model):
    """A week in which pages are counted."""

    class State(models.TextChoices):
        RUNNING = "running", _("still counted")
        COMPLETE = "complete", _("complete")
        PUBLISHED = "published", _("published")

    week = models.CharField(_("week"), max_length=8, primary_key=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.RUNNING)
    # With each start, pages shown since the last night may be missing.
    starts = models.PositiveIntegerField(_("starts of the collector"), default=0)

    objects = CountedWeekQuerySet.as_manager()

    class Meta:
        ordering = ("week",)
        verbose_name = _("counted week")
        verbose_name_plural = _("counted weeks")

    def __str__(self) -> str:
        return self.week


class PageCount(models.Model):
    """Number of times that a page was shown in a language in a week, with noise: it may be below zero."""

    pk = models.CompositePrimaryKey("week", "language", "page")
    week = models.CharField(_("week"), max_length=8)
    language = models.CharField(_("language"), max_length=20)
    page = models.CharField(_("page"), max_length=100)
    n = models.IntegerField(pgettext_lazy("how often", "shown"))

    class Meta:
        ordering = ("week", "language", "page")
        verbose_name = _("number of a page")
        verbose_name_plural = _("numbers of pages")

    def __str__(self) -> str:
        return f"{self.week} {self.language} {self.page}"
