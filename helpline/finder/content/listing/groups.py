"""Rows under the headings of the finder, and the people who are there if no row is an answer."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.languages.names import plural_samples
from helpline.finder.content.filters.facets import BY_CODE, inhabited
from helpline.finder.content.listing.rows import ListingRow
from helpline.records.order import RowGroup
from helpline.vocabulary.codes import ANYWHERE


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Rows of one group, with the codes of all of them, by which its heading is shown."""

    group: RowGroup
    rows: Sequence[ListingRow]

    @property
    def is_in_doubt(self) -> bool:
        return self.group is RowGroup.DOUBT

    @property
    def title(self) -> str:
        if self.is_in_doubt:
            return _("We are checking whether these still exist")
        if self.group is RowGroup.ANYWHERE:
            return _("From anywhere")
        return self.rows[0].place

    @property
    def countries(self) -> str:
        return self._codes("country")

    @property
    def audiences(self) -> str:
        return self._codes("audience")

    def _codes(self, facet: str) -> str:
        return " ".join(dict.fromkeys(code for row in self.rows for code in row.codes[facet].split()))


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Choices that no service answers: codes of countries and audiences, separated by spaces."""

    countries: str
    audiences: str


def number_of_services(number: int) -> str:
    return ngettext("%(number)s service", "%(number)s services", number) % {"number": number}


def plural_forms() -> dict[str, str]:
    """Return the words of the script for numbers of services, `#` for the number, by their `data-` attributes."""
    samples = plural_samples(get_language())
    # For languages that the browser does not know.
    samples = {"other": max(samples.values()), **samples}
    found = {}
    for form, number in samples.items():
        found[f"services-{form}"] = ngettext("%(number)s service", "%(number)s services", number) % {"number": "#"}
        found[f"unsure-{form}"] = ngettext(
            "Below those that are open is %(number)s service whose opening hours we do not know.",
            "Below those that are open are %(number)s services whose opening hours we do not know.",
            number,
        ) % {"number": "#"}
    return found


def grouped(rows: Iterable[ListingRow]) -> list[ShownGroup]:
    """Return the rows, which are in order, under their headings: one for each country, or for several together."""

    def heading(row: ListingRow) -> tuple[RowGroup, list[str]]:
        own = row.group in {RowGroup.COUNTRY, RowGroup.COUNTRIES}
        return row.group, sorted(row.programme.countries) if own else []

    return [ShownGroup(group, list(some)) for (group, _countries), some in groupby(rows, key=heading)]


def without_answer(rows: Iterable[ListingRow]) -> list[NoAnswer]:
    """Return the countries without an answer for each audience: a service that exists, is open and takes people."""
    there: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.is_answer:
            for audience in row.codes["audience"].split():
                there[audience] |= set(row.programme.countries)
    missing: dict[str, list[str]] = defaultdict(list)
    for audience in BY_CODE["audience"].codes():
        if ANYWHERE not in there[audience]:
            codes = [code for code, _name in inhabited("en") if code not in there[audience]]
            missing[" ".join(sorted(codes))].append(audience)
    return [NoAnswer(countries, " ".join(audiences)) for countries, audiences in missing.items()]
