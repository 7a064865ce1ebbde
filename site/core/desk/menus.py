"""Menus of areas of the desk that are not the admin, for people who work at no desk.

An app registers a function when Django starts: `menus.register(area)`. It is asked for the menu each time a page of the desk is shown that
is not the admin's, the pages of the account among them, and returns None for whoever is not in its area.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpRequest

    type Area = Callable[[HttpRequest], AreaMenu | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLink:
    """A link of the menu. `waiting` says in words how much waits there for the reader, and `count` in a number."""

    title: str
    url: str
    count: int = 0
    waiting: str = ""
    is_current: bool = False
    is_section: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMenu:
    """The menu of an area, with its name for those who do not see it."""

    name: str
    links: Sequence[AreaLink]


_areas: list[Area] = []


def register(area: Area) -> None:
    if area not in _areas:
        _areas.append(area)


def menu_for(request: HttpRequest) -> AreaMenu | None:
    """Return the menu of the area that the reader is in, with the page marked that is shown, or the section that it belongs to."""
    menu = next((found for area in _areas if (found := area(request))), None)
    if menu is None:
        return None
    # The longest address that the page is at or below.
    here = max((link.url for link in menu.links if request.path.startswith(link.url)), key=len, default="")
    marked = [
        replace(link, is_current=request.path == here, is_section=request.path != here)
        if link.url == here
        else link
        for link in menu.links
    ]
    return replace(menu, links=marked)
