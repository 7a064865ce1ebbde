"""Which files the map of the site has: an index, and as many parts as the pages need.

Search engines know the index. What a part holds is written in the app that has the address; whatever changes an address that the map names says so
with `paths()`.
"""

from __future__ import annotations

from math import ceil

from core.languages import tree

INDEX = "/sitemap.xml"
# Public pages for each part. The protocol allows 50,000 addresses and 50 MB: with every address in 36 languages, 5,000 take 25 MB,
# and there is room for the addresses that are no pages.
PAGES = 5_000
# When so few pages less would need one part less, that part may be gone.
MARGIN = PAGES // 5


def part_path(number: int) -> str:
    return f"/sitemaps/{number}.xml"


def part_count() -> int:
    """How many parts there are. One query."""
    return part_count_for(tree.public_pages().count())


def part_count_for(pages: int) -> int:
    return max(1, ceil(pages / PAGES))


def paths() -> list[str]:
    """The index and its parts, as they are now. One query."""
    return [INDEX, *map(part_path, range(1, part_count() + 1))]


def invalidated_paths() -> list[str]:
    """The files to print again when an address comes, changes or goes; with the part that may just have become one too many."""
    pages = tree.public_pages().count()
    there = part_count_for(pages)
    is_short = there * PAGES - pages < MARGIN
    return [INDEX, *map(part_path, range(1, there + 1 + is_short))]
