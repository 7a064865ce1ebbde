"""To-dos about help pages: those that somebody wants off the site, those that went off it or were put back lately, and those whose review is overdue."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page, PageLogEntry

from core.admin.unpublish_requests import open_requests
from core.desk.todo import Lane, ToDoLine
from helpline.admin.help_pages.overview import TYPES, pages_of, publishable
from helpline.governance.reverting import ACTION as PUT_BACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AbstractUser
    from django.db.models import QuerySet

# How long a page that went off the site stays on the start page, unless it comes back; or one that the clock has put back.
SHOWN_FOR = timedelta(days=14)


def help_page_todos(user: AbstractUser) -> Iterator[ToDoLine]:
    waiting = open_requests(pages_of(user).filter(pk__in=publishable(user), live=True)).values()
    if count := sum(entry.user_id != user.pk for entry in waiting):
        yield ToDoLine(
            title=_("Help pages that somebody wants off the site: decide"),
            count=count,
            url=reverse("help_pages:list"),
            urgent=True,
            somebody_waits=True,
        )
    if count := lately_off(pages_of(user)).count():
        yield ToDoLine(
            title=_("Help pages taken off the site"),
            count=count,
            url=reverse("help_pages:list"),
            urgent=True,
        )
    if count := lately_put_back(pages_of(user)).count():
        yield ToDoLine(
            title=_("Help pages put back because they differed from what two people approved"),
            count=count,
            lane=Lane.FAILED,
            url=reverse("help_pages:list"),
            urgent=True,
        )
    if count := overdue(pages_of(user)).count():
        yield ToDoLine(
            title=_("Help pages to be read again by a clinician and by people who were harmed"),
            count=count,
            lane=Lane.LATE,
            url=reverse("help_pages:list"),
            urgent=True,
        )


def overdue(pages: QuerySet[Page]) -> QuerySet[Page]:
    """Return the public pages in the source language whose next review is due. Their translations follow them."""
    due = Q()
    for model in TYPES:
        due |= Q(**{f"{model._meta.model_name}__next_review__lte": timezone.localdate()})
    return pages.filter(due, live=True, locale__language_code=settings.LANGUAGE_CODE)


def lately_off(pages: QuerySet[Page]) -> QuerySet[Page]:
    """Return those that the public saw until lately."""
    return pages.filter(Exists(lately("wagtail.unpublish")), live=False)


def lately_put_back(pages: QuerySet[Page]) -> QuerySet[Page]:
    """Return those that the clock has put back lately."""
    return pages.filter(Exists(lately(PUT_BACK)))


def lately(action: str) -> QuerySet[PageLogEntry]:
    since = timezone.now() - SHOWN_FOR
    return PageLogEntry.objects.filter(page=OuterRef("pk"), action=action, timestamp__gte=since)
