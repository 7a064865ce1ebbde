"""What the apps say to the press.

The public site is printed: every public address is rendered to a file when something that it shows changes. An app registers
which addresses it has and which of them a changed object touches; `press` reads the registry. So press and the apps never see
each other. Pages print themselves, and are printed again when they, or anything that they refer to,
change; register what is not a page, and what a change to your models does to pages that do not refer to it (listings).

An address that ends with `/` is an HTML page; one that ends with an extension is what that says (`/sitemap.xml`,
`/en/diary/feed.atom`), so that every web server sends the right type. One without either is JSON for other programs
(`/api/en/things`): it is stored as `index.json` in a folder of its name, and answered with a slash behind it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model
    from django.http import HttpRequest

# What `invalidated_by` gives when a change shows on every page, or on all pages of a language (`/de/` + EVERYTHING).
EVERYTHING = "*"


class Printing(Protocol):
    """One kind of printed address."""

    # Models whose rows change what these addresses show. Pages need not be named.
    watches: Sequence[type[Model]]

    def addresses(self) -> Iterable[str]:
        """Every path that there should be a file for, such as `/sitemap.xml`. Pages need not be named."""
        ...

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        """The paths that show `changed` (just saved, published, unpublished or about to be deleted) and are to be printed again.

        It is called for each change of a row of `watches`, and for each change of a page (`changed` is then of its own class).
        A path may be a page's; one that does not exist is passed over.
        """
        ...


@runtime_checkable
class AnswersQuery(Protocol):
    """A printing whose addresses are also rendered on request, when they are asked with a query (search)."""

    def answers_query(self, path: str) -> bool: ...


@runtime_checkable
class Unhurried(Protocol):
    """A printing of many addresses that few people wait for: a change is printed there after everything else that shows it."""

    unhurried: bool


@runtime_checkable
class InSitemap(Protocol):
    """A printing with addresses for search engines to know."""

    def sitemap_paths(self) -> Iterable[str]:
        """Paths that begin with their language, and are the same in every language but for that."""
        ...


@runtime_checkable
class WithholdsDocuments(Protocol):
    """A printing that knows documents which nobody may have yet, or any more: what belongs to them is not public."""

    def withheld(self) -> Iterable[int]:
        """The primary keys of documents. Whatever changes this must be among `watches`, or be a page."""
        ...


@runtime_checkable
class KnowsAddresses(Protocol):
    """A printing with so many addresses that it is asked for a few of them, instead of being made to name all."""

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Those of `paths` that are among its addresses."""
        ...


@runtime_checkable
class Prefetches(Protocol):
    """A printing that can look up for many of its addresses at once what it would otherwise look up for each."""

    def prefetch(self, paths: Iterable[str]) -> None:
        """Called before the addresses of a batch are rendered; `paths` has those of others, too. What is found goes into `core.memo`."""
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


def may_render(request: HttpRequest, *, answers_query: bool = False) -> bool:
    """Whether a view may answer now. What has no printed file is not shown, unless it answers a query and there is one."""
    return (
        is_print(request)
        or getattr(request, "is_preview", False)
        or settings.PRESS_RENDERS_ON_REQUEST
        or (answers_query and bool(request.META.get("QUERY_STRING")))
    )
