"""Verified listings, including the law of countries, as public tables, in the columns of our own importer.

They hold only what two people have approved: no drafts, and no unchecked rows of the demonstration.
Numbers and email addresses of a listing that is closed or stale are left out (`withheld`), as on every page.
A stale law is left out completely.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from core.admin.spreadsheets import csv_cell
from core.http import public_url
from helpline.exchange.csv.columns import LAWS, PROGRAMMES, SUPPORT_LINES, Table
from helpline.exchange.models import PublicChange
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.querysets import ListingQuerySet
from helpline.records.visibility import hides_contact

FOLDER = "/open-data/"


def about_path(code: str) -> str:
    """Return the path of the page that describes the open data."""
    return f"/{code}{FOLDER}"


FILES = {"programmes": PROGRAMMES, "support-lines": SUPPORT_LINES, "laws": LAWS}
TITLES = {
    "programmes": "Verified programmes",
    "support-lines": "Verified support lines",
    "laws": "What the law of countries says about reporting",
}
# Columns with several values, and those that are not plain text (https://www.w3.org/TR/tabular-data-primer/).
LISTS = frozenset(
    {
        "country", "audience", "channels", "phone", "email", "languages", "not_for", "suitable_for",
        "interpreter_languages", "to_whom",
    }
)  # fmt: skip
TYPES = {
    "from_age": "integer",
    "to_age": "integer",
    "interpreter_count": "integer",
    "contact_points": "json",
    "closed_until": "date",
    "checked_on": "date",
    "next_check_due": "date",
    "confidentiality_reviewed_on": "date",
    "website": "anyURI",
    "source_url": "anyURI",
    "law_url": "anyURI",
}
ABOUT = (
    "Services that two people at the publisher have checked. A cell that a spreadsheet could mistake for a formula "
    "begins with an "
    "apostrophe, which is not part of the value. The codes are explained at {page}."
)


def file_path(name: str, extension: str = "csv") -> str:
    """Return the path of a file, such as `/open-data/programmes.csv`."""
    return f"{FOLDER}{name}.{extension}"


def public_listings(table: Table) -> ListingQuerySet:
    """Return the public listings of a table, with everything that a row contains, in a fixed number of queries."""
    return with_points(table.model.objects.public()).order_by("uuid")


def with_points(listings: ListingQuerySet) -> ListingQuerySet:
    if listings.model is not Programme:
        return listings
    points = ContactPoint.objects.order_by("sort_order", "pk")
    return listings.prefetch_related(Prefetch("contact_points", points))


def rows(table: Table) -> Iterator[dict[str, str]]:
    today = timezone.localdate()
    for listing in public_listings(table):
        hidden = hides_contact(listing, today)
        if not (hidden and table is LAWS):
            yield table.serialize(listing, without_contact_details=hidden)


def to_csv(table: Table, rows: Iterable[dict[str, str]]) -> str:
    """Return rows as a CSV file (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.names)
    writer.writerows([csv_cell(row[name]) for name in table.names] for row in rows)
    return text.getvalue()


def public_csv(name: str) -> str:
    return to_csv(FILES[name], rows(FILES[name]))


def metadata(name: str) -> dict[str, object]:
    """Return the CSVW metadata of a table: licence, date, publisher, and each column."""
    table = FILES[name]
    modified = PublicChange.objects.date_of_the_data()
    page = public_url(f"/{settings.LANGUAGE_CODE}{FOLDER}")
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": public_url(file_path(name)),
        "dc:title": TITLES[name],
        "dc:description": ABOUT.format(page=page),
        "dc:license": {"@id": settings.OPEN_DATA_LICENCE["url"]},
        **({"dc:modified": {"@value": modified.date().isoformat(), "@type": "xsd:date"}} if modified else {}),
        "dc:publisher": {"@id": public_url("/")},
        "dialect": {"header": True, "encoding": "utf-8", "delimiter": ","},
        "tableSchema": {"columns": [column(name) for name in table.names], "primaryKey": "id"},
    }


def column(name: str) -> dict[str, object]:
    found: dict[str, object] = {"name": name, "titles": name, "datatype": TYPES.get(name, "string")}
    if name in LISTS:
        found["separator"] = ";"
    return found
