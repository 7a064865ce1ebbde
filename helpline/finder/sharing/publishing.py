"""Which of the pages that name a country or a listing a change invalidates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Revision

from core import sitemaps
from core.doors import headers
from core.models import LanguageState
from helpline.finder.pages import FinderPage
from helpline.finder.sharing import addresses, places
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.records.texts import ProgrammeText
from helpline.vocabulary.codes import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model


# Partners embed the list of a country in a frame on their own pages; to read it is as sensitive as to read the finder.
HEADERS = headers.Policy(paths=headers.below_language("embed/[a-z]{2}/"), sensitive=True, embeddable=True)


class SharedPages:
    """The pages of countries and listings, their sheets, and the lists to embed. There are many, and none is urgent."""

    unhurried = True
    watches: Sequence[type[Model]] = (Programme, ProgrammeText, SupportLine, LanguageState)

    def addresses(self) -> Iterable[str]:
        return addresses.everything(addresses.finders())

    def existing(self, paths: Iterable[str]) -> Iterable[str]:
        """Return the paths that exist, without listing them all: there are several for each listing and language."""
        return addresses.existing(paths)

    def look_ahead(self, paths: Iterable[str]) -> None:
        places.look_ahead(addresses.what_is_named(paths))

    def mapped(self) -> Iterator[str]:
        """Yield the pages of countries. Listings are for those who know the address, sheets repeat a page, frames belong to partners."""
        found = addresses.countries()
        for language in addresses.finders():
            for country, waits in found.items():
                if language not in waits:
                    yield addresses.country_path(language, country)

    def touched_by(self, changed: Model) -> Iterator[str]:
        match changed:
            case FinderPage() | LanguageState():
                # Even if there is no finder any more: the press then removes them.
                yield from addresses.everything([changed.locale.language_code])
                yield from sitemaps.touched()
            case ProgrammeText():
                yield from self.of_programme(changed.programme, [changed.locale.language_code])
            case Programme():
                yield from self.of_programme(changed, addresses.finders())
                yield from self.lists()
            case SupportLine():
                yield from self.of_line(changed, addresses.finders())
                yield from self.lists()

    def lists(self) -> Iterator[str]:
        """Yield what lists all countries that have a page."""
        yield from sitemaps.touched()
        yield from map(addresses.embedding_path, addresses.finders())

    def of_programme(self, programme: Programme, spoken: Iterable[str]) -> Iterator[str]:
        where = {
            *programme.countries,
            *(code for codes in earlier(programme, "countries") for code in json.loads(codes)),
        }
        if ANYWHERE in where:
            where |= addresses.countries().keys()
        for language in spoken:
            yield addresses.listing_path(language, programme.uuid)
            yield addresses.sheet_path(language, programme.uuid)
            for country in where - {ANYWHERE}:
                yield from addresses.of_country(language, country)

    def of_line(self, line: SupportLine, spoken: Iterable[str]) -> Iterator[str]:
        """Yield its own page, those of its country, and the page and sheet of each programme there."""
        where = {line.country, *earlier(line, "country")}
        beside = Programme.objects.shown().filter(countries__overlap=[*where])
        programmes = list(beside.values_list("uuid", flat=True))
        for language in spoken:
            yield addresses.listing_path(language, line.uuid)
            for country in where:
                yield from addresses.of_country(language, country)
            for uuid in programmes:
                yield addresses.listing_path(language, uuid)
                yield addresses.sheet_path(language, uuid)


def earlier(listing: Programme | SupportLine, field: str) -> list[str]:
    """Return the earlier values of a field, from revisions: what was printed for them must be printed again."""
    revisions = Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(type(listing)), object_id=str(listing.pk)
    )
    return [value for value in revisions.values_list(f"content__{field}", flat=True).distinct() if value]
