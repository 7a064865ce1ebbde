"""The map of the site for search engines: every public page in every language, each with its counterparts.

Help pages stand here by their neutral addresses, as everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F
from django.utils.encoding import escape_uri_path
from django.utils.html import escape
from wagtail.models import get_page_models

from core.doors import public_url
from core.languages import tree
from core.models import BasePage
from core.publishing import navigation, printing

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator
    from datetime import datetime

START = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
)
END = "</urlset>\n"
# The protocol allows no more in one file.
MOST = 50_000


def xml() -> str:
    """The whole map."""
    entries = [entry for same in counterparts().values() for entry in described(same)]
    return START + "".join(entries[:MOST]) + END


def counterparts() -> dict[tuple[uuid.UUID | None, str], dict[str, tuple[str, datetime | None]]]:
    """Every public address, by page (None: it is no page) and path below it: for each language its path and when it last changed."""
    found: dict[tuple[uuid.UUID | None, str], dict[str, tuple[str, datetime | None]]] = defaultdict(dict)
    special = special_pages()
    pages = (
        tree.public_pages()
        .order_by("path")
        .annotate(code=F("locale__language_code"))
        .only("pk", "translation_key", "url_path", "last_published_at")
    )
    for page in pages:
        own = tree.address(page, page.code)
        for below in special.get(page.pk, [""]):
            found[page.translation_key, below][page.code] = (
                own + escape_uri_path(below.lstrip("/")),
                page.last_published_at,
            )
    for kind in printing.registered():
        for path in kind.mapped() if isinstance(kind, printing.Mapped) else ():
            _start, code, below = path.split("/", 2)
            found[None, below][code] = (escape_uri_path(path), None)
    return found


def special_pages() -> dict[int, list[str]]:
    """The pages that have more addresses than one, or reasons not to be shown: which are to be in the map."""
    plain = BasePage.printed_paths
    types = [
        model
        for model in get_page_models()
        if issubclass(model, BasePage) and (model.printed_paths is not plain or model.is_sensitive)
    ]
    return {
        page.pk: [] if page.reasons_not_to_print() else page.printed_paths()
        for page in (tree.public_pages().type(*types).specific() if types else [])
    }


def described(same: dict[str, tuple[str, datetime | None]]) -> Iterator[str]:
    """The entries of one address in all its languages; each names all of them, itself included, and the one for everybody else."""
    paths = {code: same[code][0] for code in settings.LANGUAGE_TABLE if code in same}
    is_home = all(path == f"/{code}/" for code, path in paths.items())
    links = "".join(
        f'    <xhtml:link rel="alternate" hreflang="{alternate.code}" href="{escape(alternate.url)}"/>\n'
        for alternate in navigation.with_default(paths, is_home=is_home)
    )
    for code, path in paths.items():
        changed = same[code][1]
        lastmod = f"    <lastmod>{changed:%Y-%m-%d}</lastmod>\n" if changed else ""
        yield f"  <url>\n    <loc>{escape(public_url(path))}</loc>\n{lastmod}{links}  </url>\n"
