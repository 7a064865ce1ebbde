"""Items of the admin's menus, and menus of those areas of the private site that are not the admin.

An app declares its `Area` on its `AppConfig` (`core.declarations`).
Each page of the private site outside the admin calls its `menu`, the account pages included.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest
from wagtail.admin.menu import MenuItem

from core import declarations


class AllowedMenuItem(MenuItem):
    """A menu item of the admin for users with a permission, or for those whom a function allows."""

    def __init__(
        self, *args: Any, allows: str | Callable[[AbstractUser | AnonymousUser], object], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.allows = allows

    def is_shown(self, request: HttpRequest) -> bool:
        if isinstance(self.allows, str):
            return request.user.has_perm(self.allows)
        return bool(self.allows(request.user))


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLink:
    """A link of the menu.

    `waiting` describes the reader's open tasks there in words, and `count` is their number.
    """

    title: str
    url: str
    count: int = 0
    waiting: str = ""
    is_current: bool = False
    is_section: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMenu:
    """The menu of an area, with an accessible name."""

    name: str
    links: Sequence[AreaLink]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area for people who have an account and no role in the admin.

    `menu` returns None for users outside the area.
    `start` is the name of the view that they go to after signing in, `join` that of the view where they get an account.
    """

    menu: Callable[[HttpRequest], AreaMenu | None]
    start: str
    join: str


def areas() -> Sequence[Area]:
    """Return the areas of all apps."""
    return declarations.collect("areas")


def menu_for(request: HttpRequest) -> AreaMenu | None:
    """Return the menu of the reader's area, with the current page or the section that it belongs to marked."""
    menu = next((found for area in areas() if (found := area.menu(request))), None)
    if menu is None:
        return None
    # The longest address that the page is at or below.
    here = max((link.url for link in menu.links if request.path.startswith(link.url)), key=len, default="")
    marked = [
        replace(link, is_current=request.path == here, is_section=request.path != here) if link.url == here else link
        for link in menu.links
    ]
    return replace(menu, links=marked)
