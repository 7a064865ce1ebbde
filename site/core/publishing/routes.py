"""Routes: an app's public addresses beside its pages, and the effect of changes on them.

An app declares its routes on its `AppConfig` (`core.declarations`).
Pages need none: they are rendered, and rendered again when they, or anything that they refer to, change.
Declare addresses that are not pages, and the effect of your models on pages that do not refer to them (listings).

An address that ends with `/` is an HTML page; one with an extension has that type (`/sitemap.xml`,
`/en/diary/feed.atom`), so that any web server sends it correctly.
An address with neither is JSON for other programs (`/api/en/things`): it is stored as `index.json` in a folder of that
name, and is served with a trailing slash, too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from core import declarations

# Invalidates every page, or all pages of a language (`/de/` + EVERYTHING), in the result of a route's `invalidated_by`.
EVERYTHING = "*"


def is_prerendering(request: HttpRequest) -> bool:
    """Return whether the page is being prerendered.

    Any other request that reaches a public page has no prerendered file.
    """
    return getattr(request, "is_prerendering", False)


def may_render(request: HttpRequest, *, answers_query: bool = False) -> bool:
    """Return whether a view may render a response.

    Without a prerendered file it may not, unless it answers queries and there is one.
    """
    return (
        is_prerendering(request)
        or getattr(request, "is_preview", False)
        or settings.RENDER_ON_REQUEST
        or (answers_query and bool(request.META.get("QUERY_STRING")))
    )


HELP, OPEN_DATA = "help", "open-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLink:
    """A named link; `path` returns its target in a language."""

    name: str
    path: Callable[[str], str]


def path_of(name: str, language: str) -> str:
    """Return the target of a link in a language; empty if no app declares it."""
    links: tuple[SiteLink, ...] = declarations.collect("site_links")
    return next((link.path(language) for link in links if link.name == name), "")


class AppRoute:
    """One kind of address.

    A subclass defines its addresses; the defaults are those of a route without any.
    """

    # Many addresses that are not urgent: rendered after everything else that shows a change, unless it withdraws
    # something.
    unhurried = False
    # Parts of a page, such as its files: rendered with the page, before all other addresses that show the change.
    urgent = False
    # Each file packs others: a withdrawal removes it at its commit, and it is rendered again without what is withdrawn.
    packs_files = False
    # The endings of all addresses: paths with others are rejected without a query.
    endings: tuple[str, ...] = ("",)

    @property
    def watches(self) -> Sequence[type[Model]]:
        """Models whose rows change what these addresses show.

        Page models need not be listed.
        """
        return ()

    def addresses(self) -> Iterable[str]:
        """Return every path that should have a file, such as `/sitemap.xml`.

        Pages need not be listed.
        """
        return ()

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Return those of `paths`, decoded, that are among the addresses.

        Override it where there are too many addresses to list them all.
        """
        asked = {path for path in paths if path.endswith(self.endings)}
        return asked.intersection(map(unquote, self.addresses())) if asked else ()

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        """Return the paths that show `changed` (just saved, published, unpublished or about to be deleted).

        Called for each change of a row of `watches`, and for each change of a page (`changed` is then the specific
        page).
        A path may be a page's; paths that do not exist are ignored.
        A path may end with `core.publishing.routes.EVERYTHING`.
        """
        return ()

    def withdraws(self, changed: Model, *, deleted: bool) -> bool:
        """Return whether a change takes away something that would harm readers if they still saw it: a wrong number.

        Then everything that shows the row is rendered before anything else, `unhurried` routes included.
        Called within the transaction of the change, for rows of `watches`; `deleted`: the row is about to be deleted.
        """
        return False

    def answers_query(self, path: str) -> bool:
        """Return whether an address is also rendered on request if there is a query (search)."""
        return False

    def withheld(self) -> Iterable[int]:
        """Return primary keys of documents whose pages or rows are not yet, or no longer, public.

        They must depend only on pages and on models in `watches`.
        """
        return ()

    def prefetch(self, paths: Iterable[str]) -> None:
        """Load the data for these paths into `core.memo`.

        Called before a batch is rendered; `paths` includes those of other routes.
        """

    def sitemap_paths(self) -> Iterable[str]:
        """Return the paths for the sitemap.

        They begin with their language and are otherwise the same in every language.
        """
        return ()

    def sitemap_parts(self) -> Iterable[str]:
        """Return the names of separate parts of the sitemap, such as `things-7`, which change independently.

        The file of a part is `core.sitemaps.part_path(name)`, and is among the addresses.
        """
        return ()

    def sitemap_part(self, name: str) -> Iterable[dict[str, str]]:
        """Return the contents of a part: language → path for each item.

        Empty if there is no such part.
        """
        return ()


def declared() -> Sequence[AppRoute]:
    """Return the routes of all apps."""
    return declarations.collect("routes")


def packages_among(paths: Iterable[str]) -> set[str]:
    """Return those of these paths that exist and pack other files."""
    asked = list(paths)
    return {path for route in declared() if route.packs_files for path in route.existing(asked)} if asked else set()


def watched(model: type[Model]) -> bool:
    """Return whether a route watches the rows of a model."""
    return any(model in route.watches for route in declared())
