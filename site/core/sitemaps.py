"""The files of the sitemap: an index, and as many parts as the pages need.

Search engines read the index.
An app with very many addresses lists them in separate parts (`core.publishing.routes.AppRoute.sitemap_parts`).
The app that serves the parts decides what they list; changes of a listed address invalidate `invalidated_paths()`.
"""

from math import ceil

from wagtail.models import Page

from core.languages import tree

INDEX = "/sitemap.xml"
# Public pages per part.
# The protocol allows 50,000 addresses and 50 MB: with every address in 36 languages, 5,000 pages take 25 MB, which
# leaves room for addresses that are not pages.
PAGES = 5_000
# If the last part lacks fewer pages than this to be full, one more part may have existed until now.
MARGIN = PAGES // 5


def part_path(name: int | str) -> str:
    """Return the path of a part: by its number if it lists pages, by its name if it is an app's."""
    return f"/sitemaps/{name}.xml"


def part_count() -> int:
    """Return how many parts there are.

    One query.
    """
    return part_count_for(tree.public_pages().count())


def part_count_for(pages: int) -> int:
    return max(1, ceil(pages / PAGES))


def paths() -> list[str]:
    """Return the paths of the index and of its current parts.

    One query.
    """
    return [INDEX, *map(part_path, range(1, part_count() + 1))]


def invalidated_paths() -> list[str]:
    """Return the files to render again when an address is added, changed or removed.

    They include a part that may just have become obsolete.
    Counts the live pages, and not those that the public sees: whether a page is public depends on all pages above it,
    and checking that for each page of a large tree that is deleted takes minutes.
    An extra part does no harm, because the renderer skips parts that do not exist.
    """
    pages = Page.objects.live().count()
    there = part_count_for(pages)
    is_short = there * PAGES - pages < MARGIN
    return [INDEX, *map(part_path, range(1, there + 1 + is_short))]
