"""Which help pages a change invalidates: every finder shows every programme, and every help page the support lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.doors import headers
from core.languages import names, tree
from core.publishing.counted import Counted
from core.publishing.routes import AppRoute
from core.publishing.site_links import HELP, OPEN_DATA, SiteLink
from helpline import directory
from helpline.exchange.open_data import exports
from helpline.finder import queries
from helpline.finder.pages import CheckPage, FinderPage, GuidePage
from helpline.records.laws import CountryLaw, LawText
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.scan.models import ListedSite

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model


# No cache may reveal that someone looked for help.
HEADERS = headers.Policy(paths=headers.below_language("help(/|$)"), sensitive=True)

FINDER = "finder"


def counted_names(pages: Iterable[str]) -> dict[str, str]:
    """Return what counted pages are called, in the active language: the country of each, or the finder."""
    return {page: gettext("Find support") if page == FINDER else names.country_name(page) for page in pages}


# The choices that somebody makes in the finder never reach a server, so nobody can count them.
COUNTED = Counted(
    name="help",
    title=_("Help pages"),
    files=("*/help/index.html", "*/help/[a-z][a-z]/index.html"),
    address=re.compile(r"/(?P<language>[a-z]{2,3}(?:-[a-z0-9]+)*)/help/(?:(?P<page>[a-z]{2})/)?"),
    first=FINDER,
    names=counted_names,
)


class HelpPages(AppRoute):
    """The finders and guides of all languages. They are pages, so the press knows their addresses already."""

    watches: Sequence[type[Model]] = (Programme, ProgrammeText, SupportLine, CountryLaw, LawText, ListedSite)

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if isinstance(changed, ProgrammeText | LawText):
            yield from paths(FinderPage, language=changed.locale.language_code)
        elif isinstance(changed, Programme | SupportLine | CountryLaw | ListedSite):
            yield from paths(FinderPage)
        if isinstance(changed, Programme | SupportLine):
            yield from coverage_paths()
        if isinstance(changed, SupportLine) or (
            isinstance(changed, ListedSite) and SupportLine.objects.filter(website=changed.url).exists()
        ):
            yield from paths(GuidePage)
        if isinstance(changed, CheckPage):  # every help page links to it
            for kind in (FinderPage, GuidePage):
                yield from paths(kind, language=changed.locale.language_code)


def coverage_paths() -> Iterable[str]:
    """Return the addresses of the gap map in each language; none unless the operator has turned it on."""
    if queries.shows_coverage():
        return [f"{path}{FinderPage.COVERAGE}/" for path in paths(FinderPage)]
    return ()


def paths(kind: type[FinderPage | GuidePage], *, language: str | None = None) -> Iterable[str]:
    """Return the public addresses of the live pages of a kind, in one language or in all."""
    pages = kind.objects.live().select_related("locale")
    if language:
        pages = pages.filter(locale__language_code=language)
    return [tree.page_path(page) for page in pages]


ROUTES = (HelpPages(),)
LINKS = (
    SiteLink(name=HELP, path=directory.finder_path),
    SiteLink(name=OPEN_DATA, path=exports.about_path),
)
