"""The links of a page to the rest of the site: menu, breadcrumb, language links, footer links.

They take three queries per page, for any number of languages and pages, and hardly any for a page that is rendered in a
batch.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, F, Q
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import translation
from django.utils.encoding import escape_uri_path
from wagtail.models import Page, ReferenceIndex, Site

from core.http import public_address, public_url
from core.languages import tree
from core.memo import per_batch
from core.models.pages import BasePage
from core.models.settings import SiteSettings
from core.publishing.routes import is_prerendering
from core.publishing.sharing import card_path, has_card


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to a page.

    `language` is set if it differs from that of the page that shows the link.
    """

    title: str
    url: str
    is_current: bool = False
    is_section: bool = False
    language: str = ""


class Step(NamedTuple):
    """One step of a breadcrumb."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageLink:
    """A link to this page in another language, or to the nearest page above it that exists there.

    `code`, `autonym` and `direction` describe the link text; `title` is the title of the target.
    """

    code: str
    autonym: str
    direction: Literal["ltr", "rtl"]
    url: str
    state: Literal["current", "translated", "elsewhere"]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """An absolute URL of the same page, for `<link rel="alternate" hreflang>`.

    `code` may be `x-default`.
    """

    code: str
    url: str


class KnownPages:
    """The public pages found so far, by translation key and language, and the menus by the path of their home page."""

    def __init__(self, also_in: str | None) -> None:
        self.also_in = also_in
        self.keys: dict[int, uuid.UUID] = {}  # the translation keys of pages, by primary key
        self.translations: dict[uuid.UUID, dict[str, Page]] = {}
        self.menus: dict[str, list[Page]] = {}

    @property
    def by_primary_key(self) -> dict[int, Page]:
        return {page.pk: page for same in self.translations.values() for page in same.values()}

    def find(self, keys: Iterable[uuid.UUID] = (), *, homes: Iterable[str] = ()) -> None:
        """Find the pages with these keys, and the menus below the home pages at these tree paths.

        At most one query.
        """
        missing = set(keys) - self.translations.keys()
        wanted = Q(translation_key__in=missing)
        menus = set(homes) - self.menus.keys()
        for path in menus:
            wanted |= Q(path__startswith=path, depth=tree.HOME_DEPTH + 1, show_in_menus=True)
        if not missing and not menus:
            return
        self.translations |= {key: {} for key in missing}
        self.menus |= {path: [] for path in menus}
        found = (
            tree.public_pages(also_in=self.also_in)
            .filter(wanted)
            .annotate(code=F("locale__language_code"))
            .only(
                "title",
                "search_description",
                "path",
                "depth",
                "url_path",
                "translation_key",
                "show_in_menus",
                "content_type",
            )
            .order_by("path")
        )
        for page in found:
            if page.translation_key in missing:
                self.translations[page.translation_key][page.code] = page
            home_path = tree.home_path(page)
            if home_path in menus and page.show_in_menus and page.depth == tree.HOME_DEPTH + 1:
                self.menus[home_path].append(page)


@per_batch
def known_pages(also_in: str | None) -> KnownPages:
    return KnownPages(also_in)


def prefetch(pages: Iterable[Page]) -> None:
    """Find the navigation and the link targets of these public pages, before they are rendered in one batch.

    Two queries.
    """
    batch = list(pages)
    if not batch:
        return
    known = known_pages(None)
    paths = {path for page in batch for path in tree.paths_above(page)}
    base = ContentType.objects.get_for_model(Page)
    named = ReferenceIndex.objects.filter(
        base_content_type=base, object_id__in=[str(page.pk) for page in batch], to_content_type=base
    ).annotate(key=Cast("to_object_id", BigIntegerField()))
    around = Page.objects.filter(Q(path__in=paths) | Q(pk__in=named.values("key")))
    above: dict[str, uuid.UUID] = {}
    for key, path, translation_key in around.values_list("pk", "path", "translation_key"):
        above[path] = known.keys[key] = translation_key
    for page in batch:
        if isinstance(page, BasePage):
            page.keys_above = [above[path] for path in tree.paths_above(page) if path in above]
    known.find(
        {*above.values(), *(page.translation_key for page in batch)},
        homes={tree.home_path(page) for page in batch},
    )


class Navigation:
    """The rest of the site as seen from one page, or from an address that is not a page."""

    def __init__(self, request: HttpRequest | None, page: Page | None) -> None:
        self.request = request
        self.page = page
        self.code = translation.get_language() or settings.LANGUAGE_CODE
        # A page that is being served is in the active language; reading its locale would take a query.
        if page is not None and (request is None or Page._meta.get_field("locale").is_cached(page)):
            self.code = page.locale.language_code

    @classmethod
    def for_request(cls, request: HttpRequest | None, page: Page | None) -> Navigation:
        """Return the navigation of a page, cached on the request."""
        if request is None:
            return cls(request, page)
        made: dict[int, Navigation] = request.__dict__.setdefault("navigation", {})
        if id(page) not in made:
            made[id(page)] = cls(request, page)
        return made[id(page)]

    # --- Queries --------------------------------------------------------------------------------------------------

    @cached_property
    def site_settings(self) -> SiteSettings | None:
        """The site settings; None while there is no site."""
        if self.request is not None:
            return SiteSettings.for_request(self.request) if Site.find_for_request(self.request) else None
        return SiteSettings.base_queryset().filter(site__is_default_site=True).first()

    @cached_property
    def keys_above(self) -> list[uuid.UUID]:
        """The translation keys of the pages above this one, from the home page down."""
        if self.page is None:
            site = Site.find_for_request(self.request) if self.request is not None else None
            site = site or Site.objects.filter(is_default_site=True).select_related("root_page").first()
            return [site.root_page.translation_key] if site else []
        if isinstance(self.page, BasePage) and self.page.keys_above is not None:
            return self.page.keys_above
        above = Page.objects.filter(path__in=tree.paths_above(self.page)).order_by("path")
        return list(above.values_list("translation_key", flat=True))

    @cached_property
    def known(self) -> KnownPages:
        """All pages that may be linked from this one."""
        prerendered = self.request is not None and is_prerendering(self.request)
        known = known_pages(None if prerendered else self.code)
        keys = [*self.keys_above, *(page.translation_key for page in self.chosen.values())]
        if self.page is None:
            known.find(keys)
        else:
            known.find([*keys, self.page.translation_key], homes=[tree.home_path(self.page)])
        return known

    def translation_of(self, key: uuid.UUID, code: str) -> Page | None:
        """Return the page with a translation key in a language, if it is public."""
        return self.known.translations[key].get(code)

    @cached_property
    def chosen(self) -> dict[str, Page]:
        """The pages that the site settings name for every page, in the language in which they were chosen."""
        chosen = {name: getattr(self.site_settings, name) for name in SiteSettings.LINKED} if self.site_settings else {}
        return {name: page for name, page in chosen.items() if page is not None}

    # --- Links --------------------------------------------------------------------------------------------------------

    def href(self, path: str) -> str:
        """Return a link to a path on the public site that works where the page is shown."""
        return public_address(path, seen_from=self.request)

    def url(self, page: Page, code: str) -> str:
        return self.href(tree.page_path(page, code))

    @cached_property
    def home(self) -> Page | None:
        """The home page in the language of this page, if it is live."""
        return self.translation_of(self.keys_above[0], self.code) if self.keys_above else self.own_home

    @property
    def own_home(self) -> Page | None:
        return self.page if self.page is not None and self.page.depth == tree.HOME_DEPTH else None

    @cached_property
    def menu_pages(self) -> list[Page]:
        """The pages below home that are shown in menus, in the order of the tree."""
        if self.page is not None:
            home = tree.home_path(self.page)
        elif self.home is not None:
            # Only now is the home page known, for an address that is not a page.
            home = self.home.path
            self.known.find(homes=[home])
        else:
            return []
        return self.known.menus[home]

    @cached_property
    def section(self) -> Page | None:
        """The page of the menu that this page is in: itself, the one above it, or the one that its type names."""
        if self.page is None:
            return None
        here = self.page.path
        for page in self.menu_pages:
            if here.startswith(page.path):
                return page
        is_below = len(self.keys_above) > 1
        first = self.translation_of(self.keys_above[1], self.code) if is_below else self.page
        named = getattr(first.specific_class, "section", "") if first is not None else ""
        return next((page for page in self.menu_pages if named and page.specific_class._meta.label == named), None)

    @cached_property
    def menu(self) -> list[Link]:
        """The menu, with the page and its section marked."""
        here = self.page.path if self.page is not None and not self.below_page else ""
        return [
            Link(
                title=page.title,
                url=self.url(page, self.code),
                is_current=page.path == here,
                is_section=page == self.section,
            )
            for page in self.menu_pages
        ]

    @cached_property
    def breadcrumb(self) -> list[Step]:
        """The public pages from home down to the parent of this page, its section among them.

        If the address is below that of the page, such as a member of the directory, the page is the last step.
        """
        if self.page is None:
            return []
        found = [self.translation_of(key, self.code) for key in self.keys_above]
        above = [page for page in found if page is not None]
        if self.section is not None and not self.page.path.startswith(self.section.path):
            above.insert(1 if self.home in above else 0, self.section)
        if self.below_page and self.keys_above:
            above.append(self.page)
        return [Step(title=page.title, url=self.url(page, self.code)) for page in above]

    @cached_property
    def footer(self) -> list[Link]:
        """The pages chosen for the footer, each in this language or in its first fallback."""
        return [link for name in SiteSettings.FOOTER if (link := self.chosen_link(name)) is not None]

    @cached_property
    def after_harm(self) -> Link | None:
        """The page for people who were harmed, in this language or in its first fallback."""
        return self.chosen_link("after_harm")

    def chosen_link(self, name: str) -> Link | None:
        page = self.chosen.get(name)
        if page is None:
            return None
        for code in tree.fallbacks(self.code):
            if found := self.translation_of(page.translation_key, code):
                return Link(
                    title=found.title,
                    url=self.url(found, code),
                    is_current=self.page is not None and found.path == self.page.path,
                    language="" if code == self.code else code,
                )
        return None

    def chosen_link_in(self, name: str, code: str) -> Link | None:
        """Return the link to a chosen page for readers of a language; None if it has no such page."""
        page = self.chosen.get(name)
        found = self.translation_of(page.translation_key, code) if page is not None else None
        return Link(title=found.title, url=self.url(found, code)) if found is not None else None

    @cached_property
    def card(self) -> Link | None:
        """The picture for shared links to this page, and its text: of its section, or of the site."""
        if isinstance(self.page, BasePage) and self.page.card_path:
            return Link(title=self.page.seo_title or self.page.title, url=public_url(self.page.card_path))
        if self.page is not None and has_card(self.page):
            shown: Page | None = self.page
        else:
            above = (self.translation_of(key, self.code) for key in reversed(self.keys_above[:2]))
            shown = next((page for page in above if page is not None), None)
        return None if shown is None else Link(title=shown.title, url=public_url(card_path(shown, self.code)))

    # --- Languages ----------------------------------------------------------------------------------------------------

    @cached_property
    def below_page(self) -> str:
        """The part of the requested path below the page that answers it, such as `lu/`.

        Language links keep it.
        """
        if self.request is None or self.page is None:
            return ""
        path, own = escape_uri_path(self.request.path_info), tree.page_path(self.page, self.code)
        return path[len(own) :] if path.startswith(own) else ""

    @cached_property
    def below_language(self) -> str | None:
        """The path below the language, for an address that is not a page, such as `search/`.

        It is the same in every language.
        """
        match = getattr(self.request, "resolver_match", None)
        if self.request is None or match is None or match.url_name == "wagtail_serve":
            return None
        _, prefix, below = self.request.path_info.partition(f"/{translation.get_language()}/")
        return escape_uri_path(below) if prefix and not _ else None

    @cached_property
    def language_links(self) -> list[LanguageLink]:
        """One link for each language on offer, in the order of `config/languages.py`.

        A language is on offer if it is public and has a home page; the language of this page always is.
        """
        links = []
        for language in settings.LANGUAGE_TABLE.values():
            target, state = self.target(language.code)
            if target is None:
                continue
            below = ""
            if self.page is not None and state != "elsewhere":
                below = self.below_page
            elif self.page is None and self.below_language is not None:
                below = self.below_language
                state = "translated" if state == "elsewhere" else state
            links.append(
                LanguageLink(
                    code=language.code,
                    autonym=language.autonym,
                    direction=language.direction,
                    url=self.url(target, language.code) + below,
                    state=state,
                    title=target.title,
                )
            )
        return links

    def target(self, code: str) -> tuple[Page | None, Literal["current", "translated", "elsewhere"]]:
        """Return the target in a language: this page, or the nearest above it that exists; None without a home page."""
        is_own = code == self.code
        if self.page is not None:
            if is_own:
                return self.page, "current"
            if found := self.translation_of(self.page.translation_key, code):
                return found, "translated"
        if not self.keys_above or self.translation_of(self.keys_above[0], code) is None:
            return None, "elsewhere"
        above = (self.translation_of(key, code) for key in reversed(self.keys_above))
        nearest = next(page for page in above if page is not None)
        return nearest, "current" if is_own else "elsewhere"

    def described(self, code: str) -> str:
        """Return the target's description for search engines in a language; empty if there is none."""
        target, _state = self.target(code)
        return target.search_description if target is not None else ""

    @cached_property
    def alternates(self) -> list[Alternate]:
        """The same page in each of its languages, and the address for all other readers (`x-default`)."""
        if self.page is None:
            return []
        same = [link for link in self.language_links if link.state != "elsewhere"]
        return with_default(
            {link.code: tree.page_path(self.target(link.code)[0], link.code) + self.below_page for link in same},
            is_home=not self.keys_above,
        )


def with_default(paths: dict[str, str], *, is_home: bool) -> list[Alternate]:
    """Return alternates from the path in each language.

    `x-default` is the source language, or `/` for home pages.
    """
    found = [Alternate(code=code, url=public_url(path)) for code, path in paths.items()]
    default = "/" if is_home else paths.get(settings.LANGUAGE_CODE)
    return [*found, Alternate(code="x-default", url=public_url(default))] if default and found else found


def in_language(pages: Iterable[Page], code: str) -> dict[uuid.UUID, Page]:
    """Return the public translations of `pages` in a language, by translation key.

    At most one query.
    """
    keys = [page.translation_key for page in pages]
    known = known_pages(None).translations
    if known.keys() >= set(keys):
        return {key: known[key][code] for key in keys if code in known[key]}
    found = tree.public_pages(also_in=code).filter(translation_key__in=keys, locale__language_code=code)
    return {page.translation_key: page for page in found}
