"""The interface between the apps and the press.

The public site is printed: every public address is rendered to a file when something that it shows changes. An app registers its
addresses and says which of them a changed object invalidates; `press` reads the registry, so the press and the apps never import each
other. Pages are printed without registration, and again when they, or anything that they refer to, change. Register what is not a page,
and the effect of your models on pages that do not refer to them (listings).

An address that ends with `/` is an HTML page; one with an extension has that type (`/sitemap.xml`, `/en/diary/feed.atom`), so that any
web server sends it correctly. An address with neither is JSON for other programs (`/api/en/things`): it is stored as `index.json` in a
folder of that name, and is served with a trailing slash, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from urllib.parse import unquote

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model
    from django.http import HttpRequest

# What `invalidated_by` returns if a change shows on every page, or on all pages of a language (`/de/` + EVERYTHING).
EVERYTHING = "*"


class Printing(Protocol):
    """One kind of printed address."""

    @property
    def watches(self) -> Sequence[type[Model]]:
        """Models whose rows change what these addresses show. Page models need not be listed."""
        ...

    def addresses(self) -> Iterable[str]:
        """Return every path that should have a file, such as `/sitemap.xml`. Pages need not be listed."""
        ...

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        """Return the paths to print again, which show `changed` (just saved, published, unpublished or about to be deleted).

        Called for each change of a row of `watches`, and for each change of a page (`changed` is then the specific page). A path may be
        a page's; paths that do not exist are ignored.
        """
        ...


@runtime_checkable
class AnswersQuery(Protocol):
    """A printing whose addresses are also rendered on request if there is a query (search)."""

    def answers_query(self, path: str) -> bool: ...


@runtime_checkable
class Unhurried(Protocol):
    """A printing of many addresses that are not urgent: they are printed after everything else that shows a change."""

    unhurried: bool


@runtime_checkable
class Urgent(Protocol):
    """A printing of what a page offers, such as its files: printed with the page, before whatever else shows the change."""

    urgent: bool


@runtime_checkable
class InSitemap(Protocol):
    """A printing with addresses for the sitemap."""

    def sitemap_paths(self) -> Iterable[str]:
        """Return paths that begin with their language and are otherwise the same in every language."""
        ...


@runtime_checkable
class HasSitemapParts(Protocol):
    """A printing with so many addresses that they have parts of the sitemap of their own: one that changes leaves the others as they are."""

    def sitemap_parts(self) -> Iterable[str]:
        """Return the name of each part, such as `things-7`: its file is `core.sitemaps.part_path(name)`, and is among the addresses."""
        ...

    def sitemap_part(self, name: str) -> Iterable[dict[str, str]]:
        """Return what a part lists: language → path for each thing. Nothing if there is no such part."""
        ...


@runtime_checkable
class WithholdsDocuments(Protocol):
    """A printing that withholds documents, because what they belong to is not public yet, or no longer."""

    def withheld(self) -> Iterable[int]:
        """Return primary keys of documents. Whatever changes these must be in `watches`, or be a page."""
        ...


@runtime_checkable
class KnowsAddresses(Protocol):
    """A printing with so many addresses that it is asked about a few instead of listing all."""

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Return those of `paths` that are among its addresses."""
        ...


class KnownByEnding(ABC):
    """The base of a printing whose addresses end in a way of their own: asked about others, it looks nothing up."""

    endings: tuple[str, ...]

    @abstractmethod
    def addresses(self) -> Iterable[str]:
        """Return every path that should have a file."""

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        asked = {path for path in paths if path.endswith(self.endings)}
        return asked.intersection(map(unquote, self.addresses())) if asked else ()


@runtime_checkable
class Prefetches(Protocol):
    """A printing that can look up data for many addresses at once, instead of for each."""

    def prefetch(self, paths: Iterable[str]) -> None:
        """Put what these paths need into `core.memo`. Called before a batch is rendered; `paths` includes those of other printings."""
        ...


_registry: list[Printing] = []


def register(printing: Printing) -> None:
    """Register a kind of address with the press. Call it in `AppConfig.ready()`."""
    if printing not in _registry:
        _registry.append(printing)


def registered() -> Iterator[Printing]:
    return iter(_registry)


def is_print(request: HttpRequest) -> bool:
    """Whether the press is rendering. Any other request that reaches a public page has no printed file."""
    return getattr(request, "is_print", False)


def may_render(request: HttpRequest, *, answers_query: bool = False) -> bool:
    """Whether a view may answer. Without a printed file it may not, unless it answers queries and there is one."""
    return (
        is_print(request)
        or getattr(request, "is_preview", False)
        or settings.PRESS_RENDERS_ON_REQUEST
        or (answers_query and bool(request.META.get("QUERY_STRING")))
    )
