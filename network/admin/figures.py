"""Figures about the network for its team: backlog, growth, and coverage of fields of work.

The team passes the tables on, also as files, so small numbers in the coverage table are suppressed.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from django.db.models import CharField, Count, F, Func, Min
from django.db.models.functions import TruncMonth
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from core import memo
from core.admin.spreadsheets import Echo
from core.admin.todo import Waiting
from core.admin.views import AdminView
from core.languages import names
from core.languages.lazy import StrOrPromise
from network.admin import tasks
from network.admin.access import PERMISSION, ReviewPermissionMixin
from network.models import Match, Member, Opportunity, RecordedOutcome
from network.opportunities.models import MatchOutcome, OpportunityKind, OpportunitySubject
from network.vocabulary.details import CategoryGroup
from network.vocabulary.models import vocabulary
from users.models import User

# The smallest number that is shown.
# A smaller one could identify a person.
SHOWN_FROM = 5

MONTHS = 24
TO_DOS = (
    tasks.REQUESTS, tasks.WORDS, tasks.OPPORTUNITIES, tasks.REPORTS, tasks.GROUPS, tasks.OPINIONS, tasks.UNANSWERED,
    tasks.PRACTICES, tasks.EVIDENCE, tasks.ANSWERS, tasks.LOST_LETTERS, tasks.DIGESTS_DUE,
)  # fmt: skip


def hidden(numbers: Mapping[str, int]) -> set[str]:
    """Return the keys of the numbers to hide in one line whose total is shown.

    A 0 never needs to be hidden.

    The total minus the visible numbers gives the sum of the hidden ones.
    So larger numbers are hidden too, smallest first, until each hidden number could be as large as `SHOWN_FROM` given
    that sum.
    If there are not enough of them, the whole line is hidden.
    """
    found = {key for key, number in numbers.items() if 0 < number < SHOWN_FROM}
    if not found:
        return found
    others = sorted(
        (key for key, number in numbers.items() if number >= SHOWN_FROM), key=lambda key: (numbers[key], key)
    )
    while not _is_safe([numbers[key] for key in found]):
        if not others:
            return {*numbers}
        found.add(others.pop(0))
    return found


def _is_safe(numbers: list[int]) -> bool:
    """Return whether each number could be as large as `SHOWN_FROM`, if only their sum is known and that none is 0."""
    return sum(numbers) - (len(numbers) - 1) >= SHOWN_FROM and len(numbers) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureTable:
    """One table: the head of each column, and rows of as many cells.

    The first cell of a row is its heading.
    """

    head: list[str]
    rows: list[list[object]]
    # Shown below the table.
    note: str = ""

    @property
    def lines(self) -> list[list[object]]:
        return [[*self.head], *self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFigure:
    """A table of the page: its name in URLs, its heading, and the function that makes it for a user."""

    name: str
    title: StrOrPromise
    make: Callable[[User], FigureTable]


def waiting(user: User) -> FigureTable:
    """Return the backlog of a user, and the date of the oldest entry of each kind."""
    rows: list[list[object]] = []
    with memo.batch():
        counts = [(each, each.count(user)) for each in TO_DOS]
    for each, found in counts:
        waits = found if isinstance(found, Waiting) else Waiting(found)
        rows.append([str(each.title), waits.count, _day(waits.since)])
    return FigureTable(head=[_("What waits"), _("How many"), _("The oldest since")], rows=rows)


def _day(when: dt.date | None) -> str:
    """Return a date as text; a datetime is converted to the site's time zone first."""
    if when is None:
        return ""
    return date_format(timezone.localtime(when) if isinstance(when, dt.datetime) else when)


def growth(user: User) -> FigureTable:
    """Return how many of today's members joined in each month, and how many there were at its end."""
    decided = Member.objects.settled().exclude(decided_at=None)
    joined = dict(
        decided.order_by().annotate(month=TruncMonth("decided_at")).values_list("month").annotate(Count("pk"))
    )
    by_month = {timezone.localdate(month).replace(day=1): count for month, count in joined.items()}
    months = _months(timezone.localdate())
    total = sum(count for month, count in by_month.items() if month < months[0])
    rows: list[list[object]] = []
    for month in months:
        total += by_month.get(month, 0)
        rows.append([date_format(month, "YEAR_MONTH_FORMAT"), by_month.get(month, 0), total])
    return FigureTable(
        head=[_("Month"), _("Joined"), _("Members at its end")],
        rows=rows[::-1],
        note=_("Counted are those who are members today. Of those who have left, not even the number is kept."),
    )


def _months(today: dt.date) -> list[dt.date]:
    """Return the first days of the last months, this one included."""
    last = today.year * 12 + today.month - 1
    return [today.replace(year=n // 12, month=n % 12 + 1, day=1) for n in range(last - MONTHS + 1, last + 1)]


@dataclass(slots=True)
class CountedCountry:
    """Number of listed members in a country, or in several small ones, and how many of them work in each field."""

    members: int = 0
    fields: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, other: CountedCountry) -> None:
        self.members += other.members
        for code, number in other.fields.items():
            self.fields[code] += number


def counted() -> dict[str, CountedCountry]:
    """Return the counts of listed members by country.

    Two queries.
    """
    listed = Member.objects.filter(state=Member.State.LISTED).order_by()
    found: defaultdict[str, CountedCountry] = defaultdict(CountedCountry)
    for country, number in listed.values_list("country").annotate(Count("pk")):
        found[country].members = number
    each = Func(F("expertise"), function="unnest", output_field=CharField())
    for country, code, number in listed.annotate(code=each).values_list("country", "code").annotate(Count("pk")):
        found[country].fields[code] = number
    return found


def coverage(user: User) -> FigureTable:
    """Return how many listed members work in each field, by country.

    Small numbers are hidden.
    """
    fields = vocabulary(get_language()).names[CategoryGroup.FIELD]
    rows = [[name, each.members, *_cells(each, fields)] for name, each in _with_enough(counted())]
    return FigureTable(
        head=[_("Country"), _("Members"), *fields.values()],
        rows=rows,
        note=_(
            "Numbers below %(number)d are hidden, and others with them, "
            "so that the number of members in a country does not give them away. "
            "A member may work in several fields; there are no totals of fields, "
            "for they would give away what is hidden. Countries with fewer than %(number)d members are "
            "counted together."
        )
        % {"number": SHOWN_FROM},
    )


def _cells(counted_: CountedCountry, fields: Mapping[str, str]) -> list[object]:
    numbers = {code: counted_.fields[code] for code in fields}
    left_out = hidden(numbers)
    return [_("hidden") if code in left_out else number for code, number in numbers.items()]


def _with_enough(found: Mapping[str, CountedCountry]) -> Iterable[tuple[str, CountedCountry]]:
    """Yield the countries by name, and last the small ones merged.

    The next larger countries are merged with them until there are enough members together.
    The merged entry is left out if there are too few even then.
    """
    small, large = CountedCountry(), sorted(found.items(), key=lambda item: (-item[1].members, item[0]))
    while large and (large[-1][1].members < SHOWN_FROM or 0 < small.members < SHOWN_FROM):
        small.add(large.pop()[1])
    named = [(names.country_name(code), each) for code, each in large]
    yield from sorted(named, key=lambda item: names.sort_key(item[0]))
    if small.members >= SHOWN_FROM:
        yield _("Other countries"), small


def uncovered(user: User) -> FigureTable:
    """Return the fields that members can choose and no listed member works in."""
    known = vocabulary(get_language())
    used = {code for each in counted().values() for code in each.fields}
    offered = known.offered(CategoryGroup.FIELD)
    return FigureTable(head=[_("Field of work")], rows=[[name] for code, name in offered.items() if code not in used])


def unanswered(user: User) -> FigureTable:
    """Return the number of open needs by subject, and how many of them have no contact yet.

    Members see each of them.
    """
    needs = Opportunity.objects.open().filter(kind=OpportunityKind.NEED).order_by()
    answered = needs.filter(pk__in=Match.objects.taken_up().values("opportunity"))
    wanted = needs.values_list("subject").annotate(Count("pk"))
    without = needs.exclude(pk__in=answered.values("pk")).values_list("subject")
    waits = {subject: (number, since) for subject, number, since in without.annotate(Count("pk"), Min("created_at"))}
    rows: list[list[object]] = []
    for subject, number in sorted(wanted):
        missing, since = waits.get(subject, (0, None))
        rows.append([str(OpportunitySubject(subject).label), number, missing, _day(since)])
    return FigureTable(
        head=[
            _("What is wanted"),
            _("Open needs"),
            _("No contact yet"),
            _("The oldest of these since"),
        ],
        rows=rows,
    )


def outcomes(user: User) -> FigureTable:
    """Return the outcomes of matches, as the members in contact reported them.

    Small numbers are hidden.
    """
    year = _months(timezone.localdate())[-12]
    recent: defaultdict[str, int] = defaultdict(int)
    earlier: defaultdict[str, int] = defaultdict(int)
    for month, outcome, times in RecordedOutcome.objects.by_month():
        (recent if month >= year else earlier)[outcome] += times
    return FigureTable(
        head=[_("What came of it"), _("In the last twelve months"), _("Before")],
        rows=[
            [str(outcome.label), *(_unless_small(period[outcome]) for period in (recent, earlier))]
            for outcome in MatchOutcome
        ],
        note=_("Numbers below %(number)d are hidden. What came of it is kept without names.") % {"number": SHOWN_FROM},
    )


def _unless_small(number: int) -> object:
    return _("hidden") if 0 < number < SHOWN_FROM else number


# A new row here is all that a new table needs to appear on the page and as a file.
FIGURES = (
    NetworkFigure(name="waiting", title=gettext_lazy("What waits"), make=waiting),
    NetworkFigure(name="growth", title=gettext_lazy("How the network grows"), make=growth),
    NetworkFigure(name="coverage", title=gettext_lazy("Who covers what"), make=coverage),
    NetworkFigure(name="uncovered", title=gettext_lazy("Fields without members"), make=uncovered),
    NetworkFigure(name="unanswered", title=gettext_lazy("Needs without an answer"), make=unanswered),
    NetworkFigure(name="outcomes", title=gettext_lazy("What matches brought"), make=outcomes),
)


class FiguresView(AdminView, TemplateView):
    """All tables on one page."""

    template_name = "network/admin/figures.html"
    page_title = gettext_lazy("The network in figures")
    header_icon = "group"
    permission = PERMISSION

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        tables = [(figure, figure.make(cast("User", self.request.user))) for figure in FIGURES]
        return super().get_context_data(tables=tables, **kwargs)


class FigureFileView(ReviewPermissionMixin, View):
    """One table as a CSV file.

    `SafeExportMiddleware` makes its cells safe.
    """

    def get(self, request: HttpRequest, name: str) -> StreamingHttpResponse:
        figure = next((each for each in FIGURES if each.name == name), None)
        if figure is None:
            raise Http404
        table, writer = figure.make(cast("User", request.user)), csv.writer(Echo())
        answer = StreamingHttpResponse(
            (writer.writerow(row) for row in table.lines),
            content_type="text/csv; charset=utf-8",
        )
        answer["Content-Disposition"] = f'attachment; filename="network-{name}.csv"'
        return answer
