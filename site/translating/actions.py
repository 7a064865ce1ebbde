"""What can be done with cells: with one, with those of a row, with all that are ticked.

The desk itself sends and publishes. An app adds what else there is in its `wagtail_hooks.py`:

    actions.register(CellAction(name="download", label=_("Download"), icon="download", run=download))
    actions.add_link(TableLink(label=_("Upload translations"), url="upload_translations", icon="upload"))

`run` takes the request and the cells, a queryset of what the user may see, and answers the request: with a file, a form, or a redirect.
It must ask itself what the user may do with them. The buttons stand below the table, for ticked cells, and on the page of each cell.
Whoever writes texts past the signals of Django (`bulk_create`, `update`) calls `states.note(kind, key)` afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import AbstractUser, AnonymousUser
    from django.http import HttpRequest, HttpResponse
    from django_stubs_ext import StrOrPromise

    from translating.models import CellQuerySet


def anybody(user: AbstractUser | AnonymousUser) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CellAction:
    """A button for cells. `name` is its value in the form, `allows` whether a user has it at all."""

    name: str
    label: StrOrPromise
    run: Callable[[HttpRequest, CellQuerySet], HttpResponse]
    icon: str = "tasks"
    allows: Callable[[Any], bool] = anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLink:
    """A link above the table, to something that needs no cells. `url` is the name of a view."""

    label: StrOrPromise
    url: str
    icon: str = "link"
    allows: Callable[[Any], bool] = anybody


_actions: dict[str, CellAction] = {}
_links: list[TableLink] = []


def register(action: CellAction) -> None:
    _actions[action.name] = action


def add_link(link: TableLink) -> None:
    if link not in _links:
        _links.append(link)


def for_user(user: AbstractUser | AnonymousUser) -> list[CellAction]:
    """Return the buttons that a user has."""
    return [action for action in _actions.values() if action.allows(user)]


def links_for(user: AbstractUser | AnonymousUser) -> list[TableLink]:
    return [link for link in _links if link.allows(user)]
