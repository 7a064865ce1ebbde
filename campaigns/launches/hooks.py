"""Where the desk leads to launch plans: the editor and the list of pages, the menu of campaigns, the start page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button

from campaigns.launches.views import ICON, LIST_TITLE, TITLE, LaunchesView, LaunchPlanView, may_read
from campaigns.models import CampaignPage, Launch
from core.desk.todo import ToDo, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from wagtail.models import Page


def register() -> None:
    hooks.register("register_admin_urls", urls)
    hooks.register("register_page_header_buttons", header_button)
    hooks.register("register_page_listing_more_buttons", listing_button)


def urls() -> list[URLPattern]:
    return [
        path("launches/", LaunchesView.as_view(), name="launches"),
        path("launches/<int:pk>/", LaunchPlanView.as_view(), name="launch_plan"),
    ]


def header_button(page: Page, user: Any, view_name: str, next_url: str = "") -> Iterator[Button]:
    yield from button(page, user)


def listing_button(page: Page, user: Any, next_url: str | None = None) -> Iterator[Button]:
    yield from button(page, user)


def button(page: Page, user: Any) -> Iterator[Button]:
    if isinstance(page.specific_deferred, CampaignPage) and may_read(user, page):
        yield Button(TITLE, reverse("launch_plan", args=[page.pk]), icon_name=ICON, priority=35)


class LaunchesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_read(request.user)


def menu_item() -> MenuItem:
    return LaunchesMenuItem(LIST_TITLE, reverse("launches"), name="launches", icon_name=ICON, order=0)


def held_back(user: Any) -> Waiting:
    """Count the launches ahead of which a rehearsal has found something that would be held back."""
    if not user.has_perm("campaigns.change_material"):
        return Waiting(0)
    ahead = Launch.objects.filter(hour__gt=timezone.now(), staff_told_at=None)
    return Waiting(ahead.exclude(pages__reasons={}).filter(pages__isnull=False).distinct().count())


LAUNCHES_HELD = ToDo(
    title=_("Launches ahead of which a page would be held back"), count=held_back, url="launches", urgent=True
)
