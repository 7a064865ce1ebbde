"""Routes of the pages that name a country or a listing."""

import json
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from wagtail.models import Revision

from core import sitemaps
from core.http import headers
from core.models import LanguageState
from core.publishing.routes import AppRoute
from helpline.finder.pages import FinderPage
from helpline.finder.sharing import addresses, lookups
from helpline.records.laws import CountryLaw, LawText
from helpline.records.listings import Listing
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.vocabulary.codes import ANYWHERE

# Partners embed the list of a country in a frame on their own pages.
# Reading it is as sensitive as reading the finder.
HEADERS = headers.Policy(paths=headers.below_language("embed/[a-z]{2}(/|$)"), sensitive=True, embeddable=True)


class SharedPages(AppRoute):
    """Routes of the pages of countries and listings, their handouts, and the lists to embed.

    There are many, and none is urgent unless something was withdrawn.
    """

    unhurried = True
    watches: Sequence[type[Model]] = (
        Programme,
        ProgrammeText,
        SupportLine,
        CountryLaw,
        LawText,
        LanguageState,
    )

    def addresses(self) -> Iterable[str]:
        return addresses.all_paths(addresses.finder_languages())

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Return the paths that exist, without listing all, as there are several for each listing and language."""
        return addresses.existing_paths(paths)

    def prefetch(self, paths: Iterable[str]) -> None:
        lookups.prefetch(addresses.subjects(paths))

    def sitemap_paths(self) -> Iterator[str]:
        """Yield the pages of countries.

        Pages of listings are only for people who have the address, handouts repeat a page, and frames belong to
        partners.
        """
        found, with_lines = addresses.countries_to_show(), addresses.countries_with_lines()
        for language in addresses.finder_languages():
            for country, waits in found.items():
                if language not in waits:
                    yield addresses.country_path(language, country)
            for country in with_lines:
                yield addresses.lines_path(language, country)

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        match changed:
            case FinderPage() | LanguageState():
                # Even if there is no finder any more, so that the renderer removes them.
                yield from addresses.all_paths([changed.locale.language_code])
                yield from sitemaps.invalidated_paths()
            case ProgrammeText():
                yield from self.paths_for_programme(changed.programme, [changed.locale.language_code])
            case Programme():
                yield from self.paths_for_programme(changed, addresses.finder_languages())
                yield from self.country_lists()
            case SupportLine():
                yield from self.paths_for_line(changed, addresses.finder_languages())
                yield from self.country_lists()
            case CountryLaw():
                yield from self.paths_in(
                    [changed.country, *earlier_values(changed, "country")], addresses.finder_languages()
                )
            case LawText():
                yield from self.paths_in([changed.law.country], [changed.locale.language_code])

    def country_lists(self) -> Iterator[str]:
        """Yield the pages that list all countries with a page."""
        yield from sitemaps.invalidated_paths()
        yield from map(addresses.embedding_path, addresses.finder_languages())

    def paths_for_programme(self, programme: Programme, spoken: Iterable[str]) -> Iterator[str]:
        where = countries_ever(programme)
        if ANYWHERE in where:
            where |= addresses.countries_to_show().keys()
        shown_on = [programme.uuid, *self.wholes(programme)]
        for language in spoken:
            for uuid in shown_on:
                yield addresses.listing_path(language, uuid)
                yield addresses.handout_path(language, uuid)
            for country in where - {ANYWHERE}:
                yield from addresses.paths_of_country(language, country)

    def wholes(self, programme: Programme) -> Iterator[UUID]:
        """Yield the programmes that it is, or was, a location of."""
        named = {programme.part_of, *earlier_values(programme, "part_of")} - {""}
        if named:
            yield from Programme.objects.shown().filter(name__in=named).values_list("uuid", flat=True)

    def paths_for_line(self, line: SupportLine, spoken: Iterable[str]) -> Iterator[str]:
        """Yield its own page, those of its countries, and the page and handout of each listing there.

        All of them show urgent lines.
        """
        spoken, where = list(spoken), countries_ever(line)
        beside = SupportLine.objects.shown().filter(countries__overlap=[*where])
        uuids = {line.uuid, *beside.values_list("uuid", flat=True)}
        for language in spoken:
            for uuid in uuids:
                yield addresses.listing_path(language, uuid)
        yield from self.paths_in(where, spoken)

    def paths_in(self, countries: Iterable[str], spoken: Iterable[str]) -> Iterator[str]:
        """Yield the pages of countries, and the page and handout of each programme there."""
        where = set(countries)
        beside = Programme.objects.shown().filter(countries__overlap=[*where])
        programmes = list(beside.values_list("uuid", flat=True))
        for language in spoken:
            for country in where:
                yield from addresses.paths_of_country(language, country)
                yield addresses.lines_path(language, country)
            for uuid in programmes:
                yield addresses.listing_path(language, uuid)
                yield addresses.handout_path(language, uuid)


def countries_ever(listing: Programme | SupportLine) -> set[str]:
    """Return its countries, and those of its revisions, whose pages must be rendered again."""
    earlier = earlier_values(listing, "countries")
    return {*listing.countries, *(code for codes in earlier for code in json.loads(codes))}


def earlier_values(listing: Listing, field: str) -> list[str]:
    """Return the values of a field in the revisions."""
    revisions = Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(type(listing)), object_id=str(listing.pk)
    )
    return [value for value in revisions.values_list(f"content__{field}", flat=True).distinct() if value]


ROUTES = (SharedPages(),)
