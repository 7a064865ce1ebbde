"""Routes of the open data: its prerendered pages, what invalidates them, and its entries in the public search."""

import re
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Model
from django.utils.translation import gettext

from core.http import headers
from core.languages import tree
from core.models import LanguageState
from core.publishing.routes import AppRoute
from core.search.sources import Destination, Hit, Source
from helpline.exchange.hsds import pages
from helpline.exchange.open_data import dcat, exports, feed
from helpline.records.laws import CountryLaw, LawText
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText

HEADERS = headers.Policy(paths=re.compile("^/hsds/"), readable_by_others=True)


class OpenData(AppRoute):
    """The files for those who copy the verified listings."""

    watches: Sequence[type[Model]] = (
        Programme,
        ProgrammeText,
        SupportLine,
        CountryLaw,
        LawText,
        LanguageState,
    )

    def addresses(self) -> Iterator[str]:
        for name in exports.FILES:
            yield exports.file_path(name)
            yield exports.file_path(name, "csv-metadata.json")
        yield from (feed.PATH, dcat.TURTLE, dcat.JSON_LD)
        yield from (exports.about_path(code) for code in tree.public_codes())

    def invalidated_by(self, changed: Model) -> Iterable[str]:
        if isinstance(changed, LanguageState):
            return [exports.about_path(changed.locale.language_code)]
        return self.addresses() if isinstance(changed, tuple(self.watches)) else ()


class OpenApi(AppRoute):
    """HSDS API in each public language: its objects, and the first page of each list.

    Other pages are rendered on request.
    """

    watches: Sequence[type[Model]] = (Programme, ProgrammeText, SupportLine, CountryLaw, LanguageState)
    ADDRESS = re.compile(
        r"/hsds/(?P<language>[a-z0-9-]+)(/(?P<kind>[a-z_]+)(/(?P<identity>[0-9a-f-]{36}))?|/openapi\.json)?"
    )

    def addresses(self) -> Iterator[str]:
        objects = {kind: pages.identities(kind) for kind in pages.KINDS}
        for code in tree.public_codes():
            yield from fixed_paths(code)
            for kind, found in objects.items():
                yield from (pages.object_path(code, kind, identity) for identity in found)

    def existing(self, paths: Iterable[str]) -> Iterator[str]:
        """Yield those of `paths` that exist, without listing all: there are several for each programme."""
        parts = {path: match for path in paths if (match := self.ADDRESS.fullmatch(path))}
        if not parts:
            return
        public = set(tree.public_codes())
        asked: dict[str, set[str]] = {kind: set() for kind in pages.KINDS}
        for match in parts.values():
            if match["kind"] in asked and match["identity"]:
                asked[match["kind"]].add(match["identity"])
        known = {kind: set(pages.identities(kind, among=some)) for kind, some in asked.items() if some}
        for path, match in parts.items():
            code, kind, identity = match["language"], match["kind"], match["identity"]
            if code in public and (identity in known.get(kind, ()) if identity else path in set(fixed_paths(code))):
                yield path

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, LanguageState):
            yield from fixed_paths(changed.locale.language_code)
            return
        if isinstance(changed, ProgrammeText):
            codes, programme = [changed.locale.language_code], changed.programme
        elif isinstance(changed, Programme):
            codes, programme = tree.public_codes(), changed
        elif isinstance(changed, SupportLine):
            codes, programme = tree.public_codes(), None  # only the date of the data changes
        elif isinstance(changed, CountryLaw):
            for code in tree.public_codes():
                yield from list_paths(code)
                yield from (pages.object_path(code, kind, identity) for kind, identity in services_under(changed))
            return
        else:
            return
        objects = list(pages.objects_of(programme)) if programme else []
        if programme and Programme.objects.public().count() <= 1:  # the first listed programme, or the last
            objects += pages.vocabulary()
        for code in codes:
            yield from list_paths(code)
            yield from (pages.object_path(code, kind, identity) for kind, identity in objects)

    def answers_query(self, path: str) -> bool:
        return path.rpartition("/")[2] in pages.KINDS


def services_under(law: CountryLaw) -> list[tuple[str, str]]:
    """Return the objects of the programmes in the country of a law.

    They refer to the law for facts that they do not state.
    """
    there = Programme.objects.public().filter(countries__contains=[law.country])
    return [found for programme in there for found in pages.objects_of(programme)]


def fixed_paths(code: str) -> list[str]:
    """Return the paths that the API of a language always has, even if its lists are empty."""
    return [f"{pages.FOLDER}{code}/openapi.json", *list_paths(code)]


def list_paths(code: str) -> list[str]:
    """Return the paths of the first page of each list, and of the page about the API with the date of the data."""
    root = f"{pages.FOLDER}{code}"
    return [root, *(f"{root}/{kind}" for kind in pages.KINDS)]


ROUTES = (OpenData(), OpenApi())


class OpenDataAnswers(Source):
    def names(self, language: str) -> Iterator[str]:
        yield self._page(language).phrases

    def answers(self, asked: Sequence[str], language: str) -> Iterator[Hit]:
        return self._page(language).hit(asked)

    @staticmethod
    def _page(language: str) -> Destination:
        return Destination(
            title=gettext("Open data"),
            url=exports.about_path(language),
            # Translators: search words of people who want to download or use our data, one phrase a line.
            phrases=gettext("open data\ndata set\ndataset\napi\ncsv\njson\nexport\ndownload list\nhsds\ndcat\nfeed"),
        )


SOURCE = OpenDataAnswers()
