"""The finder as one value: everything that its template shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import brotli

from core.languages import names
from helpline.finder.content import crisis
from helpline.finder.content.coverage import always_available
from helpline.finder.content.filters.choices import Controls, controls
from helpline.finder.content.filters.facets import inhabited
from helpline.finder.content.filters.regions import Regions
from helpline.finder.content.listing import groups, rows
from helpline.finder.content.listing.laws import Laws
from helpline.finder.content.listing.reading import FinderReading
from helpline.finder.content.listing.timetable import Timetables
from helpline.records.order import RowGroup
from helpline.records.programmes import Programme
from helpline.records.support_lines import SupportLine
from helpline.vocabulary.codes import ANYWHERE

# A larger page is too much for an old phone, and is refused when it is rendered.
MAX_LISTINGS = 1000
MAX_BYTES = 66_000  # of the HTML alone, compressed with Brotli


class FinderTooLargeError(Exception):
    """Raised if the page is too large to be rendered.

    The message is for editors.
    """


def weight(html: bytes) -> int:
    """Return the size in bytes, compressed with Brotli only as hard as it takes to get below the limit."""
    size = len(html)
    for quality in (4, 11):
        if size > MAX_BYTES:
            size = len(brotli.compress(html, quality=quality))
    return size


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Everything on the page, in the active language, on one day."""

    controls: Controls
    rows: list[rows.ListingRow]
    no_answer: list[groups.NoAnswer]
    timetables: Timetables
    urgent: list[crisis.CountryLines]
    other: list[crisis.CountryLines]
    any_hour: list[always_available.AlwaysAvailable]
    instead: list[crisis.CountryLines]
    shared: list[crisis.Shared]
    laws: Laws

    @classmethod
    def of(
        cls,
        *,
        programmes: Iterable[Programme],
        lines: Iterable[SupportLine],
        own_words: Mapping[str, str],
        today: dt.date,
        disclosing: Collection[str] = (),
        by_law: Laws | None = None,
    ) -> Finder:
        """Build the finder.

        `by_law`: the law of each country.
        `disclosing`: the web addresses that disclose their visitors to others (`helpline.scan`).
        """
        programmes, lines = list(programmes), list(lines)
        urgent = crisis.by_country(lines, crisis.URGENT, today, disclosing)
        timetables = Timetables(today)
        reading = FinderReading(
            today=today,
            timetables=timetables,
            laws=by_law or {},
            regions=Regions.of(programmes),
            disclosing=disclosing,
        )
        listed = rows.listing_rows(programmes, reading)
        return cls(
            controls=controls(
                own_words,
                first={code for row in listed if row.is_answer for code in row.programme.countries} - {ANYWHERE},
                without_line=crisis.countries_without(urgent),
                regions=reading.regions,
                programmes=[row.programme for row in listed],
            ),
            rows=listed,
            no_answer=groups.without_answer(listed),
            timetables=timetables,
            urgent=urgent,
            other=crisis.without_first(crisis.by_country(lines, crisis.ALL, today, disclosing), urgent),
            any_hour=always_available.answers(programmes, reading),
            instead=[
                group
                for group in crisis.by_country(
                    crisis.without_missing_children(lines), crisis.INSTEAD, today, disclosing
                )
                if group.instead
            ],
            shared=crisis.shared(lines, today),
            laws=reading.laws,
        )

    @property
    def countries(self) -> list[tuple[str, str]]:
        """Return (code, name) of the countries with entries on the page, by name.

        Each has a page to share and print.
        """
        found = {code for row in self.rows for code in row.codes["country"].split()}
        found |= {lines.country for lines in (*self.urgent, *self.other)}
        named = [(code, names.country_name(code)) for code in found - {ANYWHERE}]
        return sorted(named, key=lambda pair: names.sort_key(pair[1]))

    @property
    def counted(self) -> str:
        """Return the number of services while no country is chosen: of those from anywhere."""
        return groups.number_of_services(sum(row.group is RowGroup.ANYWHERE for row in self.rows))

    @property
    def plural_forms(self) -> dict[str, str]:
        return groups.plural_forms()

    @property
    def near(self) -> list[groups.ShownGroup]:
        """Return the groups of countries, which come before what is there instead."""
        return [group for group in groups.grouped(self.rows) if group.group < RowGroup.ANYWHERE]

    @property
    def far(self) -> list[groups.ShownGroup]:
        return [group for group in groups.grouped(self.rows) if group.group >= RowGroup.ANYWHERE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Numbers to call, for a page other than the finder: just the numbers, to keep a longer text light."""

    shared: list[crisis.Shared]
    countries: list[crisis.CountryLines]  # every country, those without a number among them

    @classmethod
    def of(cls, lines: Iterable[SupportLine], *, today: dt.date, for_harmed: bool = False) -> Ways:
        """Collect the numbers; `for_harmed`: those for people who were harmed come first, and none is for others."""
        lines = list(lines)
        kinds = crisis.FOR_HARMED + crisis.URGENT if for_harmed else crisis.ALL
        groups = crisis.callable_lines(crisis.without_missing_children(lines), today, kinds=kinds)
        found = {group.country: group for group in groups}
        return cls(
            shared=crisis.shared(lines, today),
            countries=[found.get(code, crisis.CountryLines(code, name, ())) for code, name in inhabited()],
        )
