"""The published numbers as open data: a table (CSV), its metadata (CSVW), and a catalogue entry (DCAT-AP)."""

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, XSD

from analytics import disclosure
from analytics.disclosure import PublishedTable
from analytics.models import CountedWeek, CountedWeekQuerySet, PageCount, monday_of
from core.admin.spreadsheets import csv_cell
from core.http import public_url
from core.languages import tree
from core.models import LanguageState
from core.publishing import catalogues, counted
from core.publishing.counted import ALL, OTHER, Cell, Counted
from core.publishing.routes import AppRoute

FOLDER = "/open-data/"
NAME = "pages-shown"
CSV, CSVW = f"{FOLDER}{NAME}.csv", f"{FOLDER}{NAME}.csv-metadata.json"
TURTLE, JSON_LD = f"{FOLDER}{NAME}.ttl", f"{FOLDER}{NAME}.jsonld"
COLUMNS = ("week", "kind", "language", "page", "shown", "starts")
MEANING = {
    "week": "ISO week in which the pages were shown",
    "kind": "help: the finder and the pages of countries; kits: everything that a campaign has for download",
    "language": f"of the page; {ALL}: all languages together",
    "page": "finder, a country (ISO 3166-1), or a campaign (kit. and its name in addresses); "
    f"{ALL}: all pages together; {OTHER}: pages that were shown "
    f"fewer than {disclosure.RARE} times in all languages together",
    "shown": (
        "pages shown, upper bound, rounded to 5; empty: left out, because it is below 10 or would give away one that is"
    ),
    "starts": "how often the collector was started: each time, up to a day may be missing",
}
METHOD = (
    "Pages shown, upper bound: no people, no visits. A page shown twice "
    "counts twice, programs that do not say what they are count as well, "
    "and pages shown from a copy do not. Each number has two draws of "
    "two-sided geometric noise with epsilon 1, and is at most 3 wrong in 9 "
    "of 10 cases before it is rounded. A week is published one "
    "week after its end. How it is done is explained at {page}."
)


def about_path(code: str) -> str:
    return f"/{code}{FOLDER}{NAME}/"


def is_offered() -> bool:
    """Return whether there are numbers to describe: pages are counted, or were."""
    return settings.ANALYTICS or CountedWeek.objects.published().exists()


# --- The numbers ----------------------------------------------------------------------------------


def tables(weeks: Iterable[str]) -> dict[str, list[tuple[Counted, PublishedTable]]]:
    """Return the published numbers of each of these weeks, for each kind of page that was counted.

    One query.
    """
    numbers: dict[tuple[str, str], dict[Cell, int]] = defaultdict(dict)
    kinds = counted.declared()
    for row in PageCount.objects.filter(week__in=weeks):
        kind = next(each for each in kinds if each.has(row.page))
        numbers[row.week, kind.name][row.language, row.page] = row.n
    found: dict[str, list[tuple[Counted, PublishedTable]]] = {}
    for week in weeks:
        found[week] = [
            (kind, disclosure.table(numbers[week, kind.name], named={kind.first} - {""}))
            for kind in kinds
            if (week, kind.name) in numbers
        ]
    return found


def rows(of: CountedWeekQuerySet) -> Iterator[list[Any]]:
    """Yield the lines of the table for these weeks."""
    weeks = list(of)
    found = tables([each.week for each in weeks])
    for week in weeks:
        for kind, table in found[week.week]:
            for (language, page), n in table.numbers.items():
                yield [week.week, kind.name, language, page, "" if n is None else n, week.starts]


def public_csv() -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows(CountedWeek.objects.published()))
    return text.getvalue()


# --- Metadata -------------------------------------------------------------------------------------


def method() -> str:
    return METHOD.format(page=public_url(about_path(settings.LANGUAGE_CODE)))


def metadata() -> dict[str, Any]:
    """Return the CSVW metadata of the table."""
    types = {"shown": "integer", "starts": "integer"}
    columns = [
        {"name": name, "titles": name, "datatype": types.get(name, "string"), "dc:description": MEANING[name]}
        for name in COLUMNS
    ]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": public_url(CSV),
        "dc:title": "Pages shown",
        "dc:description": method(),
        "dc:license": {"@id": settings.OPEN_DATA_LICENCE["url"]},
        "dc:publisher": {"@id": public_url("/")},
        "dialect": {"header": True, "encoding": "utf-8", "delimiter": ","},
        "tableSchema": {"columns": columns, "primaryKey": ["week", "kind", "language", "page"]},
    }


def graph(publisher: str) -> Graph:
    """Return the description as DCAT-AP.

    `publisher` is the name of this site.
    """
    catalogue, agent, about = iri("catalogue"), iri("publisher"), iri(NAME)
    homepage = about_path(settings.LANGUAGE_CODE)
    found = catalogues.new_graph(catalogue, publisher=agent, name=publisher, homepage=homepage)
    catalogues.add_text(found, catalogue, DCTERMS.title, lambda: _("Pages shown"))
    catalogues.add_text(found, catalogue, DCTERMS.description, description)
    catalogues.add_licence(found, catalogue, settings.OPEN_DATA_LICENCE["url"])
    for code in tree.public_codes():
        found.add((catalogue, DCTERMS.language, catalogues.add_language(found, code)))
    found.add((catalogue, DCAT.dataset, about))
    add_dataset(found, about, agent)
    return found


def add_dataset(found: Graph, about: URIRef, agent: URIRef) -> None:
    found.add((about, RDF.type, DCAT.Dataset))
    catalogues.add_text(found, about, DCTERMS.title, lambda: _("Pages shown"))
    catalogues.add_text(found, about, DCTERMS.description, description)
    found.add((about, DCTERMS.identifier, Literal(public_url(CSV))))
    found.add((about, DCTERMS.publisher, agent))
    catalogues.add_licence(found, about, settings.OPEN_DATA_LICENCE["url"])
    catalogues.add_theme(found, about, "HEAL", "Health")
    frequency = URIRef(f"{catalogues.EU}frequency/WEEKLY")
    found.add((about, DCTERMS.accrualPeriodicity, frequency))
    found.add((frequency, RDF.type, DCTERMS.Frequency))
    how = iri("method")
    found.add((about, DCTERMS.provenance, how))
    found.add((how, RDF.type, DCTERMS.ProvenanceStatement))
    found.add((how, DCTERMS.description, Literal(method(), lang="en")))
    add_period(found, about)
    file = iri("csv")
    found.add((about, DCAT.distribution, file))
    catalogues.add_file(found, file, CSV, media_type="text/csv", kind="CSV")
    found.add((file, DCTERMS.title, Literal(f"{NAME}.csv", lang="en")))
    catalogues.add_licence(found, file, settings.OPEN_DATA_LICENCE["url"])


def add_period(found: Graph, about: URIRef) -> None:
    """Add the time that the table covers, and when it was changed last, both as days."""
    weeks = [monday_of(each.week) for each in CountedWeek.objects.published()]
    if not weeks:
        return
    period = iri("period")
    found.add((about, DCTERMS.temporal, period))
    found.add((period, RDF.type, DCTERMS.PeriodOfTime))
    for what, day in ((DCAT.startDate, weeks[0]), (DCAT.endDate, weeks[-1] + dt.timedelta(days=6))):
        found.add((period, what, Literal(day.isoformat(), datatype=XSD.date)))


def description() -> str:
    return _("How often pages about help, and kits of campaigns, were shown each week, by language.")


def iri(name: str) -> URIRef:
    return URIRef(public_url(f"{TURTLE}#{name}"))


# --- Prerendered files ----------------------------------------------------------------------------


class PagesShown(AppRoute):
    """The files, and in each language the page that explains them."""

    unhurried = True
    watches: Sequence[type[Model]] = (CountedWeek, LanguageState)

    def addresses(self) -> Iterator[str]:
        if is_offered():
            yield from (CSV, CSVW, TURTLE, JSON_LD)
            yield from (about_path(code) for code in tree.public_codes())

    def invalidated_by(self, changed: Model) -> Iterator[str]:
        if isinstance(changed, LanguageState):
            yield about_path(changed.locale.language_code)
        elif isinstance(changed, CountedWeek) and changed.state == CountedWeek.State.PUBLISHED:
            yield from self.addresses()


ROUTES = (PagesShown(),)
