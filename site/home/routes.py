"""Routes of this app: rendered addresses, and the changes, or days, that invalidate them."""

from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page

from core import sitemaps
from core.languages import tree
from core.models import LanguageState, SiteSettings
from core.publishing import highlights, routes, sharing
from core.publishing.routes import AppRoute
from core.scheduler import render_daily
from home.models import HomePage
from home.search import search_path


class PlainFiles(AppRoute):
    """Small files that change only with the settings."""

    def addresses(self) -> Iterable[str]:
        return ["/robots.txt", "/.well-known/security.txt", "/favicon.ico", "/apple-touch-icon.png"]


class Overview(AppRoute):
    """Pages that show every language or any page.

    The choice of languages, with the page for people who were harmed in each, and home pages, which show pages of their
    language and numbers across all languages.
    """

    @property
    def watches(self) -> Sequence[type[Model]]:
        return (LanguageState, Locale, *highlights.counted_models())

    def addresses(self) -> Iterable[str]:
        return ["/"]

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if isinstance(changed, tuple(highlights.counted_models())):
            return [f"/{code}/" for code in tree.public_codes()]
        if not isinstance(changed, Page) or changed.depth == tree.HOME_DEPTH:
            return ["/"]
        # A home page may show any page of its language, even if the editor chose it in another.
        home = f"/{changed.locale.language_code}/"
        is_apart = SiteSettings.objects.filter(after_harm__translation_key=changed.translation_key).exists()
        return ["/", home] if is_apart else [home]


class SiteMap(AppRoute):
    """The sitemap, which lists every page.

    It is not urgent: no visitor reads it.
    """

    unhurried = True
    watches: Sequence[type[Model]] = (LanguageState, Locale)

    def addresses(self) -> Iterable[str]:
        return sitemaps.paths()

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        asked = {path for path in paths if path.startswith("/sitemap")}
        return asked.intersection(sitemaps.paths()) if asked else ()

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        return sitemaps.invalidated_paths()


class SearchRoute(AppRoute):
    """The search page of each language, without a query."""

    watches: Sequence[type[Model]] = (LanguageState,)

    def addresses(self) -> Iterable[str]:
        return [search_path(code) for code in tree.public_codes()]

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if isinstance(changed, LanguageState):
            return self.addresses()
        if isinstance(changed, Page) and changed.depth <= tree.HOME_DEPTH:
            return self.addresses()
        return []

    def answers_query(self, path: str) -> bool:
        return True


class ManifestRoute(AppRoute):
    """The web app manifest: name and look of the site on a home screen, in each language."""

    watches: Sequence[type[Model]] = (LanguageState,)

    def addresses(self) -> Iterable[str]:
        return [f"/manifests/{code}.webmanifest" for code in tree.public_codes()]

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        return self.addresses() if isinstance(changed, LanguageState) else []


class NotFound(AppRoute):
    """The 404 page with menu and languages, prerendered so that it needs no database."""

    watches: Sequence[type[Model]] = (LanguageState, Locale)

    def addresses(self) -> Iterable[str]:
        own = [address for code in settings.INTERFACE_LANGUAGES for address in self.paths_of(code)]
        return ["/404.html", *own]  # static hosts use the first of these

    @staticmethod
    def paths_of(code: str) -> list[str]:
        return [f"/errors/{code}/404.html", f"/errors/{code}/help/404.html"]

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if not isinstance(changed, Page) or changed.depth <= tree.HOME_DEPTH:
            return self.addresses()
        if changed.depth > tree.HOME_DEPTH + 1 and not changed.show_in_menus:
            return []
        if getattr(changed, "is_sensitive", False):
            return self.addresses()  # the 404 pages of all languages link to it
        code = changed.locale.language_code
        return [*self.paths_of(code), *(["/404.html"] if code == settings.LANGUAGE_CODE else [])]


class CardRoute(AppRoute):
    """Pictures of pages for link previews.

    They are not urgent: only programs of other sites request them.
    """

    unhurried = True
    watches: Sequence[type[Model]] = (LanguageState, Locale)

    def addresses(self) -> Iterable[str]:
        return [sharing.card_path(page) for page in sharing.pages_with_cards()]

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Check only the pages of the pictures among these paths.

        The check for render blockers reads all texts of a page.
        """
        asked = {path for path in paths if path.startswith("/cards/")}
        if not asked:
            return ()
        named = Q(slug__in={path.rpartition("/")[2].removesuffix(".png") for path in asked})
        pages = sharing.pages_with_cards(named | Q(depth=tree.HOME_DEPTH))
        return asked.intersection(unquote(sharing.card_path(page)) for page in pages)

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if not isinstance(changed, Page):
            return self.addresses()
        if not sharing.has_card(changed):
            return []
        # All of the language: the page may have had another address before, whose picture is purged.
        return [sharing.card_path(changed), f"/cards/{changed.locale.language_code}/{routes.EVERYTHING}"]


ROUTES = (
    PlainFiles(),
    Overview(),
    SiteMap(),
    SearchRoute(),
    NotFound(),
    CardRoute(),
    ManifestRoute(),
)
JOBS = [
    render_daily(
        name="home-dates",
        title=_("Update the dates on home pages for another day"),
        pages=HomePage,
        which=lambda page: page.shows_dates,
    ),
]
