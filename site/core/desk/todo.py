"""What waits for somebody at the desk, shown on the start page.

An app registers what it has in its `wagtail_hooks.py`:

    todo.register(Waiting(title=_("Pictures without a licence"), count=count_missing, url="wagtailimages:index"))

`count` takes the user and gives the number that waits for them: 0 where they have no part in it. It makes one query at most, so
that the start page takes the same number of queries however much waits. What is one line for each of several things (a language,
say) is registered as a function that takes the user and gives `Line`s.
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
    """One line of the start page: what waits, how much of it, and where to go. `urgent` comes first, and stands out."""

    title: StrOrPromise
    count: int
    url: str
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """One kind of thing that waits. `url` is the name of a view, or a function that gives an address."""

    title: StrOrPromise
    count: Callable[[AbstractUser], int]
    url: str | Callable[[], str]
    urgent: bool = False

    def __call__(self, user: AbstractUser) -> Iterator[ToDoLine]:
        if count := self.count(user):
            yield ToDoLine(title=self.title, count=count, url=self.get_url(), urgent=self.urgent)

    def get_url(self) -> str:
        return reverse(self.url) if isinstance(self.url, str) else self.url()


type Source = Callable[["AbstractUser"], "Iterable[ToDoLine]"]

_registry: list[Source] = []


def register(source: Source) -> None:
    """Tell the start page about a kind of thing that waits: a `Waiting`, or a function that gives `Line`s."""
    if source not in _registry:
        _registry.append(source)


def lines(user: AbstractUser) -> list[ToDoLine]:
    """What waits for this person, the urgent first."""
    return sorted((line for source in _registry for line in source(user)), key=lambda line: not line.urgent)


class ToDoPanel(Component):
    """The part of the start page that shows it."""

    name = "waiting"
    order = 50
    template_name = "core/waiting.html"

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        if parent_context is None:
            raise ValueError("The panel needs the context of the page.")
        return {"lines": lines(parent_context["request"].user)}
