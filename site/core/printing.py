"""What the apps say to the press.

The public site is printed: every public address is rendered to a file when something that it shows changes. An app registers which
addresses it has and which of them a changed object touches; `press` reads the registry. So press and the apps never see each
other. Pages print themselves (see `press.pages`); register what is not a page, and what a change to your models does to pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model
    from django.http import HttpRequest


class Printing(Protocol):
    """One kind of printed address."""

    # Models whose rows change what these addresses show. Pages need not be named.
    watches: Sequence[type[Model]]

    def addresses(self) -> Iterable[str]:
        """Every path that there should be a file for, such as `/sitemap.xml`."""
        ...

    def touched_by(self, changed: Model) -> Iterable[str]:
        """The paths that show `changed` (just saved, published, unpublished or deleted) and are to be printed again."""
        ...


_registry: list[Printing] = []


def register(printing: Printing) -> None:
    """Tell the press about a kind of address. Call it in `AppConfig.ready()`."""
    if printing not in _registry:
        _registry.append(printing)


def registered() -> Iterator[Printing]:
    return iter(_registry)


def is_print(request: HttpRequest) -> bool:
    """Whether the press is rendering: everything else that reaches a public page has no printed file."""
    return getattr(request, "is_print", False)
