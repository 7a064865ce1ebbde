"""What can be done with cells: with one, with those of a row, with all that are ticked.

The desk itself sends and publishes; what else there is stands in `translating.files`.

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
