"""Addresses of the public site, and the source of the content of each.

- A page: its own address and those of `prerendered_paths()`, while it is live, in a public language, has no view
  restriction on it or above it, and no `render_blockers()`.
- The routes that apps declare (`core.publishing.routes`).
- A redirect: the old address, while no other content has it and the target is public.
- A document, while its collection is public and no app withholds it.
- Error pages, one for each status and language.
  A web server shows them; they cannot be requested by name.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Q
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.documents.models import AbstractDocument
from wagtail.models import CollectionViewRestriction, Page, Site

from core import memo
from core.http import errors
from core.languages import tree
from core.models import BasePage
from core.publishing import routes
from core.publishing.redirects import is_allowed
from prerender.models import Kind
from prerender.store.files import is_safe

CHUNK = 200
DOCUMENT = re.compile(r"/documents/(\d{1,18})/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A prerendered address.

    `source` is the primary key of its page, redirect or document.
    """

    path: str
    kind: Kind
    source: str = ""
    answers_query: bool = False
    # An entry page: rendered first when the whole site is rendered.
    is_first: bool = field(default=False, compare=False)
    # Why it must not be rendered although it is otherwise eligible, as sentences for editors.
    reasons: tuple[str, ...] = field(default=(), compare=False)
    # The specific page, and the path below that page's own address; only set on request.
    page: Page | None = field(default=None, compare=False, repr=False)
    below: str = field(default="", compare=False)


# --- Pages ----------------------------------------------------------------------------------------


def of_page(
    page: Page, *, reasons: bool = True, loaded: bool = False, among: Collection[str] | None = None
) -> list[Address]:
    """Return the addresses of a specific page, or those among some paths.

    `reasons=False` skips the check whether it may be rendered; `loaded=True` keeps the page on its addresses.
    """
    own = unquote(tree.page_path(page))
    against = tuple(str(reason) for reason in render_blockers(page)) if reasons else ()
    answers_query = bool(getattr(page, "answers_query", False))
    return [
        Address(
            path=own + below.lstrip("/"),
            kind=Kind.PAGE,
            source=str(page.pk),
            answers_query=answers_query,
            is_first=bool(getattr(page, "is_rendered_first", False)) and not below,
            reasons=against,
            page=page if loaded else None,
            below=below,
        )
        for below in prerendered_paths(page, own, among)
    ]


def prerendered_paths(page: Page, own: str, among: Collection[str] | None) -> Iterable[str]:
    if not isinstance(page, BasePage):
        return [""]
    if among is None:
        return page.prerendered_paths()
    return page.prerendered_paths_among({path.removeprefix(own) for path in among if path.startswith(own)})


def render_blockers(page: Page) -> Iterable[Any]:
    own = getattr(page, "render_blockers", None)
    return own() if own else []


@memo.per_batch
def below_home() -> Q:
    """Match the site's home pages in every language and all pages below them: no other page has an address."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        return Q(pk__in=[])
    homes = Page.objects.filter(translation_key=site.root_page.translation_key, depth=tree.HOME_DEPTH)
    below = Q(pk__in=[])
    for path in homes.values_list("path", flat=True):
        below |= Q(path__startswith=path)
    return below


def of_pages(
    keys: Iterable[int] | None = None,
    *,
    reasons: bool = True,
    loaded: bool = False,
    among: Collection[str] | None = None,
) -> Iterator[Address]:
    """Yield the addresses of all public pages, or of the pages with these primary keys.

    `among`: of a page with many addresses, only those among these paths.
    """
    pages = tree.public_pages().filter(below_home()).order_by("path")
    if keys is not None:
        pages = pages.filter(pk__in=list(keys))
    specific = pages.specific().select_related("locale", for_specific_subqueries=True)
    for page in specific.iterator(CHUNK):
        yield from of_page(page, reasons=reasons, loaded=loaded, among=among)


def find_pages(paths: Collection[str]) -> dict[str, int]:
    """Return, by path, the primary key of the page at it, or of the nearest page above it."""
    codes = {path.strip("/").partition("/")[0] for path in paths}
    homes: dict[str, list[str]] = {}
    at_top = Page.objects.filter(depth=tree.HOME_DEPTH, locale__language_code__in=codes)
    for code, url_path in at_top.values_list("locale__language_code", "url_path"):
        homes.setdefault(code, []).append(url_path)
    # `/de/about/` is the page whose `url_path` is `/<slug of the German home page>/about/`.
    # The longest comes first.
    tries: dict[str, list[str]] = {}
    for path in paths:
        code, _slash, below = path.strip("/").partition("/")
        slugs = below.split("/") if below else []
        own = ["/".join([*slugs[:length], ""]) if length else "" for length in range(len(slugs), -1, -1)]
        tries[path] = [home + each for each in own for home in homes.get(code, [])]
    wanted = {url_path for urls in tries.values() for url_path in urls}
    keys = dict(Page.objects.filter(url_path__in=wanted).values_list("url_path", "pk")) if wanted else {}
    nearest = {path: next((keys[url] for url in urls if url in keys), None) for path, urls in tries.items()}
    return {path: key for path, key in nearest.items() if key is not None}


# --- Others ---------------------------------------------------------------------------------------


def of_apps() -> Iterator[Address]:
    for route in routes.declared():
        for path in route.addresses():
            yield Address(path=unquote(path), kind=Kind.OTHER, answers_query=route.answers_query(path))


def of_apps_among(paths: Iterable[str]) -> Iterator[Address]:
    """Yield the addresses among these (decoded) paths that apps declare."""
    wanted = set(paths)
    for route in routes.declared():
        for path in route.existing(wanted):
            if (decoded := unquote(path)) in wanted:
                yield Address(path=decoded, kind=Kind.OTHER, answers_query=route.answers_query(path))


def of_errors() -> Iterator[Address]:
    """Yield the addresses of all error pages but 404: an app renders those, because they show the menu."""
    for status in errors.TEMPLATES:
        if status == 404:
            continue
        for code in settings.INTERFACE_LANGUAGES:
            yield Address(path=f"/errors/{code}/{status}.html", kind=Kind.ERROR, source=f"{code} {status}")


def public_documents() -> Any:
    closed = [
        restriction.collection.get_descendants(inclusive=True).values_list("pk", flat=True)
        for restriction in CollectionViewRestriction.objects.select_related("collection")
    ]
    documents = get_document_model().objects.order_by("pk")
    for route in routes.declared():
        if withheld := list(route.withheld()):
            documents = documents.exclude(pk__in=withheld)
    for collections in closed:
        documents = documents.exclude(collection__in=list(collections))
    return documents


def of_document(document: AbstractDocument) -> Address:
    return Address(path=f"/documents/{document.pk}/{document.filename}", kind=Kind.DOCUMENT, source=str(document.pk))


def of_documents(keys: Iterable[int] | None = None) -> Iterator[Address]:
    documents = public_documents()
    if keys is not None:
        documents = documents.filter(pk__in=list(keys))
    for document in documents.iterator(CHUNK):
        yield of_document(document)


def of_redirects(keys: Iterable[int] | None = None) -> Iterator[Address]:
    """Yield the old addresses of redirects.

    The caller checks whether something else is at the same path.
    """
    redirects = Redirect.objects.order_by("pk")
    if keys is not None:
        redirects = redirects.filter(pk__in=list(keys))
    for redirect in redirects.select_related("redirect_page__locale").iterator(CHUNK):
        path = redirect.old_path.rstrip("/") + "/"
        if path != "/" and "?" not in path and redirect_target(redirect) not in {None, path}:
            yield Address(path=path, kind=Kind.MOVED, source=str(redirect.pk))


def redirect_target(redirect: Redirect) -> str | None:
    """Return the target of a redirect as a decoded path or an absolute URL.

    Returns None if it is not public, or another website for a sensitive address.
    """
    if redirect.redirect_page_id is None:
        link = redirect.redirect_link
        return link if link and is_allowed(redirect.old_path, link) else None
    page = tree.public_pages().filter(pk=redirect.redirect_page_id).select_related("locale").first()
    if page is None:
        return None
    own = unquote(tree.page_path(page))
    route = unquote(redirect.redirect_page_route_path).strip("/")
    return f"{own}{route}/" if route else own


# --- All of them ----------------------------------------------------------------------------------


def everything(*, reasons: bool = True) -> Iterator[Address]:
    """Yield every address that should have a file.

    If several claim a path, the first in `by_precedence` gets it.

    `reasons=False` skips the check for render blockers, which reads all texts of a page.
    """
    seen = set()
    for address in by_precedence(reasons=reasons):
        if address.path not in seen:
            seen.add(address.path)
            yield address


def by_precedence(*, reasons: bool) -> Iterator[Address]:
    yield from of_pages(reasons=reasons)
    yield from of_apps()
    yield from of_documents()
    yield from of_errors()
    yield from of_redirects()


def existing(wanted: Iterable[Address], *, reasons: bool = True, loaded: bool = False) -> dict[str, Address]:
    """Return those of these addresses that exist, by path, in their current state.

    A page may have become a redirect.
    """
    asked = list(wanted)
    pages = {int(address.source) for address in asked if address.kind == Kind.PAGE}
    documents = {int(address.source) for address in asked if address.kind == Kind.DOCUMENT}
    paths = {address.path for address in asked}
    found = (
        {address.path: address for address in of_pages(pages, reasons=reasons, loaded=loaded, among=paths)}
        if pages
        else {}
    )
    rest = paths - found.keys()
    others = {address.path: address for address in [*of_apps_among(rest), *of_errors()]} if rest else {}
    found |= {path: others[path] for path in rest if path in others}
    if documents:
        found = {address.path: address for address in of_documents(documents)} | found
    found = locate_all(paths - found.keys(), others, reasons=reasons) | found
    return {path: found[path] for path in paths if path in found}


def locate_all(
    paths: Iterable[str], others: dict[str, Address] | None = None, *, reasons: bool = True
) -> dict[str, Address]:
    """Return the addresses at these paths, by path, without those that should have no file.

    `others` are the addresses that apps have registered, and the error pages, if the caller has them already.
    Apps, tree and redirects are queried once for all paths.
    Unless `reasons=False`, each page found is checked for render blockers.
    """
    asked = {path for path in paths if is_safe(path)}
    if not asked:
        return {}
    if others is None:
        others = {address.path: address for address in [*of_apps_among(asked), *of_errors()]}
    found = located_pages(asked, reasons=reasons)
    found |= {path: others[path] for path in asked - found.keys() if path in others}
    return found | located_documents(asked - found.keys()) | located_redirects(asked - found.keys())


def locate(path: str) -> Address | None:
    """Return the address at a path; None if it should have no file."""
    return locate_all([path]).get(path)


def located_pages(paths: set[str], *, reasons: bool) -> dict[str, Address]:
    keys = find_pages(paths)
    # Checking a page for render blockers reads all of its texts, so only pages at these paths are checked.
    nearest = of_pages({*keys.values()}, reasons=False, among=paths) if keys else ()
    there = [address for address in nearest if keys.get(address.path) == int(address.source)]
    if reasons and there:
        checked = of_pages({int(address.source) for address in there}, among=paths)
        there = [address for address in checked if keys.get(address.path) == int(address.source)]
    return {address.path: address for address in there}


def located_documents(paths: set[str]) -> dict[str, Address]:
    keys = {int(match[1]) for path in paths if (match := DOCUMENT.match(path)) is not None}
    return {address.path: address for address in of_documents(keys) if address.path in paths} if keys else {}


def located_redirects(paths: set[str]) -> dict[str, Address]:
    written = {spelling for path in paths for spelling in (path, path.rstrip("/"))}
    rows = Redirect.objects.filter(old_path__in=written).values_list("pk", flat=True) if written else []
    found: dict[str, Address] = {}
    for address in of_redirects(rows) if rows else ():
        found.setdefault(address.path, address)
    by_path = {path: found.get(path.rstrip("/") + "/") for path in paths if not DOCUMENT.match(path)}
    return {path: address for path, address in by_path.items() if address is not None}
