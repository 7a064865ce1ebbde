"""Ranking of the listings that need attention, riskiest first: programmes, support lines and laws in one list.

Whether a number is the only one for a country depends on all listings, so the ranking loads all of them.
It loads a few columns, in a fixed number of queries.
Everything else is loaded for one page only.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from types import SimpleNamespace
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Prefetch
from django.utils import timezone

from helpline.governance.models import OperatorContact, Report
from helpline.governance.risk import Risk, RiskFactors, risk
from helpline.records import visibility
from helpline.records.laws import CountryLaw
from helpline.records.listings import Listing
from helpline.records.programmes import ContactPoint, Programme
from helpline.records.support_lines import SupportLine
from helpline.records.visibility import due_on
from helpline.scan import report as scan
from helpline.vocabulary import codes
from helpline.vocabulary.codes import OperatorAnswer, Status

LAW = "law"  # the kind of a law, where a support line has its own
COLUMNS = (
    "pk", "uuid", "name", "website", "live", "status", "closed_until", "alert", "checked_on", "next_check_due",
    "last_published_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """A listing that needs attention."""

    model: type[Listing]
    pk: int
    name: str
    countries: tuple[str, ...]
    kind: str  # of a support line, or `LAW`; empty for a programme
    risk: Risk
    due: dt.date | None

    @property
    def order(self) -> tuple[object, ...]:
        return (-self.risk.score, self.due is None, self.due, self.name, self.pk)


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """Open matters of a listing: reports by others, the operator's answer, an undelivered letter."""

    reports: int = 0
    answer: str = ""
    undelivered: bool = False


def items(models: Collection[type[Listing]], today: dt.date) -> list[WorkItem]:
    """Return every listing of these kinds that needs attention, riskiest first.

    Uses a fixed number of queries.
    """
    found: list[WorkItem] = []
    if Programme in models:
        found += ranked(Programme, programmes(), today)
    if SupportLine in models:
        found += ranked(SupportLine, support_lines(), today)
    if CountryLaw in models:
        found += laws(today)
    return sorted((item for item in found if item.risk), key=lambda item: item.order)


def programmes() -> list[SimpleNamespace]:
    """Return the programmes, with their contact points, and the pairs of country and language that each serves."""
    points: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for point in ContactPoint.objects.values("programme_id", *visibility.LEADS, "languages"):
        points[point["programme_id"]].append(point)
    rows = ranking_rows(Programme, "countries")
    for row in rows:
        row.kind = ""
        row.urls = {row.website, *(point["url"] for point in points[row.pk])}
        row.has_contact = any(point[way] for point in points[row.pk] for way in visibility.LEADS)
        spoken = {language for point in points[row.pk] for language in point["languages"]}
        row.serves = set(product(row.countries, spoken))
    return rows


def support_lines() -> list[SimpleNamespace]:
    """Return the support lines, with the pairs of country and kind that each serves."""
    rows = ranking_rows(SupportLine, "countries", "kind", "number")
    for row in rows:
        row.urls = {row.website}
        row.has_contact = bool(row.number)
        row.serves = {(country, row.kind) for country in row.countries if row.number}
    return rows


def laws(today: dt.date) -> Iterator[WorkItem]:
    """Yield the laws that need attention.

    Laws have no number and no website of a service, but they are hidden from readers when stale.
    """
    matters = open_matters(CountryLaw)
    for law in CountryLaw.objects.exclude(status=Status.DELISTED).order_by("pk"):
        due = due_date(law)
        facts = RiskFactors(
            shown=visibility.is_shown(law),
            callable=False,
            is_law=True,
            stale=visibility.is_stale(law, today),
            days_late=(today - due).days if due and law.checked_on else None,
            reports=matters.get(law.pk, OpenMatters()).reports,
        )
        yield WorkItem(
            model=CountryLaw,
            pk=law.pk,
            name=law.name,
            countries=(law.country,),
            kind=LAW,
            risk=risk(facts),
            due=due,
        )


def ranking_rows(model: type[Listing], *more: str) -> list[SimpleNamespace]:
    """Return the columns that the ranking needs, for every listing that was not taken off the list."""
    rows = model._default_manager.exclude(status=Status.DELISTED).order_by("pk").values(*COLUMNS, *more)
    return [SimpleNamespace(**row) for row in rows]


def due_date(row: SimpleNamespace | CountryLaw) -> dt.date | None:
    return row.next_check_due or (due_on(row.checked_on) if row.checked_on else None)


def is_open(row: SimpleNamespace) -> bool:
    return visibility.is_shown(row) and not visibility.is_closed(row)


def served_alone(serves: dict[int, set[tuple[str, str]]]) -> Counter[int]:
    """Count for each listing the pairs that no other listing serves.

    A listing for `codes.ANYWHERE` also serves every country.
    """
    of_pair = Counter(pair for pairs in serves.values() for pair in pairs)
    alone: Counter[int] = Counter()
    for pk, pairs in serves.items():
        alone[pk] = sum(
            of_pair[pair] == 1 and (pair[0] == codes.ANYWHERE or not of_pair[codes.ANYWHERE, pair[1]]) for pair in pairs
        )
    return alone


def open_matters(model: type[Listing]) -> dict[int, OpenMatters]:
    """Return the open matters of the listings of a kind, by primary key.

    Uses two queries.
    """
    kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
    counted = (
        Report.objects.open()
        .filter(content_type=kind)
        .values_list("object_id", "what")
        .order_by("object_id")
        .annotate(Count("pk"))
    )
    reports: Counter[int] = Counter()
    answers: dict[int, str] = {}
    for pk, what, count in counted:
        if what in OperatorAnswer.values:
            if what in {OperatorAnswer.GONE, OperatorAnswer.DELIST} or pk not in answers:
                answers[pk] = what
        else:
            reports[pk] += count
    lost = set(OperatorContact.objects.given_up().filter(content_type=kind).values_list("object_id", flat=True))
    return {pk: OpenMatters(reports[pk], answers.get(pk, ""), pk in lost) for pk in {*reports, *answers, *lost}}


def ranked(model: type[Listing], rows: list[SimpleNamespace], today: dt.date) -> Iterator[WorkItem]:
    matters = open_matters(model)
    scanned = scan.trouble()
    alone = served_alone({row.pk: row.serves for row in rows if is_open(row)})
    for row in rows:
        facts = factors(row, alone[row.pk], matters.get(row.pk, OpenMatters()), scanned, today)
        yield WorkItem(
            model=model,
            pk=row.pk,
            name=row.name,
            countries=tuple(row.countries),
            kind=row.kind,
            risk=risk(facts),
            due=due_date(row),
        )


def factors(row: SimpleNamespace, alone: int, about: OpenMatters, scanned: scan.Trouble, today: dt.date) -> RiskFactors:
    shown = visibility.is_shown(row)
    due = due_date(row)
    said = timezone.localdate(row.last_published_at) if row.last_published_at else None
    since = (today - said).days if said else 0
    for_a_time, until = row.status == Status.CLOSED_UNTIL, row.closed_until
    return RiskFactors(
        shown=shown,
        callable=shown and row.has_contact and not visibility.hides_contact(row, today),
        closed=visibility.is_closed(row),
        kind=row.kind,
        stale=visibility.is_stale(row, today),
        days_late=(today - due).days if due and row.checked_on else None,
        reopened_days=(today - until).days if for_a_time and until else 0,
        closed_days=since if for_a_time and not until else 0,
        alert_days=since if row.alert else 0,
        alone=alone,
        reports=about.reports,
        answer=about.answer,
        undelivered=about.undelivered,
        number_missed=scanned.misses(row.uuid, row.checked_on),
        website_down=bool(row.urls & scanned.down),
    )


@dataclass(frozen=True, slots=True)
class Task:
    """An item with its listing and open reports."""

    item: WorkItem
    listing: Listing
    reports: tuple[Report, ...]

    @property
    def key(self) -> str:
        return f"{self.listing._meta.model_name}-{self.listing.pk}"

    @property
    def can_confirm(self) -> bool:
        """Return whether one person may confirm it.

        A listing that is not live takes two.
        """
        return bool(self.listing.live)

    @property
    def source(self) -> str:
        """Return the suggested source of the check: the last source, or the website."""
        return self.listing.checked_source or self.listing.website


def tasks(chosen: Iterable[WorkItem]) -> list[Task]:
    """Return the items with their listings and open reports, in the same order.

    Uses a fixed number of queries.
    """
    chosen = list(chosen)
    loaded: dict[tuple[type[Listing], int], Listing] = {}
    reports: dict[tuple[type[Listing], int], list[Report]] = {}
    for model in (Programme, SupportLine, CountryLaw):
        pks = [one.pk for one in chosen if one.model is model]
        if not pks:
            continue
        rows = model.objects.filter(pk__in=pks).select_related("checked_by")
        if model is Programme:
            rows = rows.prefetch_related(Prefetch("contact_points", ContactPoint.objects.order_by("sort_order", "pk")))
        loaded |= {(model, row.pk): row for row in rows}
        kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
        for report in Report.objects.open().filter(content_type=kind, object_id__in=pks):
            reports.setdefault((model, report.object_id), []).append(report)
    return [
        Task(one, loaded[one.model, one.pk], tuple(reports.get((one.model, one.pk), ())))
        for one in chosen
        if (one.model, one.pk) in loaded
    ]
