"""The to-do list on the start page of the desk.

An app registers its items in its `wagtail_hooks.py`:

    todo.register(ToDo(title=_("Pictures without a licence"), count=count_missing, url="wagtailimages:index"))

`count` takes the user and returns how many are waiting for them, 0 if it is not their task. It makes at most one query, so that the
start page takes the same number of queries however much is waiting. For one line per language, say, register a function that takes the
user and returns `ToDoLine`s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from wagtail.admin.ui.components import Component

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from django.contrib.auth.models import AbstractUser
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDoLine:
    """One line of the list: what is waiting, how much of it, and where to go.

    `urgent` lines come first and stand out; then what `somebody_waits` for, before what can be done at any time.
    """

    title: StrOrPromise
    count: int
    url: str
    urgent: bool = False
    somebody_waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """One kind of to-do. `url` is the name of a view, or a function that returns a URL."""

    title: StrOrPromise
    count: Callable[[AbstractUser], int]
    url: str | Callable[[], str]
    urgent: bool = False
    somebody_waits: bool = False

    def __call__(self, user: AbstractUser) -> Iterator[ToDoLine]:
        if count := self.count(user):
            yield ToDoLine(
                title=self.title,
                count=count,
                url=self.get_url(),
                urgent=self.urgent,
                somebody_waits=self.somebody_waits,
            )

    def get_url(self) -> str:
        return reverse(self.url) if isinstance(self.url, str) else self.url()


type Source = Callable[["AbstractUser"], "Iterable[ToDoLine]"]

_registry: list[Source] = []


def register(source: Source) -> None:
    """Register a kind of to-do: a `ToDo`, or a function that returns `ToDoLine`s."""
    if source not in _registry:
        _registry.append(source)


def lines(user: AbstractUser) -> list[ToDoLine]:
    """Return the to-do list of a user, urgent lines first."""
    found = (line for source in _registry for line in source(user))
    return sorted(found, key=lambda line: (not line.urgent, not line.somebody_waits))


class ToDoPanel(Component):
    """The panel of the start page that shows the list."""

    name = "waiting"
    order = 50
    template_name = "core/waiting.html"

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        if parent_context is None:
            raise ValueError("The panel needs the context of the page.")
        return {"lines": lines(parent_context["request"].user)}
