"""Routes of help pages, and the helpline's contributions to the rest of the site.

Every finder shows every programme, and every help page the support lines.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db.models import Model
from django.utils.translation import gettext, ngettext, npgettext
from django.utils.translation import gettext_lazy as _

from core.http import headers
from core.languages import names, tree
from core.memo import per_batch
from core.publishing.counted import Counted
from core.publishing.highlights import Figure, FigureHighlight
from core.publishing.routes import HELP, OPEN_DATA, AppRoute, SiteLink
from helpline import directory
from helpline.exchange.open_data import exports
from helpline.finder import queries
from helpline.finder.pages import CheckPage, FinderPage, GuidePage
from helpline.governance.withdrawals import is_withdrawal
from helpline.records import visibility
from helpline.records.laws import CountryLaw, LawText
from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.scan.models import ListedSite
from helpline.vocabulary import codes


class Numbers(NamedTuple):
    services: int
    checked: int
    countries: int
    languages: int


@per_batch
def numbers() -> Numbers:
    """Count the open services, those approved by two people, their countries and their languages.

    Uses one query.
    """
    rows = list(
        Programme.objects.shown()
        .open()
        .values_list("pk", "live", "status", "countries", "contact_points__languages", named=True)
    )
    return Numbers(
        services=len({row.pk for row in rows}),
        checked=len({row.pk for row in rows if visibility.is_public(row)}),
        countries=len({country for row in rows for country in row.countries} - {codes.ANYWHERE}),
        languages=len({_of_all_countries(code) for row in rows for code in row.contact_points__languages or ()}),
    )


def _of_all_countries(language: str) -> str:
    return language.partition("-")[0]


class CheckedServices(FigureHighlight):
    """Figures of the services on the list.

    In the demonstration, most have not been checked, and the figures say so.
    """

    watches: Sequence[type[Model]] = (Programme,)

    def figures(self) -> Iterator[Figure]:
        counted = numbers()
        words = (
            (counted.services, ngettext("service on the list", "services on the list", counted.services)),
            (counted.checked, ngettext("checked by two people", "checked by two people", counted.checked)),
            (counted.countries, npgettext("after a number", "country", "countries", counted.countries)),
            (
                counted.languages,
                ngettext("language in which people answer", "languages in which people answer", counted.languages),
            ),
        )
        for number, said in words:
            if number:
                yield Figure(number=number, words=said)


HIGHLIGHTS = (CheckedServices(),)


# No cache may reveal that someone looked for help.
HEADERS = headers.Policy(paths=headers.below_language("help(/|$)"), sensitive=True)

FINDER = "finder"


def counted_names(pages: Iterable[str]) -> dict[str, str]:
    """Return the names of counted pages in the active language: the country of each, or the finder."""
    return {page: gettext("Find support") if page == FINDER else names.country_name(page) for page in pages}


# The choices of visitors in the finder never reach a server, so they cannot be counted.
COUNTED = Counted(
    name="help",
    title=_("Help pages"),
    files=("*/help/index.html", "*/help/[a-z][a-z]/index.html"),
    address=re.compile(r"/(?P<language>[a-z]{2,3}(?:-[a-z0-9]+)*)/help/(?:(?P<page>[a-z]{2})/)?"),
    first=FINDER,
    names=counted_names,
)


class HelpPages(AppRoute):
    """Routes of the finders and guides of all languages.

    They are pages, so their addresses come from the page tree.
    """

    watches: Sequence[type[Model]] = (Programme, ProgrammeText, SupportLine, CountryLaw, LawText, ListedSite)

    def withdraws(self, changed: Model, *, deleted: bool) -> bool:
        if isinstance(changed, Listing):
            return deleted or is_withdrawal(changed)
        return isinstance(changed, ProgrammeText | LawText) and (deleted or not visibility.is_visible_text(changed))

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
    """Return the addresses of the coverage map in each language; none unless the operator has turned it on."""
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
