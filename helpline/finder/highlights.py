"""What the home page counts of the helpline: the services that this site shows, and what they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import ngettext, npgettext

from core.memo import per_batch
from core.publishing.highlights import Figure, Tally
from helpline.records import visibility
from helpline.records.programmes import Programme
from helpline.vocabulary import codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import Model


class Numbers(NamedTuple):
    services: int
    checked: int
    countries: int
    languages: int


@per_batch
def numbers() -> Numbers:
    """Count the services that are open, those of them that two people have approved, their countries and their languages. One query."""
    rows = list(
        Programme.objects.shown()
        .open()
        .values_list("pk", "live", "status", "countries", "contact_points__languages", named=True)
    )
    return Numbers(
        services=len({row.pk for row in rows}),
        checked=len({row.pk for row in rows if visibility.is_public(row)}),
        countries=len({country for row in rows for country in row.countries} - {codes.ANYWHERE}),
        languages=len(
            {_of_all_countries(code) for row in rows for code in row.contact_points__languages or ()}
        ),
    )


def _of_all_countries(language: str) -> str:
    return language.partition("-")[0]


class CheckedServices(Tally):
    """The services on the list. In the demonstration, most of them have not been checked, and the figures say so."""

    watches: Sequence[type[Model]] = (Programme,)

    def figures(self) -> Iterator[Figure]:
        counted = numbers()
        words = (
            (counted.services, ngettext("service on the list", "services on the list", counted.services)),
            (counted.checked, ngettext("checked by two people", "checked by two people", counted.checked)),
            (counted.countries, npgettext("after a number", "country", "countries", counted.countries)),
            (
                counted.languages,
                ngettext(
                    "language in which people answer", "languages in which people answer", counted.languages
                ),
            ),
        )
        for number, said in words:
            if number:
                yield Figure(number=number, words=said)


HIGHLIGHTS = (CheckedServices(),)
