"""The sitemap for search engines: every public page in every language, each with its alternates.

Help pages appear under their neutral addresses, as everywhere.
Django's sitemaps render it; `core.sitemaps` divides it into parts.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import F
from django.utils.encoding import escape_uri_path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from wagtail.models import get_page_models

from core import sitemaps
from core.languages import tree
from core.models import BasePage
from core.publishing import navigation, routes

# As many bytes as the protocol allows in a part, uncompressed.
LARGEST = 50_000_000


class TooLongError(Exception):
    """A part has more addresses or bytes than the protocol allows.

    No sitemap is better than one that is silently cut off.
    """


class MapEntry(NamedTuple):
    """One address.

    `links` are its alternates as XML, rendered once for all of them.
    """

    path: str
    changed: datetime | None
    links: SafeString


class MapPart(Sitemap):  # type: ignore[type-arg]  # generic for the type checker alone
    """One file of the sitemap."""

    def __init__(self, name: int | str, entries: list[MapEntry]) -> None:
        self.entries = entries
        if len(entries) > self.limit:
            raise TooLongError(f"{len(entries)} addresses in {sitemaps.part_path(name)}")

    def items(self) -> list[MapEntry]:
        return self.entries

    def location(self, item: MapEntry) -> str:
        return item.path

    def lastmod(self, item: MapEntry) -> datetime | None:
        return item.changed


def part(number: int) -> MapPart:
    """Return a part by its number, counting from 1.

    Raises LookupError if there is none.
    """
    parts = sitemaps.part_count()
    if not 1 <= number <= parts:
        raise LookupError(number)
    every = entries()
    return MapPart(number, every[(number - 1) * len(every) // parts : number * len(every) // parts])


def named_part(name: str) -> MapPart:
    """Return the part of this name, which belongs to an app.

    Raises LookupError if there is none.
    """
    for route in routes.declared():
        if listed := list(route.sitemap_part(name)):
            alternates = ({code: (escape_uri_path(path), None) for code, path in each.items()} for each in listed)
            return MapPart(name, [entry for each in alternates for entry in map_entries(each)])
    raise LookupError(name)


def part_names() -> list[str]:
    """Return the names of all parts: first the numbers of those that list pages."""
    numbers = [str(number) for number in range(1, sitemaps.part_count() + 1)]
    return [*numbers, *(name for route in routes.declared() for name in route.sitemap_parts())]


def entries() -> list[MapEntry]:
    """Return every address of the sitemap in tree order, with all languages of an address together."""
    return [entry for alternates in translations().values() for entry in map_entries(alternates)]


def translations() -> dict[tuple[uuid.UUID | None, str], dict[str, tuple[str, datetime | None]]]:
    """Map (translation key, path below the page) to language → (path, last change), for every public address.

    The key is None without a page.
    """
    found: dict[tuple[uuid.UUID | None, str], dict[str, tuple[str, datetime | None]]] = defaultdict(dict)
    special = special_pages()
    pages = (
        tree.public_pages()
        .order_by("path")
        .annotate(code=F("locale__language_code"))
        .only("pk", "translation_key", "url_path", "last_published_at")
    )
    for page in pages:
        own = tree.page_path(page, page.code)
        for below in special.get(page.pk, [""]):
            found[page.translation_key, below][page.code] = (
                own + escape_uri_path(below.lstrip("/")),
                page.last_published_at,
            )
    for route in routes.declared():
        for path in route.sitemap_paths():
            _start, code, below = path.split("/", 2)
            found[None, below][code] = (escape_uri_path(path), None)
    return found


def special_pages() -> dict[int, list[str]]:
    """Return primary key → paths below the page, for pages with several addresses.

    Pages with render blockers get no paths.
    """
    plain = BasePage.prerendered_paths
    types = [
        model
        for model in get_page_models()
        if issubclass(model, BasePage) and (model.prerendered_paths is not plain or model.is_sensitive)
    ]
    return {
        page.pk: [] if page.render_blockers() else page.sitemap_paths()
        for page in (tree.public_pages().type(*types).specific() if types else [])
    }


def map_entries(alternates: Mapping[str, tuple[str, datetime | None]]) -> Iterator[MapEntry]:
    """Yield the entries of one address in all its languages, with links to all of them and the default (x-default)."""
    paths = {code: alternates[code][0] for code in settings.LANGUAGE_TABLE if code in alternates}
    is_home = all(path == f"/{code}/" for code, path in paths.items())
    links = format_html_join(
        "",
        '    <xhtml:link rel="alternate" hreflang="{}" href="{}"/>\n',
        ((alternate.code, alternate.url) for alternate in navigation.with_default(paths, is_home=is_home)),
    )
    for code, path in paths.items():
        yield MapEntry(path=path, changed=alternates[code][1], links=links)
