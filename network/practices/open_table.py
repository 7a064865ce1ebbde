"""The registry of practices as an open-data file, with public data only.

It has the columns of the table in the admin (`network.practices.exchange`).
It contains no names: members can hide theirs at any time, and copies of the file cannot be corrected.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from core.http import public_url
from core.publishing import routes
from helpline import directory
from network.models import EvidenceCriterion, Practice, PracticeText
from network.open_data import lists
from network.practices.codes import GROUPS, PracticeOutcome
from network.practices.exchange import cell_of, csv_of
from network.practices.registry import findings_of

PATH = "/open-data/practices.csv"
METADATA_PATH = f"{PATH}-metadata.json"
PATHS = (PATH, METADATA_PATH)
NUMBERS = ("posts", "sessions", "minutes", "weeks", "cost", "cost_year")
LISTS = (*GROUPS, "languages", "countries", "listings")
FACTS = (*GROUPS, *NUMBERS, "languages", "countries", "website", "would_again")
# The rating of each outcome while it is valid, the number of its studies, and the size of the effect.
EVIDENCE = tuple(f"{what}:{name}" for name in PracticeOutcome.values for what in ("evidence", "studies", "effect"))
TYPES = {"confirmed_on": "date", "website": "anyURI", "posts": "decimal"} | dict.fromkeys(NUMBERS[1:], "integer")


def columns() -> list[str]:
    """Return the columns.

    They depend only on the public languages with a directory.
    """
    words = [f"{name}:{code}" for code in lists.languages() for name in PracticeText.WORDS]
    return ["uuid", *FACTS, "listings", "confirmed_on", "is_archived", *EVIDENCE, *words]


def rows() -> Iterator[dict[str, str]]:
    """Yield the public practices as column → text, in the order of their random identifiers.

    A fixed number of queries.
    """
    practices = list(Practice.objects.public().filter(texts__isnull=False).distinct().for_showing().order_by("uuid"))
    wanted = {uuid for practice in practices for uuid in practice.listings}
    shown = {page.uuid for page in directory.listed_pages(wanted, settings.LANGUAGE_CODE)} if wanted else set()
    criteria, today = EvidenceCriterion.objects.named(settings.LANGUAGE_CODE), timezone.localdate()
    for practice in practices:
        row = {name: cell_of(getattr(practice, name)) for name in FACTS}
        row |= {
            "uuid": str(practice.uuid),
            "listings": cell_of([uuid for uuid in practice.listings if uuid in shown]),
            "confirmed_on": cell_of(practice.confirmed_on),
            "is_archived": "yes" if practice.archived_at else "no",
        }
        for text in practice.texts.all():
            row |= {f"{name}:{text.language}": said for name, said in text.words().items()}
        yield row | _evidence(practice, criteria, today)


def _evidence(practice: Practice, criteria: Mapping[str, EvidenceCriterion], today: dt.date) -> dict[str, str]:
    counting = [each.review for each in findings_of(practice, criteria, today) if not each.is_expired]
    return {
        f"{name}:{review.outcome}": str(value)
        for review in counting
        for name, value in (("evidence", review.rating), ("studies", review.studies), ("effect", review.effect))
    }


def metadata() -> dict[str, Any]:
    """Return the CSVW metadata of the table: licence, publisher, and each column."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": public_url(PATH),
        "dc:title": "Practices of prevention",
        "dc:description": (
            "What is known of practices, with an evidence rating for each outcome as long as it counts. "
            "A cell that a spreadsheet could mistake for a formula begins with an apostrophe, "
            "which is not part of the value."
        ),
        "dc:license": {"@id": settings.OPEN_DATA_LICENCE["url"]},
        "dc:publisher": {"@id": public_url("/")},
        "dialect": {"header": True, "encoding": "utf-8", "delimiter": ","},
        "tableSchema": {"columns": [_column(name) for name in columns()], "primaryKey": "uuid"},
    }


def _column(name: str) -> dict[str, Any]:
    kind = "integer" if name.startswith("studies:") else TYPES.get(name, "string")
    found: dict[str, Any] = {"titles": name, "datatype": kind}
    if name in LISTS:
        found["separator"] = ";"
    return found


def _require_rendering(request: HttpRequest) -> None:
    """Raise Http404 unless the renderer makes the request, and there is a registry."""
    if not routes.may_render(request) or not lists.languages():
        raise Http404


def table(request: HttpRequest) -> HttpResponse:
    """Render the registry as CSV."""
    _require_rendering(request)
    names = columns()
    made = csv_of(names, ([row.get(name, "") for name in names] for row in rows()))
    return HttpResponse(made, content_type="text/csv; charset=utf-8")


def about_table(request: HttpRequest) -> HttpResponse:
    """Render the description of the columns, and the licence."""
    _require_rendering(request)
    return JsonResponse(metadata(), json_dumps_params={"indent": 1})
